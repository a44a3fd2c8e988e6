# Characters of long texts that are not ASCII are found by number, also when several texts take turns and collections run.
# stress: 400
import gc

parts = ['a', 'é', '€', '😀', '\ud800', 'z']
texts = [''.join(parts[(i * 7 + i // 5 + t) % 6] for i in range(1000 + t)) for t in range(6)]
chars = [list(t) for t in texts]
for round in range(3):
    for i in range(0, 1000, 13):
        for t, text in enumerate(texts):
            assert text[i] == chars[t][i], (t, i)
            assert text[-1 - i] == chars[t][-1 - i]
            assert text[i:i + 70] == ''.join(chars[t][i:i + 70])
            assert text[i::3] == ''.join(chars[t][i::3])
            assert text.index(text[i:i + 9], i) == i
            euros = [at for at in range(i, len(text)) if chars[t][at] == '€']
            assert text.find('€', i) == min(euros, default=-1) and text.rfind('€', i) == max(euros, default=-1)
            assert text.count('😀', i) == chars[t][i:].count('😀')
    gc.collect()
    texts[round] = texts[round][1:] + texts[round][0]
    chars[round] = list(texts[round])
print(sum(len(t) for t in texts), texts[0].find('q'), ascii(texts[2][500:520]))
print([texts[5].find('\ud800', 64 * k) for k in range(5)], texts[1][5000:], texts[1].rindex('é'))

# Parts of texts compared in place: every start and end, whatever the width of the characters.
state = 5
def below(limit):
    global state
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) % limit
matches = []
for round in range(120):
    alphabet = ['a', 'b', '\xe9', '\u20ac', '\U0001f600'] if round % 3 else ['a', 'b']
    text = ''.join([alphabet[below(len(alphabet))] for _ in range([0, 1, 5, 40, 300, 700][round % 6])])
    chars = list(text)
    for _ in range(15):
        start, end = below(2 * len(text) + 7) - len(text) - 3, below(2 * len(text) + 7) - len(text) - 3
        part = text[start:end]
        assert part == ''.join(chars[start:end])
        short = ''.join([alphabet[below(len(alphabet))] for _ in range(below(3))])
        matches.append((text.startswith(short, start), text.startswith(short, start, end), text.endswith(short, start, end),
                        text.endswith((short, 'b'), start), text.startswith(part, start), text.startswith(part[:3], start, end),
                        text.find(short, start, end), text.rfind(part[-2:], start)))
total = 0
for match in matches:
    for number in match:
        total = (total * 31 + number + 2) % 1000000007
print(len(matches), total, sum([sum(match[:6]) for match in matches]))
