# stress: 3
# Small numeric kernels: matrices, primes, Mandelbrot, n-body steps, Monte Carlo, dynamic programs.
def matmul(a, b):
    n, m, p = len(a), len(b), len(b[0])
    result = [[0] * p for _ in range(n)]
    for i in range(n):
        row = result[i]
        for k in range(m):
            x = a[i][k]
            other = b[k]
            for j in range(p):
                row[j] += x * other[j]
    return result


a = [[(i * j + 1) % 7 for j in range(18)] for i in range(18)]
b = [[float(i - j) for j in range(18)] for i in range(18)]
print(sum(map(sum, matmul(a, a))), sum(map(sum, matmul(a, b))), matmul(b, a)[3][4])


def mandelbrot(width, height, limit):
    inside = steps = 0
    for py in range(height):
        for px in range(width):
            x0, y0 = px / width * 3.0 - 2.0, py / height * 2.0 - 1.0
            x = y = 0.0
            n = 0
            while x * x + y * y <= 4.0 and n < limit:
                x, y = x * x - y * y + x0, 2.0 * x * y + y0
                n += 1
            steps += n
            inside += n == limit
    return inside, steps


print(mandelbrot(24, 16, 40))


def orbit(steps, dt):
    x, y, vx, vy = 1.0, 0.0, 0.0, 1.0
    for _ in range(steps):
        r3 = (x * x + y * y) ** 1.5
        vx -= x / r3 * dt
        vy -= y / r3 * dt
        x += vx * dt
        y += vy * dt
    return round(x, 9), round(y, 9)


print(orbit(3000, 0.002))


def knapsack(weights, values, capacity):
    best = [0] * (capacity + 1)
    for weight, value in zip(weights, values):
        for room in range(capacity, weight - 1, -1):
            with_it = best[room - weight] + value
            if with_it > best[room]:
                best[room] = with_it
    return best[capacity]


print(knapsack([3 + i % 9 for i in range(25)], [i * 37 % 41 for i in range(25)], 120))


def edit_distance(s, t):
    row = list(range(len(t) + 1))
    for i, a in enumerate(s, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(t, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


print(edit_distance('kitten' * 8, 'sitting' * 7))


def pi_monte_carlo(n):
    state, inside = 1, 0
    for _ in range(n):
        state = (state * 16807) % 2147483647
        x = state / 2147483647
        state = (state * 16807) % 2147483647
        y = state / 2147483647
        if x * x + y * y < 1.0:
            inside += 1
    return 4 * inside / n


print(pi_monte_carlo(5000))


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


print(sum(1 for i in range(1, 60) for j in range(1, 60) if gcd(i, j) == 1), pow(3, 1000, 997), [n for n in range(2, 500) if sum(d for d in range(1, n) if n % d == 0) == n])


def floyd(n):
    inf = 10 ** 9
    d = [[0 if i == j else (i * 7 + j * 3) % 19 + 1 if (i + j) % 3 else inf for j in range(n)] for i in range(n)]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i][k] + d[k][j] < d[i][j]:
                    d[i][j] = d[i][k] + d[k][j]
    return sum(map(sum, d))


print(floyd(22))
bits = 0
x = 0x9e3779b97f4a7c15
for i in range(2000):
    x ^= (x << 13) & 0xffffffffffffffff
    x ^= x >> 7
    x ^= (x << 17) & 0xffffffffffffffff
    bits += x & 1
print(bits, hex(x))
