//! The methods of set and frozenset.
//!
//! As with CPython, results of operators and methods have the exact builtin class, also for subclasses.

use crate::access::Access;
use crate::builtin::{ANY, BuiltinDef, Kw, fn1, fn2, kw, var};
use crate::class::Class;
use crate::layout::*;
use crate::set::{self, as_set};
use crate::special::CmpOp;
use crate::{Errors, PyResult, Temps, Vm, type_of};
use ouro_gc::Gc;

// ---- construction
/// The class argument of `__new__` of `builtin`.
///
/// # Errors
/// TypeError if it is none, or no subclass.
pub(crate) fn class_argument(
    vm: &'static Vm,
    builtin: &'static Class,
    args: &[Gc],
) -> PyResult<&'static Class> {
    let Some(&first) = args.first() else {
        let name = builtin.text();
        return Err(vm.type_error(format_args!("{name}.__new__(): not enough arguments")));
    };
    let Some(class) = crate::make_class::class_of(first) else {
        let (name, got) = (builtin.text(), type_of(vm, first).text());
        return Err(vm.type_error(format_args!(
            "{name}.__new__(X): X is not a type object ({got})"
        )));
    };
    if !class.is_subclass(builtin) {
        let (name, sub) = (builtin.text(), class.text());
        return Err(vm.type_error(format_args!(
            "{name}.__new__({sub}): {sub} is not a subtype of {name}"
        )));
    }
    Ok(class)
}
/// The only argument, which may be missing.
fn one_iterable(vm: &'static Vm, name: &str, args: &[Gc], kw: &Kw) -> PyResult {
    if !kw.is_empty() {
        return Err(vm.type_error(format_args!("{name}() takes no keyword arguments")));
    }
    if args.len() > 1 {
        return Err(vm.type_error(format_args!(
            "{name} expected at most 1 argument, got {}",
            args.len()
        )));
    }
    Ok(args.first().copied().unwrap_or(Gc::NULL))
}
fn set_new(vm: &'static Vm, args: &[Gc], _: &Kw) -> PyResult {
    let builtin = vm.world().classes.set;
    let class = class_argument(vm, builtin, args)?;
    Ok(crate::make_class::wrap(
        vm,
        class.gc(),
        builtin,
        set::new(vm),
    ))
}
fn set_init(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let s = args[0];
    let iterable = one_iterable(vm, "set", &args[1..], kw)?;
    if set::len(s) > 0 {
        crate::table::clear::<WSet>(vm, s);
    }
    if !iterable.is_null() {
        set::update(vm, s, iterable)?;
    }
    Ok(vm.world().none)
}
fn frozenset_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.frozenset;
    let class = class_argument(vm, builtin, args)?;
    let exact = std::ptr::eq(class, builtin);
    // Subclasses may give their `__init__` further arguments, but not the base class here.
    let iterable = match exact || kw.is_empty() {
        true => one_iterable(vm, "frozenset", &args[1..], kw)?,
        false => args.get(1).copied().unwrap_or(Gc::NULL),
    };
    if exact && iterable.is::<WFrozenSet>() {
        return Ok(iterable);
    }
    let s = match iterable.is_null() {
        true => set::new_frozen(vm),
        false => set::from_iterable(vm, iterable, true)?,
    };
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, s))
}

