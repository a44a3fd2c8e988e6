//! What `ouro.gc` and the options of the collector offer, under each collector, in programs of their own.
use std::process::Command;

const COLLECTORS: [&str; 6] = [
    "incminimark",
    "marksweep",
    "semispace",
    "immix",
    "refcount",
    "reference",
];

/// Runs a program; its output and what it said on standard error.
fn run(options: &[&str], program: &str) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ouro"))
        .args(options)
        .args(["-c", program])
        .output()
        .expect("the interpreter starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is text");
    (text(output.stdout), text(output.stderr))
}
fn each_collector(program: &str, expected: &str) {
    for gc in COLLECTORS {
        let option = format!("gc={gc}");
        let (out, err) = run(&["-X", &option], program);
        assert_eq!(out, expected, "{gc}: {err}");
    }
}

#[test]
fn hooks_hear_of_collections_at_the_next_safepoint() {
    each_collector(
        "
import gc, ouro.gc as og
events = []
kinds = ('minor', 'step', 'major')
og.set_hooks(**{kind: events.append for kind in kinds})
print(len(og.get_hooks()), all(callable(h) for h in og.get_hooks()))
before = og.stats()
kept = [[n] for n in range(300_000)]
gc.collect()
garbage = [str(n) for n in range(10)]
after = og.stats()
told = {kind: sum(e['kind'] == kind for e in events) for kind in kinds}
print([told[kind] == after[kind]['count'] - before[kind]['count'] for kind in kinds])
print(any(e['reason'] == 'explicit' for e in events), all(e['cpu_ns'] > 0 for e in events if e['kind'] == 'major'))
print(all(e['freed_bytes'] == max(0, e['before_bytes'] - e['after_bytes']) for e in events))
print(sum(e['moved_objects'] for e in events) == after['moved_objects'] - before['moved_objects'])
print(sum(e['lost_events'] for e in events), any(e['is_cycle_end'] for e in events))
og.set_hooks()
n = len(events)
gc.collect()
print(len(events) == n, og.get_hooks())
import sys
seen = []
sys.unraisablehook = lambda u: seen.append(str(u.exc_value))
def bad(event): raise ValueError('in a hook')
og.set_hooks(major=bad)
gc.collect(); [n for n in range(1000)]
print(set(seen))
try: og.set_hooks(minor=3)
except TypeError as e: print(e)
",
        "3 True\n[True, True, True]\nTrue True\nTrue\nTrue\n0 True\nTrue (None, None, None)\n{'in a hook'}\nminor must be callable or None, not int\n",
    );
}

#[test]
fn options_are_told_with_units_and_limits() {
    let (out, _) = run(
        &["-X", "gc=immix,nursery=128K,growth=50%,max=1G"],
        "
import ouro.gc as og
knobs = og.knobs()
print(og.collector, [knobs[k]['value'] for k in ('nursery', 'growth', 'max', 'tenure', 'cycles', 'pause')])
print(knobs['growth']['expects'])
",
    );
    assert_eq!(
        out,
        "immix ['128K', '50%', '1G', '1', 'auto', '2ms']\na percentage from 10% to 1000%, such as 75%\n"
    );
    let (_, err) = run(&["-X", "gc=immix,nursery=12K"], "");
    assert!(
        err.contains("gc option nursery=\"12K\": expected a size of at least 64K"),
        "{err}"
    );
}

#[test]
fn pins_and_memory_pressure_are_counted() {
    each_collector(
        "
import gc, ouro.gc as og
class C: pass
c = C(); c.v = 'kept'
at = og.pin(c); og.pin(c)
gc.collect(); gc.collect()
print(og.pin(c) == at, og.stats()['pinned_objects'], c.v)
for _ in range(3): og.unpin(c)
try: og.unpin(c)
except ValueError as e: print(e)
before = og.stats()
for n in range(3000):
    C()
    og.add_memory_pressure(1 << 20)
after = og.stats()
print(after['pressure_bytes'] - before['pressure_bytes'] == 3000 << 20, after['collections'] - before['collections'] > 20)
og.add_memory_pressure(-5)
",
        "True 1 kept\nthe object is not pinned\nTrue True\n",
    );
}

