"""Makes a program smaller as long as it still fails: fewer statements first, then simpler expressions."""

import ast
import warnings

# So many candidates run in one process.
AT_ONCE = 40

CONSTANTS = {'0', '1', 'None', "''", '[]', '1.5'}


def bodies(tree):
    """Every list of statements of the tree, each with the node it belongs to and the name of the field."""
    for node in ast.walk(tree):
        for field in ('body', 'orelse', 'finalbody', 'handlers', 'cases'):
            found = getattr(node, field, None)
            if isinstance(found, list) and found:
                yield node, field, found


def parsed_without(text, edits):
    """The program after the edits, or nothing if it is none then. Places are numbers in the order of `bodies` and of `ast.walk`."""
    tree = ast.parse(text)
    places = list(bodies(tree))
    nodes = list(ast.walk(tree))
    for kind, at, what in edits:
        if kind == 'cut':
            body = places[at][2]
            for n in range(*what):
                body[n] = None
        elif kind == 'unwrap':
            body = places[at][2]
            n, field = what
            body[n] = getattr(body[n], field)
        else:
            parent, field, index, new = what
            replace(nodes[parent], field, index, child_of(nodes[at]) if new is None else ast.parse(new, mode='eval').body
                    if isinstance(new, str) else descendant(nodes[at], new))
    for node, field, body in places:
        flat = []
        for statement in body:
            flat += [] if statement is None else statement if isinstance(statement, list) else [statement]
        if not flat and field == 'body':
            flat = [ast.Pass()]
        setattr(node, field, flat)
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and not node.handlers and not node.finalbody:
            node.finalbody = [ast.Pass()]
            node.orelse = []
        if isinstance(node, ast.Match) and not node.cases:
            return None
    try:
        shorter = ast.unparse(ast.fix_missing_locations(tree))
        compile(shorter, 'candidate', 'exec')
    except (SyntaxError, ValueError, RecursionError):
        return None
    return shorter


def replace(parent, field, index, new):
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def descendant(node, number):
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)][number]


def child_of(node):
    return descendant(node, 0)


def cuts(text):
    """Edits that leave out statements, the largest first, and those that put what is inside a statement in its place."""
    tree = ast.parse(text)
    found = []
    for at, (node, field, body) in enumerate(bodies(tree)):
        size = len(body)
        while size:
            for start in range(0, len(body), size):
                part = body[start:start + size]
                if size == 1 and isinstance(part[0], ast.Pass):
                    continue
                weight = sum(sum(1 for _ in ast.walk(it)) for it in part)
                found.append((weight, ('cut', at, (start, min(start + size, len(body))))))
            size //= 2
        for n, statement in enumerate(body):
            for inner in ('body', 'orelse', 'finalbody'):
                inside = getattr(statement, inner, None)
                if isinstance(inside, list) and inside and not isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler, ast.match_case)):
                    found.append((3, ('unwrap', at, (n, inner))))
    found.sort(key=lambda it: -it[0])
    return [edit for _, edit in found]


def simpler(text):
    """Edits that put a part or a constant in the place of an expression."""
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    number = {id(node): at for at, node in enumerate(nodes)}
    found = []
    for at, node in enumerate(nodes):
        for field, value in ast.iter_fields(node):
            values = value if isinstance(value, list) else [value]
            for index, child in enumerate(values):
                if not isinstance(child, ast.expr) or isinstance(getattr(child, 'ctx', None), (ast.Store, ast.Del)):
                    continue
                place = number[id(child)]
                where = index if isinstance(value, list) else None
                inside = [it for it in ast.iter_child_nodes(child) if isinstance(it, ast.expr)]
                weight = sum(1 for _ in ast.walk(child))
                for n in range(len(inside)):
                    found.append((weight, ('put', place, (at, field, where, n))))
                if weight > 1 and not isinstance(child, (ast.Constant, ast.JoinedStr)):
                    for constant in sorted(CONSTANTS):
                        found.append((weight, ('put', place, (at, field, where, constant))))
    found.sort(key=lambda it: -it[0])
    return [edit for _, edit in found]


def shrink(text, fails, seconds, clock):
    """The smallest program found that `fails(list of programs) -> list of bool` still says fails, within `seconds` of `clock()`."""
    warnings.simplefilter('ignore')
    end = clock() + seconds
    text = ast.unparse(ast.parse(text))
    changed = True
    while changed and clock() < end:
        changed = False
        for edits_of in (cuts, simpler):
            progress = True
            while progress and clock() < end:
                progress = False
                edits = edits_of(text)
                start = 0
                while start < len(edits) and clock() < end:
                    some = edits[start:start + AT_ONCE]
                    start += AT_ONCE
                    candidates = [(edit, parsed_without(text, [edit])) for edit in some]
                    candidates = [(edit, it) for edit, it in candidates if it is not None and len(it) < len(text)]
                    if not candidates:
                        continue
                    verdicts = fails([it for _, it in candidates])
                    good = [pair for pair, bad in zip(candidates, verdicts) if bad]
                    if not good:
                        continue
                    best = min((it for _, it in good), key=len)
                    if edits_of is cuts and len(good) > 1:
                        best = together(text, [edit for edit, _ in good], best, fails)
                    text, changed, progress = best, True, True
                    break
    return text


def together(text, edits, best, fails):
    """Several edits at once, if that is smaller than the best single one and still fails."""
    tries = []
    for count in (len(edits), len(edits) // 2, len(edits) // 4):
        if count > 1:
            try:
                made = parsed_without(text, edits[:count])
            except (TypeError, AttributeError, IndexError):
                # One edit took away what another one is about.
                made = None
            if made and len(made) < len(best):
                tries.append(made)
    if tries:
        good = [it for it, bad in zip(tries, fails(tries)) if bad]
        if good:
            return min(good, key=len)
    return best
