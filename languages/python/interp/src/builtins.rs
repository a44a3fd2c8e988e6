//! Builtin functions and methods that are expanded instead of called. What does not fit is called.

use crate::operators::{call_special, special, user_class};
use crate::prelude::*;
use crate::{
    arith, by_name, calls, consume, conversions, dicts, direct_calls, foreign, generators, items,
    iterate, operators, tables, text, typed_items,
};
use ouro_py_objects::consumers::Consumer;

/// Calls the builtin with `argc` arguments in registers from `first` on.
pub fn call<M: PyMachine>(p: Probe<M>, i: &Ins, inline: Inline, first: u32, argc: u32) -> Flow<M> {
    match (inline, argc) {
        (Inline::Len, 1) => return len(p, i, first),
        (Inline::Next, 1 | 2) => return next(p, i, first, argc),
        (Inline::GenSend, 2) => return generators::send(p, i, first),
        (Inline::ListAppend | Inline::ListPop | Inline::ListInsert, 1..) => {
            let list = p.reg(first);
            return list_method(p, i, inline, list, first + 1, argc - 1);
        }
        (Inline::Consume(what), _) => return consume(p, i, what),
        (Inline::NativePosition, 1) => return native_position(p, i),
        (Inline::StrEncode, 1..=3) => return text::encode(p, i, first, argc),
        (Inline::GetAttr, 2 | 3) => return by_name::getattr(p, i, first, argc),
        (Inline::HasAttr, 2) => return by_name::hasattr(p, i, first),
        (Inline::SetAdd, 2) => return set_add(p, i, first),
        (Inline::DictPop, 2 | 3) => return dict_pop(p, i, first, argc),
        (Inline::Min, 1) => return consume(p, i, Consumer::Min),
        (Inline::Max, 1) => return consume(p, i, Consumer::Max),
        _ => {}
    }
    let value = match (inline, argc) {
        (Inline::IsInstance, 2) => {
            is_instance(&p, p.reg(first), p.reg(first + 1)).map(|v| p.konst(bool_object(&p, v)))
        }
        (Inline::Abs, 1) => abs(&p, p.reg(first)),
        (Inline::Min, 2) => min_or_max(&p, p.reg(first), p.reg(first + 1), CmpOp::Lt),
        (Inline::Max, 2) => min_or_max(&p, p.reg(first), p.reg(first + 1), CmpOp::Gt),
        (Inline::Sqrt, 1) => sqrt(&p, p.reg(first)),
        (Inline::DictGet, 2 | 3) => dict_get(&p, first, argc),
        (Inline::Iter, 1) => conversions::iterator(&p, p.reg(first)),
        (Inline::Id, 1) => id(&p, p.reg(first)),
        (Inline::GetItem, 2) => {
            let whole = operators::inner(&p, p.reg(first));
            items::item_of(&p, whole, p.reg(first + 1))
        }
        (Inline::Ord, 1) => ord(&p, p.reg(first)),
        (Inline::Chr, 1) => text::chr(&p, p.reg(first)),
        (Inline::StrIs(kind), 1) => {
            text::all_of_kind(&p, p.reg(first), kind).map(|v| p.konst(bool_object(&p, v)))
        }
        _ => None,
    };
    match value {
        Some(v) => {
            p.set_reg(a(i), v);
            Flow::Next
        }
        None => calls::residual(p, i),
    }
}

