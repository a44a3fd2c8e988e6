//! Iteration: `iter()` and the head of a for loop.

use crate::conversions;
use crate::foreign;
use crate::generators;
use crate::items;
use crate::operators::{self, call_special, special};
use crate::prelude::*;
use crate::text;

#[inline(always)]
pub fn get_iter<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    let v = match p.type_id(x) {
        WRange::TYPE_ID => {
            let range = R::<M, WRange>::assume(x);
            p.new_object::<WRangeIter>()
                .with(WRangeIter::NEXT, p.get(range, WRange::START))
                .with(WRangeIter::STEP, p.get(range, WRange::STEP))
                .with(WRangeIter::LEFT, p.get(range, WRange::LEN))
                .any()
        }
        WList::TYPE_ID => p.new_object::<WListIter>().with(WListIter::SEQ, x).any(),
        WTuple::TYPE_ID => p.new_object::<WTupleIter>().with(WTupleIter::SEQ, x).any(),
        WGenerator::TYPE_ID => return p.out_of_line(get_iter_rest),
        _ => return p.out_of_line(get_iter_rest),
    };
    p.set_reg(a(i), v);
    Flow::Next
}
fn get_iter_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    let iterated = operators::below(&p, x, Special::Iter).unwrap_or(x);
    if let Some(it) = conversions::iterator(&p, iterated) {
        p.set_reg(a(i), it);
        return Flow::Next;
    }
    if let Some(f) = special(&p, x, Special::Iter, 1) {
        return call_special(p, f, [x], Step::Iter);
    }
    let words = [p.word_ref(x)];
    p.commit().call_store(&residuals::GET_ITER, words)
}
/// Return step `Iter`: what `__iter__` gave must be an iterator.
pub fn after_iter<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if matches!(p.type_id(v), WListIter::TYPE_ID | WGenerator::TYPE_ID)
        || special(&p, v, Special::Next, 1).is_some()
    {
        p.set_reg(a(i), v);
        return Flow::Next;
    }
    let v = p.word_ref(v);
    p.commit().call_store(&residuals::CHECK_ITER, [v])
}

