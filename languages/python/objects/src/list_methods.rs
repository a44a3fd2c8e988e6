//! The methods of list.

use crate::access::Access;
use crate::builtin::{BuiltinDef, Inline, Kw, fn1, fn2, fn3, kw, var};
use crate::consumers::Consumer;
use crate::layout::*;
use crate::list::{self, as_list};
use crate::special::CmpOp;
use crate::{Errors, PyResult, Temps, Vm, type_of};
use ouro_gc::Gc;

/// The text of a container that `write` makes; `cycle` if the text of this object is being
/// made already.
///
/// # Errors
/// What the reprs raise.
pub(crate) fn container_repr(
    vm: &'static Vm,
    object: Gc,
    cycle: &str,
    write: impl FnOnce(&mut Vec<u8>) -> PyResult<()>,
) -> PyResult {
    let stack = &vm.world().repr_stack;
    let identity = crate::operator::id(vm, object);
    if stack.borrow().contains(&identity) {
        return Ok(crate::str::new(vm, cycle));
    }
    stack.borrow_mut().push(identity);
    let mut out = Vec::new();
    let result = write(&mut out);
    stack.borrow_mut().pop();
    result?;
    Ok(crate::str::from_wtf8(vm, &out))
}
/// Appends `repr(item)`.
pub(crate) fn push_repr(vm: &'static Vm, out: &mut Vec<u8>, item: Gc) -> PyResult<()> {
    match item.type_id().0 {
        <WInt as ouro_gc::Object>::TYPE_ID => {
            out.extend_from_slice(item.get(WInt::VALUE).to_string().as_bytes())
        }
        _ => {
            let text = crate::operator::repr(vm, item)?;
            out.extend_from_slice(crate::str::bytes(crate::payload(text)));
        }
    }
    Ok(())
}
/// The items of an iterable; `message` if it is not iterable.
fn sequence(vm: &'static Vm, iterable: Gc, message: &str) -> PyResult<Temps> {
    if as_list(iterable).is_some() || iterable.is::<WTuple>() {
        return list::to_temps(vm, iterable);
    }
    match crate::operator::iter(vm, iterable) {
        Ok(it) => list::to_temps(vm, it),
        Err(e) if crate::error::is_instance_of(vm, e, vm.world().classes.type_error) => {
            Err(vm.type_error(message))
        }
        Err(e) => Err(e),
    }
}
/// The first item number from `from` below `to` whose item equals `item`.
///
/// # Errors
/// What `__eq__` raises.
fn position(vm: &'static Vm, l: Gc, item: Gc, from: usize, to: usize) -> PyResult<Option<usize>> {
    if let (Some(ints), true) = (list::ints(l), item.is::<WInt>()) {
        let v = item.get(WInt::VALUE);
        let to = to.min(ints.len());
        return Ok(ints
            .get(from..to)
            .and_then(|part| part.iter().position(|&x| x == v))
            .map(|i| from + i));
    }
    let mut i = from;
    while i < to.min(list::len(l)) {
        if crate::operator::eq(vm, list::get(vm, l, i), item)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}
fn bad_index(vm: &'static Vm, key: Gc) -> Gc {
    vm.type_error(format_args!(
        "list indices must be integers or slices, not {}",
        type_of(vm, key).text()
    ))
}

fn new(vm: &'static Vm, args: &[Gc], _: &Kw) -> PyResult {
    let builtin = vm.world().classes.list;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    Ok(crate::make_class::wrap(
        vm,
        class.gc(),
        builtin,
        list::empty(vm),
    ))
}
fn init(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    if !kw.is_empty() {
        return Err(vm.type_error("list() takes no keyword arguments"));
    }
    if args.len() > 2 {
        return Err(vm.type_error(format_args!(
            "list expected at most 1 argument, got {}",
            args.len() - 1
        )));
    }
    list::truncate(vm, args[0], 0);
    if let Some(&iterable) = args.get(1) {
        list::extend(vm, args[0], iterable)?;
    }
    Ok(vm.world().none)
}
fn repr(vm: &'static Vm, l: Gc) -> PyResult {
    container_repr(vm, l, "[...]", |out| {
        out.push(b'[');
        let mut i = 0;
        while i < list::len(l) {
            if i > 0 {
                out.extend_from_slice(b", ");
            }
            push_repr(vm, out, list::get(vm, l, i))?;
            i += 1;
        }
        out.push(b']');
        Ok(())
    })
}
fn iter(vm: &'static Vm, l: Gc) -> PyResult {
    Ok(crate::iter::of_builtin(vm, l).expect("a list is iterable"))
}
fn compare<const OP: usize>(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let op = CmpOp::ALL[OP];
    let Some(b) = as_list(b) else {
        return Ok(vm.world().not_implemented);
    };
    if let (Some(x), Some(y)) = (list::ints(a), list::ints(b)) {
        return Ok(vm.world().bool(op.holds(x.cmp(y))));
    }
    let is_equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
    if is_equality && list::len(a) != list::len(b) {
        return Ok(vm.world().bool(op == CmpOp::Ne));
    }
    crate::error::recursive(vm, " in comparison", || {
        let mut i = 0;
        while i < list::len(a) && i < list::len(b) {
            let (x, y) = (list::get(vm, a, i), list::get(vm, b, i));
            if !crate::operator::eq(vm, x, y)? {
                return match is_equality {
                    true => Ok(vm.world().bool(op == CmpOp::Ne)),
                    false => crate::operator::compare(vm, op, x, y),
                };
            }
            i += 1;
        }
        Ok(vm.world().bool(op.holds(list::len(a).cmp(&list::len(b)))))
    })
}

// ---- items
/// `l[key]` for an exact list.
///
/// # Errors
/// IndexError, TypeError.
pub fn get_item(vm: &'static Vm, l: Gc, key: Gc) -> PyResult {
    if key.is::<WSlice>() {
        let parts = crate::slice::unpack(vm, key)?;
        let at = crate::slice::adjust(parts, list::len(l));
        if let Some(range) = at.range() {
            return Ok(list::slice(vm, l, range.start, range.end));
        }
        return Ok(list::slice_by(vm, l, at.start as usize, at.step, at.count));
    }
    let i = item_index(vm, key)?;
    let i = list::item_number(vm, i, list::len(l), "list index out of range")?;
    Ok(list::get(vm, l, i))
}
fn item_index(vm: &'static Vm, key: Gc) -> PyResult<i64> {
    if key.is::<WInt>() {
        return Ok(key.get(WInt::VALUE));
    }
    match crate::int::has_index(vm, key) {
        true => crate::int::to_size(vm, key, true),
        false => Err(bad_index(vm, key)),
    }
}
/// `l[key] = value` for an exact list; None.
///
/// # Errors
/// IndexError, TypeError, what iterating the value raises.
pub fn set_item(vm: &'static Vm, l: Gc, key: Gc, value: Gc) -> PyResult {
    if key.is::<WSlice>() {
        set_slice(vm, l, key, value)?;
        return Ok(vm.world().none);
    }
    let i = item_index(vm, key)?;
    let i = list::item_number(vm, i, list::len(l), "list assignment index out of range")?;
    list::set(vm, l, i, value)?;
    Ok(vm.world().none)
}
fn set_slice(vm: &'static Vm, l: Gc, key: Gc, value: Gc) -> PyResult<()> {
    let parts = crate::slice::unpack(vm, key)?;
    if parts.2 == 1 {
        if value.is::<WList>() {
            let at = crate::slice::adjust(parts, list::len(l));
            return list::splice_list(
                vm,
                l,
                at.start as usize,
                at.start as usize + at.count,
                value,
            );
        }
        let items = sequence(vm, value, "can only assign an iterable")?;
        let at = crate::slice::adjust(parts, list::len(l));
        return list::splice(
            vm,
            l,
            at.start as usize,
            at.start as usize + at.count,
            &items,
        );
    }
    let items = sequence(vm, value, "must assign iterable to extended slice")?;
    let at = crate::slice::adjust(parts, list::len(l));
    if items.len() != at.count {
        return Err(vm.value_error(format_args!(
            "attempt to assign sequence of size {} to extended slice of size {}",
            items.len(),
            at.count
        )));
    }
    at.numbers()
        .zip(items.iter())
        .try_for_each(|(i, &item)| list::set(vm, l, i, item))
}
fn del_item(vm: &'static Vm, l: Gc, key: Gc) -> PyResult {
    if key.is::<WSlice>() {
        let parts = crate::slice::unpack(vm, key)?;
        let at = crate::slice::adjust(parts, list::len(l));
        if let Some(range) = at.range() {
            list::splice(vm, l, range.start, range.end, &[])?;
        } else if at.count > 0 {
            let mut removed = vec![false; list::len(l)];
            at.numbers().for_each(|i| removed[i] = true);
            let mut kept = Temps::new(vm);
            (0..removed.len())
                .filter(|&i| !removed[i])
                .for_each(|i| kept.push(list::get(vm, l, i)));
            list::splice(vm, l, 0, removed.len(), &kept)?;
        }
        return Ok(vm.world().none);
    }
    let i = item_index(vm, key)?;
    let i = list::item_number(vm, i, list::len(l), "list assignment index out of range")?;
    list::remove_at(vm, l, i)?;
    Ok(vm.world().none)
}

// ---- operators
fn add(vm: &'static Vm, a: Gc, b: Gc) -> PyResult {
    let Some(b) = as_list(b) else {
        return Ok(vm.world().not_implemented);
    };
    let out = list::copy(vm, a);
    list::extend(vm, out, b)?;
    Ok(out)
}
fn mul(vm: &'static Vm, l: Gc, n: Gc) -> PyResult {
    match crate::int::has_index(vm, n) {
        true => list::repeat(vm, l, crate::int::to_size(vm, n, false)?),
        false => Ok(vm.world().not_implemented),
    }
}
fn in_place_add(vm: &'static Vm, object: Gc, other: Gc) -> PyResult {
    list::extend(vm, crate::payload(object), other)?;
    Ok(object)
}
fn in_place_mul(vm: &'static Vm, object: Gc, n: Gc) -> PyResult {
    if !crate::int::has_index(vm, n) {
        return Ok(vm.world().not_implemented);
    }
    let l = crate::payload(object);
    let repeated = list::repeat(vm, l, crate::int::to_size(vm, n, false)?)?;
    list::truncate(vm, l, 0);
    list::extend(vm, l, repeated)?;
    Ok(object)
}

// ---- methods
fn append(vm: &'static Vm, l: Gc, item: Gc) -> PyResult {
    list::append(vm, l, item)?;
    Ok(vm.world().none)
}
fn extend(vm: &'static Vm, l: Gc, iterable: Gc) -> PyResult {
    list::extend(vm, l, iterable)?;
    Ok(vm.world().none)
}
fn insert(vm: &'static Vm, l: Gc, at: Gc, item: Gc) -> PyResult {
    let at = crate::int::to_argument(vm, at)?;
    insert_at(vm, l, at, item)?;
    Ok(vm.world().none)
}
/// `list.insert(at, item)`
///
/// # Errors
/// MemoryError.
pub fn insert_at(vm: &'static Vm, l: Gc, at: i64, item: Gc) -> PyResult<()> {
    let len = list::len(l) as i64;
    let at = if at < 0 {
        (at + len).max(0)
    } else {
        at.min(len)
    } as usize;
    list::splice(vm, l, at, at, &[item])
}
fn pop(vm: &'static Vm, l: Gc, at: Gc) -> PyResult {
    let at = if at.is_null() {
        -1
    } else {
        crate::int::to_argument(vm, at)?
    };
    pop_at(vm, l, at)
}
/// `list.pop(at)`
///
/// # Errors
/// IndexError.
pub fn pop_at(vm: &'static Vm, l: Gc, at: i64) -> PyResult {
    let len = list::len(l);
    if len == 0 {
        return Err(vm.index_error("pop from empty list"));
    }
    let at = list::item_number(vm, at, len, "pop index out of range")?;
    list::remove_at(vm, l, at)
}
fn remove(vm: &'static Vm, l: Gc, item: Gc) -> PyResult {
    match position(vm, l, item, 0, usize::MAX)? {
        Some(i) => {
            // `__eq__` may have made the list shorter.
            list::splice(vm, l, i.min(list::len(l)), (i + 1).min(list::len(l)), &[])?;
            Ok(vm.world().none)
        }
        None => Err(vm.value_error("list.remove(x): x not in list")),
    }
}
/// The argument of `index` as item number: negative ones count from the end.
pub(crate) fn search_bound(
    vm: &'static Vm,
    v: Option<&Gc>,
    len: usize,
    default: usize,
) -> PyResult<usize> {
    let Some(&v) = v else { return Ok(default) };
    if !crate::int::has_index(vm, v) {
        return Err(vm.type_error("slice indices must be integers or have an __index__ method"));
    }
    let v = crate::int::clipped(vm, v)?;
    Ok(if v < 0 {
        v.saturating_add(len as i64).max(0) as usize
    } else {
        v as usize
    })
}
fn index(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let (l, item) = (args[0], args[1]);
    let from = search_bound(vm, args.get(2), list::len(l), 0)?;
    let to = search_bound(vm, args.get(3), list::len(l), usize::MAX)?;
    match position(vm, l, item, from, to)? {
        Some(i) => Ok(crate::int::new(vm, i as i64)),
        None => Err(vm.value_error(format_args!(
            "{} is not in list",
            crate::operator::repr_text(vm, item)?
        ))),
    }
}
fn count(vm: &'static Vm, l: Gc, item: Gc) -> PyResult {
    let (mut from, mut n) = (0, 0);
    while let Some(i) = position(vm, l, item, from, usize::MAX)? {
        from = i + 1;
        n += 1;
    }
    Ok(crate::int::new(vm, n))
}
fn reverse(vm: &'static Vm, l: Gc) -> PyResult {
    let (array, len) = (l.get(WList::ITEMS), list::len(l));
    match list::strategy(l) {
        list::Strategy::Refs => array.refs_mut(vm)[..len].reverse(),
        list::Strategy::Ints => array.items_mut(&INTS)[..len].reverse(),
        list::Strategy::Floats => array.items_mut(&FLOATS)[..len].reverse(),
        list::Strategy::Outside => {
            crate::outside::list_reorder(l, len, |order| order.reverse());
        }
    }
    Ok(vm.world().none)
}
fn sizeof(vm: &'static Vm, l: Gc) -> PyResult {
    Ok(crate::int::new(vm, 56 + 8 * list::len(l) as i64))
}

static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    kw("__init__", init),
    fn1("__repr__", repr),
    fn1("__len__", |vm, l| Ok(crate::int::new(vm, list::len(l) as i64))),
    fn1("__iter__", iter),
    fn1("__reversed__", |vm, l| Ok(crate::iter::reverse_list(vm, l))).doc("Return a reverse iterator over the list."),
    fn2("__contains__", |vm, l, item| Ok(vm.world().bool(position(vm, l, item, 0, usize::MAX)?.is_some()))),
    fn2("__getitem__", get_item).inline(Inline::GetItem).doc("x.__getitem__(y) <==> x[y]"),
    fn3("__setitem__", set_item),
    fn2("__delitem__", del_item),
    fn2("__add__", add),
    fn2("__iadd__", in_place_add).keep_self(),
    fn2("__mul__", mul),
    fn2("__rmul__", mul),
    fn2("__imul__", in_place_mul).keep_self(),
    fn2("__lt__", compare::<0>),
    fn2("__le__", compare::<1>),
    fn2("__eq__", compare::<2>),
    fn2("__ne__", compare::<3>),
    fn2("__gt__", compare::<4>),
    fn2("__ge__", compare::<5>),
    fn1("__sizeof__", sizeof).doc("Return the size of the list in memory, in bytes."),
    fn2("__class_getitem__", crate::generic_alias::new).class_method().doc("See PEP 585"),
    fn2("append", append).inline(Inline::ListAppend).doc("Append object to the end of the list."),
    fn1("clear", |vm, l| {
        list::truncate(vm, l, 0);
        Ok(vm.world().none)
    })
    .doc("Remove all items from list."),
    fn1("copy", |vm, l| Ok(list::copy(vm, l))).doc("Return a shallow copy of the list."),
    fn2("count", count).doc("Return number of occurrences of value."),
    fn2("extend", extend).inline(Inline::Consume(Consumer::Extend)).doc("Extend list by appending elements from the iterable."),
    var("index", 2, 4, index).doc("Return first index of value.\n\nRaises ValueError if the value is not present."),
    fn3("insert", insert).inline(Inline::ListInsert).doc("Insert object before index."),
    fn2("pop", pop)
        .opt(1)
        .inline(Inline::ListPop)
        .doc("Remove and return item at index (default last).\n\nRaises IndexError if list is empty or index is out of range."),
    fn2("remove", remove).doc("Remove first occurrence of value.\n\nRaises ValueError if the value is not present."),
    fn1("reverse", reverse).doc("Reverse *IN PLACE*."),
    kw("sort", crate::sort::list_sort).doc(
        "Sort the list in ascending order and return None.\n\n\
         The sort is in-place (i.e. the list itself is modified) and stable (i.e. the\n\
         order of two equal elements is maintained).\n\n\
         If a key function is given, apply it once to each list item and sort them,\n\
         ascending or descending, according to their function values.\n\n\
         The reverse flag can be set to sort in descending order.",
    ),
];

/// Fills the namespace of list.
pub(crate) fn boot(vm: &'static Vm) {
    let class = vm.world().classes.list;
    crate::make_class::add_members(vm, class, METHODS, &[]);
    class.put(vm, crate::Special::Hash.name(vm), vm.world().none);
}