#[test]
fn dumps_show_the_objects_of_the_program() {
    use ouro_gc::dump::{Analysis, HeapDump};
    let folder = std::env::temp_dir().join(format!("ouro-dump-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder of our own");
    let read = |path: &std::path::Path| {
        let text = std::fs::File::open(path).expect("the dump was written");
        HeapDump::read(std::io::BufReader::new(text)).expect("it is right")
    };
    for gc in COLLECTORS {
        let by_hand = folder.join(format!("{gc}.hand"));
        let at_exit = folder.join(format!("{gc}.exit"));
        let program = format!(
            "
class Marked: pass
# A list that grows leaves arrays behind that a stale word of the native stack may name.
kept = [None] * 123
for n in range(123): kept[n] = Marked()
for m in kept: m.data = list(range(1000, 1100))
import ouro.gc as og
og.dump({by_hand:?})
try: og.dump('/nonexistent/folder/file')
except OSError as e: print(type(e).__name__)
print('Marked' in og.usage())
"
        );
        let (gc_option, dump) = (format!("gc={gc}"), format!("gc-dump={}", at_exit.display()));
        let (out, err) = run(&["-X", &gc_option, "-X", &dump], &program);
        assert_eq!(out, "FileNotFoundError\nTrue\n", "{gc}: {err}");
        for path in [by_hand, at_exit] {
            let dump = read(&path);
            assert_eq!(dump.about("collector"), Some(gc));
            let analysis = Analysis::new(&dump);
            let marked = analysis.usage()["Marked"].0;
            assert_eq!(marked.objects, 123, "{gc}");
            // The list keeps them and what they hold, but for a few that stale words of the native stack name, too;
            // such a word may also name the list's items.
            let most = analysis.keepers(dump.objects.len());
            let keeper = most.iter().find(|&&n| {
                let (name, kept) = (dump.name(&dump.objects[n]), analysis.retained_bytes(n));
                (name == "list" || name == "refarray") && kept > 100 * 800
            });
            let keeper = *keeper.expect("a list keeps what it holds");
            assert!(!analysis.path(keeper).is_empty());
        }
    }
    std::fs::remove_dir_all(&folder).expect("it is ours");
}

#[test]
fn collections_that_are_switched_off_do_not_collect_the_whole_heap() {
    for gc in ["incminimark", "marksweep", "semispace", "immix"] {
        let option = format!("gc={gc},threshold=256K,nursery=256K");
        let program = "
import gc, ouro.gc as og
class Pair: pass
gc.disable()
before = og.stats()
kept = []
for n in range(100_000):
    a, b = Pair(), Pair()
    a.other, b.other = b, a
    kept.append(a)
    if len(kept) == 5000: kept.clear()
after = og.stats()
print(after['cycles'] - before['cycles'], after['major']['count'] - before['major']['count'])
";
        let (out, err) = run(&["-X", &option], program);
        assert_eq!(out, "0 0\n", "{gc}: {err}");
    }
}

#[test]
fn debug_flags_say_what_was_found_and_save_it() {
    each_collector(
        "
import gc, sys, io
class Node: pass
def garbage(n):
    for _ in range(n):
        a, b = Node(), Node()
        a.other, b.other = b, a
gc.collect(); gc.collect()
sys.stderr = io.StringIO()
gc.disable()
gc.set_debug(gc.DEBUG_SAVEALL | gc.DEBUG_STATS | gc.DEBUG_COLLECTABLE)
garbage(20)
found = gc.collect()
gc.set_debug(0)
text, sys.stderr = sys.stderr.getvalue(), sys.__stderr__
saved = [v for v in gc.garbage if isinstance(v, Node)]
print(30 <= len(saved) <= 40, found == len(gc.garbage), all(v.other.other is v for v in saved))
print('gc: collecting generation 2...' in text, f'gc: done, {found} unreachable, 0 uncollectable' in text)
print(text.count('gc: collectable <Node ') == len(saved))
gc.garbage.clear()
",
        "True True True\nTrue True\nTrue\n",
    );
}
