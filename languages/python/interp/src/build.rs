//! Construction and unpacking of tuples, lists, sets, dicts, strings, slices and functions.

use crate::calls::tuple_of;
use crate::conversions;
use crate::dicts;
use crate::items;
use crate::prelude::*;
use crate::tables;

/// Longer displays and unpackings are left to residual functions, so that traces stay short.
const UNROLL: u32 = 16;

#[inline(always)]
pub fn tuple<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    // Not on the line: whether its native frame would go before the next instruction is up to the optimizer there, and
    // frames that stay would hold what they saw.
    if i.c != 0 {
        return p.out_of_line(tuple_of_items);
    }
    p.set_reg(a(i), p.konst(p.vm().world().empty_tuple));
    Flow::Next
}
fn tuple_of_items<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    p.set_reg(a(i), tuple_of(&p, b(i), c(i)));
    Flow::Next
}
#[inline(always)]
pub fn list<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if i.c != 0 {
        return p.out_of_line(list_of_items);
    }
    let empty = p.konst(p.vm().world().empty_refs);
    p.set_reg(
        a(i),
        p.new_object::<WList>().with(WList::ITEMS, empty).any(),
    );
    Flow::Next
}
/// A short list of ints or of floats gets its strategy here.
fn list_of_items<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (first, count) = (b(i), c(i));
    if count > UNROLL {
        let items = p.word_ref(tuple_of(&p, first, count));
        return p.commit().call_store(&residuals::LIST_OF_TUPLE, [items]);
    }
    p.set_reg(a(i), short_list(&p, count, |n| p.reg(first + n)));
    Flow::Next
}
/// A new list of a few values, in the strategy that suits them.
#[inline(always)]
fn short_list<M: PyMachine>(p: &Probe<M>, count: u32, value: impl Fn(u32) -> M::Ref) -> M::Ref {
    if count == 0 {
        let empty = p.konst(p.vm().world().empty_refs);
        return p.new_object::<WList>().with(WList::ITEMS, empty).any();
    }
    let items = narrowest_array(p, count, value);
    p.new_object::<WList>()
        .with(WList::LEN, p.const_int(i64::from(count)))
        .with(WList::ITEMS, items)
        .any()
}
/// The items of a new list in the narrowest strategy that holds them all.
fn narrowest_array<M: PyMachine>(p: &Probe<M>, count: u32, item: impl Fn(u32) -> M::Ref) -> M::Ref {
    let len = p.const_int(i64::from(count));
    let number = |n: u32| p.const_int(i64::from(n));
    let all = |id: u32| (0..count).all(|n| p.type_id(item(n)) == id);
    if all(WInt::TYPE_ID) {
        let mut array = p.new_array(WIntArray::ITEMS, len);
        for n in 0..count {
            let v = p.get(R::<M, WInt>::assume(item(n)), WInt::VALUE);
            array = array.with(number(n), v);
        }
        array.any()
    } else if all(WFloat::TYPE_ID) {
        let mut array = p.new_array(WFloatArray::ITEMS, len);
        for n in 0..count {
            let v = p.get(R::<M, WFloat>::assume(item(n)), WFloat::VALUE);
            array = array.with(number(n), v);
        }
        array.any()
    } else {
        let mut array = p.new_array(WRefArray::ITEMS, len);
        for n in 0..count {
            array = array.with(number(n), item(n));
        }
        array.any()
    }
}
#[inline(always)]
pub fn set<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(set_rest)
}
fn set_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let items = p.word_ref(tuple_of(&p, b(i), c(i)));
    p.commit().call_store(&residuals::SET_OF_TUPLE, [items])
}
#[inline(always)]
pub fn dict<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(dict_rest)
}
fn dict_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if let Some(keys) = dicts::known_keys(&p, b(i), c(i))
        && let Some(dict) = dicts::of_names(&p, &keys, |n| p.reg(b(i) + 2 * n as u32 + 1))
    {
        p.set_reg(a(i), dict);
        return Flow::Next;
    }
    if i.c == 0 {
        return p.commit().call_store(&residuals::NEW_DICT, []);
    }
    let items = p.word_ref(tuple_of(&p, b(i), 2 * c(i)));
    p.commit().call_store(&residuals::DICT_OF_TUPLE, [items])
}
#[inline(always)]
pub fn slice<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let step = if i.c == 3 {
        p.reg(b(i) + 2)
    } else {
        p.konst(p.vm().world().none)
    };
    let slice = p
        .new_object::<WSlice>()
        .with(WSlice::START, p.reg(b(i)))
        .with(WSlice::STOP, p.reg(b(i) + 1));
    p.set_reg(a(i), slice.with(WSlice::STEP, step).any());
    Flow::Next
}
#[inline(always)]
pub fn string<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(string_rest)
}
fn string_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if i.c == 2 {
        let words = [p.word_ref(p.reg(b(i))), p.word_ref(p.reg(b(i) + 1))];
        return p.commit().call_store(&residuals::CONCAT, words);
    }
    let items = p.word_ref(tuple_of(&p, b(i), c(i)));
    p.commit().call_store(&residuals::CONCAT_TUPLE, [items])
}

