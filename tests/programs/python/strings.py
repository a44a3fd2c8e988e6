# Strings: methods, slicing, iteration, building, comparison, Unicode.
text = 'The quick brown fox jumps over the lazy dog'

counts = {}
for _ in range(60):
    for char in text:
        if char.isalpha():
            low = char.lower()
            counts[low] = counts.get(low, 0) + 1
print(sorted(counts.items())[:6], len(counts))

built = ''
for i in range(2500):
    built += chr(97 + i % 26)
    if i % 500 == 499:
        built += '|'
print(len(built), built[-8:], built.count('xyz'), built.find('|'), built.rfind('|'))

print(text.upper(), text.swapcase(), text.title(), text.capitalize(), sep='\n')
print(text.split(), text.split('o', 2), text.rsplit(None, 1), ' a  b '.split(' '), 'a\nb\r\nc'.splitlines())
print(text.replace('o', '0', 2), text.startswith(('A', 'The')), text.endswith('dog', 5), text.index('quick'))
print('-'.join(['a', 'b', 'c']), 'abc' * 3, 'b' in 'abc', 'abc' < 'abd', 'Z' < 'a', '' < 'a')
print('  pad '.strip(), '..x..'.lstrip('.'), 'xxabxx'.rstrip('x'), 'ab'.center(7, '*'), 'ab'.ljust(4) + '|', 'ab'.rjust(4), '-42'.zfill(6))
print('a=b=c'.partition('='), 'a=b=c'.rpartition('='), 'abc'.partition('x'), 'prefix-x'.removeprefix('prefix-'), 'x.py'.removesuffix('.py'))
print('abc'.isalpha(), '12'.isdigit(), 'a1'.isalnum(), ' \t'.isspace(), 'Ab'.istitle(), 'x_1'.isidentifier(), ''.isalpha())
print(text[4:9], text[::-1][:8], text[-3:], text[100:], text[5:2], text[::7], text[-1], text[10:0:-3])
print('tab\tx'.expandtabs(4), 'abc'.translate({97: 'A', 98: None}), 'hello'.translate(str.maketrans('el', 'ip', 'o')))
print(repr('it\'s'), repr("q\"'"), repr('a\n\t\\\x00\x7f'), ascii('é€😀'), repr('é€😀\ud800'))
print(len('é€😀'), 'é€😀'[1], [hex(ord(c)) for c in 'é€😀'], 'Straße'.upper(), 'ÀÉ'.lower(), 'ß'.casefold(), 'ǆ'.title())
print(sorted('banana'), ''.join(sorted(set('mississippi'))), max('hello'), list(enumerate('ab')), list(zip('abc', '12')))
print(hash('abc') == hash('ab' + 'c'), 'a' 'b' r'\n', 'abc'.encode(), 'é'.encode('latin-1'), b'\xc3\xa9'.decode())
words = text.split()
longest = ''
for _ in range(300):
    for word in words:
        if len(word) > len(longest) or (len(word) == len(longest) and word < longest):
            longest = word
print(longest, max(words, key=len), sorted(words, key=str.lower))
for bad in (lambda: 'a' + 1, lambda: 'abc'[5], lambda: 'abc'.index('x'), lambda: ','.join([1]), lambda: 'é'.encode('ascii')):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
