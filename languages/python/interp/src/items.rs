//! Subscripts.

use crate::dicts;
use crate::foreign;
use crate::operators::{self, Lookup, call_special, special};
use crate::prelude::*;
use crate::{tables, typed_items};

#[inline(always)]
pub fn load<M: PyMachine>(p: Probe<M>, i: &Ins, k: bool) -> Flow<M> {
    let (x, index) = operators::operands(&p, i, k);
    let Some(index) = p.cast::<WInt>(index) else {
        return p.out_of_line(load_other);
    };
    let index = p.get(index, WInt::VALUE);
    if let Some(list) = p.cast::<WList>(x) {
        let Some(n) = position(&p, index, p.get(list, WList::LEN)) else {
            return p.out_of_line(load_other);
        };
        p.set_reg(a(i), list_item(&p, list, n));
        return Flow::Next;
    }
    if let Some(tuple) = p.cast::<WTuple>(x) {
        let Some(n) = position(&p, index, p.get(tuple, WTuple::LEN)) else {
            return p.out_of_line(load_other);
        };
        p.set_reg(a(i), p.item(tuple, WTuple::ITEMS, n));
        return Flow::Next;
    }
    p.out_of_line(load_other)
}
/// The item number that `index` means in a sequence of `len` items.
#[inline(always)]
pub fn position<M: PyMachine>(p: &Probe<M>, index: M::Int, len: M::Int) -> Option<M::Int> {
    if p.in_bounds(index, len) {
        return Some(index);
    }
    let from_end = p.int_op(IntOp::Add, index, len);
    // An index that is too large stays so: adding the length may only make a negative one valid.
    (p.guard(p.int_cmp(IntCmp::Lt, index, p.const_int(0))) && p.in_bounds(from_end, len))
        .then_some(from_end)
}
/// Item `n` of a list, which has it: its items are in the heap.
#[inline(always)]
pub fn list_item<M: PyMachine>(p: &Probe<M>, list: R<M, WList>, n: M::Int) -> M::Ref {
    let array = p.get(list, WList::ITEMS);
    match p.type_id(array) {
        WRefArray::TYPE_ID => p.item(R::<M, WRefArray>::assume(array), WRefArray::ITEMS, n),
        WIntArray::TYPE_ID => new_int(
            p,
            p.item(R::<M, WIntArray>::assume(array), WIntArray::ITEMS, n),
        ),
        _ => new_float(
            p,
            p.item(R::<M, WFloatArray>::assume(array), WFloatArray::ITEMS, n),
        ),
    }
}
fn load_other<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (whole, index) = operators::operands(&p, i, i.op == Op::LoadItemK);
    let x = operators::below(&p, whole, Special::GetItem).unwrap_or(whole);
    if let Some(item) = item_of(&p, x, index) {
        p.set_reg(a(i), item);
        return Flow::Next;
    }
    if let Some(d) = p.cast::<WDict>(x)
        && let Some(found) = tables::get(&p, d, index)
    {
        if let Some(v) = found {
            p.set_reg(a(i), v);
            return Flow::Next;
        }
        match operators::lookup(&p, whole, Special::Missing, 2) {
            Lookup::Function(f) => return call_special(p, f, [whole, index], Step::Store),
            // An instance of a user class may have it by another way.
            Lookup::Other if p.type_id(whole) == WInst::TYPE_ID => {}
            _ => {
                if let Some(e) = dicts::missing(&p, index) {
                    return Flow::Raise(e);
                }
            }
        }
    }
    let x = whole;
    if let Some(f) = special(&p, x, Special::GetItem, 2) {
        return call_special(p, f, [x, index], Step::Store);
    }
    if let Some(call) = foreign::binary(&p, x, Special::GetItem, index) {
        return call.go(p, Step::Store);
    }
    let part = match p.type_id(x) {
        WList::TYPE_ID => Some(&residuals::LIST_SLICE),
        WStr::TYPE_ID => Some(&residuals::STR_SLICE),
        _ => None,
    };
    if let (Some(part), Some(slice)) = (part, p.cast::<WSlice>(index))
        && let Some([start, stop, step]) = slice_bounds(&p, slice)
    {
        let bounds = [p.word_int(start), p.word_int(stop), p.word_int(step)];
        let words = [p.word_ref(x), bounds[0], bounds[1], bounds[2]];
        return p.commit().call_store(part, words);
    }
    let words = [p.word_ref(x), p.word_ref(index)];
    p.commit().call_store(&residuals::GET_ITEM, words)
}
/// `x[index]` of a list, tuple, compact array, bytes or ASCII str. None: another object, or no such item.
pub fn item_of<M: PyMachine>(p: &Probe<M>, x: M::Ref, index: M::Ref) -> Option<M::Ref> {
    match p.type_id(x) {
        WList::TYPE_ID => {
            let list = R::<M, WList>::assume(x);
            let index = p.get(p.cast::<WInt>(index)?, WInt::VALUE);
            let n = position(p, index, p.get(list, WList::LEN))?;
            Some(list_item(p, list, n))
        }
        WTuple::TYPE_ID => {
            let tuple = R::<M, WTuple>::assume(x);
            let index = p.get(p.cast::<WInt>(index)?, WInt::VALUE);
            let n = position(p, index, p.get(tuple, WTuple::LEN))?;
            Some(p.item(tuple, WTuple::ITEMS, n))
        }
        _ => typed_items::load(p, x, index),
    }
}
/// Start, stop and step of a slice of ints and None, with what None stands for. The slice itself need not exist then.
fn slice_bounds<M: PyMachine>(p: &Probe<M>, slice: R<M, WSlice>) -> Option<[M::Int; 3]> {
    let none = p.vm().world().none;
    let part = |v: M::Ref, default: i64| {
        if p.is(v, none) {
            return Some(p.const_int(default));
        }
        p.cast::<WInt>(v).map(|v| p.get(v, WInt::VALUE))
    };
    let step = part(p.get(slice, WSlice::STEP), 1)?;
    let backward = p.guard(p.int_cmp(IntCmp::Lt, step, p.const_int(0)));
    if !backward && p.guard(p.int_cmp(IntCmp::Eq, step, p.const_int(0))) {
        return None;
    }
    let (first, last) = if backward {
        (i64::MAX, i64::MIN)
    } else {
        (0, i64::MAX)
    };
    let start = part(p.get(slice, WSlice::START), first)?;
    Some([start, part(p.get(slice, WSlice::STOP), last)?, step])
}

