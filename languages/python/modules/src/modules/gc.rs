//! `gc`: the program's view of the collector. What it tells of the object graph is in `gc_graph.rs`.
//!
//! The heap has young and old objects instead of three generations: generation 0 of `get_stats` and `callbacks` is a
//! collection of the young objects, generation 2 one of all. `collect` always collects all. The numbers of collected
//! objects count only those whose end the program can notice, by a finalizer or a weak reference: nobody counts the others.

use crate::args::bind;
use crate::modules::gc_graph;
use crate::rt::*;
use crate::state::state;
use ouro_gc::{Attention, Gc, PairStats, Reason};
use ouro_py_objects::builtin::{ANY, fn0, fn1, kw, var};
use ouro_py_objects::{BuiltinDef, Errors, Kw, PyResult, Vm, attention, finalize, int as ints};
use std::cell::Cell;

/// What the module remembers.
pub struct GcState {
    enabled: Cell<bool>,
    thresholds: Cell<[i64; 3]>,
    debug: Cell<i32>,
    frozen: Cell<i64>,
    /// `collect` or a callback runs.
    busy: Cell<bool>,
    /// Collections of young objects, and of all, that callbacks were told of.
    told: Cell<(u64, u64)>,
    /// Objects found by [`collect`].
    collected: Cell<i64>,
}
impl Default for GcState {
    fn default() -> GcState {
        GcState {
            enabled: Cell::new(true),
            thresholds: Cell::new([700, 10, 10]),
            debug: Cell::new(0),
            frozen: Cell::new(0),
            busy: Cell::new(false),
            told: Cell::new((0, 0)),
            collected: Cell::new(0),
        }
    }
}

static FUNCTIONS: &[BuiltinDef] = &[
    kw("collect", collect).doc("Run the garbage collector."),
    fn0("enable", |vm| set_enabled(vm, true)),
    fn0("disable", |vm| set_enabled(vm, false)),
    fn0("isenabled", |vm| {
        Ok(boolean(vm, state(vm).gc.enabled.get()))
    }),
    fn0("get_count", |vm| {
        let new = vm.heap.size_bytes().saturating_sub(vm.heap.live_bytes());
        triple(vm, [new as i64 / 1024, 0, 0])
    }),
    fn0("get_threshold", |vm| {
        triple(vm, state(vm).gc.thresholds.get())
    }),
    kw("set_threshold", set_threshold),
    fn0("get_debug", |vm| {
        Ok(int(vm, state(vm).gc.debug.get().into()))
    }),
    fn1("set_debug", |vm, flags| {
        state(vm).gc.debug.set(ints::to_i32(vm, flags)?);
        Ok(none(vm))
    }),
    fn0("get_stats", get_stats),
    fn0("_pair_stats", pair_stats),
    kw("get_objects", get_objects),
    var("get_referrers", 0, ANY, gc_graph::referrers),
    var("get_referents", 0, ANY, gc_graph::referents),
    fn1("is_tracked", |vm, v| {
        Ok(boolean(vm, gc_graph::is_tracked(vm, v)))
    }),
    fn1("is_finalized", |vm, v| {
        Ok(boolean(vm, finalize::is_finalized(vm, v)))
    }),
    fn0("freeze", |vm| {
        let all = gc_graph::objects(vm).len() as i64;
        state(vm).gc.frozen.set(all);
        Ok(none(vm))
    }),
    fn0("unfreeze", |vm| {
        state(vm).gc.frozen.set(0);
        Ok(none(vm))
    }),
    fn0("get_freeze_count", |vm| {
        Ok(int(vm, state(vm).gc.frozen.get()))
    }),
];
const CALLBACKS: &str = "gc.callbacks";
const GARBAGE: &str = "gc.garbage";

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    let doc = "This module provides access to the garbage collector for reference cycles.";
    put(vm, module, "__doc__", string(vm, doc));
    let garbage = list(vm, &[]);
    put(vm, module, "garbage", garbage);
    state(vm).keep(vm, GARBAGE, garbage);
    let callbacks = list(vm, &[]);
    put(vm, module, "callbacks", callbacks);
    state(vm).keep(vm, CALLBACKS, callbacks);
    put_ints(
        vm,
        module,
        &[
            ("DEBUG_STATS", 1),
            ("DEBUG_COLLECTABLE", 2),
            ("DEBUG_UNCOLLECTABLE", 4),
            ("DEBUG_SAVEALL", 32),
            ("DEBUG_LEAK", 38),
        ],
    );
    state(vm).gc.told.set(counts(vm));
    vm.world().callouts.collected.set(Some(report_collections));
    vm.heap.set_notice(true);
    Ok(())
}
fn collect(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [generation] = bind(vm, "collect", ["generation"], 0, args, kw)?;
    let generation = match generation.is_null() {
        true => 2,
        false => ints::to_i32(vm, generation)?,
    };
    if !(0..=2).contains(&generation) {
        return Err(vm.value_error("invalid generation"));
    }
    let gc = &state(vm).gc;
    if gc.busy.replace(true) {
        return Ok(int(vm, 0));
    }
    call_callbacks(vm, "start", generation.into(), 0);
    let debug = gc.debug.get();
    if debug & DEBUG_STATS != 0 {
        tell_start(vm, generation);
    }
    let started = std::time::Instant::now();
    let saved = match debug & DEBUG_SAVEALL {
        0 => None,
        _ => Some(save_all(vm, debug)?),
    };
    let (found, result) = collect_rounds(vm, generation);
    let found = saved.unwrap_or(found);
    if debug & DEBUG_STATS != 0 {
        let seconds = started.elapsed().as_secs_f64();
        let text =
            format!("gc: done, {found} unreachable, 0 uncollectable, {seconds:.4}s elapsed\n");
        let _ = crate::modules::sys::write_stderr(vm, &text);
    }
    gc.told.set(counts(vm));
    gc.collected.set(gc.collected.get() + found);
    call_callbacks(vm, "stop", generation.into(), found);
    gc.busy.set(false);
    result?;
    Ok(int(vm, found))
}
const DEBUG_STATS: i32 = 1;
const DEBUG_COLLECTABLE: i32 = 2;
const DEBUG_SAVEALL: i32 = 32;

