//! What is left in compiled loops. Shapes from the log, never times.

mod traces;
use traces::traces;

/// What follows the last label: the loop itself.
fn body(trace: &str) -> &str {
    let loop_at = trace.rfind("\n  label loop(").expect("a loop");
    let end = trace[loop_at..]
        .find("\n  @0:")
        .map_or(trace.len(), |n| loop_at + n);
    &trace[loop_at..end]
}
/// The body of the only loop of the function `name`.
fn only_loop(test: &str, source: &str, name: &str) -> String {
    let found = traces(test, "jit=threshold=50", source, &format!("loop {name} "));
    assert_eq!(found.len(), 1, "one loop of {name}");
    body(&found[0]).to_owned()
}

/// Items of compact arrays are loaded and stored in place, whatever their width, and no box is made.
#[test]
fn items_of_compact_arrays_need_no_call() {
    for (code, kind) in [
        ("d", "f64"),
        ("l", "i64"),
        ("i", "i32"),
        ("I", "u32"),
        ("H", "u16"),
        ("B", "u8"),
    ] {
        let source = format!(
            "
from array import array
def work(a, n):
    for k in range(n):
        a[k] = a[k - 1] + len(a) - len(a)
    return a[n - 1]
print(work(array('{code}', [7]) * 500, 500))
"
        );
        let hot = only_loop(&format!("items-{code}"), &source, "work");
        assert!(!hot.contains("call"), "{code}: {hot}");
        assert!(!hot.contains("new("), "{code}: {hot}");
        for access in ["getitem(", "setitem("] {
            let line = hot.lines().find(|l| l.contains(access));
            let line = line.unwrap_or_else(|| panic!("{code}: {access} in {hot}"));
            assert!(line.contains(&format!("WByteStore.{kind})")), "{line}");
        }
    }
}
#[test]
fn items_of_bytes_need_no_call() {
    let source = "
def work(b, n):
    s = 0
    for k in range(n):
        s = s * 3 + b[k] & 65535
    return s
print(work(bytes(range(250)) * 2, 500))
";
    let hot = only_loop("octets", source, "work");
    assert!(!hot.contains("call") && !hot.contains("new("), "{hot}");
}
/// Calls of builtin classes, displays of constants and f-strings are no calls of whatever object: heap facts outlive them.
#[test]
fn conversions_are_expanded() {
    let source = "
def work(n):
    s = 0
    for k in range(n):
        a = [1, 2, 3]
        s += a[k % 3] + len(f'{k}') + int(k / 2) + int(float(k)) + bool(k) + len(tuple(a))
        if type(s) is int:
            s &= 65535
    return s
print(work(500))
";
    let hot = only_loop("conversions", source, "work");
    let calls: Vec<&str> = hot.lines().filter(|l| l.contains(" call(")).collect();
    let known = ["decimal)", "tuple_of_list)"];
    let strange = calls.iter().find(|l| !known.iter().any(|k| l.contains(k)));
    assert_eq!(strange, None, "{hot}");
    assert_eq!(calls.len(), known.len(), "{hot}");
}
/// The iterators of `enumerate` and `zip` are made in the trace.
#[test]
fn nested_iterators_are_made_without_a_call() {
    let source = "
def work(l, n):
    s = 0
    for k in range(n):
        for i, x in enumerate(l):
            s = s + i * x & 65535
        for x, y in zip(l, l):
            s = s + x * y & 65535
    return s
print(work([1, 2, 3], 300))
";
    let found = traces("nested", "jit=threshold=50", source, "work ");
    assert!(!found.is_empty());
    for trace in found {
        assert!(
            !trace.contains("call1)") && !trace.contains("call2)"),
            "{trace}"
        );
    }
}