// ---- comprehensions and displays with stars
#[inline(always)]
pub fn list_append<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let list = R::<M, WList>::assume(p.reg(a(i)));
    let v = p.reg(b(i));
    match items::append_in_place(p, list, v) {
        Ok(_) => Flow::Next,
        Err(p) => p.out_of_line(list_append_rest),
    }
}
fn list_append_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(a(i))), p.word_ref(p.reg(b(i)))];
    p.commit().call(&residuals::LIST_APPEND, words, Step::Drop)
}
macro_rules! updates {
    ($($name:ident $rest:ident $residual:ident;)*) => { $(
        #[inline(always)]
        pub fn $name<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
            p.out_of_line($rest)
        }
        fn $rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
            let words = [p.word_ref(p.reg(a(i))), p.word_ref(p.reg(b(i)))];
            p.commit().call(&residuals::$residual, words, Step::Drop)
        }
    )* };
}
updates! {
    set_update set_update_rest SET_UPDATE;
    dict_update dict_update_rest DICT_UPDATE;
}
#[inline(always)]
pub fn set_add<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(set_add_rest)
}
fn set_add_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (s, key) = (p.reg(a(i)), p.reg(b(i)));
    let words = [p.word_ref(s), p.word_ref(key)];
    match tables::contains(&p, s, key) {
        Some(true) => Flow::Next,
        Some(false) => p.commit().call(&residuals::SET_INSERT, words, Step::Drop),
        None => p.commit().call(&residuals::SET_ADD, words, Step::Drop),
    }
}
#[inline(always)]
pub fn map_add<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(map_add_rest)
}
fn map_add_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (d, key, v) = (R::<M, WDict>::assume(p.reg(a(i))), p.reg(b(i)), p.reg(c(i)));
    let p = match tables::set(p, d, key, v) {
        Ok(flow) => return flow,
        Err(p) => p,
    };
    let words = [
        p.word_ref(p.reg(a(i))),
        p.word_ref(p.reg(b(i))),
        p.word_ref(p.reg(c(i))),
    ];
    p.commit().call(&residuals::DICT_SET, words, Step::Drop)
}
#[inline(always)]
pub fn list_extend<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(list_extend_rest)
}
fn list_extend_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    // A display of constants: the items of a tuple for the list that was just made.
    let list = R::<M, WList>::assume(p.reg(a(i)));
    if let Some(tuple) = p.cast::<WTuple>(p.reg(b(i))) {
        let count = p.promote_int(p.array_len(tuple, WTuple::ITEMS));
        let empty = p.int_cmp(IntCmp::Eq, p.get(list, WList::LEN), p.const_int(0));
        if (1..=i64::from(UNROLL)).contains(&count)
            && p.guard(empty)
            && !items::is_outside(&p, list)
        {
            let item = |n: u32| p.item(tuple, WTuple::ITEMS, p.const_int(i64::from(n)));
            let array = narrowest_array(&p, count as u32, item);
            let c = p.commit();
            c.set_plain(list, WList::LEN, c.const_int(count));
            return c.write(list).set(WList::ITEMS, array).next();
        }
    }
    let words = [
        p.word_ref(p.reg(a(i))),
        p.word_ref(p.reg(b(i))),
        p.word_int(p.const_int(i64::from(i.c))),
    ];
    p.commit().call(&residuals::LIST_EXTEND, words, Step::Drop)
}
#[inline(always)]
pub fn dict_merge<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(dict_merge_rest)
}
fn dict_merge_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [
        p.word_ref(p.reg(a(i))),
        p.word_ref(p.reg(b(i))),
        p.word_ref(p.reg(c(i))),
    ];
    p.commit().call(&residuals::DICT_MERGE, words, Step::Drop)
}
#[inline(always)]
pub fn list_to_tuple<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(list_to_tuple_rest)
}
fn list_to_tuple_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(b(i)))];
    p.commit().call_store(&residuals::LIST_TO_TUPLE, words)
}

