//! `ouro.gc`: what the heap offers beyond module `gc`: hooks, statistics, knobs, pins, memory pressure, heap dumps.
//!
//! No guest code may run while the heap is collected, so that hooks hear of a collection at the next safepoint after it.

use crate::args::bind;
use crate::modules::gc_graph;
use crate::rt::*;
use crate::state::state;
use ouro_gc::{Attention, CollectionEvent, Gc, GcHooks, Pause, Pauses, Reason};
use ouro_py_objects::builtin::{fn0, fn1, kw};
use ouro_py_objects::{BuiltinDef, Errors, Kw, PyResult, Vm, attention, finalize};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// Events that wait are at most so many: a hook that takes long does not make memory grow.
const MOST_EVENTS: usize = 4096;
const HOOKS: &str = "ouro.gc.hooks";

/// Keeps what the heap tells until the next safepoint.
pub struct Recorder {
    vm: &'static Vm,
    events: RefCell<VecDeque<CollectionEvent>>,
    lost: Cell<u64>,
    busy: Cell<bool>,
}
impl Recorder {
    fn note(&self, event: &CollectionEvent) {
        let mut events = self.events.borrow_mut();
        match events.len() < MOST_EVENTS {
            true => events.push_back(*event),
            false => self.lost.set(self.lost.get() + 1),
        }
        self.vm.heap.request_attention(Attention::COLLECTED);
    }
}
impl GcHooks for Recorder {
    fn minor(&self, event: &CollectionEvent) {
        self.note(event);
    }
    fn step(&self, event: &CollectionEvent) {
        self.note(event);
    }
    fn major(&self, event: &CollectionEvent) {
        self.note(event);
    }
}