// ---- protocols
fn repr(vm: &'static Vm, object: Gc) -> PyResult {
    let (name, s) = (type_of(vm, object).text(), crate::payload(object));
    if set::len(s) == 0 {
        return Ok(crate::str::new(vm, &format!("{name}()")));
    }
    let stack = &vm.world().repr_stack;
    let identity = crate::operator::id(vm, s);
    if stack.borrow().contains(&identity) {
        return Ok(crate::str::new(vm, &format!("{name}(...)")));
    }
    stack.borrow_mut().push(identity);
    let body = (|| -> PyResult<Vec<u8>> {
        let mut body = Vec::new();
        for &item in set::items(vm, s).iter() {
            if !body.is_empty() {
                body.extend_from_slice(b", ");
            }
            let text = crate::operator::repr(vm, item)?;
            body.extend_from_slice(crate::str::bytes(crate::payload(text)));
        }
        Ok(body)
    })();
    stack.borrow_mut().pop();
    let body = body?;
    let out = match object.is::<WSet>() {
        true => [b"{", &body[..], b"}"].concat(),
        false => [name.as_bytes(), b"({", &body, b"})"].concat(),
    };
    Ok(crate::str::from_wtf8(vm, &out))
}
fn len(vm: &'static Vm, s: Gc) -> PyResult {
    Ok(crate::int::new(vm, set::len(s) as i64))
}
fn iter(vm: &'static Vm, s: Gc) -> PyResult {
    Ok(crate::iter::of_builtin(vm, s).expect("a set is iterable"))
}
fn contains(vm: &'static Vm, s: Gc, key: Gc) -> PyResult {
    Ok(vm.world().bool(set::contains(vm, s, key)?))
}
fn hash(vm: &'static Vm, s: Gc) -> PyResult {
    Ok(crate::int::new(vm, set::hash(vm, s)?))
}
fn reduce(vm: &'static Vm, object: Gc) -> PyResult {
    let items = set::items(vm, crate::payload(object));
    let args = crate::tuple::new(vm, &[crate::list::new(vm, &items)]);
    let dict = crate::attribute::get_attr_opt(vm, object, vm.world().names.dict)?
        .unwrap_or(vm.world().none);
    Ok(crate::tuple::new(
        vm,
        &[type_of(vm, object).gc(), args, dict],
    ))
}
fn sizeof(vm: &'static Vm, s: Gc) -> PyResult {
    // A set of up to four items has its table inside; others have a power of two of 16 bytes.
    let slots = if set::len(s) <= 4 {
        0
    } else {
        (set::len(s) * 5 / 3).next_power_of_two().max(32)
    };
    Ok(crate::int::new(vm, 200 + 16 * slots as i64))
}
fn compare<const OP: usize>(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let Some(b) = as_set(b) else {
        return Ok(vm.world().not_implemented);
    };
    let (x, y) = (set::len(a), set::len(b));
    let holds = match CmpOp::ALL[OP] {
        CmpOp::Eq => x == y && set::is_subset(vm, a, b)?,
        CmpOp::Ne => x != y || !set::is_subset(vm, a, b)?,
        CmpOp::Le => set::is_subset(vm, a, b)?,
        CmpOp::Lt => x < y && set::is_subset(vm, a, b)?,
        CmpOp::Ge => set::is_subset(vm, b, a)?,
        CmpOp::Gt => x > y && set::is_subset(vm, b, a)?,
    };
    Ok(vm.world().bool(holds))
}

// ---- results of the kind of the left operand
fn like(vm: &'static Vm, s: Gc) -> Gc {
    if s.is::<WSet>() {
        set::new(vm)
    } else {
        set::new_frozen(vm)
    }
}
/// The items of an iterable; of a set without running guest code.
fn items_of(vm: &'static Vm, iterable: Gc) -> PyResult<Temps> {
    match as_set(iterable) {
        Some(s) if s == iterable => Ok(set::items(vm, s)),
        _ => crate::list::to_temps(vm, iterable),
    }
}
fn intersect(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    let out = like(vm, s);
    if let Some(o) = as_set(other).filter(|&o| o == other && set::are_small(s, o)) {
        let (walked, asked) = match set::len(o) > set::len(s) {
            true => (s, o),
            false => (o, s),
        };
        set::add_small(vm, out, (walked, asked), true)?;
        return Ok(out);
    }
    let (walked, asked) = match as_set(other) {
        Some(o) if o == other && set::len(o) > set::len(s) => (set::items(vm, s), o),
        Some(o) if o == other => (set::items(vm, o), s),
        _ => {
            let it = crate::operator::iter(vm, other)?;
            while let Some(key) = crate::operator::next(vm, it)? {
                if set::contains(vm, s, key)? {
                    set::add(vm, out, key)?;
                }
            }
            return Ok(out);
        }
    };
    for &key in walked.iter() {
        if set::contains(vm, asked, key)? {
            set::add(vm, out, key)?;
        }
    }
    Ok(out)
}
/// Removes all items of an iterable from a set that the guest may see.
fn subtract_from(vm: &'static Vm, s: Gc, other: Gc) -> PyResult<()> {
    if other == s {
        crate::table::clear::<WSet>(vm, s);
        return Ok(());
    }
    for &key in items_of(vm, other)?.iter() {
        set::discard(vm, s, key)?;
    }
    Ok(())
}
fn subtract(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    let other = match as_set(other) {
        Some(o) => o,
        None if crate::dict::as_dict(other) == Some(other) => other,
        None => set::from_iterable(vm, other, false)?,
    };
    let out = like(vm, s);
    if as_set(other) == Some(other) && set::are_small(s, other) {
        set::add_small(vm, out, (s, other), false)?;
        return Ok(out);
    }
    for &key in set::items(vm, s).iter() {
        let there = match other.is::<WDict>() {
            true => crate::dict::get(vm, other, key)?.is_some(),
            false => set::contains(vm, other, key)?,
        };
        if !there {
            set::add(vm, out, key)?;
        }
    }
    Ok(out)
}
fn symmetric(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    let other = set::coerce(vm, other)?;
    let out = subtract(vm, s, other)?;
    for &key in set::items(vm, other).iter() {
        if !set::contains(vm, s, key)? {
            set::add(vm, out, key)?;
        }
    }
    Ok(out)
}
fn unite(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    let out = set::copy(vm, s);
    set::update(vm, out, other)?;
    Ok(out)
}
/// Makes `s` have the items of `from`, a set of its own.
fn become_(vm: &'static Vm, s: Gc, from: Gc) -> PyResult<()> {
    crate::table::clear::<WSet>(vm, s);
    set::update(vm, s, from)
}

