# stress: 10
import re

print(re.match(r'(\w+) (\w+)', 'hello world and more').groups(), re.search(r'\d+', 'abc 123 def').span())
print(re.findall(r'\b\w', 'the quick brown'), re.findall(r'(\w)(\d)?', 'a1b'), re.findall('', 'ab'), re.findall('x*', 'axb'))
print(re.split(r'[,;]\s*', 'a, b;c,  d'), re.split(r'(-)', 'a-b-c', 1), re.split('x*', 'axbc'), re.split('(x)|y', 'axbyc'))
print(re.sub(r'(\w+)@(\w+)', r'\2 at \1', 'me@home you@work'), re.sub('a', lambda m: m.group().upper(), 'banana', count=2))
print(re.subn('x*', '-', 'abxd'), re.sub('', '.', 'ab'), re.sub(r'\s+', ' ', ' a   b \n c '))
print(re.fullmatch('a|ab', 'ab'), re.fullmatch('a', 'ab'), re.match('a*?b', 'aaab'), re.match('(?:a|ab)(?:c|bcd)(d*)', 'abcd'))
m = re.search(r'(?P<year>\d{4})-(?P<month>\d\d)(?:-(?P<day>\d\d))?', 'on 2024-05 it')
print(m.groupdict(), m['year'], m.group('month', 1), m.lastgroup, m.lastindex, m.start('month'), m.end(), m.regs, m.expand(r'\g<month>/\1'))
print(m, m.re, m.string, m.pos, m.endpos, m.group(0), m.span('day'))
print([x.span() for x in re.finditer(r'a+', 'aabaaa')], [m.group() for m in re.finditer(r'\w*', 'a bc')])
print(re.match(r'(a+)+b', 'aaaaaaaaaaaab').group(1), re.match(r'((a)|b)*', 'abab').groups(), re.match('(a?)*', 'aa').span())
print(re.match(r'(a)|b', 'b').groups(), re.match(r'(?:(a)|b)*', 'ab').groups(), re.match(r'(a)?(?(1)b|c)', 'ab').group(), re.match(r'(a)?(?(1)b|c)', 'c').group())
print(re.search(r'(?<=-)\w+', 'spam-egg').group(), re.search(r'(?<!-)\b\w+', '-a b').group(), re.search(r'foo(?=bar)', 'foobaz foobar').start(), re.search(r'foo(?!bar)', 'foobar foobaz').start())
print(re.search(r'(\w)\1', 'hello').group(), re.match(r'(?P<q>[\'"]).*?(?P=q)', '"a\'b" c').group(), re.match(r'(?i)(ab)\1', 'aBAb').group())
print(re.findall(r'^\w+$', 'one\ntwo\nthree', re.M), re.findall(r'.+', 'a\nb'), re.findall(r'.+', 'a\nb', re.S), re.findall(r'\Aa|b\Z', 'a b'))
print(re.findall('(?i)É', 'éÉe'), re.findall(r'\w+', 'naïve café 日本', re.A), re.findall(r'\w+', 'naïve café 日本'), re.search('本', 'x日本').span())
print(re.findall('[a-cx-z]+', 'abcdxyz'), re.findall('[^a-c]+', 'abcdxyz'), re.findall(r'[\d\-.]+', '1-2.3 x'), re.findall('[à-ü]+', 'xéày'), re.findall('[日-本]', '日x本'))
print(re.match('a{2,3}', 'aaaa').group(), re.match('a{2,3}?', 'aaaa').group(), re.match('a{,2}', 'aaa').group(), re.match('(?:ab){2}', 'ababab').group(), re.match('(ab){1,2}?c', 'ababc').group())
print(re.match('(?>a+)ab', 'aaab'), re.match('a++b', 'aab').group(), re.match('(?:ab)*+a', 'ababa'), re.match('(?:ab)*+c', 'ababc').group(), re.match('a*+a', 'aaa'))
print(re.match(b'(\\w+)', b'bytes here').group(1), re.sub(b'a', b'b', b'banana'), re.findall(b'[^a]', b'ab\xff'), re.split(b',', b'a,b'))
p = re.compile(r'(\d+)x', re.I | re.M)
print(p, p.flags, p.groups, dict(p.groupindex), p.pattern, p.search('12X', 1).group(), p.match('12x', 0, 2), p == re.compile(r'(\d+)x', re.I | re.M))
print(re.compile('a', re.X | re.A), re.compile(b'a'), re.escape('a.b*c'), bool(re.match('', '')), re.purge())
print(re.sub(r'(?P<a>.)(?P<b>.)', r'\g<b>\g<a>\n', 'abcd'), re.sub('(a)|b', r'[\1]', 'ab'), re.sub('a', r'\\', 'a'))
verbose = re.compile(r'''
    (\d+)   # integer part
    \.      # point
    (\d*)   # fraction
''', re.VERBOSE)
print(verbose.match('3.14').groups())
s = re.compile(r'\s*(\d+|.)').scanner('12 + 3')
tokens = []
while True:
    m = s.match()
    if m is None:
        break
    tokens.append(m.group(1))
print(tokens)
print(re.match('(?:a*)*', 'a' * 50000).end(), re.match('(?:a|b)*', 'ab' * 30000).end(), len(re.findall('(?:.|\n)+?;', 'x;' * 1000)), re.match('(x+x+)+y', 'x' * 15))
print(re.findall(r'(?m)^(\s*)(def|class)\s+(\w+)', 'class A:\n    def f(self): pass\n\ndef g(): pass'))
print(re.sub(r'\bfoo\b', 'bar', 'foo food foo_ foo'), re.findall(r'\B\w\B', 'abcd ef'), re.split(r'\b', 'a b'))
for call in ("re.compile('(')", "re.compile('*a')", "re.compile('[a')", "re.compile('a**')", "re.compile(r'\\1')", "re.compile('(?P<a>x)(?P<a>y)')",
             "re.match('a', b'a')", "re.match(b'a', 'a')", "re.match('a', 5)", "re.match('(a)', 'a').group(2)", "re.match('a', 'a').group('x')",
             "re.sub('a', r'\\9', 'a')", "re.compile('(?<=a+)b')", "re.compile('x{3,1}')", "re.compile('[z-a]')"):
    try:
        print(call, eval(call))
    except Exception as e:
        print(call, type(e).__name__, e)

import string
import textwrap
import fnmatch
import statistics
print(string.Template('$a and ${b}').substitute(a=1, b=2), textwrap.fill('the quick brown fox jumps over', 12), fnmatch.filter(['a.py', 'b.txt'], '*.py'))
print(statistics.mean([1, 2, 4]), statistics.median([3, 1, 2]), statistics.stdev([1, 2, 3, 4]), string.Formatter().format('{0!r:>5} {x[1]}', 'a', x=[1, 2]))
# The first turn that need not be is tried even after an empty one; beyond endpos only what takes nothing matches.
print(re.fullmatch(r'((?:ab)*[ -~]{0,3}?){1,2}((?:\1)*)', 'a').regs, re.findall(r'(((?:\w\w){0,3}?){0,3}){1,2}', '1bbcc'))
print(re.compile('(c)*?').match('abc', 2, 1), re.compile('c*').match('abc', 2, 1), re.compile('').search('abc', 2, 1), re.compile('(?!a)').match('éa', 2, 0))
