//! Calls with `*args` and `**kwargs`.
//!
//! A Python function that gets a short tuple or list, and a small dict of names, is entered like one whose arguments stand in
//! the call: functions that wrap others pass on what they got, which a trace then never lays out.

use crate::calls::{bind, enter_above};
use crate::direct_calls;
use crate::items;
use crate::operators::user_class;
use crate::prelude::*;
use smallvec::SmallVec;

#[inline(always)]
pub fn star_args<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if matches!(p.type_id(x), WTuple::TYPE_ID | WList::TYPE_ID) {
        p.set_reg(a(i), x);
        return Flow::Next;
    }
    p.out_of_line(star_args_rest)
}
fn star_args_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(b(i))), p.word_ref(p.reg(c(i)))];
    p.commit().call_store(&residuals::STAR_ARGS, words)
}

/// More positional arguments are copied by the residual call.
const MOST_POSITIONAL: i64 = 16;
/// More keyword arguments, too.
const MOST_NAMED: i64 = 8;

/// A tuple or list whose length is known.
#[derive(Clone, Copy)]
enum Items<M: PyMachine> {
    Tuple(R<M, WTuple>),
    List(R<M, WList>),
}
impl<M: PyMachine> Items<M> {
    fn get(self, p: &Probe<M>, n: u32) -> M::Ref {
        let n = p.const_int(i64::from(n));
        match self {
            Items::Tuple(tuple) => p.item(tuple, WTuple::ITEMS, n),
            Items::List(list) => items::list_item(p, list, n),
        }
    }
}
/// The positional arguments and their number.
fn positional<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<(Items<M>, u32)> {
    let (items, count) = match p.type_id(x) {
        WTuple::TYPE_ID => {
            let tuple = R::<M, WTuple>::assume(x);
            let count = p.promote_int(p.array_len(tuple, WTuple::ITEMS));
            (Items::Tuple(tuple), count)
        }
        WList::TYPE_ID => {
            let list = R::<M, WList>::assume(x);
            let count = p.promote_int(p.get(list, WList::LEN));
            if count == 0 && items::is_outside(p, list) {
                return None;
            }
            (Items::List(list), count)
        }
        _ => return None,
    };
    (count <= MOST_POSITIONAL).then_some((items, count as u32))
}
/// Names and values of keyword arguments.
type Named<M> = (
    SmallVec<[Name; 8]>,
    SmallVec<[<M as ouro_machine::Machine>::Ref; 8]>,
);
/// What a dict holds whose keys are names of the program, or that holds nothing. The keys are promoted.
fn named<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<Named<M>> {
    let dict = p.cast::<WDict>(x)?;
    let count = p.promote_int(p.get(dict, WDict::USED));
    let (mut names, mut values) = (SmallVec::new(), SmallVec::new());
    if count == 0 {
        return Some((names, values));
    }
    let flags = p.promote_int(p.get(dict, WDict::FLAGS));
    let filled = p.promote_int(p.get(dict, WDict::FILL));
    if count > MOST_NAMED || flags & dict_flags::CELLS != 0 || filled != count {
        return None;
    }
    let entries = R::<M, WRefArray>::assume(p.get(dict, WDict::ENTRIES));
    for n in 0..count {
        let key = p.item(entries, WRefArray::ITEMS, p.const_int(2 * n));
        let name = p.promote_ref(key);
        if !ouro_py_objects::str::is_name(name) {
            return None;
        }
        names.push(name);
        values.push(p.item(entries, WRefArray::ITEMS, p.const_int(2 * n + 1)));
    }
    Some((names, values))
}

#[inline(always)]
pub fn call_ex<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(call_ex_rest)
}
fn call_ex_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if let Some(code) = bind_spread(&p, i) {
        return enter_above(p, code);
    }
    if let Some(call) = builtin_spread(&p, i) {
        return call.go(p);
    }
    let keywords = match u32::try_from(i.d) {
        Ok(register) => p.reg(register),
        Err(_) => p.konst(Gc::NULL),
    };
    let words = [
        p.word_ref(p.reg(b(i))),
        p.word_ref(p.reg(c(i))),
        p.word_ref(keywords),
    ];
    p.commit().call_store(&residuals::CALL_EX, words)
}
/// Fills the registers of a frame above this one for a Python function, or one that is bound.
fn bind_spread<M: PyMachine>(p: &Probe<M>, i: &Ins) -> Option<&'static PyCode> {
    let callee = p.reg(b(i));
    let (function, receiver) = match p.type_id(callee) {
        WFunction::TYPE_ID => (callee, None),
        WMethod::TYPE_ID => {
            let method = R::<M, WMethod>::assume(callee);
            let function = p.get(method, WMethod::FUNC);
            p.cast::<WFunction>(function)?;
            (function, Some(p.get(method, WMethod::SELF)))
        }
        WInst::TYPE_ID => {
            let class = user_class(p, callee)?;
            p.depend_on(&class.quasi);
            let function = class.special(p.vm(), Special::Call);
            if function.is_null() || !function.is::<WFunction>() {
                return None;
            }
            (p.konst(function), Some(callee))
        }
        _ => return None,
    };
    let (items, count) = positional(p, p.reg(c(i)))?;
    let (names, values) = match u32::try_from(i.d) {
        Ok(register) => named(p, p.reg(register))?,
        Err(_) => Default::default(),
    };
    // Items of a list of numbers are made when they are read: before a register of the new frame is filled.
    let first = u32::from(receiver.is_some());
    let mut all: SmallVec<[M::Ref; 16]> = receiver.into_iter().collect();
    all.extend((0..count).map(|n| items.get(p, n)));
    all.extend(values);
    let argc = first + count + names.len() as u32;
    bind(p, function, argc, |n| all[n as usize], &names)
}
/// The call of a builtin function with positional arguments only.
fn builtin_spread<M: PyMachine>(p: &Probe<M>, i: &Ins) -> Option<direct_calls::Call<M>> {
    let callee = p.cast::<WBuiltin>(p.reg(b(i)))?;
    let (items, count) = positional(p, p.reg(c(i)))?;
    if let Ok(register) = u32::try_from(i.d)
        && !named(p, p.reg(register))?.0.is_empty()
    {
        return None;
    }
    let all: SmallVec<[M::Ref; 16]> = (0..count).map(|n| items.get(p, n)).collect();
    direct_calls::function(p, callee, count, |n| all[n as usize])
}
