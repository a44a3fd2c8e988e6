//! `ouro.jit`: callbacks, parameters, statistics, functions that are not traced, and code that is freed.
use std::process::Command;

/// Runs a program; its output. What it says on standard error must be nothing.
fn run(jit: &str, program: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ouro"))
        .args(["-X", jit, "-c", program])
        .output()
        .expect("the interpreter starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).expect("the output is text")
}

const WATCHED: &str = "
import ouro.jit as jit
seen = []
assert jit.on_compile(seen.append) is not None
def work(n):
    t = 0
    for i in range(n):
        t += i * 3
        if i % 7 == 0:
            t -= 1
    return t
assert work(3000) == 13495071, work(3000)
loops = [i for i in seen if i.name == 'work' and i.kind == 'loop']
bridges = [i for i in seen if i.name == 'work' and i.kind == 'bridge']
";

#[test]
fn callbacks_are_told_of_each_trace() {
    for (mode, has_code) in [("on", true), ("irexec", false)] {
        let source = format!(
            "{WATCHED}
first = loops[0]
print(len(loops), len(bridges) > 0, first.file, first.line, type(first).__name__, jit.mode)
print(first.recorded_ops > 5, first.compiled_ops > 5, first.guards > 0, (first.code_bytes > 0) == {})
print(all(n > 0 for n in (first.record_ns, first.optimize_ns, first.codegen_ns)))
print(len({{i.number for i in seen}}) == len(seen), first.number < bridges[0].number)
jit.on_compile(None)
n = len(seen)
def again(n):
    return sum(i for i in range(n) if i & 1)
again(3000)
print(len(seen) == n)
",
            if has_code { "True" } else { "False" }
        );
        let out = run(&format!("jit={mode},threshold=50"), &source);
        let expected = format!(
            "1 True <string> 7 CompileInfo {mode}\nTrue True True True\nTrue\nTrue True\nTrue\n"
        );
        assert_eq!(out, expected);
    }
}

#[test]
fn aborts_and_invalidations_are_told() {
    let source = "
import ouro.jit as jit
aborts, ended = [], []
jit.on_abort(aborts.append)
jit.on_invalidate(ended.append)
def short():
    return 1
for i in range(500):
    short()
print(sorted({a.reason for a in aborts if a.name == 'short'}), {a.kind for a in aborts if a.name == 'short'})
step = 1
def work(n):
    t = 0
    for i in range(n):
        t += step
    return t
work(500)
step = 2
print(work(500), ('work', 'loop') in {(e.name, e.kind) for e in ended})
print(jit.stats()['aborts']['too-short'] >= 1, jit.stats()['invalidated'] == len(ended))
";
    let out = run("jit=threshold=50", source);
    assert_eq!(out, "['too-short'] {'function'}\n1000 True\nTrue True\n");
}

/// A callback is a guest function like others: it may be compiled itself, raise, and be replaced.
#[test]
fn callbacks_run_at_safepoints_and_their_errors_are_reported() {
    let source = "
import ouro.jit as jit, sys
told = []
sys.unraisablehook = lambda u: told.append((type(u.exc_value).__name__, u.object is bad))
def bad(info):
    for i in range(200):
        pass
    raise ValueError(info.number)
jit.on_compile(bad)
def work(n):
    t = 0
    for i in range(n):
        t += i & 3
    return t
print(work(500))
print(len(told) >= 2, set(told))
for wrong in (3, 'f'):
    try:
        jit.on_abort(wrong)
    except TypeError as e:
        print(e)
";
    let out = run("jit=threshold=50", source);
    let expected = "750\nTrue {('ValueError', True)}\non_abort() takes a callable or None, not int\n\
                    on_abort() takes a callable or None, not str\n";
    assert_eq!(out, expected);
}

#[test]
fn parameters_have_the_names_of_the_option_and_checked_values() {
    for mode in ["on,threshold=77", "off,threshold=77"] {
        let source = "
import ouro.jit as jit
print(jit.params()['threshold'], jit.params()['no-peel'], set(jit.params()) == set(jit.param_docs()))
jit.set_param('threshold', 5)
jit.set_param('no-peel', True)
print(jit.params()['threshold'], jit.params()['no-peel'])
for name, value in [('threshold', 0), ('threshold', -1), ('threshold', True), ('no-peel', 1), ('guard-stress', 2),
                    ('nonsense', 1), ('no-nonsense', True)]:
    try:
        jit.set_param(name, value)
    except ValueError as e:
        print(e)
try:
    jit.set_param('threshold', 'x')
except TypeError as e:
    print('TypeError')
";
        let out = run(&format!("jit={mode}"), source);
        let lines: Vec<&str> = out.lines().collect();
        let expected = [
            "77 False True",
            "5 True",
            "jit option threshold: 0 is not between 1 and 4294967294",
            "jit option threshold: -1 is negative",
            "jit option threshold is a number",
            "jit option no-peel is on or off",
            "jit option guard-stress can only be set when the program starts (-X jit=)",
        ];
        assert_eq!(lines[..expected.len()], expected, "{mode}");
        assert!(lines[7].contains("known are threshold, exit-threshold"));
        assert!(lines[8].contains("fold, guards, virtuals"), "{}", lines[8]);
        assert_eq!(lines[9..], ["TypeError"]);
    }
}

#[test]
fn functions_that_are_not_to_be_traced_are_interpreted() {
    let source = "
import ouro.jit as jit
seen, aborts = [], []
jit.on_compile(seen.append)
jit.on_abort(aborts.append)
@jit.dont_trace
def step(x):
    for i in range(3):
        x += i
    return x
@jit.dont_trace
def numbers(n):
    for i in range(n):
        yield i
def calls(n):
    t = 0
    for i in range(n):
        t = step(t)
    return t
def iterates(n):
    t = 0
    for i in numbers(n):
        t += i
    return t
print(calls(2000), iterates(2000), step.__name__)
names = {i.name for i in seen}
print('step' in names, 'numbers' in names, 'calls' in names, 'iterates' in names)
print('not-traced' in {a.reason for a in aborts if a.name == 'iterates'})
def plain(n):
    t = 0
    for i in range(n):
        t += i
    return t
plain(1000)
print('plain' in {i.name for i in seen})
entered = jit.stats()['entered']
jit.dont_trace(plain)
for i in range(20):
    plain(100)
print(jit.stats()['entered'] - entered)
for wrong in (3, len, calls.__get__(1), type):
    try:
        jit.dont_trace(wrong)
    except TypeError as e:
        print(e)
";
    let out = run("jit=threshold=50,min-instructions=1", source);
    let expected = "6000 1999000 step\nFalse False True False\nTrue\nTrue\n0\n\
        dont_trace() takes a function, not int\n\
        dont_trace() takes a function, not builtin_function_or_method\n\
        dont_trace() takes a function, not method\ndont_trace() takes a function, not type\n";
    assert_eq!(out, expected);
}

#[test]
fn it_is_switched_off_and_on() {
    let source = "
import ouro.jit as jit
def work(n):
    t = 0
    for i in range(n):
        t += i
    return t
jit.off()
work(2000)
print(jit.is_on(), jit.stats()['loops'], jit.stats()['entered'])
jit.on()
work(2000)
print(jit.is_on(), jit.stats()['loops'] > 0)
jit.off()
entered = jit.stats()['entered']
for i in range(50):
    work(100)
print(jit.stats()['entered'] - entered)
";
    let out = run("jit=threshold=50", source);
    assert_eq!(out, "False 0 0\nTrue True\n0\n");
    let out = run(
        "jit=off",
        "import ouro.jit as j; j.on_compile(print); print(j.mode, j.is_on(), j.stats()['loops'])\nfor i in range(3000): pass",
    );
    assert_eq!(out, "off False 0\n");
}

/// Two thousand loops under a limit of 64 KiB: the memory of the first is used for the last.
#[test]
fn the_memory_of_code_is_bounded() {
    let source = "
import ouro.jit as jit
freed, seen = [], []
jit.on_free(freed.append)
jit.on_compile(seen.append)
def make(n):
    names = {}
    exec('''def f(n):
    t = %d
    for i in range(n):
        t += i * 3
        if i %% 7 == 0:
            t -= 1
    return t
''' % n, names)
    return names['f']
def expected(k, n):
    return k + 3 * n * (n - 1) // 2 - (n + 6) // 7
functions = [make(k) for k in range(400)]
most = 0
for k, f in enumerate(functions):
    assert f(60) == expected(k, 60), k
    stats = jit.stats()
    most = max(most, stats['code_bytes'] + stats['data_bytes'])
stats = jit.stats()
print(most <= 65536 + 16384, stats['loops'] >= 400, stats['freed'] > 100, stats['freed'] == len(freed))
print(stats['traces'] == stats['loops'] + stats['bridges'] - stats['freed'])
# A loop whose code is gone becomes hot again.
compiled = len(seen)
assert functions[0](60) == expected(0, 60)
print(len(seen) > compiled)
";
    for mode in [
        "on,threshold=20",
        "on,threshold=20,guard-stress=3",
        "irexec,threshold=20",
    ] {
        let out = run(&format!("jit={mode},code-memory=64K"), source);
        let all = "True True True True\nTrue\nTrue\n";
        assert_eq!(out, all, "{mode}");
    }
}

/// What was not entered for so many recordings goes, without any need for memory.
#[test]
fn code_that_is_not_used_any_more_is_freed() {
    let source = "
import ouro.jit as jit
freed = []
jit.on_free(freed.append)
def make(k):
    names = {}
    exec('''def f%d(n):
    t = 0
    for i in range(n):
        t += i
    return t
''' % k, names)
    return names['f%d' % k]
def main(functions):
    for k in range(len(functions)):
        functions[0](60)
        functions[k](60)
main([make(k) for k in range(100)])
names = {i.name for i in freed}
print('f0' in names, 'main' in names, 'f1' in names, 'f50' in names, 'f99' in names)
";
    for mode in ["on", "irexec"] {
        let out = run(&format!("jit={mode},threshold=20,longevity=10"), source);
        assert_eq!(out, "False False True True False\n", "{mode}");
    }
}

/// Code that waits below for a call to end is not freed, however long that takes, nor what it jumps to and calls.
#[test]
fn code_that_runs_is_not_freed() {
    let source = "
import ouro.jit as jit
freed = []
jit.on_free(freed.append)
def make(k):
    names = {}
    exec('''def f%d(n):
    t = 0
    for i in range(n):
        t += i
    return t
''' % k, names)
    return names['f%d' % k]
functions = [make(k) for k in range(150)]
state = [0]
class Later:
    def __repr__(self):
        # Called by compiled code through a function of the interpreter.
        if state[0] == 300:
            for f in functions:
                f(60)
        return '1'
def outer(later, n):
    t = 0
    for i in range(n):
        state[0] = i
        t += len(str([later])) + i % 3
    return t
print(outer(Later(), 400))
names = {i.name for i in freed}
print('outer' in names, 'f3' in names)
";
    for mode in ["on", "irexec"] {
        let out = run(&format!("jit={mode},threshold=20,longevity=10"), source);
        assert_eq!(out, "1599\nFalse True\n", "{mode}");
    }
}
