//! The object graph as module `gc` shows it: objects that hold others, and who refers to whom.
//!
//! Layouts that the program does not know of (arrays below lists and dicts, cells of global variables, the builtin object
//! below an instance of a subclass) are left out; what they refer to counts as the references of the object above.

use crate::rt::*;
use ouro_gc::{Gc, Object};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, PyResult, Temps, Vm, type_of};
use std::collections::HashSet;

/// Not visible to the program.
fn is_hidden(v: Gc) -> bool {
    matches!(
        v.type_id().0,
        WRefArray::TYPE_ID
            | WIntArray::TYPE_ID
            | WFloatArray::TYPE_ID
            | WByteStore::TYPE_ID
            | WGrowing::TYPE_ID
            | WOutsideItems::TYPE_ID
            | WOutsideBytes::TYPE_ID
            | WGlobalCell::TYPE_ID
            | WThread::TYPE_ID
            | WAsyncValue::TYPE_ID
    )
}
/// Of a class whose objects refer to no others.
fn is_atom(v: Gc) -> bool {
    matches!(
        v.type_id().0,
        WInt::TYPE_ID
            | WBigInt::TYPE_ID
            | WFloat::TYPE_ID
            | WBool::TYPE_ID
            | WNone::TYPE_ID
            | WEllipsis::TYPE_ID
            | WNotImplemented::TYPE_ID
            | WComplex::TYPE_ID
            | WStr::TYPE_ID
            | WBytes::TYPE_ID
            | WByteArray::TYPE_ID
            | WRange::TYPE_ID
            | WBigRange::TYPE_ID
            | WRangeIter::TYPE_ID
            | WBigRangeIter::TYPE_ID
            | WCode::TYPE_ID
    )
}
/// The object is a plain `object()` or of a class whose objects refer to no others.
fn is_leaf(vm: &'static Vm, v: Gc) -> bool {
    is_atom(v) || std::ptr::eq(type_of(vm, v), vm.world().classes.object)
}
/// `gc.is_tracked(v)`: the object may be part of a cycle.
pub fn is_tracked(vm: &'static Vm, v: Gc) -> bool {
    if v.is::<WDict>() {
        let items = dict_items(vm, v);
        return items.iter().any(|&item| !is_leaf(vm, item));
    }
    if v.is::<WTuple>() {
        return v.items_len::<WTuple>() > 0;
    }
    !is_leaf(vm, v)
}
/// Calls `visit` for what an object refers to. `visit` must not allocate.
fn for_each_referent(vm: &'static Vm, v: Gc, visit: &mut dyn FnMut(Gc)) {
    if v.is::<WDict>() {
        let mut at = 0;
        while let Some((key, value)) = ouro_py_objects::dict::next(v, &mut at) {
            if !key.is::<WStr>() {
                visit(key);
            }
            visit(value);
        }
        return;
    }
    if v.is::<WTuple>() {
        v.items(&TUPLE).iter().rev().for_each(|&item| visit(item));
        return;
    }
    let below = if v.is::<WInst>() {
        visit(type_of(vm, v).gc());
        v.get(WInst::PAYLOAD)
    } else {
        Gc::NULL
    };
    vm.heap.for_each_reference(v, |to| {
        if is_hidden(to) || to == below {
            for_each_referent(vm, to, visit);
        } else {
            visit(to);
        }
    });
}
/// All objects that `gc` knows of: containers that the program can reach.
pub fn objects(vm: &'static Vm) -> Temps {
    let (mut found, mut below) = (Vec::new(), HashSet::new());
    vm.heap.for_each_reachable(|v| {
        if v.is::<WInst>() {
            below.insert(v.get(WInst::PAYLOAD).address());
        }
        let plain = v.is::<WDict>() || v.is::<WTuple>();
        if !is_hidden(v) && (plain || is_tracked(vm, v)) {
            found.push(v);
        }
    });
    found.retain(|v| !below.contains(&v.address()));
    Temps::from_slice(vm, &found)
}
/// Addresses of the objects that are young: they hold until the next collection.
pub fn young_addresses(vm: &'static Vm) -> HashSet<usize> {
    let mut young = HashSet::new();
    vm.heap.for_each_object(|it| {
        if it.residence.is_young() {
            young.insert(it.object.address());
        }
    });
    young
}
/// What an object is called in dumps: the name of its class. `None` for what the program cannot see.
pub fn label(vm: &'static Vm, v: Gc) -> Option<String> {
    if is_hidden(v) {
        return None;
    }
    Some(type_of(vm, v).qualname_text())
}
/// The objects that `gc` knows of in dead cycles and below them: what a reference count would not have freed.
pub fn cyclic_garbage(vm: &'static Vm) -> Temps {
    let roots = vm.heap.root_list();
    let mut reached = HashSet::new();
    let from = roots.precise.into_iter().chain(roots.ambiguous).collect();
    vm.heap
        .for_each_reachable_from(from, |v| _ = reached.insert(v.address()));
    let mut dead = Vec::new();
    let mut held = std::collections::HashMap::<usize, usize>::new();
    let mut below = HashSet::new();
    vm.heap.for_each_object(|it| {
        if !reached.contains(&it.object.address()) {
            dead.push(it.object);
            vm.heap.for_each_reference(it.object, |to| {
                *held.entry(to.address()).or_default() += 1;
            });
        }
    });
    // Those that nothing refers to are taken away, until only cycles and what hangs on them are left.
    let is_free = |v: &&Gc| !held.contains_key(&v.address());
    let mut free: Vec<Gc> = dead.iter().filter(is_free).copied().collect();
    let mut gone = HashSet::new();
    while let Some(v) = free.pop() {
        gone.insert(v.address());
        vm.heap.for_each_reference(v, |to| {
            if let Some(count) = held.get_mut(&to.address()) {
                *count -= 1;
                if *count == 0 && !reached.contains(&to.address()) {
                    free.push(to);
                }
            }
        });
    }
    dead.retain(|v| !gone.contains(&v.address()));
    for v in dead.iter().filter(|v| v.is::<WInst>()) {
        below.insert(v.get(WInst::PAYLOAD).address());
    }
    dead.retain(|&v| !is_hidden(v) && !below.contains(&v.address()) && is_tracked(vm, v));
    Temps::from_slice(vm, &dead)
}
/// `gc.get_referents(*objects)`
pub fn referents(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let mut found = Temps::new(vm);
    for &v in args {
        if v.is::<WList>() {
            let items = list_items(vm, v);
            items.iter().rev().for_each(|&item| found.push(item));
        } else {
            for_each_referent(vm, v, &mut |to| found.push(to));
        }
    }
    Ok(list(vm, &found))
}
/// `gc.get_referrers(*objects)`
pub fn referrers(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let mut found = Temps::new(vm);
    if !args.is_empty() {
        for &v in objects(vm).iter() {
            let mut refers = false;
            for_each_referent(vm, v, &mut |to| refers |= args.contains(&to));
            if refers {
                found.push(v);
            }
        }
    }
    Ok(list(vm, &found))
}
