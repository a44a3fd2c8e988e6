"""Text and dictionaries: invents a text, then takes it apart in the ways that programs do.

A vocabulary is made of syllables, and chapters of sentences are made of the vocabulary. Then words are
counted, indexed and compared in dictionaries and sets; lines of tables are written and read; a template
is filled; a tree of dictionaries is printed and parsed; characters are classed and replaced one by one.

The argument is the number of chapters.
"""
import pyperf

ONSETS = ['b', 'br', 'd', 'dr', 'f', 'g', 'gl', 'k', 'kl', 'l', 'm', 'n', 'p', 'r', 's', 'st', 't', 'tr', 'v', '']
VOWELS = ['a', 'e', 'i', 'o', 'u', 'ai', 'ou', '\u00e9', '\u00f6']
CODAS = ['', '', '', 'l', 'm', 'n', 'r', 's', 't', 'nd']


class Random:
    """A linear congruential generator: the same numbers on every interpreter."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 1103515245 + 12345) & 0x7fffffff
        return (self.state >> 8) % limit


def vocabulary(random, size):
    words = {}
    while len(words) < size:
        syllables = []
        for _ in range(1 + random.below(3)):
            syllables.append(ONSETS[random.below(len(ONSETS))] + VOWELS[random.below(len(VOWELS))])
        word = ''.join(syllables) + CODAS[random.below(len(CODAS))]
        words.setdefault(word, len(words))
    return list(words)


def chapter(random, words, sentences):
    lines = []
    for _ in range(sentences):
        sentence = []
        for _ in range(4 + random.below(9)):
            # The product makes the first words of the vocabulary frequent, as in real text.
            sentence.append(words[random.below(len(words)) * random.below(len(words)) // len(words)])
        text = ' '.join(sentence)
        if random.below(3) == 0:
            text = text.replace(' ', ', ', 1)
        if random.below(7) == 0:
            text = '"' + text + '"'
        lines.append(text[:1].upper() + text[1:] + '.!?'[random.below(3)])
    return '\n'.join(lines)


# --- Words -----------------------------------------------------------------------------------------

def tokens(text):
    """Words and marks, found character by character."""
    found, start = [], -1
    for at, char in enumerate(text):
        if char.isalpha():
            if start < 0:
                start = at
            continue
        if start >= 0:
            found.append(text[start:at].lower())
            start = -1
        if not char.isspace():
            found.append(char)
    if start >= 0:
        found.append(text[start:].lower())
    return found


def count(found):
    counts = {}
    for token in found:
        counts[token] = counts.get(token, 0) + 1
    return counts


def most_frequent(counts, number):
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:number]


def index(text):
    """Word -> line -> columns, and all words that follow a word."""
    places, followers = {}, {}
    for number, line in enumerate(text.splitlines()):
        previous = None
        for column, word in enumerate(line.strip('".!?').split()):
            word = word.rstrip(',').lower()
            places.setdefault(word, {}).setdefault(number, []).append(column)
            if previous is not None:
                if previous not in followers:
                    followers[previous] = set()
                followers[previous].add(word)
            previous = word
    return places, followers


def vowel_class(word):
    if word[0] in 'aeiou':
        return 'open'
    return 'long' if len(word) > 6 else word[-1]


def distance(one, two):
    """How many letters must be changed, added or removed to turn one word into the other."""
    above = list(range(len(two) + 1))
    for i, a in enumerate(one):
        row = [i + 1]
        for j, b in enumerate(two):
            if a == b:
                row.append(above[j])
            else:
                row.append(1 + min(above[j], above[j + 1], row[j]))
        above = row
    return above[-1]


def words_of(text, earlier):
    found = tokens(text)
    counts = count(found)
    top = most_frequent(counts, 12)
    places, followers = index(text)
    groups = {}
    for word in places:
        groups.setdefault(vowel_class(word), []).append(word)
    here = set(places)
    shared, fresh = here & earlier, here - earlier
    lonely = [word for word in here if word not in followers]
    near = 0
    for one, _ in top[:6]:
        for two, _ in top[6:]:
            near += distance(one, two)
    palindromes = sorted([word for word in here if word == word[::-1]])
    summary = [len(found), len(counts), len(shared), len(fresh), len(lonely), near, len(palindromes)]
    summary.append(sum([len(lines) for lines in places.values()]))
    summary.append(max([len(set_of) for set_of in followers.values()]))
    summary.append(','.join(['%s=%d' % (name, len(groups[name])) for name in sorted(groups)]))
    earlier |= here
    return top, summary


# --- Tables ----------------------------------------------------------------------------------------

def quoted(cell):
    if ',' in cell or '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def split_row(line):
    cells, at = [], 0
    while at <= len(line):
        if line[at:at + 1] == '"':
            end = line.find('"', at + 1)
            cell = line[at + 1:end]
            while line[end + 1:end + 2] == '"':
                start = end + 2
                end = line.find('"', start)
                cell += '"' + line[start:end]
            cells.append(cell)
            at = end + 2
        else:
            end = line.find(',', at)
            if end < 0:
                end = len(line)
            cells.append(line[at:end])
            at = end + 1
    return cells


def tables(text):
    """Each line becomes a row; rows are written as text, read again and summed up by a column."""
    rows = []
    for number, line in enumerate(text.split('\n')):
        share = len(line) * 100.0 / len(text)
        rows.append([str(number), line, f'{share:.3f}', f'{number:04x}', line[:3].center(7, '*')])
    written = '\n'.join([','.join([quoted(cell) for cell in row]) for row in rows])
    read = [split_row(line) for line in written.split('\n')]
    assert read == rows, 'what is written is what is read'
    header = ('number', 'line', 'share', 'hex', 'mark')
    sums = {}
    for row in read:
        record = dict(zip(header, row))
        kind = record['line'][-1]
        total = sums.setdefault(kind, {'rows': 0, 'share': 0.0, 'marks': []})
        total['rows'] += 1
        total['share'] += float(record['share'])
        if int(record['hex'], 16) % 4 == 0:
            total['marks'].append(record['mark'].strip('*'))
    lines = []
    for kind in sorted(sums):
        total = sums[kind]
        marks = '/'.join(total['marks'])
        lines.append('{0!r:>5} {rows:5d} {share:9.4f} {1}'.format(kind, len(marks), **{
            'rows': total['rows'], 'share': total['share']}))
    return len(written), lines


TEMPLATE = '''Dear {name},
your order {number:>8} of {count} {thing}s is {state}.
{% if late %}We are sorry: it is {days} days late.
{% end %}Yours, {% upper sender %} & sons
'''


def fill(template, values):
    """Fields in braces with an optional format, and three kinds of instruction."""
    out, at, skipping = [], 0, False
    while True:
        start = template.find('{', at)
        if start < 0:
            break
        if not skipping:
            out.append(template[at:start])
        end = template.index('}', start)
        inside = template[start + 1:end]
        if inside.startswith('%'):
            instruction = inside.strip('% ').split(' ')
            if instruction[0] == 'if':
                skipping = not values[instruction[1]]
            elif instruction[0] == 'end':
                skipping = False
            elif not skipping:
                out.append(values[instruction[1]].upper())
        elif not skipping:
            name, _, style = inside.partition(':')
            out.append(format(values[name], style))
        at = end + 1
    out.append(template[at:])
    return ''.join(out)


def letters(words, top):
    length, shouting = 0, 0
    for number in range(60):
        word = words[number * 7 % len(words)]
        values = {'name': word.title(), 'number': number * 977, 'count': number % 5 + 1,
                  'thing': top[number % len(top)][0], 'state': 'sent' if number % 3 else 'lost',
                  'late': number % 4 == 0, 'days': number, 'sender': words[number]}
        letter = fill(TEMPLATE, values)
        length += len(letter)
        shouting += sum([word.isupper() for word in letter.split()])
    return length, shouting


# --- Trees of dictionaries -------------------------------------------------------------------------

def render(value, pieces):
    if isinstance(value, dict):
        pieces.append('{')
        for at, key in enumerate(value):
            if at:
                pieces.append(', ')
            render(key, pieces)
            pieces.append(': ')
            render(value[key], pieces)
        pieces.append('}')
    elif isinstance(value, list):
        pieces.append('[')
        for at, item in enumerate(value):
            if at:
                pieces.append(', ')
            render(item, pieces)
        pieces.append(']')
    elif isinstance(value, str):
        pieces.append('"' + value.replace('\\', '\\\\').replace('"', '\\"') + '"')
    else:
        pieces.append(str(value))


class Reader:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def skip(self, mark):
        """True, and past it, if the mark comes next; blanks before it do not matter."""
        text = self.text
        while text[self.at] == ' ':
            self.at += 1
        if text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def value(self):
        if self.skip('{'):
            found = {}
            while not self.skip('}'):
                self.skip(',')
                key = self.value()
                self.skip(':')
                found[key] = self.value()
            return found
        if self.skip('['):
            found = []
            while not self.skip(']'):
                self.skip(',')
                found.append(self.value())
            return found
        if self.skip('"'):
            return self.string()
        start, text = self.at, self.text
        while text[self.at] in '0123456789-.':
            self.at += 1
        number = text[start:self.at]
        return float(number) if '.' in number else int(number)

    def string(self):
        pieces, text = [], self.text
        while True:
            end = text.index('"', self.at)
            escape = text.find('\\', self.at, end)
            if escape < 0:
                pieces.append(text[self.at:end])
                self.at = end + 1
                return ''.join(pieces)
            pieces.append(text[self.at:escape] + text[escape + 1])
            self.at = escape + 2


def trees(text, top):
    tree = {'title': text[:20], 'top': dict(top), 'lines': []}
    for number, line in enumerate(text.splitlines()[:70]):
        ends = {'first': line[0], 'last': line[-1], 'quote': line.count('"')}
        tree['lines'].append({'number': number, 'words': line.split()[:4], 'ends': ends, 'share': number / 8})
    pieces = []
    render(tree, pieces)
    written = ''.join(pieces)
    read = Reader(written).value()
    assert read == tree, 'what is written is what is read'
    merged = {}
    for line in read['lines']:
        merged.update(line['ends'])
        merged[line['words'][0].casefold()] = line['number']
    flat = {**merged, **{key.upper(): value for key, value in read['top'].items()}}
    return len(written), len(pieces), len(flat), sorted(merged)[:3]


# --- Characters ------------------------------------------------------------------------------------

def characters(text):
    """A substitution, its inverse, and run lengths."""
    letters = 'abcdefghijklmnopqrstuvwxyz'
    forth = {letter: letters[(at + 11) % 26] for at, letter in enumerate(letters)}
    back = {coded: letter for letter, coded in forth.items()}
    text = text[:1500].lower()
    coded = ''.join([forth.get(char, char) for char in text])
    assert ''.join([back.get(char, char) for char in coded]) == text
    table = {ord(letter): coded_letter for letter, coded_letter in forth.items()}
    assert text.translate(table) == coded
    total = 0
    for char in coded:
        total = (total * 33 + ord(char)) & 0xffffff
    runs, last, length = '', '', 0
    for char in ''.join(sorted(text)) + '\0':
        if char == last:
            length += 1
        else:
            if length > 1:
                runs += last + str(length)
            last, length = char, 1
    data = coded.encode('utf-8')
    return total, runs.replace('\n', '|'), len(data), data.decode('utf-8') == coded


def strings(chapters):
    """All of it; the answer depends on every part."""
    random = Random(4711)
    words = vocabulary(random, 700)
    earlier, outcome = set(), []
    for _ in range(chapters):
        text = chapter(random, words, 120)
        top, summary = words_of(text, earlier)
        outcome.append(top)
        outcome.append(summary)
        outcome.append(tables(text))
        outcome.append(letters(words, top))
        outcome.append(trees(text, top))
        outcome.append(characters(text))
    return outcome


if __name__ == '__main__':
    pyperf.Runner().bench_func('strings', strings, 80)