fn consume<M: PyMachine>(p: Probe<M>, i: &Ins, what: Consumer) -> Flow<M> {
    let w = calls::window_of(&p, i);
    consume::call(p, w, what)
}
fn next<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32, argc: u32) -> Flow<M> {
    let it = p.reg(first);
    if argc == 1 && p.type_id(it) == WGenerator::TYPE_ID {
        return generators::next(p, i, first);
    }
    match iterate::next_of(p, i, it) {
        Ok(flow) => flow,
        Err(p) => calls::residual(p, i),
    }
}
/// The length of an object of a builtin class that tells it at once.
#[inline(always)]
pub fn length<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Int> {
    Some(match p.type_id(x) {
        WList::TYPE_ID => {
            let list = R::<M, WList>::assume(x);
            let n = p.get(list, WList::LEN);
            if p.guard(p.int_cmp(IntCmp::Eq, n, p.const_int(0))) && items::is_outside(p, list) {
                return None;
            }
            n
        }
        WTuple::TYPE_ID => p.get(R::<M, WTuple>::assume(x), WTuple::LEN),
        WStr::TYPE_ID => p.get(R::<M, WStr>::assume(x), WStr::CHARS),
        WBytes::TYPE_ID => p.get(R::<M, WBytes>::assume(x), WBytes::LEN),
        WDict::TYPE_ID => p.get(R::<M, WDict>::assume(x), WDict::USED),
        WSet::TYPE_ID => p.get(R::<M, WSet>::assume(x), WSet::USED),
        WRange::TYPE_ID => p.get(R::<M, WRange>::assume(x), WRange::LEN),
        WByteArray::TYPE_ID => {
            let bytes = R::<M, WByteArray>::assume(x);
            let n = p.get(bytes, WByteArray::LEN);
            if p.guard(p.int_cmp(IntCmp::Eq, n, p.const_int(0))) {
                let store = p.get(bytes, WByteArray::STORE);
                if !p.is_null_ref(store) && p.type_id(store) == WOutsideBytes::TYPE_ID {
                    return None;
                }
            }
            n
        }
        WNative::TYPE_ID => return typed_items::len(p, x),
        _ => return None,
    })
}
fn len<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32) -> Flow<M> {
    let x = p.reg(first);
    let counted = operators::below(&p, x, Special::Len).unwrap_or(x);
    let Some(n) = length(&p, counted) else {
        if let Some(call) = foreign::unary(&p, x, Special::Len) {
            return call.go(p, Step::Store);
        }
        return match special(&p, x, Special::Len, 1) {
            Some(f) => call_special(p, f, [x], Step::Len),
            None => calls::residual(p, i),
        };
    };
    p.set_reg(a(i), new_int(&p, n));
    Flow::Next
}
/// Return step `Len`: `__len__` must give an int that is not negative.
pub fn after_len<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if let Some(n) = p.cast::<WInt>(v) {
        let n = p.get(n, WInt::VALUE);
        if p.guard(p.int_cmp(IntCmp::Ge, n, p.const_int(0))) {
            p.set_reg(a(i), v);
            return Flow::Next;
        }
    }
    let v = p.word_ref(v);
    p.commit().call_store(&residuals::CHECK_LEN, [v])
}