fn tell_start(vm: &'static Vm, generation: i32) {
    let all = gc_graph::objects(vm);
    let addresses = gc_graph::young_addresses(vm);
    let young = all
        .iter()
        .filter(|v| addresses.contains(&v.address()))
        .count();
    let old = all.len() - young;
    let frozen = state(vm).gc.frozen.get();
    let text = format!(
        "gc: collecting generation {generation}...\ngc: objects in each generation: {young} 0 {old}\ngc: objects in permanent generation: {frozen}\n"
    );
    let _ = crate::modules::sys::write_stderr(vm, &text);
}
/// DEBUG_SAVEALL: dead cycles, and what hangs on them, go to `gc.garbage`; how many objects they are.
fn save_all(vm: &'static Vm, debug: i32) -> PyResult<i64> {
    let found = gc_graph::cyclic_garbage(vm);
    let garbage = state(vm).kept(vm, GARBAGE).unwrap_or(Gc::NULL);
    for &v in found.iter() {
        if debug & DEBUG_COLLECTABLE != 0 {
            let (name, id) = (type_name(vm, v), vm.heap.identity(v));
            let _ = crate::modules::sys::write_stderr(
                vm,
                &format!("gc: collectable <{name} {id:#x}>\n"),
            );
        }
        if !garbage.is_null() {
            list_append(vm, garbage, v)?;
        }
    }
    Ok(found.len() as i64)
}
/// So often `collect` collects at most.
const MOST_ROUNDS: usize = 16;

