# Loops with many ways through them: a virtual machine, a tokenizer, life, a random walk.
def machine(program, steps):
    stack, pc, executed = [0, 1], 0, 0
    while executed < steps:
        op, arg = program[pc]
        executed += 1
        pc += 1
        if op == 'push':
            stack.append(arg)
        elif op == 'add':
            b, a = stack.pop(), stack.pop()
            stack.append((a + b) % 100003)
        elif op == 'mul':
            b, a = stack.pop(), stack.pop()
            stack.append(a * b % 100003)
        elif op == 'swap':
            stack[-1], stack[-2] = stack[-2], stack[-1]
        elif op == 'dup':
            stack.append(stack[-1])
        elif op == 'jump_odd':
            if stack[-1] % 2:
                pc = arg
        elif op == 'jump':
            pc = arg
        elif op == 'trim':
            del stack[:-2]
    return stack, pc


program = [('push', 3), ('mul', 0), ('push', 7), ('add', 0), ('jump_odd', 7), ('swap', 0), ('jump', 0), ('dup', 0), ('add', 0), ('trim', 0), ('push', 1), ('add', 0), ('jump', 0)]
print(machine(program, 6000))


def tokenize(text):
    tokens, i = [], 0
    while i < len(text):
        char = text[i]
        if char == ' ':
            i += 1
        elif char.isdigit():
            start = i
            while i < len(text) and (text[i].isdigit() or text[i] == '.'):
                i += 1
            number = text[start:i]
            tokens.append(float(number) if '.' in number else int(number))
        elif char.isalpha() or char == '_':
            start = i
            while i < len(text) and (text[i].isalnum() or text[i] == '_'):
                i += 1
            tokens.append(text[start:i])
        elif text[i:i + 2] in ('==', '<=', '**'):
            tokens.append(text[i:i + 2])
            i += 2
        else:
            tokens.append(char)
            i += 1
    return tokens


source = 'x_1 = 3.25 * (y + 42) ** 2 <= foo(bar, 7) == baz - 1; '
tokens = tokenize(source * 25)
print(len(tokens), tokens[:12], sum(t for t in tokens if not isinstance(t, str)))


def evaluate(tokens):
    def expression(i):
        value, i = term(i)
        while i < len(tokens) and tokens[i] in '+-':
            right, j = term(i + 1)
            value = value + right if tokens[i] == '+' else value - right
            i = j
        return value, i

    def term(i):
        value, i = factor(i)
        while i < len(tokens) and tokens[i] in '*%':
            right, j = factor(i + 1)
            value = value * right if tokens[i] == '*' else value % right
            i = j
        return value, i

    def factor(i):
        if tokens[i] == '(':
            value, i = expression(i + 1)
            return value, i + 1
        return int(tokens[i]), i + 1

    return expression(0)[0]


print(sum(evaluate(list(f'{i % 10}*({i % 7}+3)-{i % 4}%3*2')) for i in range(150)))


def life(width, height, generations):
    cells = {(x, y) for x in range(width) for y in range(height) if (x * 7 + y * 13) % 5 == 0}
    for _ in range(generations):
        counts = {}
        for x, y in cells:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        spot = (x + dx) % width, (y + dy) % height
                        counts[spot] = counts.get(spot, 0) + 1
        cells = {spot for spot, n in counts.items() if n == 3 or (n == 2 and spot in cells)}
    return len(cells), sum(x * y for x, y in cells)


print(life(20, 20, 12))
x = y = turns = 0
seed = 42
for step in range(4000):
    seed = (seed * 69069 + 1) % 4294967296
    way = seed >> 29
    if way == 0:
        x += 1
    elif way == 1:
        x -= 1
    elif way == 2:
        y += 1
    elif way == 3:
        y -= 1
    elif way < 6:
        x, y = y, x
        turns += 1
    else:
        if x > y:
            x -= 2
        else:
            y -= 2
        turns -= 1
print(x, y, turns)