/// The class of any object, green; the trace depends on its bases.
pub fn class_of<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<&'static Class> {
    if let Some(class) = user_class(p, x) {
        return Some(class);
    }
    match p.type_id(x) {
        WException::TYPE_ID => {
            Some(p.promote(p.get(R::<M, WException>::assume(x), WException::CLASS)))
        }
        id if id <= WTuple::TYPE_ID
            || matches!(
                id,
                WList::TYPE_ID | WDict::TYPE_ID | WSet::TYPE_ID | WFunction::TYPE_ID
            ) =>
        {
            Some(p.vm().world().class_of_type_id(id))
        }
        _ => None,
    }
}
/// Is `x` an instance of `class`, a class or a tuple of classes, without asking `__instancecheck__` or `__class__`?
pub fn is_instance<M: PyMachine>(p: &Probe<M>, x: M::Ref, class: M::Ref) -> Option<bool> {
    if let Some(tuple) = p.cast::<WTuple>(class) {
        let n = p.promote_int(p.array_len(tuple, WTuple::ITEMS));
        for k in 0..n.min(9) {
            if k == 8 {
                return None;
            }
            if is_instance(p, x, p.item(tuple, WTuple::ITEMS, p.const_int(k)))? {
                return Some(true);
            }
        }
        return Some(false);
    }
    let class = p.promote(p.get(p.cast::<WClass>(class)?, WClass::CLASS));
    let own = class_of(p, x)?;
    p.depend_on(&own.quasi);
    if own.is_subclass(class) {
        return Some(true);
    }
    // Another metaclass may have an `__instancecheck__`, an instance a `__class__` of its own.
    let plain = std::ptr::eq(class.meta(), p.vm().world().classes.type_)
        && (user_class(p, x).is_none() || own.tells_its_class(p.vm()));
    plain.then_some(false)
}
fn abs<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    if let Some(v) = p.cast::<WFloat>(x) {
        return Some(new_float(
            p,
            p.float_unary(FloatUnary::Abs, p.get(v, WFloat::VALUE)),
        ));
    }
    let v = p.get(p.cast::<WInt>(x)?, WInt::VALUE);
    if p.guard(p.int_cmp(IntCmp::Ge, v, p.const_int(0))) {
        return Some(x);
    }
    Some(new_int(p, p.int_ovf(OvfOp::Sub, p.const_int(0), v)?))
}
/// The second value if it compares so with the first, else the first, as CPython's loop does.
fn min_or_max<M: PyMachine>(p: &Probe<M>, x: M::Ref, y: M::Ref, wanted: CmpOp) -> Option<M::Ref> {
    Some(if crate::compare::numbers(p, y, x, wanted)? {
        y
    } else {
        x
    })
}
fn sqrt<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    let v = match p.cast::<WFloat>(x) {
        Some(x) => p.get(x, WFloat::VALUE),
        None => {
            let v = p.get(p.cast::<WInt>(x)?, WInt::VALUE);
            if !arith::is_exact(p, v) {
                return None;
            }
            p.int_to_float(v)
        }
    };
    let valid = p.guard(p.float_cmp(FloatCmp::Ge, v, p.const_float(0.0)));
    valid.then(|| new_float(p, p.float_unary(FloatUnary::Sqrt, v)))
}
/// Ints up to this one have a number of 64 bits.
const SHORT: i64 = 1 << 59;
/// `id(x)`; the numbers of floats and of large ints are worked out by the call.
fn id<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    match p.type_id(x) {
        WInt::TYPE_ID => {
            let v = p.get(R::<M, WInt>::assume(x), WInt::VALUE);
            p.in_bounds(v, p.const_int(SHORT)).then(|| {
                let shifted = p.int_op(IntOp::Shl, v, p.const_int(4));
                new_int(p, p.int_op(IntOp::Or, shifted, p.const_int(1)))
            })
        }
        WFloat::TYPE_ID | WForeign::TYPE_ID => None,
        _ => Some(new_int(
            p,
            p.call_int(&residuals::IDENTITY, [p.word_ref(x)]),
        )),
    }
}
/// The position of a native object that is not closed.
fn native_position<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let w = calls::window_of(&p, i);
    if let Some(callee) = p.cast::<WMethodDescr>(p.reg(w.function)) {
        let def = p.promote(p.get(callee, WMethodDescr::DEF));
        if let Some((receiver, _)) = direct_calls::receiver(&p, w, callee, def)
            && let Some(native) = p.cast::<WNative>(receiver)
            && p.guard(p.int_cmp(IntCmp::Eq, p.get(native, WNative::I1), p.const_int(0)))
        {
            p.set_reg(a(i), new_int(&p, p.get(native, WNative::I0)));
            return Flow::Next;
        }
    }
    calls::residual(p, i)
}
fn ord<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<M::Ref> {
    let s = p.cast::<WStr>(x)?;
    let one = p.guard(p.int_cmp(IntCmp::Eq, p.get(s, WStr::LEN), p.const_int(1)));
    one.then(|| new_int(p, p.item(s, WStr::ITEMS, p.const_int(0))))
}
/// `range` of one or two ints, if the length fits.
pub fn range<M: PyMachine>(p: &Probe<M>, first: u32, argc: u32) -> Option<M::Ref> {
    let int = |r: u32| Some(p.get(p.cast::<WInt>(p.reg(r))?, WInt::VALUE));
    let (start, stop) = match argc {
        1 => (p.const_int(0), int(first)?),
        2 => (int(first)?, int(first + 1)?),
        _ => return None,
    };
    let len = match p.guard(p.int_cmp(IntCmp::Lt, start, stop)) {
        true => p.int_ovf(OvfOp::Sub, stop, start)?,
        false => p.const_int(0),
    };
    let range = p
        .new_object::<WRange>()
        .with(WRange::START, start)
        .with(WRange::STOP, stop);
    Some(
        range
            .with(WRange::STEP, p.const_int(1))
            .with(WRange::LEN, len)
            .any(),
    )
}

