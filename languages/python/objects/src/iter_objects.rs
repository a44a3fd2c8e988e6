//! The classes of the builtin iterators: enumerate, zip, map, filter, reversed, and the iterators of containers.
//!
//! How they advance is in `iter.rs`; here is how the guest makes them and what methods they have.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, kw};
use crate::class::Class;
use crate::layout::*;
use crate::special::Special;
use crate::{Errors, PyResult, Temps, Vm, type_of};
use ouro_gc::{Gc, Object};

fn next(vm: &'static Vm, it: Gc) -> PyResult {
    crate::operator::next(vm, it)?.ok_or_else(|| vm.stop_iteration(Gc::NULL))
}
fn length_hint(vm: &'static Vm, it: Gc) -> PyResult {
    match crate::iter::left(vm, it) {
        Some(n) => Ok(crate::int::new(vm, n)),
        None => Ok(vm.world().not_implemented),
    }
}
/// `iter` or `reversed` as the guest sees it, for pickling.
fn builtin(vm: &'static Vm, name: &str) -> PyResult {
    let found = crate::dict::get_text(vm, vm.world().builtins.get(), name)?;
    found.ok_or_else(|| vm.runtime_error(format_args!("builtins.{name} is gone")))
}
/// Pickles an iterator by what is left, without advancing it.
fn reduce(vm: &'static Vm, it: Gc) -> PyResult {
    let index = |seq: Gc, at: i64| -> PyResult {
        let iter = builtin(vm, "iter")?;
        match seq.is_null() {
            true => Ok(crate::tuple::new(
                vm,
                &[iter, crate::tuple::new(vm, &[vm.world().empty_tuple])],
            )),
            false => {
                let args = crate::tuple::new(vm, &[seq]);
                Ok(crate::tuple::new(
                    vm,
                    &[iter, args, crate::int::new(vm, at)],
                ))
            }
        }
    };
    match it.type_id().0 {
        WListIter::TYPE_ID => index(it.get(WListIter::SEQ), it.get(WListIter::INDEX)),
        WTupleIter::TYPE_ID => index(it.get(WTupleIter::SEQ), it.get(WTupleIter::INDEX)),
        WBytesIter::TYPE_ID => index(it.get(WBytesIter::SEQ), it.get(WBytesIter::INDEX)),
        WByteArrayIter::TYPE_ID => {
            index(it.get(WByteArrayIter::SEQ), it.get(WByteArrayIter::INDEX))
        }
        WSeqIter::TYPE_ID => index(it.get(WSeqIter::SEQ), it.get(WSeqIter::INDEX)),
        _ => {
            let copy = shallow_copy(vm, it);
            let rest = crate::list::to_temps(vm, copy)?;
            let args = crate::tuple::new(vm, &[crate::list::new(vm, &rest)]);
            Ok(crate::tuple::new(vm, &[builtin(vm, "iter")?, args]))
        }
    }
}
/// An iterator at the same place.
fn shallow_copy(vm: &'static Vm, it: Gc) -> Gc {
    macro_rules! copy {
        ($layout:ident, $($field:ident)*) => { alloc::<$layout>(vm)$(.init($layout::$field, it.get($layout::$field)))* };
    }
    match it.type_id().0 {
        WListRevIter::TYPE_ID => copy!(WListRevIter, SEQ INDEX),
        WStrIter::TYPE_ID => copy!(WStrIter, SEQ INDEX),
        WRangeIter::TYPE_ID => copy!(WRangeIter, NEXT STEP LEFT),
        WBigRangeIter::TYPE_ID => copy!(WBigRangeIter, NEXT STEP LEFT),
        WDictIter::TYPE_ID => copy!(WDictIter, DICT POS USED KIND),
        WSetIter::TYPE_ID => copy!(WSetIter, SET POS USED),
        _ => it,
    }
}
fn set_state(vm: &'static Vm, it: Gc, state: Gc) -> PyResult {
    let at = crate::int::to_i64(vm, state)?.max(0);
    match it.type_id().0 {
        WListIter::TYPE_ID => it.set(vm, WListIter::INDEX, at),
        WTupleIter::TYPE_ID => it.set(vm, WTupleIter::INDEX, at),
        WBytesIter::TYPE_ID => it.set(vm, WBytesIter::INDEX, at),
        WByteArrayIter::TYPE_ID => it.set(vm, WByteArrayIter::INDEX, at),
        WSeqIter::TYPE_ID => it.set(vm, WSeqIter::INDEX, at),
        _ => {}
    }
    Ok(vm.world().none)
}
static ITERATOR: &[BuiltinDef] = &[
    fn1("__iter__", |_, it| Ok(it)).keep_self(),
    fn1("__next__", next),
];
static SIZED: &[BuiltinDef] = &[
    fn1("__length_hint__", length_hint)
        .doc("Private method returning an estimate of len(list(it))."),
    fn1("__reduce__", reduce).doc("Return state information for pickling."),
];
static INDEXED: &[BuiltinDef] =
    &[fn2("__setstate__", set_state).doc("Set state information for unpickling.")];

