//! `_bisect`: binary search.

use crate::args::bind;
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::kw;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, CmpOp, Errors, Kw, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    kw("bisect_left", |vm, args, kw| {
        position(vm, "bisect_left", args, kw).map(|p| int(vm, p.at))
    }),
    kw("bisect_right", |vm, args, kw| {
        position(vm, "bisect_right", args, kw).map(|p| int(vm, p.at))
    }),
    kw("bisect", |vm, args, kw| {
        position(vm, "bisect", args, kw).map(|p| int(vm, p.at))
    }),
    kw("insort_left", |vm, args, kw| {
        insort(vm, "insort_left", args, kw)
    }),
    kw("insort_right", |vm, args, kw| {
        insort(vm, "insort_right", args, kw)
    }),
    kw("insort", |vm, args, kw| insort(vm, "insort", args, kw)),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
struct Place {
    sequence: Gc,
    x: Gc,
    at: i64,
}
fn position(vm: &'static Vm, name: &'static str, args: &[Gc], keywords: &Kw) -> PyResult<Place> {
    let [sequence, x, lo, hi, key] =
        bind(vm, name, ["a", "x", "lo", "hi", "*key"], 2, args, keywords)?;
    let (left, insert) = (name.ends_with("left"), name.starts_with("insort"));
    let mut low = if lo.is_null() { 0 } else { to_i64(vm, lo)? };
    if low < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let mut high = if absent(vm, hi) {
        len(vm, sequence)? as i64
    } else {
        to_i64(vm, hi)?
    };
    let key = if absent(vm, key) { None } else { Some(key) };
    let wanted = match key {
        Some(key) if insert => call(vm, key, &[x])?,
        _ => x,
    };
    while low < high {
        let middle = (low as u64 + high as u64).div_euclid(2) as i64;
        let mut item = match sequence.is::<WList>() && (middle as usize) < list_len(sequence) {
            true => list_get(vm, sequence, middle as usize),
            false => get_item(vm, sequence, int(vm, middle))?,
        };
        if let Some(key) = key {
            item = call(vm, key, &[item])?;
        }
        let to_the_right = match left {
            true => holds(vm, CmpOp::Lt, item, wanted)?,
            false => !holds(vm, CmpOp::Lt, wanted, item)?,
        };
        if to_the_right {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(Place {
        sequence,
        x,
        at: low,
    })
}
fn insort(vm: &'static Vm, name: &'static str, args: &[Gc], keywords: &Kw) -> PyResult {
    let place = position(vm, name, args, keywords)?;
    call_method(vm, place.sequence, "insert", &[int(vm, place.at), place.x])?;
    Ok(none(vm))
}
