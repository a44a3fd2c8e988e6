//! Operators and protocols on any objects: arithmetic, comparison, truth, containers, iteration, hash, text.
//!
//! Exact builtin operands are served at once; everything else goes through special methods of the classes.

use crate::access::Access;
use crate::class::{Class, class_flags};
use crate::layout::*;
use crate::special::{BinOp, CmpOp, Special};
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::{Gc, Object};

const INT: u32 = WInt::TYPE_ID;
const FLOAT: u32 = WFloat::TYPE_ID;
const STR: u32 = WStr::TYPE_ID;

/// `a is b`: value classes by value.
#[inline]
pub fn identical(a: Gc, b: Gc) -> bool {
    if a == b {
        return true;
    }
    match (a.type_id().0, b.type_id().0) {
        (INT, INT) => a.get(WInt::VALUE) == b.get(WInt::VALUE),
        (FLOAT, FLOAT) => a.get(WFloat::VALUE).to_bits() == b.get(WFloat::VALUE).to_bits(),
        _ => false,
    }
}
/// `a op b`
///
/// # Errors
/// TypeError with CPython's text, what methods raise.
pub fn binary(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    match (a.type_id().0, b.type_id().0) {
        (INT, INT) => {
            let (x, y) = (a.get(WInt::VALUE), b.get(WInt::VALUE));
            return crate::int::arithmetic(
                vm,
                op,
                crate::int::Int::Small(x),
                crate::int::Int::Small(y),
            );
        }
        (FLOAT, FLOAT)
            if !matches!(
                op,
                BinOp::LShift | BinOp::RShift | BinOp::And | BinOp::Or | BinOp::Xor | BinOp::MatMul
            ) =>
        {
            return crate::float::arithmetic(vm, op, a.get(WFloat::VALUE), b.get(WFloat::VALUE));
        }
        (STR, STR) if op == BinOp::Add => return crate::str::concat(vm, a, b),
        // No subclass of str on the right, whose method would come first.
        (STR, INT | FLOAT | STR | WTuple::TYPE_ID) if op == BinOp::Mod => {
            return crate::str::percent::percent(vm, a, b);
        }
        _ => {}
    }
    let result = binary_methods(vm, op, a, b)?;
    if result != vm.world().not_implemented {
        return Ok(result);
    }
    Err(no_operator(vm, op, a, b, op.symbol()))
}
fn binary_methods(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    let (left, right, _) = op.specials();
    let (ta, tb) = (type_of(vm, a), type_of(vm, b));
    let f = ta.special(vm, left);
    let same = std::ptr::eq(ta, tb);
    let g = if same {
        Gc::NULL
    } else {
        tb.special(vm, right)
    };
    let not_implemented = vm.world().not_implemented;
    let reflected_first = !g.is_null() && tb.is_subclass(ta) && g != ta.special(vm, right);
    if reflected_first {
        let result = crate::call::call_unbound(vm, g, &[b, a])?;
        if result != not_implemented {
            return Ok(result);
        }
    }
    if !f.is_null() {
        let result = crate::call::call_unbound(vm, f, &[a, b])?;
        if result != not_implemented {
            return Ok(result);
        }
    }
    if !g.is_null() && !reflected_first {
        return crate::call::call_unbound(vm, g, &[b, a]);
    }
    Ok(not_implemented)
}
/// `a op= b`
pub fn inplace(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    if let Some(special) = op.specials().2 {
        let f = type_of(vm, a).special(vm, special);
        if !f.is_null() {
            let result = crate::call::call_unbound(vm, f, &[a, b])?;
            if result != vm.world().not_implemented {
                return Ok(result);
            }
        }
    }
    match (a.type_id().0, b.type_id().0) {
        (INT, INT) | (FLOAT, FLOAT) | (STR, STR) => return binary(vm, op, a, b),
        _ => {}
    }
    let result = binary_methods(vm, op, a, b)?;
    if result != vm.world().not_implemented {
        return Ok(result);
    }
    let symbol = match op {
        BinOp::Pow => "**=".to_owned(),
        _ => format!("{}=", op.symbol()),
    };
    Err(no_operator(vm, op, a, b, &symbol))
}
/// The TypeError of operands that no method wanted.
#[cold]
pub fn no_operator(vm: &'static Vm, op: BinOp, a: Gc, b: Gc, symbol: &str) -> Gc {
    let (ta, tb) = (type_of(vm, a).text(), type_of(vm, b).text());
    let (x, y) = (crate::payload(a), crate::payload(b));
    let is_sequence = |o: Gc| {
        o.is::<WStr>()
            || o.is::<WBytes>()
            || o.is::<WByteArray>()
            || o.is::<WTuple>()
            || o.is::<WList>()
    };
    if op == BinOp::Add {
        if x.is::<WStr>() || x.is::<WList>() || x.is::<WTuple>() {
            return vm.type_error(format_args!(
                "can only concatenate {ta} (not \"{tb}\") to {ta}"
            ));
        }
        if x.is::<WBytes>() || x.is::<WByteArray>() {
            return vm.type_error(format_args!("can't concat {tb} to {ta}"));
        }
    }
    if op == BinOp::Mul && (is_sequence(x) || is_sequence(y)) {
        let other = if is_sequence(x) { tb } else { ta };
        return vm.type_error(format_args!(
            "can't multiply sequence by non-int of type '{other}'"
        ));
    }
    let hint = match op == BinOp::RShift
        && x.is::<WBuiltin>()
        && x.get(WBuiltin::DEF).expect().name == "print"
    {
        true => ". Did you mean \"print(<message>, file=<output_stream>)\"?",
        false => "",
    };
    vm.type_error(format_args!(
        "unsupported operand type(s) for {symbol}: '{ta}' and '{tb}'{hint}"
    ))
}
/// `-a`, `+a`, `~a`: `special` is the method.
pub fn unary(vm: &'static Vm, special: Special, a: Gc) -> PyResult {
    match crate::call::call_special(vm, a, special, &[])? {
        Some(v) => Ok(v),
        None => {
            let symbol = match special {
                Special::Neg => "unary -",
                Special::Pos => "unary +",
                Special::Invert => "unary ~",
                _ => "abs()",
            };
            Err(vm.type_error(format_args!(
                "bad operand type for {symbol}: '{}'",
                type_of(vm, a).text()
            )))
        }
    }
}
/// `a op b` for a comparison: any object.
pub fn compare(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    match (a.type_id().0, b.type_id().0) {
        (INT, INT) => {
            return Ok(vm
                .world()
                .bool(op.holds(a.get(WInt::VALUE).cmp(&b.get(WInt::VALUE)))));
        }
        (STR, STR) => {
            return Ok(vm
                .world()
                .bool(op.holds(crate::str::bytes(a).cmp(crate::str::bytes(b)))));
        }
        _ => {}
    }
    let (ta, tb) = (type_of(vm, a), type_of(vm, b));
    if op == CmpOp::Eq {
        // `object.__eq__` on both sides: identity, without a call.
        let default = vm.world().classes.object.special(vm, op.special());
        if ta.special(vm, op.special()) == default && tb.special(vm, op.special()) == default {
            return Ok(vm.world().bool(identical(a, b)));
        }
    }
    let not_implemented = vm.world().not_implemented;
    let reflected = op.reflected().special();
    let mut tried = false;
    if !std::ptr::eq(ta, tb) && tb.is_subclass(ta) {
        let g = tb.special(vm, reflected);
        if !g.is_null() {
            tried = true;
            let result = crate::call::call_unbound(vm, g, &[b, a])?;
            if result != not_implemented {
                return Ok(result);
            }
        }
    }
    let f = ta.special(vm, op.special());
    if !f.is_null() {
        let result = crate::call::call_unbound(vm, f, &[a, b])?;
        if result != not_implemented {
            return Ok(result);
        }
    }
    if !tried {
        let g = tb.special(vm, reflected);
        if !g.is_null() {
            let result = crate::call::call_unbound(vm, g, &[b, a])?;
            if result != not_implemented {
                return Ok(result);
            }
        }
    }
    match op {
        CmpOp::Eq => Ok(vm.world().bool(identical(a, b))),
        CmpOp::Ne => Ok(vm.world().bool(!identical(a, b))),
        _ => {
            let text = format!(
                "'{}' not supported between instances of '{}' and '{}'",
                op.symbol(),
                ta.text(),
                tb.text()
            );
            Err(vm.type_error(text))
        }
    }
}
/// The truth of `a op b`.
#[inline]
pub fn compare_bool(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult<bool> {
    match (a.type_id().0, b.type_id().0) {
        (INT, INT) => return Ok(op.holds(a.get(WInt::VALUE).cmp(&b.get(WInt::VALUE)))),
        (FLOAT, FLOAT) => {
            let order = a.get(WFloat::VALUE).partial_cmp(&b.get(WFloat::VALUE));
            return Ok(order.map_or(op == CmpOp::Ne, |o| op.holds(o)));
        }
        _ => {}
    }
    let result = compare(vm, op, a, b)?;
    truth(vm, result)
}
/// Equality as containers see it: identical objects are equal.
#[inline]
pub fn eq(vm: &'static Vm, a: Gc, b: Gc) -> PyResult<bool> {
    if a == b {
        return Ok(true);
    }
    if a.is::<WFloat>() && b.is::<WFloat>() && identical(a, b) {
        return Ok(true);
    }
    compare_bool(vm, CmpOp::Eq, a, b)
}
/// `bool(a)`
#[inline]
pub fn truth(vm: &'static Vm, a: Gc) -> PyResult<bool> {
    match a.type_id().0 {
        WBool::TYPE_ID => return Ok(a.get(WBool::VALUE) != 0),
        WNone::TYPE_ID => return Ok(false),
        INT => return Ok(a.get(WInt::VALUE) != 0),
        FLOAT => return Ok(a.get(WFloat::VALUE) != 0.0),
        STR => return Ok(a.get(WStr::LEN) != 0),
        WList::TYPE_ID => return Ok(crate::list::len(a) != 0),
        WTuple::TYPE_ID => return Ok(a.get(WTuple::LEN) != 0),
        WDict::TYPE_ID => return Ok(a.get(WDict::USED) != 0),
        _ => {}
    }
    let class = type_of(vm, a);
    let f = class.special(vm, Special::Bool);
    if !f.is_null() {
        let result = crate::call::call_unbound(vm, f, &[a])?;
        if !result.is::<WBool>() {
            let got = type_of(vm, result).text();
            return Err(vm.type_error(format_args!("__bool__ should return bool, returned {got}")));
        }
        return Ok(result.get(WBool::VALUE) != 0);
    }
    if !class.special(vm, Special::Len).is_null() {
        return Ok(len(vm, a)? != 0);
    }
    Ok(true)
}
/// `len(a)`
pub fn len(vm: &'static Vm, a: Gc) -> PyResult<usize> {
    match a.type_id().0 {
        WList::TYPE_ID => return Ok(crate::list::len(a)),
        WTuple::TYPE_ID => return Ok(crate::tuple::len(a)),
        STR => return Ok(crate::str::char_len(a)),
        WDict::TYPE_ID => return Ok(crate::dict::len(a)),
        _ => {}
    }
    let Some(result) = crate::call::call_special(vm, a, Special::Len, &[])? else {
        return Err(vm.type_error(format_args!(
            "object of type '{}' has no len()",
            type_of(vm, a).text()
        )));
    };
    let v = crate::int::index(vm, result)?;
    if v.is_negative() {
        return Err(vm.value_error("__len__() should return >= 0"));
    }
    match v.small() {
        Some(n) => Ok(n as usize),
        None => Err(vm.overflow_error("cannot fit 'int' into an index-sized integer")),
    }
}
/// `operator.length_hint(a)`, 0 if unknown.
pub fn length_hint(vm: &'static Vm, a: Gc) -> PyResult<usize> {
    let class = type_of(vm, a);
    if !class.special(vm, Special::Len).is_null() {
        return Ok(
            crate::error::catch(vm, vm.world().classes.type_error, len(vm, a))?.unwrap_or(0),
        );
    }
    let hint = crate::call::call_special(vm, a, Special::LengthHint, &[]);
    match crate::error::catch(vm, vm.world().classes.type_error, hint)?.flatten() {
        Some(v) if v == vm.world().not_implemented => Ok(0),
        Some(v) => match crate::int::get(v) {
            Some(n) if n.is_negative() => {
                Err(vm.value_error("__length_hint__() should return >= 0"))
            }
            Some(n) => Ok(n.small().unwrap_or(0) as usize),
            None => Err(vm.type_error(format_args!(
                "__length_hint__ must be an integer, not {}",
                type_of(vm, v).text()
            ))),
        },
        None => Ok(0),
    }
}
/// `item in container`
pub fn contains(vm: &'static Vm, container: Gc, item: Gc) -> PyResult<bool> {
    let class = type_of(vm, container);
    let f = class.special(vm, Special::Contains);
    if f == vm.world().none {
        return Err(vm.type_error(format_args!("'{}' object is not a container", class.text())));
    }
    if !f.is_null() {
        let result = crate::call::call_unbound(vm, f, &[container, item])?;
        return truth(vm, result);
    }
    let it = match iter(vm, container) {
        Err(e)
            if crate::error::is_instance_of(vm, e, vm.world().classes.type_error)
                && class.special(vm, Special::Iter).is_null()
                && class.special(vm, Special::GetItem).is_null() =>
        {
            return Err(vm.type_error(format_args!(
                "argument of type '{}' is not iterable",
                class.text()
            )));
        }
        it => it?,
    };
    while let Some(v) = next(vm, it)? {
        if eq(vm, v, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}
/// `a[key]`
pub fn get_item(vm: &'static Vm, a: Gc, key: Gc) -> PyResult {
    if a.is::<WStr>() {
        return crate::str::methods::get_item(vm, a, key);
    }
    if let Some(v) = crate::call::call_special(vm, a, Special::GetItem, &[key])? {
        return Ok(v);
    }
    if let Some(class) = crate::make_class::class_of(a) {
        if std::ptr::eq(class, vm.world().classes.type_) {
            return crate::generic_alias::new(vm, a, key);
        }
        if let Some(f) = crate::attribute::get_attr_opt(vm, a, vm.world().names.class_getitem)? {
            return crate::call::call_args(vm, f, &[key]);
        }
        return Err(vm.type_error(format_args!("type '{}' is not subscriptable", class.text())));
    }
    Err(vm.type_error(format_args!(
        "'{}' object is not subscriptable",
        type_of(vm, a).text()
    )))
}
/// `a[key] = value`
pub fn set_item(vm: &'static Vm, a: Gc, key: Gc, value: Gc) -> PyResult<()> {
    match crate::call::call_special(vm, a, Special::SetItem, &[key, value])? {
        Some(_) => Ok(()),
        None => Err(vm.type_error(format_args!(
            "'{}' object does not support item assignment",
            type_of(vm, a).text()
        ))),
    }
}
/// `del a[key]`
pub fn del_item(vm: &'static Vm, a: Gc, key: Gc) -> PyResult<()> {
    match crate::call::call_special(vm, a, Special::DelItem, &[key])? {
        Some(_) => Ok(()),
        None => {
            let class = type_of(vm, a);
            // CPython asks sequences, to which it counts all user classes, in other words than the rest.
            let is_sequence =
                class.has(class_flags::HEAP) || !class.special(vm, Special::Len).is_null();
            let is_index = !type_of(vm, key).special(vm, Special::Index).is_null();
            let does_not = match is_sequence && is_index {
                true => "doesn't",
                false => "does not",
            };
            Err(vm.type_error(format_args!(
                "'{}' object {does_not} support item deletion",
                class.text()
            )))
        }
    }
}
/// `iter(a)`
pub fn iter(vm: &'static Vm, a: Gc) -> PyResult {
    if let Some(it) = crate::iter::of_builtin(vm, a) {
        return Ok(it);
    }
    let class = type_of(vm, a);
    let f = class.special(vm, Special::Iter);
    let not_iterable =
        || Err(vm.type_error(format_args!("'{}' object is not iterable", class.text())));
    if f == vm.world().none {
        return not_iterable();
    }
    if f.is_null() {
        if class.special(vm, Special::GetItem).is_null() {
            return not_iterable();
        }
        return Ok(crate::iter::of_sequence(vm, a));
    }
    let it = crate::call::call_unbound(vm, f, &[a])?;
    if type_of(vm, it).special(vm, Special::Next).is_null() {
        let got = type_of(vm, it).text();
        return Err(vm.type_error(format_args!("iter() returned non-iterator of type '{got}'")));
    }
    Ok(it)
}
/// `next(it)`; None at the end.
#[inline]
pub fn next(vm: &'static Vm, it: Gc) -> PyResult<Option<Gc>> {
    if let Some(result) = crate::iter::next_builtin(vm, it) {
        return result;
    }
    let class = type_of(vm, it);
    let f = class.special(vm, Special::Next);
    if f.is_null() {
        return Err(vm.type_error(format_args!("'{}' object is not an iterator", class.text())));
    }
    crate::error::catch(
        vm,
        vm.world().classes.stop_iteration,
        crate::call::call_unbound(vm, f, &[it]),
    )
}
/// `hash(a)`
pub fn hash(vm: &'static Vm, a: Gc) -> PyResult<i64> {
    match a.type_id().0 {
        STR => return Ok(crate::str::hash(vm, a)),
        INT => return Ok(crate::int::hash_small(a.get(WInt::VALUE))),
        WTuple::TYPE_ID => return crate::tuple::hash(vm, a),
        FLOAT => return Ok(crate::float::hash(a.get(WFloat::VALUE))),
        WBool::TYPE_ID => return Ok(a.get(WBool::VALUE)),
        _ => {}
    }
    let class = type_of(vm, a);
    let f = class.special(vm, Special::Hash);
    if f.is_null() || f == vm.world().none {
        return Err(vm.type_error(format_args!("unhashable type: '{}'", class.text())));
    }
    let result = crate::call::call_unbound(vm, f, &[a])?;
    match crate::int::get(result) {
        Some(crate::int::Int::Small(-1)) => Ok(-2),
        Some(crate::int::Int::Small(h)) => Ok(h),
        Some(v) => Ok(crate::int::hash(&v)),
        None => Err(vm.type_error("__hash__ method should return an integer")),
    }
}
/// The hash of an object by identity.
pub fn identity_hash(vm: &'static Vm, a: Gc) -> i64 {
    let id = id(vm, a);
    (id >> 4 | id << 60) as i64
}
/// `id(a)`: value classes get a number made of their value, what stands for a structure outside the heap its address: the
/// object may have been made anew since it was last asked.
pub fn id(vm: &'static Vm, a: Gc) -> u64 {
    match a.type_id().0 {
        INT => (a.get(WInt::VALUE) as u64) << 4 | 1,
        FLOAT => a.get(WFloat::VALUE).to_bits() << 4 | 5,
        WForeign::TYPE_ID => a.get(WForeign::RAW) as u64,
        _ => vm.heap.identity(a) as u64,
    }
}
fn text_result(vm: &'static Vm, result: Gc, method: &str) -> PyResult {
    match crate::str::as_str(result) {
        Some(_) => Ok(result),
        None => Err(vm.type_error(format_args!(
            "{method} returned non-string (type {})",
            type_of(vm, result).text()
        ))),
    }
}
/// `repr(a)`, a str.
pub fn repr(vm: &'static Vm, a: Gc) -> PyResult {
    if a.is::<WStr>() {
        return Ok(crate::str::repr::repr(vm, a));
    }
    crate::error::recursive(vm, " while getting the repr of an object", || {
        match crate::call::call_special(vm, a, Special::Repr, &[])? {
            Some(v) => text_result(vm, v, "__repr__"),
            None => Ok(crate::object::default_repr(vm, a)),
        }
    })
}
/// `repr(a)` in Rust.
pub fn repr_text(vm: &'static Vm, a: Gc) -> PyResult<String> {
    repr(vm, a).map(|s| crate::str::to_text(crate::payload(s)))
}
/// `str(a)`, a str.
pub fn str_of(vm: &'static Vm, a: Gc) -> PyResult {
    if a.is::<WStr>() {
        return Ok(a);
    }
    let class = type_of(vm, a);
    let f = class.special(vm, Special::Str);
    if f.is_null() || f == vm.world().classes.object.special(vm, Special::Str) {
        return repr(vm, a);
    }
    crate::error::recursive(vm, " while getting the str of an object", || {
        text_result(vm, crate::call::call_unbound(vm, f, &[a])?, "__str__")
    })
}
/// `str(a)` in Rust.
pub fn str_text(vm: &'static Vm, a: Gc) -> PyResult<String> {
    str_of(vm, a).map(|s| crate::str::to_text(crate::payload(s)))
}
/// `format(a, spec)`; `spec` is a str.
pub fn format(vm: &'static Vm, a: Gc, spec: Gc) -> PyResult {
    if spec.is::<WStr>() && spec.get(WStr::LEN) == 0 && (a.is::<WStr>() || a.is::<WInt>()) {
        return str_of(vm, a);
    }
    match crate::call::call_special(vm, a, Special::Format, &[spec])? {
        Some(v) => match crate::str::as_str(v) {
            Some(_) => Ok(v),
            None => Err(vm.type_error(format_args!(
                "__format__ must return a str, not {}",
                type_of(vm, v).text()
            ))),
        },
        None => Err(vm.type_error(format_args!(
            "Type {} doesn't define __format__",
            type_of(vm, a).text()
        ))),
    }
}
/// `isinstance(a, class)` for a class without hooks.
pub fn is_instance_exact(vm: &'static Vm, a: Gc, class: &'static Class) -> bool {
    type_of(vm, a).is_subclass(class)
}
/// `isinstance(a, classes)`
pub fn is_instance(vm: &'static Vm, a: Gc, classes: Gc) -> PyResult<bool> {
    if let Some(class) = crate::make_class::class_of(classes) {
        let meta = class.meta();
        if std::ptr::eq(type_of(vm, a), class) {
            return Ok(true);
        }
        let type_ = vm.world().classes.type_;
        if std::ptr::eq(meta, type_)
            || meta.special(vm, Special::InstanceCheck) == type_.special(vm, Special::InstanceCheck)
        {
            return plain_is_instance(vm, a, classes);
        }
    }
    if let Some(tuple) = crate::tuple::as_tuple(classes) {
        return crate::error::recursive(vm, " in __instancecheck__", || {
            for i in 0..crate::tuple::len(tuple) {
                if is_instance(vm, a, tuple.item(&TUPLE, i))? {
                    return Ok(true);
                }
            }
            Ok(false)
        });
    }
    if let Some(v) = crate::call::call_special(vm, classes, Special::InstanceCheck, &[a])? {
        return truth(vm, v);
    }
    plain_is_instance(vm, a, classes)
}
/// `type.__instancecheck__(class, a)`: by type, or by `__class__`.
pub fn plain_is_instance(vm: &'static Vm, a: Gc, classes: Gc) -> PyResult<bool> {
    let Some(class) = crate::make_class::class_of(classes) else {
        if crate::attribute::get_attr_opt(vm, classes, vm.world().names.bases)?
            .is_some_and(|b| b.is::<WTuple>())
        {
            let own = crate::attribute::get_attr_opt(vm, a, vm.world().names.class)?;
            return own.map_or(Ok(false), |c| abstract_subclass(vm, c, classes));
        }
        return Err(
            vm.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union")
        );
    };
    let own = type_of(vm, a);
    if own.is_subclass(class) {
        return Ok(true);
    }
    if !own.has(crate::class::class_flags::HEAP) && !a.is::<WNative>() && !a.is::<WForeign>() {
        return Ok(false);
    }
    match crate::attribute::get_attr_opt(vm, a, vm.world().names.class)? {
        Some(c) => Ok(crate::make_class::class_of(c)
            .is_some_and(|c| !std::ptr::eq(c, own) && c.is_subclass(class))),
        None => Ok(false),
    }
}
fn abstract_subclass(vm: &'static Vm, a: Gc, class: Gc) -> PyResult<bool> {
    if a == class {
        return Ok(true);
    }
    let bases = crate::attribute::get_attr_opt(vm, a, vm.world().names.bases)?;
    let Some(bases) = bases.filter(|b| b.is::<WTuple>()) else {
        return Ok(false);
    };
    for i in 0..crate::tuple::len(bases) {
        if abstract_subclass(vm, bases.item(&TUPLE, i), class)? {
            return Ok(true);
        }
    }
    Ok(false)
}
/// `issubclass(a, classes)`
pub fn is_subclass(vm: &'static Vm, a: Gc, classes: Gc) -> PyResult<bool> {
    if let Some(tuple) = crate::tuple::as_tuple(classes) {
        return crate::error::recursive(vm, " in __subclasscheck__", || {
            for i in 0..crate::tuple::len(tuple) {
                if is_subclass(vm, a, tuple.item(&TUPLE, i))? {
                    return Ok(true);
                }
            }
            Ok(false)
        });
    }
    let type_ = vm.world().classes.type_;
    let hook = type_of(vm, classes).special(vm, Special::SubclassCheck);
    if !hook.is_null() && hook != type_.special(vm, Special::SubclassCheck) {
        let result = crate::call::call_unbound(vm, hook, &[classes, a])?;
        return truth(vm, result);
    }
    plain_is_subclass(vm, a, classes)
}
/// `type.__subclasscheck__(class, a)`
pub fn plain_is_subclass(vm: &'static Vm, a: Gc, classes: Gc) -> PyResult<bool> {
    match (
        crate::make_class::class_of(a),
        crate::make_class::class_of(classes),
    ) {
        (Some(a), Some(class)) => Ok(a.is_subclass(class)),
        _ => {
            let has_bases = |o: Gc| {
                crate::attribute::get_attr_opt(vm, o, vm.world().names.bases)
                    .map(|b| b.is_some_and(|b| b.is::<WTuple>()))
            };
            if !has_bases(a)? {
                return Err(vm.type_error("issubclass() arg 1 must be a class"));
            }
            if !has_bases(classes)? {
                return Err(vm.type_error(
                    "issubclass() arg 2 must be a class, a tuple of classes, or a union",
                ));
            }
            abstract_subclass(vm, a, classes)
        }
    }
}