/// What the next step of a builtin iterator will be, worked out without effect.
enum Advance<M: PyMachine> {
    Range {
        it: R<M, WRangeIter>,
        value: M::Int,
        next: M::Int,
        left: M::Int,
    },
    List {
        it: R<M, WListIter>,
        value: M::Ref,
        next: M::Int,
    },
    Tuple {
        it: R<M, WTupleIter>,
        value: M::Ref,
        next: M::Int,
    },
    Text {
        it: R<M, WStrIter>,
        value: M::Ref,
        next: M::Int,
    },
    Dict {
        it: R<M, WDictIter>,
        value: M::Ref,
        next: M::Int,
    },
    Bytes {
        it: R<M, WBytesIter>,
        value: M::Int,
        next: M::Int,
    },
    End,
    /// Not to be told from here.
    Unknown,
}
impl<M: PyMachine> Advance<M> {
    #[inline(always)]
    fn value(&self, p: &Probe<M>) -> M::Ref {
        match self {
            Advance::Range { value, .. } | Advance::Bytes { value, .. } => new_int(p, *value),
            Advance::List { value, .. }
            | Advance::Tuple { value, .. }
            | Advance::Text { value, .. }
            | Advance::Dict { value, .. } => *value,
            Advance::End | Advance::Unknown => p.konst(Gc::NULL),
        }
    }
    #[inline(always)]
    fn apply(&self, c: &Commit<M>) {
        match *self {
            Advance::Range { it, next, left, .. } => {
                c.set_plain(it, WRangeIter::NEXT, next);
                c.set_plain(it, WRangeIter::LEFT, left);
            }
            Advance::List { it, next, .. } => c.set_plain(it, WListIter::INDEX, next),
            Advance::Tuple { it, next, .. } => c.set_plain(it, WTupleIter::INDEX, next),
            Advance::Text { it, next, .. } => c.set_plain(it, WStrIter::INDEX, next),
            Advance::Dict { it, next, .. } => c.set_plain(it, WDictIter::POS, next),
            Advance::Bytes { it, next, .. } => c.set_plain(it, WBytesIter::INDEX, next),
            Advance::End | Advance::Unknown => {}
        }
    }
}
#[inline(always)]
fn range_step<M: PyMachine>(p: &Probe<M>, it: R<M, WRangeIter>) -> Advance<M> {
    let left = p.get(it, WRangeIter::LEFT);
    if !p.guard(p.int_cmp(IntCmp::Gt, left, p.const_int(0))) {
        return Advance::End;
    }
    let value = p.get(it, WRangeIter::NEXT);
    // After the last value the sum may wrap around; nobody looks at it then.
    let next = p.int_op(IntOp::Add, value, p.get(it, WRangeIter::STEP));
    Advance::Range {
        it,
        value,
        next,
        left: p.int_op(IntOp::Sub, left, p.const_int(1)),
    }
}
#[inline(always)]
fn list_step<M: PyMachine>(p: &Probe<M>, it: R<M, WListIter>) -> Advance<M> {
    let list = p.get(it, WListIter::SEQ);
    if p.is_null_ref(list) {
        return Advance::End;
    }
    let list = R::<M, WList>::assume(list);
    let index = p.get(it, WListIter::INDEX);
    if !p.in_bounds(index, p.get(list, WList::LEN)) {
        return match items::is_outside(p, list) {
            true => Advance::Unknown,
            false => Advance::End,
        };
    }
    let value = items::list_item(p, list, index);
    Advance::List {
        it,
        value,
        next: p.int_op(IntOp::Add, index, p.const_int(1)),
    }
}
#[inline(always)]
fn tuple_step<M: PyMachine>(p: &Probe<M>, it: R<M, WTupleIter>) -> Advance<M> {
    let tuple = p.get(it, WTupleIter::SEQ);
    if p.is_null_ref(tuple) {
        return Advance::End;
    }
    let tuple = R::<M, WTuple>::assume(tuple);
    let index = p.get(it, WTupleIter::INDEX);
    if !p.in_bounds(index, p.array_len(tuple, WTuple::ITEMS)) {
        return Advance::End;
    }
    let value = p.item(tuple, WTuple::ITEMS, index);
    Advance::Tuple {
        it,
        value,
        next: p.int_op(IntOp::Add, index, p.const_int(1)),
    }
}
/// Over an ASCII str, in which the index counts characters as well as bytes.
fn text_step<M: PyMachine>(p: &Probe<M>, it: R<M, WStrIter>) -> Advance<M> {
    let s = p.get(it, WStrIter::SEQ);
    if p.is_null_ref(s) {
        return Advance::End;
    }
    let s = R::<M, WStr>::assume(s);
    if !text::is_ascii(p, s) {
        return Advance::Unknown;
    }
    let index = p.get(it, WStrIter::INDEX);
    if !p.in_bounds(index, p.get(s, WStr::LEN)) {
        return Advance::End;
    }
    Advance::Text {
        it,
        value: text::character(p, p.item(s, WStr::ITEMS, index)),
        next: p.int_op(IntOp::Add, index, p.const_int(1)),
    }
}
fn bytes_step<M: PyMachine>(p: &Probe<M>, it: R<M, WBytesIter>) -> Advance<M> {
    let bytes = p.get(it, WBytesIter::SEQ);
    if p.is_null_ref(bytes) {
        return Advance::End;
    }
    let bytes = R::<M, WBytes>::assume(bytes);
    let index = p.get(it, WBytesIter::INDEX);
    if !p.in_bounds(index, p.get(bytes, WBytes::LEN)) {
        return Advance::End;
    }
    Advance::Bytes {
        it,
        value: p.item(bytes, WBytes::ITEMS, index),
        next: p.int_op(IntOp::Add, index, p.const_int(1)),
    }
}
fn step_of<M: PyMachine>(p: &Probe<M>, it: M::Ref) -> Option<Advance<M>> {
    Some(match p.type_id(it) {
        WRangeIter::TYPE_ID => range_step(p, R::assume(it)),
        WListIter::TYPE_ID => match list_step(p, R::assume(it)) {
            Advance::Unknown => return None,
            step => step,
        },
        WTupleIter::TYPE_ID => tuple_step(p, R::assume(it)),
        WStrIter::TYPE_ID => match text_step(p, R::assume(it)) {
            Advance::Unknown => return None,
            step => step,
        },
        // At its end such an iterator notes that it is exhausted.
        WDictIter::TYPE_ID => match dict_step(p, R::assume(it)) {
            Advance::Unknown | Advance::End => return None,
            step => step,
        },
        WBytesIter::TYPE_ID => bytes_step(p, R::assume(it)),
        _ => return None,
    })
}
/// `next(x)` and `next(x, default)` of a builtin iterator that is not at its end. None: the call does it.
pub fn next_of<M: PyMachine>(p: Probe<M>, i: &Ins, it: M::Ref) -> Result<Flow<M>, Probe<M>> {
    let step = match step_of(&p, it) {
        None | Some(Advance::End) => return Err(p),
        Some(step) => step,
    };
    p.set_reg(a(i), step.value(&p));
    step.apply(&p.commit());
    Ok(Flow::Next)
}

