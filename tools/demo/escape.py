"""Escapes text with markupsafe's C code, as it comes from PyPI, and times it.

    python escape.py N FOLDER

FOLDER has the unpacked wheel. Each text is escaped N times, and a line of JSON says what once cost and what came out,
long results by a checksum.
"""
import sys
import time

sys.path.insert(0, sys.argv[2])
import markupsafe
import markupsafe._speedups

if markupsafe._escape_inner is not markupsafe._speedups._escape_inner:
    sys.exit('markupsafe does not use its C code')
if not markupsafe._speedups.__file__.endswith('.so'):
    sys.exit('not C code: ' + markupsafe._speedups.__file__)


class Link:
    """An object that says itself what it is in HTML."""

    def __init__(self, target):
        self.target = target

    def __html__(self):
        return markupsafe.Markup('<a href="%s">here</a>') % self.target


TEXTS = [
    ('a name', 'Fish & Chips'),
    ('markup', '<b title="x">\'quoted\'</b>'),
    ('nothing to escape', 'a line of forty-two characters, all plain.'),
    ('10 kB of markup', '<p>one & two</p>\n' * 600),
    ('10 kB, nothing to escape', 'one and two or three\n' * 480),
    ('Greek', '\u03b1 < \u03b2 & \u03b2 < \u03b3'),
    ('beyond 16 bits', '\U0001f40d > \U0001f42a & co.'),
    ('an int', 1234567),
    ('an object with __html__', Link('/?a=1&b="2"')),
]


def shown(text):
    """The text itself if it is short, in ASCII; else its length and a checksum."""
    if len(text) < 80:
        return ascii(str(text))[1:-1].replace('\\', '\\\\').replace('"', '\\"')
    value = 2166136261
    for char in text:
        value = ((value ^ ord(char)) * 16777619) & 0xffffffff
    return 'length %d, fnv %08x' % (len(text), value)


def escape(n, text):
    function = markupsafe.escape
    for _ in range(n):
        result = function(text)
    return result


def main():
    n = int(sys.argv[1])
    for name, text in TEXTS:
        times = n // 50 if isinstance(text, str) and len(text) > 1000 else n
        start = time.process_time()
        result = escape(times, text)
        seconds = time.process_time() - start
        if type(result) is not markupsafe.Markup:
            sys.exit('escape gave a ' + type(result).__name__)
        line = '{"name": "%s", "ns": %.2f, "check": "%s"}'
        print(line % (name, seconds * 1e9 / times, shown(result)))


main()
