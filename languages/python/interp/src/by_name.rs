//! `getattr` and `hasattr` with a name that the recording knows: the attribute is found as by the instruction that loads it.
//! What runs guest code or has to be worked out is left to the call.

use crate::attributes::{self, Attribute};
use crate::calls;
use crate::prelude::*;

/// The attribute named by the second argument. None: that is no name that the recording knows.
fn find<M: PyMachine>(p: &Probe<M>, first: u32) -> Option<Attribute<M>> {
    let name = p.literal(p.reg(first + 1))?;
    if !name.is::<WStr>() {
        return None;
    }
    let name = ouro_py_objects::str::intern_gc(p.vm(), name);
    Some(attributes::find(p, p.reg(first), name))
}
/// `getattr(x, name)` or `getattr(x, name, default)`.
pub fn getattr<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32, argc: u32) -> Flow<M> {
    let v = match find(&p, first) {
        Some(Attribute::Value(v)) => v,
        Some(Attribute::Absent) if argc == 3 => p.reg(first + 2),
        _ => return calls::residual(p, i),
    };
    p.set_reg(a(i), v);
    Flow::Next
}
/// `hasattr(x, name)`
pub fn hasattr<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32) -> Flow<M> {
    let found = match find(&p, first) {
        Some(Attribute::Value(_)) => true,
        Some(Attribute::Absent) => false,
        _ => return calls::residual(p, i),
    };
    p.set_reg(a(i), p.konst(bool_object(&p, found)));
    Flow::Next
}