#[inline(always)]
pub fn store<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (Some(list), Some(index)) = (p.cast::<WList>(p.reg(a(i))), p.cast::<WInt>(p.reg(b(i))))
    else {
        return p.out_of_line(store_other);
    };
    let Some(n) = position(&p, p.get(index, WInt::VALUE), p.get(list, WList::LEN)) else {
        return p.out_of_line(store_other);
    };
    let v = p.reg(c(i));
    let array = p.get(list, WList::ITEMS);
    match p.type_id(array) {
        WRefArray::TYPE_ID if p.must_log(array) => return p.out_of_line(store_other),
        WRefArray::TYPE_ID => p
            .commit()
            .set_item(R::assume(array), WRefArray::ITEMS, n, v),
        WIntArray::TYPE_ID => {
            let Some(v) = p.cast::<WInt>(v) else {
                return p.out_of_line(store_other);
            };
            let v = p.get(v, WInt::VALUE);
            p.commit()
                .set_item_plain(R::assume(array), WIntArray::ITEMS, n, v)
        }
        _ => {
            let Some(v) = p.cast::<WFloat>(v) else {
                return p.out_of_line(store_other);
            };
            let v = p.get(v, WFloat::VALUE);
            p.commit()
                .set_item_plain(R::assume(array), WFloatArray::ITEMS, n, v)
        }
    }
    Flow::Next
}
fn store_other<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (x, index, v) = (p.reg(a(i)), p.reg(b(i)), p.reg(c(i)));
    let p = match typed_items::store(p, x, index, v) {
        Ok(()) => return Flow::Next,
        Err(p) => p,
    };
    let table = operators::below(&p, x, Special::SetItem).unwrap_or(x);
    let p = match p.cast::<WDict>(table) {
        Some(d) => match tables::set(p, d, index, v) {
            Ok(flow) => return flow,
            Err(p) => p,
        },
        None => p,
    };
    if let Some(f) = special(&p, x, Special::SetItem, 3) {
        return call_special(p, f, [x, index, v], Step::Drop);
    }
    // Items that lie outside the heap may take foreign destructors with them: anything can happen then.
    if let (Some(list), Some(_), Some(slice)) = (
        p.cast::<WList>(x),
        p.cast::<WList>(v),
        p.cast::<WSlice>(index),
    ) && !is_outside(&p, list)
        && p.is(p.get(slice, WSlice::STEP), p.vm().world().none)
        && let Some([start, stop, _]) = slice_bounds(&p, slice)
    {
        let words = [
            p.word_ref(x),
            p.word_int(start),
            p.word_int(stop),
            p.word_ref(v),
        ];
        return p
            .commit()
            .call(&residuals::LIST_SET_SLICE, words, Step::Drop);
    }
    let words = [p.word_ref(x), p.word_ref(index), p.word_ref(v)];
    p.commit().call(&residuals::SET_ITEM, words, Step::Drop)
}
#[inline(always)]
pub fn delete<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(delete_other)
}
fn delete_other<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (x, index) = (p.reg(a(i)), p.reg(b(i)));
    if let Some(f) = special(&p, x, Special::DelItem, 2) {
        return call_special(p, f, [x, index], Step::Drop);
    }
    let p = match p.cast::<WDict>(x) {
        Some(d) => match tables::pop(p, d, index, Step::Drop) {
            tables::Popped::Called(flow) => return flow,
            tables::Popped::Absent(p) => match dicts::missing(&p, index) {
                Some(e) => return Flow::Raise(e),
                None => p,
            },
            tables::Popped::Unknown(p) => p,
        },
        None => p,
    };
    let words = [p.word_ref(x), p.word_ref(index)];
    p.commit().call(&residuals::DELETE_ITEM, words, Step::Drop)
}