static FUNCTIONS: &[BuiltinDef] = &[
    kw("set_hooks", set_hooks).doc(
        "set_hooks(minor=None, step=None, major=None): functions that are called with a dict after collections of \
         that kind.",
    ),
    fn0("get_hooks", |vm| {
        let known = state(vm).kept(vm, HOOKS);
        Ok(known.unwrap_or_else(|| tuple(vm, &[none(vm); 3])))
    }),
    fn0("stats", stats).doc("Numbers of collections and bytes since the program started."),
    fn0("knobs", knobs).doc("The options of the collector: value, unit, limits, meaning."),
    kw("dump", dump).doc("dump(path, collect=True): writes all objects of the heap to a file."),
    fn0("usage", usage).doc("Objects and bytes by the names of classes."),
    fn1("add_memory_pressure", |vm, n| {
        match to_i64(vm, n)? {
            n if n < 0 => vm.heap.release_memory_pressure(n.unsigned_abs() as usize),
            n => vm.heap.add_memory_pressure(n as usize),
        }
        Ok(none(vm))
    })
    .doc("An object came to own so many bytes outside the heap; a negative number: they were freed."),
    fn1("pin", |vm, v| Ok(int(vm, vm.heap.pin(v) as i64)))
        .doc("Keeps an object alive and where it is, until it was unpinned as often; returns its address."),
    fn1("unpin", |vm, v| {
        let fixed = ouro_gc::state_bits::IMMORTAL;
        if vm.heap.pin_count(v) == 0 && v.header().state() & fixed == 0 {
            return Err(vm.value_error("the object is not pinned"));
        }
        vm.heap.unpin(v);
        Ok(none(vm))
    }),
    fn1("generation", |vm, v| {
        let young = vm.heap.residence(v).is_young();
        Ok(int(vm, if young { 0 } else { 2 }))
    })
    .doc("0 for an object that is young, 2 for one that is old."),
];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    let doc = "The heap of this interpreter: hooks, statistics, options, dumps.";
    put(vm, module, "__doc__", string(vm, doc));
    let collector = string(vm, vm.heap.collector_info().name);
    put(vm, module, "collector", collector);
    Ok(())
}
fn set_hooks(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let names = ["minor", "step", "major"];
    let hooks = bind(vm, "set_hooks", names, 0, args, kw)?;
    for (hook, name) in hooks.into_iter().zip(names) {
        if !absent(vm, hook) && !callable(vm, hook) {
            return Err(vm.type_error(format_args!(
                "{name} must be callable or None, not {}",
                type_name(vm, hook)
            )));
        }
    }
    let hooks = hooks.map(|hook| if hook.is_null() { none(vm) } else { hook });
    let any = hooks.iter().any(|&hook| hook != none(vm));
    state(vm).keep(vm, HOOKS, tuple(vm, &hooks));
    let recorder = any.then(|| {
        Rc::new(Recorder {
            vm,
            events: RefCell::default(),
            lost: Cell::new(0),
            busy: Cell::new(false),
        })
    });
    vm.heap
        .set_hooks(recorder.clone().map(|r| r as Rc<dyn GcHooks>));
    *state(vm).gc_recorder.borrow_mut() = recorder;
    // Polls ask module `gc` when there is something to tell.
    vm.world()
        .callouts
        .collected
        .set(Some(crate::modules::gc::report_collections));
    Ok(none(vm))
}
/// Calls the hooks with what was told since the last time; their errors go to `sys.unraisablehook`.
pub fn call_hooks(vm: &'static Vm) {
    let Some(recorder) = state(vm).gc_recorder.borrow().clone() else {
        return;
    };
    if recorder.busy.replace(true) {
        return;
    }
    // What hooks lead to is told at a later safepoint.
    let waiting = recorder.events.borrow().len();
    for _ in 0..waiting {
        let Some(event) = recorder.events.borrow_mut().pop_front() else {
            break;
        };
        let Some(hooks) = state(vm).kept(vm, HOOKS) else {
            break;
        };
        let hook = ouro_py_objects::tuple::items(hooks)[event.pause as usize];
        if hook == none(vm) {
            continue;
        }
        let info = describe(vm, &event, recorder.lost.take());
        if let Err(e) = call(vm, hook, &[info]) {
            finalize::write_unraisable(vm, e, None, hook);
        }
    }
    recorder.busy.set(false);
}
fn describe(vm: &'static Vm, event: &CollectionEvent, lost: u64) -> Gc {
    let info = dict(vm);
    dict_set_str(vm, info, "kind", string(vm, event.pause.name()));
    dict_set_str(vm, info, "reason", string(vm, &event.reason.to_string()));
    let work = &event.work;
    for (key, n) in [
        ("number", event.number),
        ("cpu_ns", event.cpu_ns),
        ("wall_ns", event.wall_ns),
        ("before_bytes", event.before_bytes as u64),
        ("after_bytes", event.after_bytes as u64),
        ("freed_bytes", event.freed_bytes() as u64),
        ("handed_out_bytes", event.handed_out_bytes as u64),
        ("moved_objects", work.moved_objects),
        ("moved_bytes", work.moved_bytes),
        ("promoted_in_place", work.promoted_in_place),
        ("lost_events", lost),
    ] {
        dict_set_str(vm, info, key, int(vm, n as i64));
    }
    let ended = boolean(vm, event.is_cycle_end);
    dict_set_str(vm, info, "is_cycle_end", ended);
    info
}
fn stats(vm: &'static Vm) -> PyResult {
    let stats = vm.heap.stats();
    let all = dict(vm);
    let kinds: [(Pause, &Pauses); 3] = [
        (Pause::Minor, &stats.minor),
        (Pause::Step, &stats.step),
        (Pause::Major, &stats.major),
    ];
    for (kind, pauses) in kinds {
        let row = dict(vm);
        for (key, n) in [
            ("count", pauses.count),
            ("total_ns", pauses.total_ns),
            ("max_ns", pauses.max_ns),
        ] {
            dict_set_str(vm, row, key, int(vm, n as i64));
        }
        dict_set_str(vm, all, kind.name(), row);
    }
    let heap = &vm.heap;
    for (key, n) in [
        ("collections", stats.collections),
        ("cycles", stats.cycles),
        ("live_bytes", heap.live_bytes() as u64),
        ("size_bytes", heap.size_bytes() as u64),
        ("handed_out_bytes", stats.handed_out_bytes),
        ("live_max_bytes", stats.live_max_bytes as u64),
        ("moved_objects", stats.work.moved_objects),
        ("moved_bytes", stats.work.moved_bytes),
        ("pause_cpu_p50_ns", stats.pause_cpu_ns.quantile(0.5)),
        ("pause_cpu_p99_ns", stats.pause_cpu_ns.quantile(0.99)),
        ("pause_cpu_max_ns", stats.pause_cpu_ns.max()),
        ("finalizers_queued", heap.finalizers().queued_in_all()),
        ("finalizers_waited", heap.finalizers().waited()),
        ("pinned_objects", heap.pinned_objects() as u64),
        ("pressure_bytes", heap.added_pressure_bytes()),
    ] {
        dict_set_str(vm, all, key, int(vm, n as i64));
    }
    Ok(all)
}
fn knobs(vm: &'static Vm) -> PyResult {
    let all = dict(vm);
    for (knob, value) in vm.heap.config().values() {
        let row = dict(vm);
        dict_set_str(vm, row, "value", string(vm, &knob.show(value)));
        dict_set_str(vm, row, "expects", string(vm, &knob.expects()));
        dict_set_str(vm, row, "doc", string(vm, knob.doc));
        dict_set_str(vm, all, knob.key, row);
    }
    Ok(all)
}
/// Writes a dump of the heap; `collect` first.
pub fn dump_to(vm: &'static Vm, path: &str, collect: bool) -> std::io::Result<()> {
    if collect {
        vm.heap.collect(Reason::Explicit);
    }
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    vm.heap.dump(&mut out, |v| gc_graph::label(vm, v))?;
    std::io::Write::flush(&mut out)
}
fn dump(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [path, collect] = bind(vm, "dump", ["path", "collect"], 1, args, kw)?;
    let path = to_text(vm, "path", path)?;
    let collect = collect.is_null() || truth(vm, collect)?;
    let written = dump_to(vm, &path, collect);
    attention::run(vm, Attention::NONE)?;
    match written {
        Ok(()) => Ok(none(vm)),
        Err(e) => Err(os_error(
            vm,
            e.raw_os_error().unwrap_or(0),
            Some(string(vm, &path)),
        )),
    }
}
fn usage(vm: &'static Vm) -> PyResult {
    let mut found = std::collections::BTreeMap::<String, (i64, i64)>::new();
    vm.heap.for_each_object(|it| {
        let name = gc_graph::label(vm, it.object);
        let name = name.unwrap_or_else(|| vm.heap.type_of(it.object).name.to_owned());
        let entry = found.entry(name).or_default();
        *entry = (entry.0 + 1, entry.1 + it.bytes as i64);
    });
    let all = dict(vm);
    for (name, (objects, bytes)) in found {
        let row = tuple(vm, &[int(vm, objects), int(vm, bytes)]);
        dict_set_str(vm, all, &name, row);
    }
    Ok(all)
}
