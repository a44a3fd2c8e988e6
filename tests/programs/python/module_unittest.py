# The library that tests are written with, and what it stands on.
# stress: 20000
import dataclasses
import enum
import io
import typing
import unittest


@dataclasses.dataclass(order=True, frozen=True)
class Point:
    x: int
    y: int = 3
    tags: list = dataclasses.field(default_factory=list, compare=False)


class Colour(enum.Flag):
    RED = enum.auto()
    GREEN = enum.auto()


class Tests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print('class')

    def setUp(self):
        self.addCleanup(print, 'clean', self.id())

    def test_dataclass(self):
        self.assertEqual(Point(1), Point(1, 3, ['other']))
        self.assertLess(Point(1), Point(2))
        self.assertEqual(repr(Point(1)), 'Point(x=1, y=3, tags=[])')
        self.assertEqual(dataclasses.asdict(dataclasses.replace(Point(1), y=5)), {'x': 1, 'y': 5, 'tags': []})
        with self.assertRaisesRegex(dataclasses.FrozenInstanceError, "cannot assign to field 'x'"):
            Point(1).x = 3
        match Point(4, 5):
            case Point(x, y):
                self.assertEqual((x, y), (4, 5))

    def test_enum(self):
        self.assertEqual(Colour.RED | Colour.GREEN, Colour(3))
        match Colour.RED:
            case Colour.GREEN:
                self.fail('green')
            case Colour.RED:
                pass

    def test_typing(self):
        self.assertEqual(typing.get_type_hints(Point)['x'], int)
        self.assertEqual(str(typing.Optional[int]), 'typing.Optional[int]')

    def test_fails(self):
        self.assertEqual([1, 2], [1, 3])

    def test_error(self):
        raise ValueError('wrong')

    @unittest.skip('later')
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.assertTrue(False)

    def test_subtests(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)

    def test_logs(self):
        import logging
        with self.assertLogs('name', level='INFO') as logs:
            logging.getLogger('name').info('text %d', 1)
        self.assertEqual(logs.output, ['INFO:name:text 1'])


out = io.StringIO()
suite = unittest.defaultTestLoader.loadTestsFromTestCase(Tests)
result = unittest.TextTestRunner(out, verbosity=2).run(suite)
print(result)
for line in out.getvalue().splitlines():
    if not line.startswith(('  File', 'Ran ')):
        print(line)
