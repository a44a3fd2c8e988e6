# Characters of long texts that are not ASCII are found by number, also when several texts take turns and collections run.
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
