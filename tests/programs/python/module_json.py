# stress: 500
# The package json with its module in Rust: every kind of value, hooks, separators, errors with their positions.
import collections
import json
import _json


def show(f, *args, **kw):
    try:
        result = f(*args, **kw)
    except BaseException as e:
        print(type(e).__name__, e)
    else:
        print(repr(result))


class Text(str):
    def __str__(self):
        return 'not used'


class Number(int):
    def __repr__(self):
        return 'not used'


class Real(float):
    def __repr__(self):
        return 'not used'


class Pairs(dict):
    def items(self):
        return [('shown', 1), ('also', [2])]


class Items(list):
    pass


# ---- writing
values = [None, True, False, 0, -1, 10**18, 10**30, 1.5, -0.0, 1e300, 5e-324, 1e16, 123456789.0, 'plain', '', [], {}, (),
          [1, [2, (3, {'a': {}})]], {'k': [1.0, None]}, {1: 'a', 2.5: 'b', None: 'c', True: 'd'},
          Text('text'), Number(7), Real(2.5), Pairs(x=1), Items([1, 2]), collections.OrderedDict(b=1, a=2),
          float('nan'), float('inf'), float('-inf'), {Text('key'): Number(1), Number(3): 0, Real(1.5): 0}]
for value in values:
    show(json.dumps, value)
strings = ['"\\/', '\x00\x1f\x20\x7e\x7f\x80', '\b\f\n\r\t', 'é€', '\U0001f600', '\ud83d', '\ude00\ud83d', 'a' * 50 + '\n' + 'ü' * 3]
for text in strings:
    show(json.dumps, text)
    show(json.dumps, text, ensure_ascii=False)
    show(json.loads, json.dumps(text))
    show(_json.encode_basestring_ascii, text)
    show(_json.encode_basestring, text)
show(json.dumps, {'b': [1, 2], 'a': {'d': 1, 'c': 2}}, sort_keys=True)
show(json.dumps, {'b': 1, 1: 2}, sort_keys=True)
show(json.dumps, [1, {'a': 2}], separators=('|', '='))
show(json.dumps, [1, {'a': 2}], indent=2)
show(json.dumps, {'a': 1, (1, 2): 3, b'x': 4}, skipkeys=True)
show(json.dumps, {'a': 1, (1, 2): 3})
show(json.dumps, [float('inf')], allow_nan=False)
show(json.dumps, {float('nan'): 1}, allow_nan=False)
show(json.dumps, [1, {2}])
show(json.dumps, {'a': b'x'})
show(json.dumps, [1, {2}, 3j], default=lambda v: sorted(v) if isinstance(v, set) else [v.real, v.imag])
show(json.dumps, object(), default=lambda v: v)
loop = []
loop.append({'self': loop})
show(json.dumps, loop)
show(json.dumps, loop, check_circular=False)
twice = [1]
print(json.dumps([twice, twice, {'a': twice}]))
deep = []
for _ in range(3000):
    deep = [deep]
show(json.dumps, deep)
show(json.loads, '[' * 3000)
show(json.loads, '{"a":' * 3000)
grown = [1, {1}]


def growing(v):
    if len(grown) < 5:
        grown.append(len(grown))
    return 'set'


show(json.dumps, grown, default=growing)


class Encoder(json.JSONEncoder):
    def default(self, o):
        return {'kind': type(o).__name__, 'inner': json.dumps(list(o), cls=Encoder)}


show(json.dumps, [frozenset([1]), {2}], cls=Encoder)
show(list, json.JSONEncoder().iterencode([1, 'a']))

# ---- reading
texts = ['null', 'true', 'false', '0', '-0', '12', '-7', '123456789012345678', '1234567890123456789', '9' * 40, '1.5', '-2.5e3',
         '1E5', '1e-7', '1e400', '0.1', 'NaN', 'Infinity', '-Infinity', '""', '"a"', '[]', '{}', ' [ 1 , 2 ] ',
         '{"a" : 1, "b" : [true, {"c": null}]}', '{"a": 1, "a": 2}', '"\\u00e9\\n\\"\\\\\\/\\b\\f\\r\\t"', '"\\ud83d\\ude00"', '"\\ud83d"',
         '"\\ud83d\\u0041"', '"é€\U0001f600"', '\t\r\n 1']
