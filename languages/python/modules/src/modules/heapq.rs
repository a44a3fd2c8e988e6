//! `_heapq`: priority queues in lists.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2};
use ouro_py_objects::{BuiltinDef, CmpOp, Errors, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    fn2("heappush", |vm, h, v| push(vm, h, v, MIN)),
    fn1("heappop", |vm, h| pop(vm, h, MIN)),
    fn2("heapreplace", |vm, h, v| replace(vm, h, v, MIN)),
    fn2("heappushpop", pushpop),
    fn1("heapify", |vm, h| heapify(vm, h, MIN)),
    fn1("_heappop_max", |vm, h| pop(vm, h, MAX)),
    fn2("_heapreplace_max", |vm, h, v| replace(vm, h, v, MAX)),
    fn1("_heapify_max", |vm, h| heapify(vm, h, MAX)),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put(vm, module, "__about__", string(vm, "Heap queues"));
    Ok(())
}

/// Whether the largest item is at the top.
type Order = bool;
const MIN: Order = false;
const MAX: Order = true;

/// Whether `a` belongs above `b`.
fn above(vm: &'static Vm, order: Order, a: Gc, b: Gc) -> PyResult<bool> {
    match order {
        MIN => holds(vm, CmpOp::Lt, a, b),
        MAX => holds(vm, CmpOp::Lt, b, a),
    }
}
/// The list; `function` is for the message, with the argument's number if there are several.
fn heap_of(vm: &'static Vm, function: &str, h: Gc) -> PyResult {
    let (name, number) = function.split_once(' ').unwrap_or((function, ""));
    let number = if number.is_empty() {
        "argument".to_owned()
    } else {
        format!("argument {number}")
    };
    as_list(h).ok_or_else(|| {
        vm.type_error(format_args!(
            "{name}() {number} must be list, not {}",
            type_name(vm, h)
        ))
    })
}
/// A comparison may run guest code that changes the list.
fn check(vm: &'static Vm, h: Gc, size: usize) -> PyResult<()> {
    match list_len(h) == size {
        true => Ok(()),
        false => Err(vm.runtime_error("list changed size during iteration")),
    }
}
fn swap(vm: &'static Vm, h: Gc, i: usize, j: usize) -> PyResult<()> {
    let (a, b) = (list_get(vm, h, i), list_get(vm, h, j));
    list_set(vm, h, i, b)?;
    list_set(vm, h, j, a)
}
/// Moves the item at `at` up until its parent belongs above it, not beyond `top`.
fn rise(vm: &'static Vm, h: Gc, top: usize, mut at: usize, order: Order) -> PyResult<()> {
    let size = list_len(h);
    while at > top {
        let parent = (at - 1) / 2;
        let goes_up = above(vm, order, list_get(vm, h, at), list_get(vm, h, parent))?;
        check(vm, h, size)?;
        if !goes_up {
            break;
        }
        swap(vm, h, at, parent)?;
        at = parent;
    }
    Ok(())
}
/// Moves the item at `top` down to a leaf along the children that belong above, then up again: fewer comparisons than
/// stopping early.
fn sink(vm: &'static Vm, h: Gc, top: usize, order: Order) -> PyResult<()> {
    let size = list_len(h);
    let mut at = top;
    while at < size / 2 {
        let mut child = 2 * at + 1;
        if child + 1 < size {
            let left_above = above(
                vm,
                order,
                list_get(vm, h, child),
                list_get(vm, h, child + 1),
            )?;
            check(vm, h, size)?;
            child += usize::from(!left_above);
        }
        swap(vm, h, at, child)?;
        at = child;
    }
    rise(vm, h, top, at, order)
}
fn push(vm: &'static Vm, h: Gc, v: Gc, order: Order) -> PyResult {
    let h = heap_of(vm, "heappush 1", h)?;
    list_append(vm, h, v)?;
    rise(vm, h, 0, list_len(h) - 1, order)?;
    Ok(none(vm))
}
fn pop(vm: &'static Vm, h: Gc, order: Order) -> PyResult {
    let h = heap_of(vm, "heappop", h)?;
    let n = list_len(h);
    if n == 0 {
        return Err(vm.index_error("index out of range"));
    }
    let last = ouro_py_objects::list::remove_at(vm, h, n - 1)?;
    if n == 1 {
        return Ok(last);
    }
    let top = list_get(vm, h, 0);
    list_set(vm, h, 0, last)?;
    sink(vm, h, 0, order)?;
    Ok(top)
}
fn replace(vm: &'static Vm, h: Gc, v: Gc, order: Order) -> PyResult {
    let h = heap_of(vm, "heapreplace 1", h)?;
    if list_len(h) == 0 {
        return Err(vm.index_error("index out of range"));
    }
    let top = list_get(vm, h, 0);
    list_set(vm, h, 0, v)?;
    sink(vm, h, 0, order)?;
    Ok(top)
}
fn pushpop(vm: &'static Vm, h: Gc, v: Gc) -> PyResult {
    let h = heap_of(vm, "heappushpop 1", h)?;
    if list_len(h) == 0 || !holds(vm, CmpOp::Lt, list_get(vm, h, 0), v)? {
        return Ok(v);
    }
    match list_len(h) {
        0 => Err(vm.index_error("index out of range")),
        _ => replace(vm, h, v, MIN),
    }
}
fn heapify(vm: &'static Vm, h: Gc, order: Order) -> PyResult {
    let h = heap_of(vm, "heapify", h)?;
    for i in (0..list_len(h) / 2).rev() {
        sink(vm, h, i, order)?;
    }
    Ok(none(vm))
}
