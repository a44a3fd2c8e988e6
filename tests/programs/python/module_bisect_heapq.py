import bisect
import heapq

a = [1, 2, 2, 2, 5, 7]
print([bisect.bisect_left(a, x) for x in range(9)], [bisect.bisect(a, x) for x in range(9)])
print(bisect.bisect_left(a, 2, 2), bisect.bisect_right(a, 2, 0, 2), bisect.bisect_left('abc', 'b'))
print(bisect.bisect_left([(1, 'a'), (3, 'b')], 2, key=lambda p: p[0]))
bisect.insort(a, 3)
bisect.insort_left(a, 2.0)
print(a)
rows = [('x', 1), ('y', 5)]
bisect.insort(rows, ('z', 3), key=lambda p: p[1])
print(rows)
try:
    bisect.bisect(a, 1, -1)
except ValueError as e:
    print(e)

h = []
for x in [5, 3, 8, 1, 9, 2, 7, 3]:
    heapq.heappush(h, x)
print(h, h[0])
print([heapq.heappop(h) for _ in range(len(h))])
h = [9, 4, 7, 1, 8, 2]
heapq.heapify(h)
print(h, heapq.heappushpop(h, 0), heapq.heappushpop(h, 5), heapq.heapreplace(h, 6), h)
print(heapq.nsmallest(3, [5, 1, 4, 2]), heapq.nlargest(2, 'hello world'), heapq.nsmallest(2, ['bb', 'a', 'ccc'], key=len))
print(list(heapq.merge([1, 4, 7], [2, 5], [0, 9])), list(heapq.merge([7, 4], [5, 2], reverse=True)))
h = [3, 1, 2]
heapq._heapify_max(h)
print(h, heapq._heappop_max(h), h)
for call in ('heapq.heappop([])', 'heapq.heappush((), 1)', 'heapq.heapreplace([], 1)', 'heapq.heapify(5)'):
    try:
        print(eval(call))
    except Exception as e:
        print(type(e).__name__, e)