#[inline(always)]
pub fn for_iter<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let it = p.reg(b(i));
    let step = match p.type_id(it) {
        WRangeIter::TYPE_ID => range_step(&p, R::assume(it)),
        WListIter::TYPE_ID => list_step(&p, R::assume(it)),
        _ => return p.out_of_line(for_iter_rest),
    };
    match step {
        Advance::End => return p.out_of_line(finish),
        Advance::Unknown => return p.out_of_line(for_iter_general),
        _ => {}
    }
    p.set_reg(a(i), step.value(&p));
    step.apply(&p.commit());
    Flow::Next
}
/// The iterator is exhausted: it lets go of what it ran over, and stays exhausted.
fn finish<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let it = p.reg(b(i));
    let null = p.konst(Gc::NULL);
    match p.type_id(it) {
        WListIter::TYPE_ID => {
            p.commit()
                .write(R::<M, WListIter>::assume(it))
                .set(WListIter::SEQ, null);
        }
        WTupleIter::TYPE_ID => {
            p.commit()
                .write(R::<M, WTupleIter>::assume(it))
                .set(WTupleIter::SEQ, null);
        }
        WStrIter::TYPE_ID => {
            p.commit()
                .write(R::<M, WStrIter>::assume(it))
                .set(WStrIter::SEQ, null);
        }
        WBytesIter::TYPE_ID => {
            p.commit()
                .write(R::<M, WBytesIter>::assume(it))
                .set(WBytesIter::SEQ, null);
        }
        WDictIter::TYPE_ID => {
            p.commit()
                .write(R::<M, WDictIter>::assume(it))
                .set(WDictIter::DICT, null);
        }
        _ => {}
    }
    Flow::Jump(i.d)
}
fn for_iter_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let it = p.reg(b(i));
    match p.type_id(it) {
        WTupleIter::TYPE_ID => {
            let step = tuple_step(&p, R::assume(it));
            if let Advance::End = step {
                return finish(p, i);
            }
            p.set_reg(a(i), step.value(&p));
            step.apply(&p.commit());
            Flow::Next
        }
        WBytesIter::TYPE_ID => {
            let step = bytes_step(&p, R::assume(it));
            if let Advance::End = step {
                return finish(p, i);
            }
            p.set_reg(a(i), step.value(&p));
            step.apply(&p.commit());
            Flow::Next
        }
        WStrIter::TYPE_ID => {
            let step = text_step(&p, R::assume(it));
            match step {
                Advance::End => return finish(p, i),
                Advance::Unknown => return for_iter_general(p, i),
                _ => {}
            }
            p.set_reg(a(i), step.value(&p));
            step.apply(&p.commit());
            Flow::Next
        }
        WGenerator::TYPE_ID => generators::for_next(p, i, R::assume(it)),
        WEnumerate::TYPE_ID => enumerate_next(p, i, R::assume(it)),
        WZip::TYPE_ID => zip_next(p, i, R::assume(it)),
        WDictIter::TYPE_ID => dict_next(p, i, R::assume(it)),
        _ => for_iter_general(p, i),
    }
}
fn for_iter_general<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let it = p.reg(b(i));
    if let Some(f) = special(&p, it, Special::Next, 1) {
        return call_special(p, f, [it], Step::ForNext);
    }
    if let Some(call) = foreign::next(&p, it) {
        return call.go(p, Step::ForNext);
    }
    let words = [p.word_ref(it)];
    p.commit().call(&residuals::NEXT, words, Step::ForNext)
}
/// `enumerate` over a list, tuple or range.
fn enumerate_next<M: PyMachine>(p: Probe<M>, i: &Ins, it: R<M, WEnumerate>) -> Flow<M> {
    if !p.is_null_ref(p.get(it, WEnumerate::BIG)) {
        return for_iter_general(p, i);
    }
    let index = p.get(it, WEnumerate::INDEX);
    let Some(step) = step_of(&p, p.get(it, WEnumerate::ITER)) else {
        return for_iter_general(p, i);
    };
    if let Advance::End = step {
        return Flow::Jump(i.d);
    }
    let Some(next) = p.int_ovf(OvfOp::Add, index, p.const_int(1)) else {
        return for_iter_general(p, i);
    };
    let pair = p.new_array(WTuple::ITEMS, p.const_int(2));
    let pair = pair
        .with(p.const_int(0), new_int(&p, index))
        .with(p.const_int(1), step.value(&p));
    p.set_reg(a(i), pair.any());
    let c = p.commit();
    step.apply(&c);
    c.set_plain(it, WEnumerate::INDEX, next);
    Flow::Next
}
/// `zip` of two lists, tuples or ranges.
fn zip_next<M: PyMachine>(p: Probe<M>, i: &Ins, it: R<M, WZip>) -> Flow<M> {
    let iters = p.get(it, WZip::ITERS);
    let strict = p.promote_int(p.get(it, WZip::STRICT)) != 0;
    if p.is_null_ref(iters) || strict {
        return for_iter_general(p, i);
    }
    let iters = R::<M, WTuple>::assume(iters);
    if p.promote_int(p.array_len(iters, WTuple::ITEMS)) != 2 {
        return for_iter_general(p, i);
    }
    let (x, y) = (
        p.item(iters, WTuple::ITEMS, p.const_int(0)),
        p.item(iters, WTuple::ITEMS, p.const_int(1)),
    );
    // One iterator given twice moves by two: its second step depends on the first.
    if p.guard(p.same(x, y)) {
        return for_iter_general(p, i);
    }
    let (Some(first), Some(second)) = (step_of(&p, x), step_of(&p, y)) else {
        return for_iter_general(p, i);
    };
    if matches!(first, Advance::End) || matches!(second, Advance::End) {
        return for_iter_general(p, i);
    }
    let pair = p.new_array(WTuple::ITEMS, p.const_int(2));
    let pair = pair
        .with(p.const_int(0), first.value(&p))
        .with(p.const_int(1), second.value(&p));
    p.set_reg(a(i), pair.any());
    let c = p.commit();
    first.apply(&c);
    second.apply(&c);
    Flow::Next
}

