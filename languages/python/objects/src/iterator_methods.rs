//! The methods of iterators, enumerate, zip, map, filter, reversed, generators, coroutines, and of None and its kin.

use crate::access::{Access, alloc};
use crate::builtin::{ANY, BuiltinDef, GetSetDef, Inline, fn1, fn2, fn3, getset, getter, kw, var};
use crate::generator;
use crate::layout::*;
use crate::make_class::{add_members, wrap};
use crate::special::Special;
use crate::{Errors, PyResult, Temps, Vm, int, type_of};
use ouro_gc::Gc;

fn text(vm: &'static Vm, s: String) -> PyResult {
    Ok(crate::str::new(vm, &s))
}
fn next(vm: &'static Vm, it: Gc) -> PyResult {
    match crate::iter::next_builtin(vm, it) {
        Some(result) => result?.ok_or_else(|| vm.stop_iteration(Gc::NULL)),
        None => Err(vm.type_error(format_args!(
            "'{}' object is not an iterator",
            type_of(vm, it).text()
        ))),
    }
}
static ITERATOR: &[BuiltinDef] = &[
    fn1("__iter__", |_, it| Ok(it)).keep_self(),
    fn1("__next__", next),
];
static HINTED: &[BuiltinDef] = &[
    fn1("__length_hint__", |vm, it| {
        Ok(int::new(vm, crate::iter::left(vm, it).unwrap_or(0)))
    }),
    fn1("__reduce__", |vm, it| {
        // The rest of the items stands for the iterator; taking them out of a copy leaves it as it is.
        let builtin = crate::dict::get_text(vm, vm.world().builtins.get(), "iter")?
            .unwrap_or(vm.world().none);
        let copy = copy_iterator(vm, it);
        let rest = crate::list::from_iterable(vm, copy)?;
        Ok(crate::tuple::new(
            vm,
            &[builtin, crate::tuple::new(vm, &[rest])],
        ))
    }),
];
fn copy_iterator(vm: &'static Vm, it: Gc) -> Gc {
    macro_rules! copy {
        ($($layout:ident { $($f:ident)* })*) => { $(
            if it.is::<$layout>() {
                let new = alloc::<$layout>(vm);
                $(new.init($layout::$f, it.get($layout::$f));)*
                return new;
            }
        )* };
    }
    copy! {
        WListIter { SEQ INDEX } WListRevIter { SEQ INDEX } WTupleIter { SEQ INDEX } WStrIter { SEQ INDEX }
        WBytesIter { SEQ INDEX } WByteArrayIter { SEQ INDEX } WRangeIter { NEXT STEP LEFT } WBigRangeIter { NEXT STEP LEFT }
        WDictIter { DICT POS USED KIND } WSetIter { SET POS USED } WSeqIter { SEQ INDEX } WReversed { SEQ INDEX }
    }
    it
}
fn iters(vm: &'static Vm, args: &[Gc], what: &str) -> PyResult {
    let mut out = Temps::new(vm);
    for (i, &a) in args.iter().enumerate() {
        match crate::operator::iter(vm, a) {
            Ok(it) => out.push(it),
            Err(e)
                if what == "zip"
                    && type_of(vm, a).special(vm, Special::Iter).is_null()
                    && crate::error::is_instance_of(vm, e, vm.world().classes.type_error) =>
            {
                return Err(vm.type_error(format_args!(
                    "zip argument #{} must support iteration",
                    i + 1
                )));
            }
            Err(e) => return Err(e),
        }
    }
    Ok(crate::tuple::new(vm, &out))
}
static ENUMERATE: &[BuiltinDef] = &[
    kw("__new__", |vm, args, kw| {
        let [class, iterable, start] =
            crate::call::parse(vm, "enumerate", args, kw, ["", "iterable", "start"], 2, 3)?;
        let start = if start.is_null() {
            int::new(vm, 0)
        } else {
            int::index(vm, start)?.object(vm)
        };
        let e = crate::iter_objects::new_enumerate(vm, iterable, start)?;
        Ok(wrap(vm, class, vm.world().classes.enumerate, e))
    })
    .static_method(),
    fn2("__class_getitem__", crate::generic_alias::new).class_method(),
];
static ZIP: &[BuiltinDef] = &[kw("__new__", |vm, args, kw| {
    let mut strict = false;
    for (&name, &value) in kw.names.iter().zip(kw.values) {
        if crate::str::to_text(name) != "strict" {
            return Err(vm.type_error(format_args!(
                "zip() got an unexpected keyword argument '{}'",
                crate::str::to_text(name)
            )));
        }
        strict = crate::operator::truth(vm, value)?;
    }
    let tuple = iters(vm, &args[1..], "zip")?;
    let z = alloc::<WZip>(vm)
        .init(WZip::ITERS, tuple)
        .init(WZip::STRICT, strict as i64);
    Ok(wrap(vm, args[0], vm.world().classes.zip, z))
})
.static_method()];
static MAP: &[BuiltinDef] = &[var("__new__", 1, ANY, |vm, args| {
    if args.len() < 3 {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let tuple = iters(vm, &args[2..], "map")?;
    let m = alloc::<WMap>(vm)
        .init(WMap::FUNC, args[1])
        .init(WMap::ITERS, tuple);
    Ok(wrap(vm, args[0], vm.world().classes.map, m))
})
.static_method()];
static FILTER: &[BuiltinDef] = &[fn3("__new__", |vm, class, f, iterable| {
    let it = crate::operator::iter(vm, iterable)?;
    let o = alloc::<WFilter>(vm)
        .init(WFilter::FUNC, f)
        .init(WFilter::ITER, it);
    Ok(wrap(vm, class, vm.world().classes.filter, o))
})
.static_method()];
static REVERSED: &[BuiltinDef] = &[fn2("__new__", |vm, class, seq| {
    let own = type_of(vm, seq);
    let hook = own.special(vm, Special::Reversed);
    if hook == vm.world().none {
        return Err(vm.type_error(format_args!("'{}' object is not reversible", own.text())));
    }
    if !hook.is_null() {
        return crate::call::call_unbound(vm, hook, &[seq]);
    }
    if own.special(vm, Special::GetItem).is_null()
        || own.special(vm, Special::Len).is_null()
        || crate::dict::as_dict(seq).is_some()
    {
        return Err(vm.type_error(format_args!("'{}' object is not reversible", own.text())));
    }
    let n = crate::operator::len(vm, seq)? as i64;
    let r = alloc::<WReversed>(vm)
        .init(WReversed::SEQ, seq)
        .init(WReversed::INDEX, n - 1);
    Ok(wrap(vm, class, vm.world().classes.reversed, r))
})
.static_method()];

// ---- generators
fn qualname(g: Gc) -> String {
    crate::str::as_str(g.get(WGenerator::QUALNAME)).map_or_else(String::new, crate::str::to_text)
}
fn throw(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
    let e = generator::thrown(vm, args[1], at(2), at(3))?;
    generator::throw(vm, args[0], e)
}
static GENERATOR: &[BuiltinDef] = &[
    fn1("__repr__", |vm, g| {
        let kind = ["generator", "coroutine", "async_generator"][g.get(WGenerator::KIND) as usize];
        text(
            vm,
            format!(
                "<{kind} object {} at {:#x}>",
                qualname(g),
                crate::operator::id(vm, g)
            ),
        )
    }),
    fn2("send", |vm, g, v| generator::send(vm, g, v)).inline(Inline::GenSend),
    var("throw", 2, 4, throw),
    fn1("close", |vm, g| {
        generator::close(vm, g).map(|()| vm.world().none)
    }),
];
static GEN_ONLY: &[BuiltinDef] = &[
    fn1("__iter__", |_, g| Ok(g)),
    fn1("__next__", |vm, g| generator::send(vm, g, Gc::NULL)),
    fn2("__class_getitem__", crate::generic_alias::new).class_method(),
];
static COROUTINE_ONLY: &[BuiltinDef] = &[fn1("__await__", |vm, g| {
    Ok(alloc::<WAwaitable>(vm).init(WAwaitable::GEN, g))
})];
macro_rules! frame_attributes {
    ($running:literal, $frame:literal, $code:literal, $from:literal) => {
        &[
            getter($running, |vm, g| {
                Ok(vm
                    .world()
                    .bool(g.get(WGenerator::STATE) == generator::RUNNING))
            }),
            getter($frame, gen_frame),
            getter($code, |vm, g| {
                Ok(crate::function::code_object(
                    vm,
                    g.get(WGenerator::CODE).expect(),
                ))
            })
            .member(),
            getter($from, |vm, g| {
                Ok(generator::delegate(g).map_or(vm.world().none, |d| d.0))
            }),
            getset(
                "__name__",
                |_, g| Ok(g.get(WGenerator::NAME)),
                |vm, g, v| {
                    want_str(vm, v, "__name__")?;
                    g.set(vm, WGenerator::NAME, v);
                    Ok(())
                },
            ),
            getset(
                "__qualname__",
                |_, g| Ok(g.get(WGenerator::QUALNAME)),
                |vm, g, v| {
                    want_str(vm, v, "__qualname__")?;
                    g.set(vm, WGenerator::QUALNAME, v);
                    Ok(())
                },
            ),
        ]
    };
}
fn want_str(vm: &'static Vm, v: Gc, name: &str) -> PyResult<()> {
    match !v.is_null() && crate::str::as_str(v).is_some() {
        true => Ok(()),
        false => Err(vm.type_error(format_args!("{name} must be set to a string object"))),
    }
}
fn gen_frame(vm: &'static Vm, g: Gc) -> PyResult {
    if g.get(WGenerator::STATE) == generator::FINISHED {
        return Ok(vm.world().none);
    }
    // One that a trace function has seen stays the same.
    let held = g.get(WGenerator::FRAME);
    if held.is::<WFrame>() {
        return Ok(held);
    }
    let f = alloc::<WFrame>(vm)
        .init(WFrame::CODE, g.get(WGenerator::CODE))
        .init(WFrame::PC, g.get(WGenerator::PC));
    f.init(WFrame::DEPTH, -1)
        .init(WFrame::REGS, g.get(WGenerator::REGS));
    Ok(f.init(
        WFrame::GLOBALS,
        g.get(WGenerator::FUNC).get(WFunction::GLOBALS),
    ))
}
static GENERATOR_ATTRIBUTES: &[GetSetDef] =
    frame_attributes!("gi_running", "gi_frame", "gi_code", "gi_yieldfrom");
static GEN_SUSPENDED: &[GetSetDef] = &[getter("gi_suspended", |vm, g| {
    Ok(vm
        .world()
        .bool(g.get(WGenerator::STATE) == generator::SUSPENDED))
})];
static COROUTINE_ATTRIBUTES: &[GetSetDef] =
    frame_attributes!("cr_running", "cr_frame", "cr_code", "cr_await");
static COROUTINE_MORE: &[GetSetDef] = &[
    getter("cr_suspended", |vm, g| {
        Ok(vm
            .world()
            .bool(g.get(WGenerator::STATE) == generator::SUSPENDED))
    }),
    getter("cr_origin", |vm, _| Ok(vm.world().none)),
];
static ASYNC_ATTRIBUTES: &[GetSetDef] =
    frame_attributes!("ag_running", "ag_frame", "ag_code", "ag_await");

// ---- awaitables
fn awaitable(vm: &'static Vm, g: Gc, kind: i64, arg: Gc) -> Gc {
    alloc::<WAwaitable>(vm)
        .init(WAwaitable::GEN, g)
        .init(WAwaitable::KIND, kind)
        .init(WAwaitable::ARG, arg)
}
/// Turns what an asynchronous generator's frame gave into what its awaitable gives: the value that was asked for is what
/// the awaitable returns.
fn async_step(
    vm: &'static Vm,
    a: Gc,
    result: PyResult<generator::Resumed>,
) -> PyResult<generator::Resumed> {
    use generator::Resumed;
    let c = &vm.world().classes;
    let closes = a.get(WAwaitable::KIND) == 3;
    match result {
        Ok(Resumed::Yielded(v)) if !v.is::<WAsyncValue>() => return Ok(Resumed::Yielded(v)),
        _ => a.set(vm, WAwaitable::STATE, 2),
    }
    match result {
        Ok(Resumed::Yielded(_)) if closes => {
            Err(vm.runtime_error("async generator ignored GeneratorExit"))
        }
        Ok(Resumed::Yielded(v)) => Ok(Resumed::Returned(v.get(WAsyncValue::VALUE))),
        Ok(Resumed::Returned(_)) if closes => Ok(Resumed::Returned(vm.world().none)),
        Ok(Resumed::Returned(_)) => {
            Err(crate::error::new_exception(vm, c.stop_async_iteration, &[]))
        }
        Err(e) => {
            let ends = crate::error::is_instance_of(vm, e, c.generator_exit)
                || crate::error::is_instance_of(vm, e, c.stop_async_iteration);
            if closes && ends {
                Ok(Resumed::Returned(vm.world().none))
            } else {
                Err(e)
            }
        }
    }
}
/// `awaitable.send(value)`, telling yields from returns.
///
/// # Errors
/// What the frame raises; StopAsyncIteration if an asynchronous generator has ended; RuntimeError for a second use.
pub fn await_resumed(vm: &'static Vm, a: Gc, v: Gc) -> PyResult<generator::Resumed> {
    let g = a.get(WAwaitable::GEN);
    let kind = a.get(WAwaitable::KIND);
    if kind == 0 {
        return generator::resume(vm, g, v);
    }
    match a.get(WAwaitable::STATE) {
        2 => Err(used_up(vm, a)),
        0 => {
            a.set(vm, WAwaitable::STATE, 1);
            let arg = a.get(WAwaitable::ARG);
            if kind == 1 {
                return async_step(vm, a, generator::resume(vm, g, arg));
            }
            if g.get(WGenerator::STATE) == generator::FINISHED {
                return async_step(vm, a, Ok(generator::Resumed::Returned(vm.world().none)));
            }
            let result = generator::throw_resumed(vm, g, arg);
            async_step(vm, a, result)
        }
        _ => async_step(vm, a, generator::resume(vm, g, v)),
    }
}
fn await_send(vm: &'static Vm, a: Gc, v: Gc) -> PyResult {
    generator::value_or_stop(vm, await_resumed(vm, a, v)?)
}
fn await_throw(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
    let e = generator::thrown(vm, args[1], at(2), at(3))?;
    let (a, g) = (args[0], args[0].get(WAwaitable::GEN));
    if a.get(WAwaitable::KIND) == 0 {
        return generator::throw(vm, g, e);
    }
    if a.get(WAwaitable::STATE) == 2 {
        return Err(used_up(vm, a));
    }
    a.set(vm, WAwaitable::STATE, 1);
    let result = generator::throw_resumed(vm, g, e);
    generator::value_or_stop(vm, async_step(vm, a, result)?)
}
fn used_up(vm: &'static Vm, a: Gc) -> Gc {
    vm.runtime_error(match a.get(WAwaitable::KIND) {
        1 => "cannot reuse already awaited __anext__()/asend()",
        _ => "cannot reuse already awaited aclose()/athrow()",
    })
}
static AWAITABLE: &[BuiltinDef] = &[
    fn1("__iter__", |_, a| Ok(a)),
    fn1("__await__", |_, a| Ok(a)),
    fn1("__next__", |vm, a| await_send(vm, a, Gc::NULL)),
    fn2("send", await_send),
    var("throw", 2, 4, await_throw),
    fn1("close", |vm, a| {
        if a.get(WAwaitable::KIND) == 0 {
            generator::close(vm, a.get(WAwaitable::GEN))?;
        }
        a.set(vm, WAwaitable::STATE, 2);
        Ok(vm.world().none)
    }),
];
static ASYNC_GENERATOR: &[BuiltinDef] = &[
    fn1("__repr__", |vm, g| {
        text(
            vm,
            format!(
                "<async_generator object {} at {:#x}>",
                qualname(g),
                crate::operator::id(vm, g)
            ),
        )
    }),
    fn1("__aiter__", |_, g| Ok(g)),
    fn1("__anext__", |vm, g| {
        generator::async_begins(vm, g)?;
        Ok(awaitable(vm, g, 1, vm.world().none))
    }),
    fn2("asend", |vm, g, v| {
        generator::async_begins(vm, g)?;
        Ok(awaitable(vm, g, 1, v))
    }),
    var("athrow", 2, 4, |vm, args| {
        let at = |i: usize| args.get(i).copied().unwrap_or(Gc::NULL);
        generator::async_begins(vm, args[0])?;
        let e = generator::thrown(vm, args[1], at(2), at(3))?;
        Ok(awaitable(vm, args[0], 2, e))
    }),
    fn1("aclose", |vm, g| {
        generator::async_begins(vm, g)?;
        let e = crate::error::new_exception(vm, vm.world().classes.generator_exit, &[]);
        Ok(awaitable(vm, g, 3, e))
    }),
    fn2("__class_getitem__", crate::generic_alias::new).class_method(),
];

// ---- singletons
static NONE: &[BuiltinDef] = &[
    fn1("__new__", |vm, _| Ok(vm.world().none)).static_method(),
    fn1("__repr__", |vm, _| Ok(crate::str::intern(vm, "None"))),
    fn1("__bool__", |vm, _| Ok(vm.world().false_)),
];
static ELLIPSIS: &[BuiltinDef] = &[
    fn1("__new__", |vm, _| Ok(vm.world().ellipsis)).static_method(),
    fn1("__repr__", |vm, _| Ok(crate::str::intern(vm, "Ellipsis"))),
    fn1("__reduce__", |vm, _| Ok(crate::str::intern(vm, "Ellipsis"))),
];
static NOT_IMPLEMENTED: &[BuiltinDef] = &[
    fn1("__new__", |vm, _| Ok(vm.world().not_implemented)).static_method(),
    fn1("__repr__", |vm, _| {
        Ok(crate::str::intern(vm, "NotImplemented"))
    }),
    fn1("__reduce__", |vm, _| {
        Ok(crate::str::intern(vm, "NotImplemented"))
    }),
];
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    let plain = [
        c.list_iterator,
        c.list_reverseiterator,
        c.tuple_iterator,
        c.str_iterator,
        c.bytes_iterator,
        c.bytearray_iterator,
        c.range_iterator,
        c.longrange_iterator,
        c.dict_keyiterator,
        c.dict_valueiterator,
        c.dict_itemiterator,
        c.dict_reversekeyiterator,
        c.dict_reversevalueiterator,
        c.dict_reverseitemiterator,
        c.set_iterator,
        c.seq_iterator,
        c.reversed,
    ];
    for class in plain {
        add_members(vm, class, ITERATOR, &[]);
        add_members(vm, class, HINTED, &[]);
    }
    for class in [c.callable_iterator, c.enumerate, c.zip, c.map, c.filter] {
        add_members(vm, class, ITERATOR, &[]);
    }
    add_members(vm, c.enumerate, ENUMERATE, &[]);
    add_members(vm, c.zip, ZIP, &[]);
    add_members(vm, c.map, MAP, &[]);
    add_members(vm, c.filter, FILTER, &[]);
    add_members(vm, c.reversed, REVERSED, &[]);
    add_members(vm, c.generator, GENERATOR, GENERATOR_ATTRIBUTES);
    add_members(vm, c.generator, GEN_ONLY, GEN_SUSPENDED);
    add_members(vm, c.coroutine, GENERATOR, COROUTINE_ATTRIBUTES);
    add_members(vm, c.coroutine, COROUTINE_ONLY, COROUTINE_MORE);
    add_members(vm, c.async_generator, ASYNC_GENERATOR, ASYNC_ATTRIBUTES);
    for class in [
        c.coroutine_wrapper,
        c.async_generator_asend,
        c.async_generator_athrow,
    ] {
        add_members(vm, class, AWAITABLE, &[]);
    }
    add_members(vm, c.none_type, NONE, &[]);
    add_members(vm, c.ellipsis_type, ELLIPSIS, &[]);
    add_members(vm, c.not_implemented_type, NOT_IMPLEMENTED, &[]);
}
