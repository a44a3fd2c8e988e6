//! Calls of builtin classes with arguments of usual classes, without `type.__call__`: `type(x)`, `str(7)`, `tuple(list)`,
//! `enumerate(list)`.
//!
//! The classes are immutable, so that the class alone says what its call does. Whatever does not fit is called.

use crate::prelude::*;
use crate::{arith, builtins, truth};

/// What a call of `class` with `argc` arguments in registers from `first` on gives. Nothing of it has an effect.
pub fn of_class<M: PyMachine>(
    p: &Probe<M>,
    class: &'static Class,
    first: u32,
    argc: u32,
) -> Option<M::Ref> {
    let c = &p.vm().world().classes;
    let is = |known: &'static Class| std::ptr::eq(known, class);
    match argc {
        1 => {}
        2 if is(c.zip) => return zip(p, p.reg(first), p.reg(first + 1)),
        2 if is(c.range) => return builtins::range(p, first, argc),
        _ => return None,
    }
    let x = p.reg(first);
    if is(c.type_) {
        return builtins::class_of(p, x).map(|class| p.konst(class.gc()));
    }
    if is(c.range) {
        return builtins::range(p, first, argc);
    }
    if is(c.str_) {
        return string(p, x);
    }
    if is(c.int) {
        return integer(p, x);
    }
    if is(c.tuple) {
        return match p.type_id(x) {
            WTuple::TYPE_ID => Some(x),
            WList::TYPE_ID => Some(p.call_ref(&residuals::TUPLE_OF_LIST, [p.word_ref(x)])),
            _ => None,
        };
    }
    if is(c.list) {
        return match p.type_id(x) {
            WTuple::TYPE_ID | WList::TYPE_ID => {
                Some(p.call_ref(&residuals::LIST_OF_SEQUENCE, [p.word_ref(x)]))
            }
            _ => None,
        };
    }
    if is(c.enumerate) {
        // Its numbers begin with the zero that is there.
        let e = p
            .new_object::<WEnumerate>()
            .with(WEnumerate::ITER, iterator(p, x)?);
        return Some(e.any());
    }
    if is(c.bool_) {
        return truth::quick(p, x).map(|v| p.konst(bool_object(p, v)));
    }
    if is(c.float) {
        return float(p, x);
    }
    None
}
/// `str(x)` of a str or an int.
pub fn string<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    match p.type_id(x) {
        WStr::TYPE_ID => Some(x),
        WInt::TYPE_ID => {
            let v = p.get(R::<M, WInt>::assume(x), WInt::VALUE);
            Some(p.call_ref(&residuals::DECIMAL, [p.word_int(v)]))
        }
        _ => None,
    }
}
/// From this float on there may be no int of 64 bits.
const BEYOND: f64 = 9.2e18;
fn integer<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    match p.type_id(x) {
        WInt::TYPE_ID => Some(x),
        WBool::TYPE_ID => Some(new_int(p, p.get(R::<M, WBool>::assume(x), WBool::VALUE))),
        WFloat::TYPE_ID => {
            let v = p.get(R::<M, WFloat>::assume(x), WFloat::VALUE);
            let size = p.float_unary(FloatUnary::Abs, v);
            // Not for NaN either.
            let fits = p.guard(p.float_cmp(FloatCmp::Lt, size, p.const_float(BEYOND)));
            fits.then(|| new_int(p, p.float_to_int(v)))
        }
        _ => None,
    }
}
fn float<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    match p.type_id(x) {
        WFloat::TYPE_ID => Some(x),
        WInt::TYPE_ID => {
            let v = p.get(R::<M, WInt>::assume(x), WInt::VALUE);
            arith::is_exact(p, v).then(|| new_float(p, p.int_to_float(v)))
        }
        _ => None,
    }
}
fn zip<M: PyMachine>(p: &Probe<M>, x: M::Ref, y: M::Ref) -> Option<M::Ref> {
    let (x, y) = (iterator(p, x)?, iterator(p, y)?);
    let pair = p.new_array(WTuple::ITEMS, p.const_int(2));
    let pair = pair.with(p.const_int(0), x).with(p.const_int(1), y);
    let zip = p.new_object::<WZip>().with(WZip::ITERS, pair.any());
    Some(zip.any())
}

/// `iter(x)` for builtin classes whose iterator is made or is the object itself.
pub fn iterator<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    Some(match p.type_id(x) {
        WList::TYPE_ID => p.new_object::<WListIter>().with(WListIter::SEQ, x).any(),
        WTuple::TYPE_ID => p.new_object::<WTupleIter>().with(WTupleIter::SEQ, x).any(),
        WRange::TYPE_ID => {
            let range = R::<M, WRange>::assume(x);
            p.new_object::<WRangeIter>()
                .with(WRangeIter::NEXT, p.get(range, WRange::START))
                .with(WRangeIter::STEP, p.get(range, WRange::STEP))
                .with(WRangeIter::LEFT, p.get(range, WRange::LEN))
                .any()
        }
        WStr::TYPE_ID => p.new_object::<WStrIter>().with(WStrIter::SEQ, x).any(),
        WBytes::TYPE_ID => p.new_object::<WBytesIter>().with(WBytesIter::SEQ, x).any(),
        WDict::TYPE_ID => of_dict(p, R::assume(x), p.const_int(0))?,
        WDictView::TYPE_ID => {
            let view = R::<M, WDictView>::assume(x);
            let dict = R::assume(p.get(view, WDictView::DICT));
            of_dict(p, dict, p.get(view, WDictView::KIND))?
        }
        WListIter::TYPE_ID
        | WTupleIter::TYPE_ID
        | WRangeIter::TYPE_ID
        | WStrIter::TYPE_ID
        | WBytesIter::TYPE_ID
        | WDictIter::TYPE_ID
        | WEnumerate::TYPE_ID
        | WZip::TYPE_ID => x,
        WGenerator::TYPE_ID => {
            let kind = p.get(R::<M, WGenerator>::assume(x), WGenerator::KIND);
            if p.promote_int(kind) != 0 {
                return None;
            }
            x
        }
        _ => return None,
    })
}
/// Keys, values or items; the namespace of a module is left to the residual call.
fn of_dict<M: PyMachine>(p: &Probe<M>, dict: R<M, WDict>, kind: M::Int) -> Option<M::Ref> {
    let flags = p.promote_int(p.get(dict, WDict::FLAGS));
    (flags & dict_flags::CELLS == 0).then(|| {
        p.new_object::<WDictIter>()
            .with(WDictIter::DICT, dict.raw)
            .with(WDictIter::USED, p.get(dict, WDict::USED))
            .with(WDictIter::KIND, kind)
            .any()
    })
}