/// Collects, and runs finalizers. Those of objects that others with finalizers refer to wait for a later collection, and
/// what was finalized is freed by another one, and so is what structures of extension modules held: as with reference counts, all is done when `gc.collect` returns. Returns
/// how many objects were found.
fn collect_rounds(vm: &'static Vm, generation: i32) -> (i64, PyResult<()>) {
    if generation < 2 {
        vm.heap.collect(Reason::Budget);
        let found = vm.heap.weak().queued() + vm.heap.finalizers().queued();
        return (found as i64, attention::run(vm, Attention::NONE));
    }
    let mut found = 0;
    for _ in 0..MOST_ROUNDS {
        let finalizers = vm.heap.finalizers();
        let structures = |stats: PairStats| stats.pending + stats.cleared + stats.finalized;
        let died = || finalizers.queued_in_all() + structures(vm.heap.pair_stats());
        let before = died();
        clear_dead_stack();
        vm.heap.collect(Reason::Explicit);
        found += (vm.heap.weak().queued() + finalizers.queued()) as i64;
        let nobody = died() == before;
        if let Err(e) = attention::run(vm, Attention::PENDING_RAW) {
            return (found, Err(e));
        }
        if nobody {
            break;
        }
    }
    (found, Ok(()))
}
/// Overwrites the native stack that the collection is about to use. Not every word of a frame is written, so that one which an
/// earlier call has left there would lie in a frame of the collector, and keep what it names.
#[inline(never)]
fn clear_dead_stack() {
    std::hint::black_box(&mut [0usize; 2048]);
}
/// Calls `gc.callbacks`; errors go to `sys.unraisablehook`.
fn call_callbacks(vm: &'static Vm, phase: &str, generation: i64, collected: i64) {
    let Some(callbacks) = state(vm).kept(vm, CALLBACKS) else {
        return;
    };
    let mut i = 0;
    while i < list_len(callbacks) {
        let f = list_get(vm, callbacks, i);
        let info = dict(vm);
        let numbers = [
            ("generation", generation),
            ("collected", collected),
            ("uncollectable", 0),
        ];
        for (key, n) in numbers {
            dict_set_str(vm, info, key, int(vm, n));
        }
        let phase = name(vm, phase);
        if let Err(e) = call(vm, f, &[phase, info]) {
            finalize::write_unraisable(vm, e, None, f);
        }
        i += 1;
    }
}
/// Collections of young objects, and of all.
fn counts(vm: &'static Vm) -> (u64, u64) {
    let stats = vm.heap.stats();
    (stats.minor.count + stats.step.count, stats.cycles)
}
/// Tells the callbacks of collections that started by themselves. No guest code may run while the heap is collected, so
/// that `start` comes after the collection too, right before `stop`.
pub fn report_collections(vm: &'static Vm) {
    crate::modules::ouro_heap::call_hooks(vm);
    let gc = &state(vm).gc;
    let (now, told) = (counts(vm), gc.told.replace(counts(vm)));
    let nobody = state(vm)
        .kept(vm, CALLBACKS)
        .is_none_or(|callbacks| list_len(callbacks) == 0);
    if nobody || gc.busy.replace(true) {
        return;
    }
    for (generation, times) in [(0, now.0 - told.0), (2, now.1 - told.1)] {
        for _ in 0..times {
            call_callbacks(vm, "start", generation, 0);
            call_callbacks(vm, "stop", generation, 0);
        }
    }
    gc.busy.set(false);
}
fn set_enabled(vm: &'static Vm, on: bool) -> PyResult {
    state(vm).gc.enabled.set(on);
    apply(vm);
    Ok(none(vm))
}
/// Collections start by themselves if they are enabled and the first threshold is not 0.
fn apply(vm: &'static Vm) {
    let gc = &state(vm).gc;
    let on = gc.enabled.get() && gc.thresholds.get()[0] != 0;
    vm.heap.set_automatic(on);
}
fn set_threshold(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    crate::args::no_keywords(vm, "set_threshold", kw)?;
    let n = args.len();
    if n == 0 || n > 3 {
        let (word, limit, s) = if n == 0 {
            ("least", 1, "")
        } else {
            ("most", 3, "s")
        };
        return Err(vm.type_error(format_args!(
            "set_threshold() takes at {word} {limit} argument{s} ({n} given)"
        )));
    }
    let mut all = state(vm).gc.thresholds.get();
    for (to, &v) in all.iter_mut().zip(args) {
        let v = ints::index(vm, v)?.small();
        let v = v.ok_or_else(|| vm.overflow_error("Python int too large to convert to C long"))?;
        if v > i32::MAX.into() {
            return Err(vm.overflow_error("signed integer is greater than maximum"));
        }
        if v < i32::MIN.into() {
            return Err(vm.overflow_error("signed integer is less than minimum"));
        }
        *to = v;
    }
    state(vm).gc.thresholds.set(all);
    apply(vm);
    Ok(none(vm))
}
fn triple(vm: &'static Vm, v: [i64; 3]) -> PyResult {
    Ok(tuple(vm, &v.map(|n| int(vm, n))))
}
fn get_stats(vm: &'static Vm) -> PyResult {
    let (young, all) = counts(vm);
    let collected = state(vm).gc.collected.get();
    let rows = list(vm, &[]);
    for (collections, collected) in [(young, 0), (0, 0), (all, collected)] {
        let row = dict(vm);
        dict_set_str(vm, row, "collections", int(vm, collections as i64));
        dict_set_str(vm, row, "collected", int(vm, collected));
        dict_set_str(vm, row, "uncollectable", int(vm, 0));
        list_append(vm, rows, row)?;
    }
    Ok(rows)
}
/// Pairs of objects with structures of extension modules: those that exist, and all that were ever made.
fn pair_stats(vm: &'static Vm) -> PyResult {
    let stats = vm.heap.pair_stats();
    let row = dict(vm);
    for (key, n) in [("linked", stats.linked), ("made", stats.made)] {
        dict_set_str(vm, row, key, int(vm, n as i64));
    }
    Ok(row)
}
fn get_objects(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [generation] = bind(vm, "get_objects", ["generation"], 0, args, kw)?;
    if absent(vm, generation) {
        return Ok(list(vm, &gc_graph::objects(vm)));
    }
    if !ints::has_index(vm, generation) {
        return Err(vm.type_error(format_args!(
            "argument should be integer or None, not '{}'",
            type_name(vm, generation)
        )));
    }
    match to_i64(vm, generation)? {
        ..0 => Err(vm.value_error("generation parameter cannot be negative")),
        1 => Ok(list(vm, &[])),
        generation @ (0 | 2) => {
            let all = gc_graph::objects(vm);
            let young = gc_graph::young_addresses(vm);
            let wanted = |v: &&Gc| young.contains(&v.address()) == (generation == 0);
            let some: Vec<Gc> = all.iter().filter(wanted).copied().collect();
            Ok(list(vm, &some))
        }
        _ => Err(vm.value_error(
            "generation parameter must be less than the number of available generations (3)",
        )),
    }
}