/// Keys, values or items of a dict.
fn dict_next<M: PyMachine>(p: Probe<M>, i: &Ins, it: R<M, WDictIter>) -> Flow<M> {
    let step = dict_step(&p, it);
    match step {
        Advance::End => return finish(p, i),
        Advance::Unknown => return for_iter_general(p, i),
        _ => {}
    }
    p.set_reg(a(i), step.value(&p));
    step.apply(&p.commit());
    Flow::Next
}
fn dict_step<M: PyMachine>(p: &Probe<M>, it: R<M, WDictIter>) -> Advance<M> {
    let dict = p.get(it, WDictIter::DICT);
    let kind = p.promote_int(p.get(it, WDictIter::KIND));
    if p.is_null_ref(dict) || !(0..=2).contains(&kind) {
        return Advance::Unknown;
    }
    let dict = R::<M, WDict>::assume(dict);
    let cells = p.promote_int(p.get(dict, WDict::FLAGS)) & dict_flags::CELLS != 0;
    let same_size = p.int_cmp(
        IntCmp::Eq,
        p.get(dict, WDict::USED),
        p.get(it, WDictIter::USED),
    );
    if cells || !p.guard(same_size) {
        return Advance::Unknown;
    }
    let mut position = p.get(it, WDictIter::POS);
    if !p.in_bounds(position, p.get(dict, WDict::FILL)) {
        return Advance::End;
    }
    let entries = R::<M, WRefArray>::assume(p.get(dict, WDict::ENTRIES));
    let item = |entry: M::Int, part: i64| {
        let first = p.int_op(IntOp::Shl, entry, p.const_int(1));
        let index = p.int_op(IntOp::Add, first, p.const_int(part));
        p.item(entries, WRefArray::ITEMS, index)
    };
    let mut key = item(position, 0);
    if p.is_null_ref(key) {
        let words = [p.word_ref(dict.raw), p.word_int(position)];
        position = p.call_int(&residuals::DICT_LIVING_ENTRY, words);
        if !p.guard(p.int_cmp(IntCmp::Ge, position, p.const_int(0))) {
            return Advance::Unknown;
        }
        key = item(position, 0);
    }
    let value = match kind {
        0 => key,
        1 => item(position, 1),
        _ => {
            let pair = p.new_array(WTuple::ITEMS, p.const_int(2));
            pair.with(p.const_int(0), key)
                .with(p.const_int(1), item(position, 1))
                .any()
        }
    };
    Advance::Dict {
        it,
        value,
        next: p.int_op(IntOp::Add, position, p.const_int(1)),
    }
}

/// Return step `ForNext`: the next value, or NULL from a residual call when there is none.
pub fn after_next<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if p.is_null_ref(v) {
        return Flow::Jump(i.d);
    }
    p.set_reg(a(i), v);
    Flow::Next
}
/// Exception entry of `ForNext`: StopIteration ends the loop.
pub fn after_next_raised<M: PyMachine>(p: Probe<M>, i: &Ins, e: M::Ref) -> Flow<M> {
    if crate::exceptions::is_stop_iteration(&p, e) {
        return Flow::Jump(i.d);
    }
    Flow::Raise(e)
}