/// Whether a list in whose array nothing was found has its items outside the heap (invariant S2).
#[inline(always)]
pub fn is_outside<M: PyMachine>(p: &Probe<M>, list: R<M, WList>) -> bool {
    p.type_id(p.get(list, WList::ITEMS)) == WOutsideItems::TYPE_ID
}
/// `list.append(v)`, by a residual function when the array is full or the value does not fit its strategy.
#[inline(always)]
pub fn append<M: PyMachine>(p: Probe<M>, list: R<M, WList>, v: M::Ref) -> Flow<M> {
    match append_in_place(p, list, v) {
        Ok(_) => Flow::Next,
        Err(p) => {
            let words = [p.word_ref(list.raw), p.word_ref(v)];
            p.commit().call(&residuals::LIST_APPEND, words, Step::Drop)
        }
    }
}
/// Appends if there is room and the value fits; else gives the probe back.
#[inline(always)]
pub fn append_in_place<M: PyMachine>(
    p: Probe<M>,
    list: R<M, WList>,
    v: M::Ref,
) -> Result<Commit<M>, Probe<M>> {
    let len = p.get(list, WList::LEN);
    let array = p.get(list, WList::ITEMS);
    let next = p.int_op(IntOp::Add, len, p.const_int(1));
    let c = match p.type_id(array) {
        WRefArray::TYPE_ID => {
            let array = R::<M, WRefArray>::assume(array);
            if !p.in_bounds(len, p.array_len(array, WRefArray::ITEMS)) || p.must_log(array.raw) {
                return Err(p);
            }
            let c = p.commit();
            c.set_item(array, WRefArray::ITEMS, len, v);
            c
        }
        WIntArray::TYPE_ID => {
            let array = R::<M, WIntArray>::assume(array);
            let Some(v) = p.cast::<WInt>(v) else {
                return Err(p);
            };
            if !p.in_bounds(len, p.array_len(array, WIntArray::ITEMS)) {
                return Err(p);
            }
            let v = p.get(v, WInt::VALUE);
            let c = p.commit();
            c.set_item_plain(array, WIntArray::ITEMS, len, v);
            c
        }
        WFloatArray::TYPE_ID => {
            let array = R::<M, WFloatArray>::assume(array);
            let Some(v) = p.cast::<WFloat>(v) else {
                return Err(p);
            };
            if !p.in_bounds(len, p.array_len(array, WFloatArray::ITEMS)) {
                return Err(p);
            }
            let v = p.get(v, WFloat::VALUE);
            let c = p.commit();
            c.set_item_plain(array, WFloatArray::ITEMS, len, v);
            c
        }
        _ => return Err(p),
    };
    c.set_plain(list, WList::LEN, next);
    Ok(c)
}
