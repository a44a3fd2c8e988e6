//! Iterators of the builtin types: how they are made and how they advance.

use crate::access::{Access, alloc};
use crate::layout::*;
use crate::{Errors, Kw, PyResult, Temps, Vm};
use ouro_gc::{Gc, Object};

/// A sequence iterator of layout `O` whose first two fields are sequence and index.
macro_rules! sequence_iterator {
    ($vm:expr, $layout:ident, $seq:expr, $index:expr) => {
        alloc::<$layout>($vm)
            .init($layout::SEQ, $seq)
            .init($layout::INDEX, $index)
    };
}
/// The iterator of an exact builtin iterable, or the object if it is a builtin iterator.
pub fn of_builtin(vm: &'static Vm, a: Gc) -> Option<Gc> {
    Some(match a.type_id().0 {
        WList::TYPE_ID => sequence_iterator!(vm, WListIter, a, 0),
        WTuple::TYPE_ID => sequence_iterator!(vm, WTupleIter, a, 0),
        WStr::TYPE_ID => sequence_iterator!(vm, WStrIter, a, 0),
        WBytes::TYPE_ID => sequence_iterator!(vm, WBytesIter, a, 0),
        WByteArray::TYPE_ID => sequence_iterator!(vm, WByteArrayIter, a, 0),
        WRange::TYPE_ID => {
            let it = alloc::<WRangeIter>(vm).init(WRangeIter::NEXT, a.get(WRange::START));
            it.init(WRangeIter::STEP, a.get(WRange::STEP))
                .init(WRangeIter::LEFT, a.get(WRange::LEN))
        }
        WBigRange::TYPE_ID => {
            let it = alloc::<WBigRangeIter>(vm).init(WBigRangeIter::NEXT, a.get(WBigRange::START));
            it.init(WBigRangeIter::STEP, a.get(WBigRange::STEP))
                .init(WBigRangeIter::LEFT, a.get(WBigRange::LEN))
        }
        WDict::TYPE_ID => of_dict(vm, a, 0),
        WDictView::TYPE_ID => of_dict(vm, a.get(WDictView::DICT), a.get(WDictView::KIND)),
        WSet::TYPE_ID | WFrozenSet::TYPE_ID => alloc::<WSetIter>(vm)
            .init(WSetIter::SET, a)
            .init(WSetIter::USED, crate::set::len(a) as i64),
        WGenerator::TYPE_ID if a.get(WGenerator::KIND) == 0 => a,
        WListIter::TYPE_ID..=WDictIter::TYPE_ID | WSetIter::TYPE_ID..=WReversed::TYPE_ID => a,
        _ => return None,
    })
}
/// The iterator by `__getitem__`.
pub fn of_sequence(vm: &'static Vm, a: Gc) -> Gc {
    sequence_iterator!(vm, WSeqIter, a, 0)
}
/// An iterator of a dict: 0 keys, 1 values, 2 items, plus 4 for reversed.
pub fn of_dict(vm: &'static Vm, d: Gc, kind: i64) -> Gc {
    let it = alloc::<WDictIter>(vm)
        .init(WDictIter::DICT, d)
        .init(WDictIter::KIND, kind);
    let pos = if kind >= 4 {
        crate::table::fill::<WDict>(d)
    } else {
        0
    };
    it.init(WDictIter::USED, crate::dict::len(d) as i64)
        .init(WDictIter::POS, pos as i64)
}
/// The reverse iterator of a list.
pub fn reverse_list(vm: &'static Vm, list: Gc) -> Gc {
    sequence_iterator!(vm, WListRevIter, list, crate::list::len(list) as i64 - 1)
}
/// Advances a builtin iterator; None if the object is none.
#[inline]
pub fn next_builtin(vm: &'static Vm, it: Gc) -> Option<PyResult<Option<Gc>>> {
    Some(match it.type_id().0 {
        WListIter::TYPE_ID => Ok(next_list(vm, it)),
        WTupleIter::TYPE_ID => Ok(next_tuple(vm, it)),
        WRangeIter::TYPE_ID => Ok(next_range(vm, it)),
        WGenerator::TYPE_ID if it.get(WGenerator::KIND) == 0 => crate::generator::next(vm, it),
        WDictIter::TYPE_ID => next_dict(vm, it),
        WStrIter::TYPE_ID => Ok(next_str(vm, it)),
        WSetIter::TYPE_ID => next_set(vm, it),
        WEnumerate::TYPE_ID | WZip::TYPE_ID | WMap::TYPE_ID | WFilter::TYPE_ID => {
            next_nested(vm, it)
        }
        WListRevIter::TYPE_ID => Ok(next_list_reversed(vm, it)),
        WBytesIter::TYPE_ID => {
            let (seq, i) = (it.get(WBytesIter::SEQ), it.get(WBytesIter::INDEX));
            if seq.is_null() {
                return Some(Ok(None));
            }
            let found = seq
                .items(&BYTES)
                .get(i as usize)
                .map(|&b| crate::int::new(vm, b as i64));
            it.set(vm, WBytesIter::INDEX, i + 1);
            if found.is_none() {
                it.set(vm, WBytesIter::SEQ, Gc::NULL);
            }
            Ok(found)
        }
        WByteArrayIter::TYPE_ID => {
            let (seq, i) = (it.get(WByteArrayIter::SEQ), it.get(WByteArrayIter::INDEX));
            if seq.is_null() {
                return Some(Ok(None));
            }
            let found = crate::bytes::content(seq)
                .and_then(|b| b.get(i as usize))
                .map(|&b| crate::int::new(vm, b as i64));
            it.set(vm, WByteArrayIter::INDEX, i + 1);
            if found.is_none() {
                it.set(vm, WByteArrayIter::SEQ, Gc::NULL);
            }
            Ok(found)
        }
        WBigRangeIter::TYPE_ID => next_big_range(vm, it),
        WSeqIter::TYPE_ID => next_sequence(vm, it),
        WCallableIter::TYPE_ID => next_callable(vm, it),
        WReversed::TYPE_ID => next_reversed(vm, it),
        _ => return None,
    })
}
/// Iterators over iterators: chains of them may be as long as the program likes.
fn next_nested(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    crate::error::check_native_stack(vm)?;
    match it.type_id().0 {
        WEnumerate::TYPE_ID => next_enumerate(vm, it),
        WZip::TYPE_ID => next_zip(vm, it),
        WMap::TYPE_ID => next_map(vm, it),
        _ => next_filter(vm, it),
    }
}
fn next_list(vm: &'static Vm, it: Gc) -> Option<Gc> {
    let (seq, i) = (it.get(WListIter::SEQ), it.get(WListIter::INDEX));
    if seq.is_null() {
        return None;
    }
    if (i as usize) < crate::list::len(seq) {
        it.set(vm, WListIter::INDEX, i + 1);
        return Some(crate::list::get(vm, seq, i as usize));
    }
    it.set(vm, WListIter::SEQ, Gc::NULL);
    None
}
fn next_list_reversed(vm: &'static Vm, it: Gc) -> Option<Gc> {
    let (seq, i) = (it.get(WListRevIter::SEQ), it.get(WListRevIter::INDEX));
    if seq.is_null() {
        return None;
    }
    if i >= 0 && (i as usize) < crate::list::len(seq) {
        it.set(vm, WListRevIter::INDEX, i - 1);
        return Some(crate::list::get(vm, seq, i as usize));
    }
    it.set(vm, WListRevIter::SEQ, Gc::NULL);
    None
}
fn next_tuple(vm: &'static Vm, it: Gc) -> Option<Gc> {
    let (seq, i) = (it.get(WTupleIter::SEQ), it.get(WTupleIter::INDEX));
    if seq.is_null() {
        return None;
    }
    if (i as usize) < crate::tuple::len(seq) {
        it.set(vm, WTupleIter::INDEX, i + 1);
        return Some(seq.item(&TUPLE, i as usize));
    }
    it.set(vm, WTupleIter::SEQ, Gc::NULL);
    None
}
fn next_range(vm: &'static Vm, it: Gc) -> Option<Gc> {
    let left = it.get(WRangeIter::LEFT);
    if left <= 0 {
        return None;
    }
    let v = it.get(WRangeIter::NEXT);
    it.set(
        vm,
        WRangeIter::NEXT,
        v.wrapping_add(it.get(WRangeIter::STEP)),
    );
    it.set(vm, WRangeIter::LEFT, left - 1);
    Some(crate::int::new(vm, v))
}
fn next_big_range(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    use crate::BinOp;
    let left = it.get(WBigRangeIter::LEFT);
    if crate::int::get(left).is_none_or(|v| v.is_zero() || v.is_negative()) {
        return Ok(None);
    }
    let v = it.get(WBigRangeIter::NEXT);
    it.set(
        vm,
        WBigRangeIter::NEXT,
        crate::int::binary(vm, BinOp::Add, v, it.get(WBigRangeIter::STEP))?,
    );
    it.set(
        vm,
        WBigRangeIter::LEFT,
        crate::int::binary(vm, BinOp::Sub, left, crate::int::new(vm, 1))?,
    );
    Ok(Some(v))
}
fn next_str(vm: &'static Vm, it: Gc) -> Option<Gc> {
    let (seq, i) = (it.get(WStrIter::SEQ), it.get(WStrIter::INDEX));
    if seq.is_null() {
        return None;
    }
    match crate::str::decode(&crate::str::bytes(seq)[i as usize..]) {
        Some((c, len)) => {
            it.set(vm, WStrIter::INDEX, i + len as i64);
            Some(crate::str::from_code_point(vm, c))
        }
        None => {
            it.set(vm, WStrIter::SEQ, Gc::NULL);
            None
        }
    }
}
fn next_dict(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let d = it.get(WDictIter::DICT);
    if d.is_null() {
        return Ok(None);
    }
    if it.get(WDictIter::USED) != crate::dict::len(d) as i64 {
        it.set(vm, WDictIter::USED, -1);
        return Err(vm.runtime_error("dictionary changed size during iteration"));
    }
    let (kind, pos) = (it.get(WDictIter::KIND), it.get(WDictIter::POS) as usize);
    let entry = match kind >= 4 {
        true => crate::table::previous::<WDict>(d, pos),
        false => crate::table::next::<WDict>(d, pos),
    };
    let Some(entry) = entry else {
        it.set(vm, WDictIter::DICT, Gc::NULL);
        return Ok(None);
    };
    it.set(
        vm,
        WDictIter::POS,
        if kind >= 4 {
            entry as i64
        } else {
            entry as i64 + 1
        },
    );
    let key = crate::table::key_at::<WDict>(d, entry);
    Ok(Some(match kind & 3 {
        0 => key,
        1 => crate::dict::value_at(d, entry),
        _ => crate::tuple::new(vm, &[key, crate::dict::value_at(d, entry)]),
    }))
}
fn next_set(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let s = it.get(WSetIter::SET);
    if s.is_null() {
        return Ok(None);
    }
    if it.get(WSetIter::USED) != crate::set::len(s) as i64 {
        it.set(vm, WSetIter::USED, -1);
        return Err(vm.runtime_error("Set changed size during iteration"));
    }
    let mut pos = it.get(WSetIter::POS) as usize;
    let found = crate::set::next(s, &mut pos);
    it.set(vm, WSetIter::POS, pos as i64);
    if found.is_none() {
        it.set(vm, WSetIter::SET, Gc::NULL);
    }
    Ok(found)
}
fn next_sequence(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let (seq, i) = (it.get(WSeqIter::SEQ), it.get(WSeqIter::INDEX));
    if seq.is_null() {
        return Ok(None);
    }
    let c = &vm.world().classes;
    match crate::operator::get_item(vm, seq, crate::int::new(vm, i)) {
        Ok(v) => {
            it.set(vm, WSeqIter::INDEX, i + 1);
            Ok(Some(v))
        }
        Err(e)
            if crate::error::is_instance_of(vm, e, c.index_error)
                || crate::error::is_instance_of(vm, e, c.stop_iteration) =>
        {
            it.set(vm, WSeqIter::SEQ, Gc::NULL);
            Ok(None)
        }
        Err(e) => Err(e),
    }
}
fn next_callable(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let f = it.get(WCallableIter::FUNC);
    if f.is_null() {
        return Ok(None);
    }
    let result = crate::call::call(vm, f, &[], &Kw::NONE);
    let value = crate::error::catch(vm, vm.world().classes.stop_iteration, result)?;
    if let Some(v) = value
        && !crate::operator::eq(vm, v, it.get(WCallableIter::SENTINEL))?
    {
        return Ok(Some(v));
    }
    it.set(vm, WCallableIter::FUNC, Gc::NULL);
    it.set(vm, WCallableIter::SENTINEL, Gc::NULL);
    Ok(None)
}
fn next_enumerate(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let Some(v) = crate::operator::next(vm, it.get(WEnumerate::ITER))? else {
        return Ok(None);
    };
    let index = crate::iter_objects::next_number(vm, it);
    let following = crate::int::binary(vm, crate::BinOp::Add, index, crate::int::new(vm, 1))?;
    match following.is::<WInt>() {
        true => it.set(vm, WEnumerate::INDEX, following.get(WInt::VALUE)),
        false => it.set(vm, WEnumerate::BIG, following),
    }
    Ok(Some(crate::tuple::new(vm, &[index, v])))
}
fn next_zip(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let iters = it.get(WZip::ITERS);
    let n = crate::tuple::len(iters);
    if n == 0 {
        return Ok(None);
    }
    let strict = it.get(WZip::STRICT) != 0;
    let mut row = Temps::new(vm);
    for i in 0..n {
        match crate::operator::next(vm, iters.item(&TUPLE, i))? {
            Some(v) => row.push(v),
            None if strict && i > 0 => {
                let before = if i == 1 {
                    "argument 1".to_owned()
                } else {
                    format!("arguments 1-{i}")
                };
                return Err(vm.value_error(format_args!(
                    "zip() argument {} is shorter than {before}",
                    i + 1
                )));
            }
            None => {
                if strict {
                    for j in 1..n {
                        if crate::operator::next(vm, iters.item(&TUPLE, j))?.is_some() {
                            let before = if j == 1 {
                                "argument 1".to_owned()
                            } else {
                                format!("arguments 1-{j}")
                            };
                            return Err(vm.value_error(format_args!(
                                "zip() argument {} is longer than {before}",
                                j + 1
                            )));
                        }
                    }
                }
                return Ok(None);
            }
        }
    }
    Ok(Some(crate::tuple::new(vm, &row)))
}
fn next_map(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let iters = it.get(WMap::ITERS);
    let mut row = Temps::new(vm);
    for i in 0..crate::tuple::len(iters) {
        match crate::operator::next(vm, iters.item(&TUPLE, i))? {
            Some(v) => row.push(v),
            None => return Ok(None),
        }
    }
    crate::call::call(vm, it.get(WMap::FUNC), &row, &Kw::NONE).map(Some)
}
fn next_filter(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let f = it.get(WFilter::FUNC);
    while let Some(v) = crate::operator::next(vm, it.get(WFilter::ITER))? {
        let keep = match f == vm.world().none {
            true => crate::operator::truth(vm, v)?,
            false => {
                let result = crate::call::call(vm, f, &[v], &Kw::NONE)?;
                crate::operator::truth(vm, result)?
            }
        };
        if keep {
            return Ok(Some(v));
        }
    }
    Ok(None)
}
fn next_reversed(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    let (seq, i) = (it.get(WReversed::SEQ), it.get(WReversed::INDEX));
    if seq.is_null() || i < 0 {
        return Ok(None);
    }
    let c = &vm.world().classes;
    match crate::operator::get_item(vm, seq, crate::int::new(vm, i)) {
        Ok(v) => {
            it.set(vm, WReversed::INDEX, i - 1);
            Ok(Some(v))
        }
        Err(e)
            if crate::error::is_instance_of(vm, e, c.index_error)
                || crate::error::is_instance_of(vm, e, c.stop_iteration) =>
        {
            it.set(vm, WReversed::SEQ, Gc::NULL);
            Ok(None)
        }
        Err(e) => Err(e),
    }
}
/// The number of items left, for `__length_hint__`; None if unknown.
pub fn left(vm: &'static Vm, it: Gc) -> Option<i64> {
    let _ = vm;
    let of = |seq: Gc, len: fn(Gc) -> usize, i: i64| {
        if seq.is_null() {
            0
        } else {
            (len(seq) as i64 - i).max(0)
        }
    };
    Some(match it.type_id().0 {
        WListIter::TYPE_ID => of(
            it.get(WListIter::SEQ),
            crate::list::len,
            it.get(WListIter::INDEX),
        ),
        WTupleIter::TYPE_ID => of(
            it.get(WTupleIter::SEQ),
            crate::tuple::len,
            it.get(WTupleIter::INDEX),
        ),
        WListRevIter::TYPE_ID => {
            if it.get(WListRevIter::SEQ).is_null() {
                0
            } else {
                it.get(WListRevIter::INDEX) + 1
            }
        }
        WRangeIter::TYPE_ID => it.get(WRangeIter::LEFT).max(0),
        WReversed::TYPE_ID => {
            if it.get(WReversed::SEQ).is_null() {
                0
            } else {
                it.get(WReversed::INDEX) + 1
            }
        }
        WStrIter::TYPE_ID => {
            let seq = it.get(WStrIter::SEQ);
            if seq.is_null() {
                0
            } else {
                crate::str::count_chars(&crate::str::bytes(seq)[it.get(WStrIter::INDEX) as usize..])
                    as i64
            }
        }
        WDictIter::TYPE_ID => {
            let d = it.get(WDictIter::DICT);
            if d.is_null() {
                0
            } else {
                (crate::dict::len(d) as i64).min(it.get(WDictIter::USED).max(0))
            }
        }
        WSetIter::TYPE_ID => {
            if it.get(WSetIter::SET).is_null() {
                0
            } else {
                it.get(WSetIter::USED).max(0)
            }
        }
        _ => return None,
    })
}
