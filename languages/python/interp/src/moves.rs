//! Moves, constants, local variables and cells.

use crate::prelude::*;

#[inline(always)]
pub fn copy<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    p.set_reg(a(i), p.reg(b(i)));
    Flow::Next
}
#[inline(always)]
pub fn nothing<M: PyMachine>(_: Probe<M>, _: &Ins) -> Flow<M> {
    Flow::Next
}
#[inline(always)]
pub fn load_const<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    p.set_reg(a(i), p.konst(p.code().constant(i.d as usize)));
    Flow::Next
}
#[inline(always)]
pub fn check_bound<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    match p.is_null_ref(p.reg(a(i))) {
        false => Flow::Next,
        true => p.out_of_line(unbound_local),
    }
}
#[inline(always)]
pub fn delete_local<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if p.is_null_ref(p.reg(a(i))) {
        return p.out_of_line(unbound_local);
    }
    p.set_reg(a(i), p.konst(Gc::NULL));
    Flow::Next
}
fn unbound_local<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let name = name(&p, i);
    p.commit().call_store(&residuals::UNBOUND_LOCAL, [name])
}

// ---- cells
#[inline(always)]
pub fn make_cell<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let cell = p.new_object::<WCell>().with(WCell::VALUE, p.reg(a(i)));
    p.set_reg(a(i), cell.any());
    Flow::Next
}
#[inline(always)]
pub fn copy_free_vars<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let function = R::<M, WFunction>::assume(p.reg(0));
    let closure = R::<M, WTuple>::assume(p.get(function, WFunction::CLOSURE));
    for n in 0..c(i) {
        let cell = p.item(closure, WTuple::ITEMS, p.const_int(i64::from(n)));
        p.set_reg(a(i) + n, cell);
    }
    Flow::Next
}
#[inline(always)]
pub fn load_deref<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let cell = R::<M, WCell>::assume(p.reg(b(i)));
    let v = p.get(cell, WCell::VALUE);
    if p.is_null_ref(v) {
        return p.out_of_line(empty_cell);
    }
    p.set_reg(a(i), v);
    Flow::Next
}
#[inline(always)]
pub fn store_deref<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if p.must_log(p.reg(b(i))) {
        return p.out_of_line(write_cell);
    }
    write_cell(p, i)
}
#[inline(always)]
fn write_cell<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let cell = R::<M, WCell>::assume(p.reg(b(i)));
    let v = p.reg(a(i));
    p.commit().write(cell).set(WCell::VALUE, v).next()
}
pub fn delete_deref<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let cell = R::<M, WCell>::assume(p.reg(b(i)));
    if p.is_null_ref(p.get(cell, WCell::VALUE)) {
        return p.out_of_line(empty_cell);
    }
    let null = p.konst(Gc::NULL);
    p.commit().write(cell).set(WCell::VALUE, null).next()
}
/// The variable of an empty cell: a free one gives NameError, an own one UnboundLocalError.
pub(crate) fn empty_cell<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let name = name(&p, i);
    let free = i.c != 0 || i.op == Op::LoadClassDeref;
    p.commit().call_store(
        if free {
            &residuals::UNBOUND_FREE
        } else {
            &residuals::UNBOUND_LOCAL
        },
        [name],
    )
}

/// Before a local that a loop adds to is read: a str that is being built becomes one.
#[inline(always)]
pub fn flatten<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if p.type_id(p.reg(a(i))) == WGrowing::TYPE_ID {
        return p.out_of_line(flatten_growing);
    }
    Flow::Next
}
fn flatten_growing<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (growing, code) = (p.reg(a(i)), p.code());
    let words = [p.word_ref(growing)];
    let c = p.commit();
    ouro_py_objects::growing::note(code, c.concrete(growing));
    c.call_store(&residuals::FLATTEN, words)
}
