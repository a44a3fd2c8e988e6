//! `gc`: the program's view of the collector.

use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{ANY, fn0, fn1, kw, var};
use ouro_py_objects::{BuiltinDef, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    kw("collect", |vm, _, _| collect_now(vm)),
    fn0("enable", |vm| set_enabled(vm, true)),
    fn0("disable", |vm| set_enabled(vm, false)),
    fn0("isenabled", |vm| {
        Ok(state(vm)
            .kept(vm, "gc enabled")
            .unwrap_or(boolean(vm, true)))
    }),
    fn0("get_count", |vm| triple(vm, [0, 0, 0])),
    fn0("get_threshold", |vm| triple(vm, [700, 10, 10])),
    var("set_threshold", 1, 3, |vm, _| Ok(none(vm))),
    fn0("get_debug", |vm| Ok(int(vm, 0))),
    fn1("set_debug", |vm, _| Ok(none(vm))),
    fn0("get_stats", get_stats),
    kw("get_objects", |vm, _, _| Ok(list(vm, &[]))),
    var("get_referrers", 0, ANY, |vm, _| Ok(list(vm, &[]))),
    var("get_referents", 0, ANY, |vm, _| Ok(list(vm, &[]))),
    fn1("is_tracked", |vm, v| Ok(boolean(vm, is_container(vm, v)))),
    fn1("is_finalized", |vm, _| Ok(boolean(vm, false))),
    fn0("freeze", |vm| Ok(none(vm))),
    fn0("unfreeze", |vm| Ok(none(vm))),
    fn0("get_freeze_count", |vm| Ok(int(vm, 0))),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put(vm, module, "garbage", list(vm, &[]));
    put(vm, module, "callbacks", list(vm, &[]));
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
    Ok(())
}
/// A full collection, then callbacks of dead weak references and finalizers.
fn collect_now(vm: &'static Vm) -> PyResult {
    vm.heap.collect(ouro_gc::Reason::Explicit);
    ouro_py_objects::attention::run(vm, ouro_gc::Attention::NONE)?;
    Ok(int(vm, 0))
}
fn set_enabled(vm: &'static Vm, on: bool) -> PyResult {
    state(vm).keep(vm, "gc enabled", boolean(vm, on));
    Ok(none(vm))
}
fn triple(vm: &'static Vm, v: [i64; 3]) -> PyResult {
    Ok(tuple(vm, &v.map(|n| int(vm, n))))
}
fn get_stats(vm: &'static Vm) -> PyResult {
    let all = list(vm, &[]);
    for _ in 0..3 {
        let row = dict(vm);
        for key in ["collections", "collected", "uncollectable"] {
            dict_set_str(vm, row, key, int(vm, 0));
        }
        list_append(vm, all, row)?;
    }
    Ok(all)
}
fn is_container(vm: &'static Vm, v: Gc) -> bool {
    let c = &vm.world().classes;
    ![
        c.int,
        c.float,
        c.str_,
        c.bytes,
        c.bool_,
        c.none_type,
        c.complex,
    ]
    .iter()
    .any(|&plain| is_a(vm, v, plain))
}