/// `d.get(key)` or `d.get(key, default)`.
fn dict_get<M: PyMachine>(p: &Probe<M>, first: u32, argc: u32) -> Option<M::Ref> {
    let d = p.cast::<WDict>(operators::inner(p, p.reg(first)))?;
    let found = tables::get(p, d, p.reg(first + 1))?;
    Some(found.unwrap_or_else(|| match argc {
        3 => p.reg(first + 2),
        _ => p.konst(p.vm().world().none),
    }))
}
/// `d.pop(key)` or `d.pop(key, default)`.
fn dict_pop<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32, argc: u32) -> Flow<M> {
    let Some(d) = p.cast::<WDict>(operators::inner(&p, p.reg(first))) else {
        return calls::residual(p, i);
    };
    let key = p.reg(first + 1);
    match tables::pop(p, d, key, Step::Store) {
        tables::Popped::Called(flow) => flow,
        tables::Popped::Absent(p) if argc == 3 => {
            p.set_reg(a(i), p.reg(first + 2));
            Flow::Next
        }
        tables::Popped::Absent(p) => match dicts::missing(&p, key) {
            Some(e) => Flow::Raise(e),
            None => calls::residual(p, i),
        },
        tables::Popped::Unknown(p) => calls::residual(p, i),
    }
}
/// `s.add(key)`
fn set_add<M: PyMachine>(p: Probe<M>, i: &Ins, first: u32) -> Flow<M> {
    if let Some(s) = p.cast::<WSet>(operators::inner(&p, p.reg(first)))
        && let Some(there) = tables::contains(&p, s.raw, p.reg(first + 1))
    {
        let words = [p.word_ref(s.raw), p.word_ref(p.reg(first + 1))];
        p.set_reg(a(i), p.konst(p.vm().world().none));
        return match there {
            true => Flow::Next,
            false => p.commit().call(&residuals::SET_INSERT, words, Step::Drop),
        };
    }
    calls::residual(p, i)
}
/// A method of a list that is expanded or has a call of its own, whose effects are told: `argc` arguments from `first` on.
pub fn list_method<M: PyMachine>(
    p: Probe<M>,
    i: &Ins,
    inline: Inline,
    list: M::Ref,
    first: u32,
    argc: u32,
) -> Flow<M> {
    let Some(list) = p.cast::<WList>(operators::inner(&p, list)) else {
        return calls::residual(p, i);
    };
    match (inline, argc) {
        (Inline::ListAppend, 1) => {
            let v = p.reg(first);
            p.set_reg(a(i), p.konst(p.vm().world().none));
            return items::append(p, list, v);
        }
        (Inline::ListPop, 0) => return list_pop(p, i, list),
        _ => {}
    }
    // Items that lie outside the heap may take foreign destructors with them: anything can happen then.
    let at = p.reg(first);
    if p.type_id(at) != WInt::TYPE_ID || items::is_outside(&p, list) {
        return calls::residual(p, i);
    }
    let at = p.get(R::<M, WInt>::assume(at), WInt::VALUE);
    let words = [p.word_ref(list.raw), p.word_int(at)];
    match (inline, argc) {
        (Inline::ListPop, 1) => p.commit().call_store(&residuals::LIST_POP_AT, words),
        (Inline::ListInsert, 2) => {
            let words = [words[0], words[1], p.word_ref(p.reg(first + 1))];
            p.set_reg(a(i), p.konst(p.vm().world().none));
            p.commit().call(&residuals::LIST_INSERT, words, Step::Drop)
        }
        _ => calls::residual(p, i),
    }
}
fn list_pop<M: PyMachine>(p: Probe<M>, i: &Ins, list: R<M, WList>) -> Flow<M> {
    let len = p.get(list, WList::LEN);
    if !p.guard(p.int_cmp(IntCmp::Gt, len, p.const_int(0))) {
        return calls::residual(p, i);
    }
    let last = p.int_op(IntOp::Sub, len, p.const_int(1));
    let array = p.get(list, WList::ITEMS);
    let v = items::list_item(&p, list, last);
    p.set_reg(a(i), v);
    let null = p.konst(Gc::NULL);
    match p.cast::<WRefArray>(array) {
        Some(array) => {
            let c = p.commit();
            c.set_item(array, WRefArray::ITEMS, last, null);
            c.set_plain(list, WList::LEN, last);
        }
        None => p.commit().set_plain(list, WList::LEN, last),
    }
    Flow::Next
}