// ---- unpacking
#[inline(always)]
pub fn unpack_sequence<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let Some(tuple) = p.cast::<WTuple>(p.reg(b(i))) else {
        return p.out_of_line(unpack_rest);
    };
    let wanted = p.int_cmp(
        IntCmp::Eq,
        p.array_len(tuple, WTuple::ITEMS),
        p.const_int(i64::from(i.c)),
    );
    if i.c > UNROLL as u16 || !p.guard(wanted) {
        return p.out_of_line(unpack_rest);
    }
    spread(&p, i, tuple, c(i));
    Flow::Next
}
/// Register a and the next ones = the items.
#[inline(always)]
fn spread<M: PyMachine>(p: &Probe<M>, i: &Ins, tuple: R<M, WTuple>, count: u32) {
    for n in 0..count {
        p.set_reg(
            a(i) + n,
            p.item(tuple, WTuple::ITEMS, p.const_int(i64::from(n))),
        );
    }
}
fn unpack_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if let Some(list) = p.cast::<WList>(x) {
        let wanted = p.int_cmp(
            IntCmp::Eq,
            p.get(list, WList::LEN),
            p.const_int(i64::from(i.c)),
        );
        // An empty list may be one whose items are outside.
        if (1..=UNROLL).contains(&c(i)) && p.guard(wanted) {
            for n in 0..c(i) {
                p.set_reg(
                    a(i) + n,
                    items::list_item(&p, list, p.const_int(i64::from(n))),
                );
            }
            return Flow::Next;
        }
    }
    let words = [p.word_ref(x), p.word_int(p.const_int(i64::from(i.c)))];
    p.commit().call(&residuals::UNPACK, words, Step::Unpack)
}
#[inline(always)]
pub fn unpack_ex<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(unpack_ex_rest)
}
fn unpack_ex_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (before, after) = (c(i), i.d as u32);
    if let Some(tuple) = p.cast::<WTuple>(p.reg(b(i))) {
        let len = p.promote_int(p.array_len(tuple, WTuple::ITEMS));
        if (i64::from(before + after)..=i64::from(UNROLL)).contains(&len) {
            let item = |n: u32| p.item(tuple, WTuple::ITEMS, p.const_int(i64::from(n)));
            let rest = len as u32 - before - after;
            let middle = short_list(&p, rest, |n| item(before + n));
            // The tuple may stand in a register that is written: its items are read first.
            let all: [M::Ref; UNROLL as usize] = std::array::from_fn(|n| match n as u32 {
                n if n < len as u32 => item(n),
                _ => middle,
            });
            for n in 0..before {
                p.set_reg(a(i) + n, all[n as usize]);
            }
            p.set_reg(a(i) + before, middle);
            for n in 0..after {
                p.set_reg(a(i) + before + 1 + n, all[(before + rest + n) as usize]);
            }
            return Flow::Next;
        }
    }
    let before = p.const_int(i64::from(i.c));
    let words = [
        p.word_ref(p.reg(b(i))),
        p.word_int(before),
        p.word_int(p.const_int(i64::from(i.d))),
    ];
    p.commit().call(&residuals::UNPACK_EX, words, Step::Unpack)
}
/// Return step `Unpack`: a tuple of exactly the values wanted.
pub fn after_unpack<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    let count = match i.op {
        Op::UnpackEx => c(i) + 1 + i.d as u32,
        _ => c(i),
    };
    spread(&p, i, R::assume(v), count);
    Flow::Next
}

// ---- f-strings
#[inline(always)]
pub fn format_value<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(format_rest)
}
#[inline(always)]
pub fn format_spec<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(format_rest)
}
fn format_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    // Without a format a str and the text of an int need no call of `__format__`.
    if i.op == Op::FormatValue
        && matches!(i.d as u8, 0 | b's')
        && let Some(text) = conversions::string(&p, p.reg(b(i)))
    {
        p.set_reg(a(i), text);
        return Flow::Next;
    }
    let spec = match i.op {
        Op::FormatSpec => p.reg(c(i)),
        _ => p.konst(p.vm().world().empty_str),
    };
    let words = [
        p.word_ref(p.reg(b(i))),
        p.word_int(p.const_int(i64::from(i.d))),
        p.word_ref(spec),
    ];
    p.commit().call_store(&residuals::FORMAT, words)
}

// ---- functions
#[inline(always)]
pub fn function<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(function_rest)
}
fn function_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let mut next = b(i);
    let mut part = |bit: u16| match i.c & bit != 0 {
        true => {
            next += 1;
            p.reg(next - 1)
        }
        false => p.konst(Gc::NULL),
    };
    let (defaults, kwdefaults, annotations, closure) = (part(1), part(2), part(4), part(8));
    let code = p.konst(p.code().constant(i.d as usize));
    let globals = p.get(crate::names::running_function(&p), WFunction::GLOBALS);
    if M::RECORDS
        && i.c & 4 == 0
        && let Some(module) = crate::names::module_name(&p, R::assume(globals))
    {
        let code = p.promote(p.get(R::<M, WCode>::assume(code), WCode::CODE));
        let parts = ouro_py_objects::function::names_of(p.vm(), code);
        let function = p
            .new_object::<WFunction>()
            .with(WFunction::CODE, p.host(code))
            .with(WFunction::GLOBALS, globals)
            .with(WFunction::DEFAULTS, defaults)
            .with(WFunction::KWDEFAULTS, kwdefaults)
            .with(WFunction::CLOSURE, closure)
            .with(WFunction::NAME, p.konst(parts.name))
            .with(WFunction::QUALNAME, p.konst(parts.qualname))
            .with(WFunction::DOC, p.konst(parts.doc))
            .with(WFunction::MODULE, module);
        p.set_reg(a(i), function.any());
        return Flow::Next;
    }
    let words = [code, globals, defaults, kwdefaults, closure].map(|v| p.word_ref(v));
    if i.c & 4 == 0 {
        return p.commit().call_store(&residuals::MAKE_FUNCTION, words);
    }
    let function = p.call_ref(&residuals::MAKE_FUNCTION, words);
    let words = [p.word_ref(function), p.word_ref(annotations)];
    p.commit().call_store(&residuals::ANNOTATE, words)
}