// ---- enumerate
fn enumerate_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.enumerate;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    let [_, iterable, start] =
        crate::call::parse(vm, "enumerate", args, kw, ["", "iterable", "start"], 1, 3)?;
    if iterable.is_null() {
        return Err(vm.type_error("enumerate() missing required argument 'iterable'"));
    }
    let start = match start.is_null() {
        true => crate::int::new(vm, 0),
        false => crate::int::index(vm, start)?.object(vm),
    };
    let e = new_enumerate(vm, iterable, start)?;
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, e))
}
/// `enumerate(iterable, start)`; `start` is an exact int.
///
/// # Errors
/// TypeError if it is not iterable, what `__iter__` raises.
pub fn new_enumerate(vm: &'static Vm, iterable: Gc, start: Gc) -> PyResult {
    let it = crate::operator::iter(vm, iterable)?;
    let e = alloc::<WEnumerate>(vm).init(WEnumerate::ITER, it);
    Ok(match start.is::<WInt>() {
        true => e.init(WEnumerate::INDEX, start.get(WInt::VALUE)),
        false => e.init(WEnumerate::BIG, start),
    })
}
/// The number that an `enumerate` gives next.
pub(crate) fn next_number(vm: &'static Vm, e: Gc) -> Gc {
    match e.get(WEnumerate::BIG) {
        Gc::NULL => crate::int::new(vm, e.get(WEnumerate::INDEX)),
        big => big,
    }
}
static ENUMERATE: &[BuiltinDef] = &[
    kw("__new__", enumerate_new).static_method(),
    fn1("__reduce__", |vm, e| {
        let args = crate::tuple::new(vm, &[e.get(WEnumerate::ITER), next_number(vm, e)]);
        Ok(crate::tuple::new(
            vm,
            &[vm.world().classes.enumerate.gc(), args],
        ))
    })
    .doc("Return state information for pickling."),
    fn2("__class_getitem__", crate::generic_alias::new)
        .class_method()
        .doc("See PEP 585"),
];

// ---- zip, map, filter
fn iterators(vm: &'static Vm, iterables: &[Gc]) -> PyResult {
    let mut its = Temps::new(vm);
    for &iterable in iterables {
        its.push(crate::operator::iter(vm, iterable)?);
    }
    Ok(crate::tuple::new(vm, &its))
}
/// Keyword arguments are for the `__init__` of a subclass only.
fn no_keywords(
    vm: &'static Vm,
    class: &'static Class,
    builtin: &'static Class,
    kw: &Kw,
) -> PyResult<()> {
    match std::ptr::eq(class, builtin) && !kw.is_empty() {
        true => Err(vm.type_error(format_args!(
            "{}() takes no keyword arguments",
            builtin.text()
        ))),
        false => Ok(()),
    }
}
fn zip_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.zip;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    let [strict] = crate::call::parse(vm, "zip", &[], kw, ["strict"], 0, 0)?;
    let strict = !strict.is_null() && crate::operator::truth(vm, strict)?;
    let its = iterators(vm, &args[1..])?;
    let z = alloc::<WZip>(vm)
        .init(WZip::ITERS, its)
        .init(WZip::STRICT, strict as i64);
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, z))
}
fn map_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.map;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    no_keywords(vm, class, builtin, kw)?;
    if args.len() < 3 {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let its = iterators(vm, &args[2..])?;
    let m = alloc::<WMap>(vm)
        .init(WMap::FUNC, args[1])
        .init(WMap::ITERS, its);
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, m))
}
fn filter_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.filter;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    no_keywords(vm, class, builtin, kw)?;
    let &[_, f, iterable] = args else {
        return Err(vm.type_error(format_args!(
            "filter expected 2 arguments, got {}",
            args.len() - 1
        )));
    };
    let it = crate::operator::iter(vm, iterable)?;
    let filter = alloc::<WFilter>(vm)
        .init(WFilter::FUNC, f)
        .init(WFilter::ITER, it);
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, filter))
}
static ZIP: &[BuiltinDef] = &[
    kw("__new__", zip_new).static_method(),
    fn1("__reduce__", |vm, z| {
        let mut parts = Temps::from_slice(vm, &[vm.world().classes.zip.gc(), z.get(WZip::ITERS)]);
        if z.get(WZip::STRICT) != 0 {
            parts.push(vm.world().true_);
        }
        Ok(crate::tuple::new(vm, &parts))
    })
    .doc("Return state information for pickling."),
    fn2("__setstate__", |vm, z, state| {
        z.set(vm, WZip::STRICT, crate::operator::truth(vm, state)? as i64);
        Ok(vm.world().none)
    })
    .doc("Set state information for unpickling."),
];
static MAP: &[BuiltinDef] = &[
    kw("__new__", map_new).static_method(),
    fn1("__reduce__", |vm, m| {
        let mut args = Temps::from_slice(vm, &[m.get(WMap::FUNC)]);
        args.extend(crate::tuple::items(m.get(WMap::ITERS)));
        Ok(crate::tuple::new(
            vm,
            &[vm.world().classes.map.gc(), crate::tuple::new(vm, &args)],
        ))
    })
    .doc("Return state information for pickling."),
];
static FILTER: &[BuiltinDef] = &[
    kw("__new__", filter_new).static_method(),
    fn1("__reduce__", |vm, f| {
        let args = crate::tuple::new(vm, &[f.get(WFilter::FUNC), f.get(WFilter::ITER)]);
        Ok(crate::tuple::new(
            vm,
            &[vm.world().classes.filter.gc(), args],
        ))
    })
    .doc("Return state information for pickling."),
];

