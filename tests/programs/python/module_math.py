import math

for name in ('sqrt', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh',
             'exp', 'exp2', 'expm1', 'log', 'log2', 'log10', 'log1p', 'gamma', 'lgamma', 'erf', 'erfc', 'floor', 'ceil',
             'trunc', 'fabs', 'degrees', 'radians', 'modf', 'frexp', 'isnan', 'isinf', 'isfinite', 'cbrt', 'ulp'):
    f = getattr(math, name)
    for x in (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.75, -3.25, 10.0, 100.5, 1e-10, 1e10, 1e300, 5e-324,
              float('inf'), float('-inf'), float('nan'), 7, -7, 10 ** 30):
        try:
            print(name, x, repr(f(x)))
        except Exception as e:
            print(name, x, type(e).__name__, e)

print([math.factorial(n) for n in range(25)], math.factorial(200) % 10 ** 30)
print([math.comb(10, k) for k in range(12)], math.comb(200, 77))
print([math.perm(10, k) for k in range(12)], math.perm(5))
print(math.gcd(), math.gcd(12, -18), math.gcd(2 ** 100, 6 ** 50), math.gcd(0, 7), math.gcd(-2 ** 63, 0))
print(math.lcm(), math.lcm(4, 6), math.lcm(0, 3), math.lcm(2 ** 70, 3 ** 40, -5))
print([math.isqrt(n) for n in (0, 1, 2, 3, 4, 99, 100, 10 ** 18, 10 ** 40, 10 ** 40 - 1)])
print(math.prod([1, 2, 3.5]), math.prod([], start='a'), math.prod(range(1, 30)))
print(math.fsum([0.1] * 10), math.fsum([1e308, 1.0, -1e308]), math.fsum([]), math.fsum([1e16, 1, 1e-16]))
print(math.hypot(), math.hypot(3, 4), math.hypot(1, 1, 1), math.hypot(1e200, 1e200), math.hypot(0.1, 0.2, 0.3, 0.4))
print(math.dist((1, 2), (4, 6)), math.dist([0.5], [0.25]))
print(math.isclose(1, 1 + 1e-10), math.isclose(1, 1.1, rel_tol=0.2), math.isclose(0, 1e-9), math.isclose(0, 1e-9, abs_tol=1e-8))
print(math.log(8, 2), math.log(10 ** 400), math.log2(2 ** 5000), math.log10(10 ** 500), math.log(100, 10))
print(math.pow(2, 0.5), math.pow(-8, 3), math.fmod(-7, 3), math.remainder(-7, 3), math.copysign(3, -0.0))
print(math.ldexp(0.75, 10), math.ldexp(1.5, -1080), math.ldexp(5e-324, 1074), math.nextafter(1, 2), math.nextafter(0, -1))
print(math.atan2(-0.0, -1), math.atan2(1, 2), math.pi, math.e, math.tau, math.inf, math.nan)
for call in ('math.sqrt(-1)', 'math.factorial(-1)', 'math.comb(-1, 2)', 'math.log(0)', 'math.log(-5)', 'math.exp(1000)',
             'math.pow(0, -1)', 'math.pow(-1, 0.5)', 'math.fmod(1, 0)', 'math.sqrt("x")', 'math.isqrt(1.5)',
             'math.floor(float("inf"))', 'math.ceil(float("nan"))', 'math.dist((1,), (1, 2))', 'math.ldexp(1, 5000)',
             'math.gamma(-1)', 'math.gamma(200)', 'math.acos(2)', 'math.isclose(1, 2, rel_tol=-1)', 'math.trunc("a")'):
    try:
        print(call, eval(call))
    except Exception as e:
        print(call, type(e).__name__, e)


class Number:
    def __floor__(self): return 'floor'
    def __ceil__(self): return 'ceil'
    def __trunc__(self): return 'trunc'
    def __float__(self): return 2.25
    def __index__(self): return 9


n = Number()
print(math.floor(n), math.ceil(n), math.trunc(n), math.sqrt(n), math.isqrt(n))