for text in texts:
    show(json.loads, text)
    show(json.loads, text.encode())
wrong = ['', ' ', 'nul', 'tru', '-', '01', '1.', '1e', '.5', '+1', '[', '[1', '[1,', '[1,]', '[1 2]', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,',
         '{"a":1,}', '{1:2}', '{"a" 1}', '"', '"abc', '"\n"', '"\\', '"\\x"', '"\\u12"', '"\\u12g4"', '"\\ud83d\\u12"', '"\\ud83d\\uzzzz"', '1 2', '[1] x',
         'é', '["é", x]', '{"ü": "\U0001f600", }', '"é\\q"', '"é', "{'a': 1}", '[\n1,\n\n2 3]']
for text in wrong:
    show(json.loads, text)
    show(json.JSONDecoder().raw_decode, text)
show(json.loads, '"a\tb"', strict=False)
show(json.loads, '[1.5, 2, NaN]', parse_float=lambda t: 'f' + t, parse_int=lambda t: 'i' + t, parse_constant=lambda t: 'c' + t)
show(json.loads, '{"a": {"b": 1}, "c": 2}', object_hook=lambda d: sorted(d.items()))
show(json.loads, '{"a": {"b": 1}, "c": 2}', object_pairs_hook=lambda p: p)
show(json.loads, '[1, {"a": 2}]', object_hook=lambda d: 1 // 0)
show(json.JSONDecoder().raw_decode, 'xx[1, 2]yy', 2)
show(json.JSONDecoder().raw_decode, 'é[1, 2]é', 1)
show(json.JSONDecoder().raw_decode, '1', -1)
a, b = json.loads('[{"same key": 1}, {"same key": 2}]')
print(next(iter(a)) is next(iter(b)))

# ---- the module itself
show(_json.scanstring, 'ab"cd', 0)
show(_json.scanstring, 'é\\n"cd', 0)
show(_json.scanstring, 'a\tb"', 0, False)
show(_json.scanstring, 'ab', 3)
show(_json.scanstring, 'ab', -1)
show(_json.scanstring, b'ab', 0)
show(_json.encode_basestring, 1)
show(_json.encode_basestring_ascii, None)
make = _json.make_encoder
show(make, {}, None)
show(make, 1, None, None, None, ': ', ', ', False, False, True)
show(make, {}, None, None, None, 1, ', ', False, False, True)
encoder = make(None, str, lambda s: '<' + s + '>', None, ':', ',', True, False, True)
show(encoder, {'b': 1j, 'a': 'x', 1.5: 2} and {'b': 1j, 'a': 'x'}, 0)
print(encoder.markers, encoder.indent, encoder.key_separator, encoder.item_separator, encoder.sort_keys, encoder.skipkeys)
show(make({}, None, lambda s: 1, None, ':', ',', False, False, True), 'x', 0)
show(encoder, 1)
scanner = _json.make_scanner(json.JSONDecoder())
print(scanner.strict, scanner.object_hook, scanner.parse_int, scanner.parse_float)
show(scanner, '[1]', 0)
show(scanner, '[1]', 3)
show(scanner, b'[1]', 0)
show(_json.make_scanner, 1)

# ---- there and back
data = {'users': [{'id': i, 'name': 'user %d' % i, 'score': i / 7, 'tags': ['a', 'b'][:i % 3], 'on': i % 2 == 0, 'none': None} for i in range(200)]}
for options in {}, {'indent': 1}, {'sort_keys': True}, {'separators': (',', ':')}, {'ensure_ascii': False}:
    text = json.dumps(data, **options)
    print(len(text), json.loads(text) == data)