// ---- reversed
fn reversed_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let builtin = vm.world().classes.reversed;
    let class = crate::set_methods::class_argument(vm, builtin, args)?;
    no_keywords(vm, class, builtin, kw)?;
    let &[_, seq] = args else {
        return Err(vm.type_error(format_args!(
            "reversed expected 1 argument, got {}",
            args.len() - 1
        )));
    };
    let kind = type_of(vm, seq);
    let hook = kind.special(vm, Special::Reversed);
    let is_sequence =
        !kind.special(vm, Special::GetItem).is_null() && crate::dict::as_dict(seq).is_none();
    if hook == vm.world().none || hook.is_null() && !is_sequence {
        return Err(vm.type_error(format_args!("'{}' object is not reversible", kind.text())));
    }
    if !hook.is_null() {
        return crate::call::call_unbound(vm, hook, &[seq]);
    }
    let last = crate::operator::len(vm, seq)? as i64 - 1;
    let r = alloc::<WReversed>(vm)
        .init(WReversed::SEQ, seq)
        .init(WReversed::INDEX, last);
    Ok(crate::make_class::wrap(vm, class.gc(), builtin, r))
}
static REVERSED: &[BuiltinDef] = &[
    kw("__new__", reversed_new).static_method(),
    fn1("__length_hint__", length_hint)
        .doc("Private method returning an estimate of len(list(it))."),
    fn1("__reduce__", |vm, r| {
        let reversed = vm.world().classes.reversed.gc();
        let (seq, at) = (r.get(WReversed::SEQ), r.get(WReversed::INDEX));
        if seq.is_null() {
            return Ok(crate::tuple::new(
                vm,
                &[reversed, crate::tuple::new(vm, &[vm.world().empty_tuple])],
            ));
        }
        Ok(crate::tuple::new(
            vm,
            &[
                reversed,
                crate::tuple::new(vm, &[seq]),
                crate::int::new(vm, at),
            ],
        ))
    })
    .doc("Return state information for pickling."),
    fn2("__setstate__", |vm, r, state| {
        r.set(vm, WReversed::INDEX, crate::int::to_i64(vm, state)?.max(-1));
        Ok(vm.world().none)
    })
    .doc("Set state information for unpickling."),
];

// ---- iter(callable, sentinel)
/// `iter(function, sentinel)`
pub fn new_callable(vm: &'static Vm, function: Gc, sentinel: Gc) -> Gc {
    alloc::<WCallableIter>(vm)
        .init(WCallableIter::FUNC, function)
        .init(WCallableIter::SENTINEL, sentinel)
}
static CALLABLE: &[BuiltinDef] = &[fn1("__reduce__", |vm, it| {
    let (f, sentinel) = (it.get(WCallableIter::FUNC), it.get(WCallableIter::SENTINEL));
    let args = match f.is_null() {
        true => crate::tuple::new(vm, &[vm.world().empty_tuple]),
        false => crate::tuple::new(vm, &[f, sentinel]),
    };
    Ok(crate::tuple::new(vm, &[builtin(vm, "iter")?, args]))
})
.doc("Return state information for pickling.")];

/// Fills the namespaces of all iterator classes.
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    let add = |class: &'static Class, methods: &'static [BuiltinDef]| {
        const NONE: &[GetSetDef] = &[];
        crate::make_class::add_members(vm, class, methods, NONE);
    };
    let indexed = [
        c.list_iterator,
        c.tuple_iterator,
        c.bytes_iterator,
        c.bytearray_iterator,
        c.seq_iterator,
    ];
    let sized = [
        c.list_reverseiterator,
        c.str_iterator,
        c.range_iterator,
        c.longrange_iterator,
        c.dict_keyiterator,
        c.dict_valueiterator,
        c.dict_itemiterator,
        c.dict_reversekeyiterator,
        c.dict_reversevalueiterator,
        c.dict_reverseitemiterator,
        c.set_iterator,
    ];
    for class in indexed {
        add(class, INDEXED);
    }
    for class in indexed.into_iter().chain(sized) {
        add(class, ITERATOR);
        add(class, SIZED);
    }
    for (class, methods) in [
        (c.enumerate, ENUMERATE),
        (c.zip, ZIP),
        (c.map, MAP),
        (c.filter, FILTER),
        (c.reversed, REVERSED),
        (c.callable_iterator, CALLABLE),
    ] {
        add(class, ITERATOR);
        add(class, methods);
    }
}