/// Looking a key up is a call without effects, and values are items of an array: a count goes up without another call.
#[test]
fn values_of_dicts_are_read_and_written_in_place() {
    let source = "
def work(d, keys, n):
    s = 0
    for k in range(n):
        key = keys[k & 1]
        d[key] += 1
        if key in d:
            s += d.get(key)
    return s
print(work({'a': 1, 'b': 2}, ['a', 'b'], 500))
";
    let hot = only_loop("dict-values", source, "work");
    let calls: Vec<&str> = hot.lines().filter(|l| l.contains(" = call(")).collect();
    assert!(
        !calls.is_empty() && calls.iter().all(|l| l.contains("dict_entry)")),
        "{hot}"
    );
    assert!(hot.contains("setitem("), "{hot}");
}
/// Methods that are bound and leave their defaults out are inlined like functions.
#[test]
fn bound_methods_with_defaults_are_inlined() {
    let source = "
class A:
    def step(self, x, y=3):
        return x + y
def work(a, n):
    step = a.step
    s = 0
    for k in range(n):
        s = step(s) + step(k, y=1) & 1023
    return s
print(work(A(), 500))
";
    let hot = only_loop("bound-defaults", source, "work");
    assert!(!hot.contains("call"), "{hot}");
}
/// Of a builtin of which is known what it is, only the call of its Rust function is left.
#[test]
fn builtins_are_called_directly() {
    let source = "
def work(s, n):
    k = 0
    for k in range(n):
        k = hash(s.upper()) & 1
    return k
print(work('a', 500))
";
    let hot = only_loop("direct", source, "work");
    let calls: Vec<&str> = hot.lines().filter(|l| l.contains(" = call(")).collect();
    assert!(calls.len() == 2, "{hot}");
    assert!(
        calls[0].contains("quiet_method1)") && calls[1].contains("quiet_plain1)"),
        "{hot}"
    );
}
/// A key is looked up once while the keys stay as they are, and an int for that needs no object.
#[test]
fn ints_are_looked_up_once_and_without_objects() {
    let source = "
def work(d, s, n):
    t = 0
    for k in range(n):
        i = k & 255
        v = d.get(i)
        if v is not None:
            t += v
        if i in d:
            t += d[i] & 1
            d[i] = t & 255
        if i in s and i in s:
            t += 1
    return t
print(work({i: i for i in range(256)}, set(range(256)), 500))
";
    let hot = only_loop("int-keys", source, "work");
    let calls: Vec<&str> = hot.lines().filter(|l| l.contains(" = call(")).collect();
    assert_eq!(calls.len(), 2, "{hot}");
    assert!(calls[0].contains("dict_entry_of_int)"), "{hot}");
    assert!(calls[1].contains("set_entry_of_int)"), "{hot}");
}
/// Dicts that are made alike have a key of the program at the same place: it is looked for there, without a call.
#[test]
fn known_keys_are_looked_for_where_they_were() {
    let source = "
def work(n):
    all = [{'a': i, 'b': i + 1} for i in range(10)]
    s = k = 0
    while k < n:
        d = all[k % 10]
        s += d['a'] + d.get('b')
        d['b'] = k & 15
        k += 1
    return s
print(work(500))
";
    let hot = only_loop("known-keys", source, "work");
    assert!(!hot.contains("call"), "{hot}");
}
/// What is asked for by a name that the recording knows is found like an attribute, and so is that there is none.
#[test]
fn attributes_by_known_names_need_no_call() {
    let source = "
class A:
    def __init__(self):
        self.x = 1
def work(a, n):
    s = 0
    for k in range(n):
        s += getattr(a, 'x', 0) + getattr(a, 'y', 2) + hasattr(a, 'x') + hasattr(5, 'z')
    return s
print(work(A(), 500))
";
    let hot = only_loop("by-name", source, "work");
    assert!(!hot.contains("call"), "{hot}");
}
/// What changes nothing leaves the trace what it knows of the heap: the attribute is loaded once.
#[test]
fn quiet_builtins_leave_what_is_known() {
    let source = "
class A:
    pass
def work(a, n):
    s = 0
    for k in range(n):
        s += len(a.text.upper()) + len(a.text.encode('utf-8')) + (id(a) == id(a))
    return s
a = A()
a.text = 'some text'
print(work(a, 500))
";
    let hot = only_loop("quiet", source, "work");
    assert!(!hot.contains("WInst"), "{hot}");
    assert!(!hot.contains("identity"), "{hot}");
}
/// The items of a tuple and the list of the rest are spread in the trace; what nobody keeps is not made.
#[test]
fn star_targets_make_nothing() {
    let source = "
def work(n):
    pts = [(i, i + 1, i + 2) for i in range(10)]
    s = k = 0
    while k < n:
        first, *rest = pts[k % 10]
        *front, last = first, last_of(rest), 2.5
        s += first + len(rest) + len(front)
        k += 1
    return s
def last_of(l):
    return l[1]
print(work(500))
";
    let hot = only_loop("stars", source, "work");
    assert!(!hot.contains("call") && !hot.contains("new"), "{hot}");
}
/// A character of a str is its code: comparing it, asking for its kind and `ord` are arithmetic.
#[test]
fn characters_are_numbers() {
    let source = "
def work(text):
    i = t = 0
    while i < len(text):
        c = text[i]
        if c == 'x' or c != 'y' and c.isalpha() or c.isspace():
            t += ord(c)
        t += (c == '_') + 1
        i += 1
    return t
print(work('abc' * 200))
";
    let found = traces("characters", "jit=threshold=50", source, "loop work ");
    let hot = body(&found[0]);
    assert!(!hot.contains("call") && !hot.contains("bool"), "{hot}");
    assert!(
        !hot.contains("WStr.LEN") && !hot.contains("WStr.CHARS"),
        "{hot}"
    );
}
/// Parts and whole strs are compared by functions of which nothing else depends.
#[test]
fn strs_are_compared_without_effects() {
    let source = "
def work(text, n):
    s = 0
    for k in range(n):
        if text[k % 7:k % 7 + 3] == 'cde':
            s += 1
        if 'de' in text:
            s += 2
    return s
print(work('abcdefghijkl', 500))
";
    let found = traces("parts", "jit=threshold=50", source, "loop work ");
    let all = &found[0];
    for callee in ["str_slice", "str_equal", "str_contains"] {
        let line = all
            .lines()
            .find(|l| l.contains(&format!("callee {callee} ")));
        let line = line.unwrap_or_else(|| panic!("{callee} in {all}"));
        assert!(!line.contains("writes"), "{line}");
    }
    // The same question each time is asked once, in front of the loop.
    assert!(!body(all).contains("str_contains"), "{all}");
    assert!(!all.contains("new(slice)"), "{all}");
}
/// The dict of `**kw` and displays with known keys lie in the trace, and are not made if nobody keeps them.
#[test]
fn keyword_arguments_make_no_dict() {
    let source = "
def star(*args, **kw):
    return len(args) + len(kw)
def work(n):
    s = 0
    for i in range(n):
        s += star(1, i, k=3, other=i) + star()
        d = {'a': i, 'b': 2}
        s += len(d)
    return s
print(work(500))
";
    let hot = only_loop("keywords", source, "work");
    assert!(!hot.contains("call") && !hot.contains("new"), "{hot}");
}
/// Methods of lists that are held by a name say what they write.
#[test]
fn held_methods_of_lists_tell_their_effects() {
    let source = "
def work(n):
    l = list(range(10))
    pop, insert, append = l.pop, l.insert, l.append
    for k in range(n):
        insert(k % 10, pop(0))
        append(pop())
    return l
print(work(500))
";
    let hot = only_loop("held", source, "work");
    assert!(
        hot.contains("list_pop_at") && hot.contains("list_insert"),
        "{hot}"
    );
    assert!(!hot.contains("call1") && !hot.contains("call2"), "{hot}");
}
/// The counter of `enumerate` is a number, not an object.
#[test]
fn enumerate_makes_nothing() {
    let source = "
def work(l):
    s = 0
    for i, v in enumerate(l):
        s += i * v
    return s
print(work([1.5] * 500))
";
    let hot = only_loop("enumerate", source, "work");
    assert!(!hot.contains("call") && !hot.contains("new"), "{hot}");
}
/// A missing key raises in the trace, and the arguments of an exception are a field.
#[test]
fn missing_keys_raise_in_the_trace() {
    let source = "
def work(d, n):
    s = 0
    for i in range(n):
        try:
            s += d[i]
        except KeyError as e:
            s += e.args[0]
    return s
print(work({-1: 2}, 500))
";
    let hot = only_loop("missing", source, "work");
    let calls = hot.lines().filter(|l| l.contains("call")).count();
    assert_eq!(calls, 1, "{hot}");
    assert!(hot.contains("dict_entry"), "{hot}");
}