// ---- operators
type Combine = fn(&'static Vm, Gc, Gc) -> PyResult;
fn operator(vm: &'static Vm, a: Gc, b: Gc, combine: Combine) -> PyResult {
    match (as_set(a), as_set(b)) {
        (Some(a), Some(b)) => combine(vm, a, b),
        _ => Ok(vm.world().not_implemented),
    }
}
fn in_place(
    vm: &'static Vm,
    object: Gc,
    other: Gc,
    change: fn(&'static Vm, Gc, Gc) -> PyResult<()>,
) -> PyResult {
    let Some(other) = as_set(other) else {
        return Ok(vm.world().not_implemented);
    };
    change(vm, crate::payload(object), other)?;
    Ok(object)
}
fn intersect_from(vm: &'static Vm, s: Gc, other: Gc) -> PyResult<()> {
    let result = intersect(vm, s, other)?;
    become_(vm, s, result)
}
fn symmetric_from(vm: &'static Vm, s: Gc, other: Gc) -> PyResult<()> {
    let result = symmetric(vm, s, other)?;
    become_(vm, s, result)
}
fn fold(vm: &'static Vm, args: &[Gc], combine: Combine) -> PyResult {
    if args.len() == 1 {
        return copy(vm, args[0]);
    }
    let mut result = args[0];
    for &other in &args[1..] {
        result = combine(vm, result, other)?;
    }
    Ok(result)
}
fn copy(vm: &'static Vm, s: Gc) -> PyResult {
    Ok(if s.is::<WFrozenSet>() {
        s
    } else {
        set::copy(vm, s)
    })
}
fn is_disjoint(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    for &key in items_of(vm, other)?.iter() {
        if set::contains(vm, s, key)? {
            return Ok(vm.world().false_);
        }
    }
    Ok(vm.world().true_)
}
fn is_subset(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    let other = set::coerce(vm, other)?;
    Ok(vm.world().bool(set::is_subset(vm, s, other)?))
}
fn is_superset(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    for &key in items_of(vm, other)?.iter() {
        if !set::contains(vm, s, key)? {
            return Ok(vm.world().false_);
        }
    }
    Ok(vm.world().true_)
}

// ---- methods that change a set
fn add(vm: &'static Vm, s: Gc, key: Gc) -> PyResult {
    set::add(vm, s, key)?;
    Ok(vm.world().none)
}
fn remove(vm: &'static Vm, s: Gc, key: Gc) -> PyResult {
    match set::discard(vm, s, key)? {
        true => Ok(vm.world().none),
        false => Err(vm.key_error(key)),
    }
}
fn discard(vm: &'static Vm, s: Gc, key: Gc) -> PyResult {
    set::discard(vm, s, key)?;
    Ok(vm.world().none)
}
fn clear(vm: &'static Vm, s: Gc) -> PyResult {
    crate::table::clear::<WSet>(vm, s);
    Ok(vm.world().none)
}
fn update(vm: &'static Vm, args: &[Gc]) -> PyResult {
    args[1..]
        .iter()
        .try_for_each(|&other| set::update(vm, args[0], other))?;
    Ok(vm.world().none)
}
fn difference_update(vm: &'static Vm, args: &[Gc]) -> PyResult {
    args[1..]
        .iter()
        .try_for_each(|&other| subtract_from(vm, args[0], other))?;
    Ok(vm.world().none)
}
fn intersection_update(vm: &'static Vm, args: &[Gc]) -> PyResult {
    if args.len() > 1 {
        let result = fold(vm, args, intersect)?;
        become_(vm, args[0], result)?;
    }
    Ok(vm.world().none)
}
fn symmetric_difference_update(vm: &'static Vm, s: Gc, other: Gc) -> PyResult {
    symmetric_from(vm, s, other)?;
    Ok(vm.world().none)
}

static COMMON: &[BuiltinDef] = &[
    fn1("__repr__", repr).keep_self(),
    fn1("__len__", len),
    fn1("__iter__", iter),
    fn2("__contains__", contains).doc("x.__contains__(y) <==> y in x."),
    fn1("__reduce__", reduce)
        .keep_self()
        .doc("Return state information for pickling."),
    fn1("__sizeof__", sizeof).doc("S.__sizeof__() -> size of S in memory, in bytes"),
    fn2("__lt__", compare::<0>),
    fn2("__le__", compare::<1>),
    fn2("__eq__", compare::<2>),
    fn2("__ne__", compare::<3>),
    fn2("__gt__", compare::<4>),
    fn2("__ge__", compare::<5>),
    fn2("__and__", |vm, a, b| operator(vm, a, b, intersect)),
    fn2("__rand__", |vm, a, b| operator(vm, b, a, intersect)),
    fn2("__or__", |vm, a, b| operator(vm, a, b, unite)),
    fn2("__ror__", |vm, a, b| operator(vm, b, a, unite)),
    fn2("__sub__", |vm, a, b| operator(vm, a, b, subtract)),
    fn2("__rsub__", |vm, a, b| operator(vm, b, a, subtract)),
    fn2("__xor__", |vm, a, b| operator(vm, a, b, symmetric)),
    fn2("__rxor__", |vm, a, b| operator(vm, b, a, symmetric)),
    fn1("copy", copy).doc("Return a shallow copy of a set."),
    var("union", 1, ANY, |vm, args| fold(vm, args, unite))
        .doc("Return the union of sets as a new set."),
    var("intersection", 1, ANY, |vm, args| fold(vm, args, intersect))
        .doc("Return the intersection of two sets as a new set."),
    var("difference", 1, ANY, |vm, args| fold(vm, args, subtract))
        .doc("Return the difference of two or more sets as a new set."),
    fn2("symmetric_difference", symmetric)
        .doc("Return the symmetric difference of two sets as a new set."),
    fn2("isdisjoint", is_disjoint).doc("Return True if two sets have a null intersection."),
    fn2("issubset", is_subset).doc("Report whether another set contains this set."),
    fn2("issuperset", is_superset).doc("Report whether this set contains another set."),
    fn2("__class_getitem__", crate::generic_alias::new)
        .class_method()
        .doc("See PEP 585"),
];
static SET: &[BuiltinDef] = &[
    kw("__new__", set_new).static_method(),
    kw("__init__", set_init),
    fn2("__iand__", |vm, a, b| in_place(vm, a, b, intersect_from)).keep_self(),
    fn2("__ior__", |vm, a, b| in_place(vm, a, b, set::update)).keep_self(),
    fn2("__isub__", |vm, a, b| in_place(vm, a, b, subtract_from)).keep_self(),
    fn2("__ixor__", |vm, a, b| in_place(vm, a, b, symmetric_from)).keep_self(),
    fn2("add", add)
        .inline(crate::builtin::Inline::SetAdd)
        .doc("Add an element to a set."),
    fn2("remove", remove).doc("Remove an element from a set; it must be a member."),
    fn2("discard", discard).doc("Remove an element from a set if it is a member."),
    fn1("pop", set::pop).doc("Remove and return an arbitrary set element."),
    fn1("clear", clear).doc("Remove all elements from this set."),
    var("update", 1, ANY, update).doc("Update a set with the union of itself and others."),
    var("difference_update", 1, ANY, difference_update)
        .doc("Remove all elements of another set from this set."),
    var("intersection_update", 1, ANY, intersection_update)
        .doc("Update a set with the intersection of itself and another."),
    fn2("symmetric_difference_update", symmetric_difference_update)
        .doc("Update a set with the symmetric difference of itself and another."),
];
static FROZENSET: &[BuiltinDef] = &[
    kw("__new__", frozenset_new).static_method(),
    fn1("__hash__", hash),
];

/// Fills the namespaces of set and frozenset.
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    crate::make_class::add_members(vm, c.set, COMMON, &[]);
    crate::make_class::add_members(vm, c.set, SET, &[]);
    c.set
        .put(vm, crate::Special::Hash.name(vm), vm.world().none);
    crate::make_class::add_members(vm, c.frozenset, COMMON, &[]);
    crate::make_class::add_members(vm, c.frozenset, FROZENSET, &[]);
}
