//! Generators and coroutines beyond what handlers do themselves.

use super::residuals;
use ouro_gc::Gc;
use ouro_machine::Effects;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Special, Vm, type_of};
use ouro_py_objects::{call, error, exception, generator, iterator_methods, operator, tuple};

/// Sends a value to an iterator: `(value, NULL)` if it yields, `(NULL, value)` if it ends.
fn send(vm: &'static Vm, inner: Gc, sent: Gc) -> PyResult {
    let resumed = if inner.is::<WAwaitable>() {
        Some(iterator_methods::await_resumed(vm, inner, sent)?)
    } else if inner.is::<WGenerator>() && inner.get(WGenerator::KIND) <= generator::COROUTINE {
        Some(generator::resume(vm, inner, sent)?)
    } else {
        None
    };
    if let Some(resumed) = resumed {
        return Ok(match resumed {
            generator::Resumed::Yielded(v) => tuple::new(vm, &[v, Gc::NULL]),
            generator::Resumed::Returned(v) => tuple::new(vm, &[Gc::NULL, v]),
        });
    }
    let none = vm.world().none;
    let result = match sent == none {
        true => {
            let f = type_of(vm, inner).special(vm, Special::Next);
            if f.is_null() {
                operator::next(vm, inner)?;
            }
            call::call_unbound(vm, f, &[inner])
        }
        false => call::call_method(vm, inner, vm.world().names.send, &[sent]),
    };
    match result {
        Ok(v) => Ok(tuple::new(vm, &[v, Gc::NULL])),
        Err(e) if error::is_instance_of(vm, e, vm.world().classes.stop_iteration) => {
            Ok(tuple::new(vm, &[Gc::NULL, exception::stop_value(vm, e)]))
        }
        Err(e) => Err(e),
    }
}

residuals! {
    /// StopIteration with the value of a generator that has ended.
    RAISE_STOP = raise_stop(vm, v: Gc) -> Gc, Effects::READS_OR_RAISES, {
        Err(vm.stop_iteration(if v == vm.world().none { Gc::NULL } else { v }))
    }
    /// StopAsyncIteration for an asynchronous generator that has ended.
    RAISE_STOP_ASYNC = raise_stop_async(vm) -> Gc, Effects::READS_OR_RAISES, {
        Err(error::new_exception(vm, vm.world().classes.stop_async_iteration, &[]))
    }
    /// RuntimeError for a StopIteration that left the frame of a generator.
    STOP_ITERATION_ESCAPED = stop_iteration_escaped(vm, g: Gc, e: Gc) -> Gc, Effects::ANY, {
        Err(generator::convert_stop(vm, g, e))
    }
    /// Registers a generator to be closed when it is found unreachable; gives it back.
    CLOSE_WHEN_ABANDONED = close_when_abandoned(vm, g: Gc) -> Gc, Effects::READS_OR_RAISES, {
        vm.heap.register_finalizer(g);
        Ok(g)
    }
    /// Sends a value to an iterator; a pair of the value yielded and the final value, one of them NULL.
    SEND_TO = send_to(vm, inner: Gc, sent: Gc) -> Gc, Effects::ANY, {
        send(vm, inner, sent)
    }
    /// The iterator of `yield from x`.
    GET_YIELD_FROM_ITER = get_yield_from_iter(vm, x: Gc, in_coroutine: i64) -> Gc, Effects::ANY, {
        if x.is::<WGenerator>() && x.get(WGenerator::KIND) == generator::COROUTINE {
            if in_coroutine == 0 {
                return Err(vm.type_error("cannot 'yield from' a coroutine object in a non-coroutine generator"));
            }
            return Ok(x);
        }
        operator::iter(vm, x)
    }
    /// The iterator of an awaitable.
    GET_AWAITABLE = get_awaitable(vm, x: Gc, context: i64) -> Gc, Effects::ANY, {
        awaitable(vm, x, context)
    }
    /// `type(x).__aiter__(x)`
    GET_AITER = get_aiter(vm, x: Gc) -> Gc, Effects::ANY, {
        let Some(it) = call::call_special(vm, x, Special::Aiter, &[])? else {
            let name = type_of(vm, x).text();
            let text = format!("'async for' requires an object with __aiter__ method, got {name}");
            return Err(vm.type_error(text));
        };
        async_iterator(vm, it)
    }
    /// `it` if it is an asynchronous iterator; `__aiter__` gave it.
    CHECK_AITER = check_aiter(vm, it: Gc) -> Gc, Effects::ANY, {
        async_iterator(vm, it)
    }
    /// The iterator of the awaitable `type(x).__anext__(x)`.
    GET_ANEXT = get_anext(vm, x: Gc) -> Gc, Effects::ANY, {
        let Some(next) = call::call_special(vm, x, Special::Anext, &[])? else {
            let name = type_of(vm, x).text();
            let text = format!("'async for' requires an iterator with __anext__ method, got {name}");
            return Err(vm.type_error(text));
        };
        next_awaitable(vm, next)
    }
    /// The iterator of the awaitable `next`, which `__anext__` gave.
    CHECK_ANEXT = check_anext(vm, next: Gc) -> Gc, Effects::ANY, {
        next_awaitable(vm, next)
    }
    /// `it` if it is an iterator; `__await__` gave it.
    CHECK_AWAIT = check_await(vm, it: Gc) -> Gc, Effects::ANY, {
        awaited(vm, it)
    }
}
fn async_iterator(vm: &'static Vm, it: Gc) -> PyResult {
    if type_of(vm, it).special(vm, Special::Anext).is_null() {
        let got = type_of(vm, it).text();
        let text = format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {got}"
        );
        return Err(vm.type_error(text));
    }
    Ok(it)
}
fn next_awaitable(vm: &'static Vm, next: Gc) -> PyResult {
    if next.is::<WAwaitable>() {
        return Ok(next);
    }
    awaitable(vm, next, 0).map_err(|e| {
        let got = type_of(vm, next).text();
        let error = vm.type_error(format_args!(
            "'async for' received an invalid object from __anext__: {got}"
        ));
        error.set(vm, WException::CAUSE, e);
        error.set(vm, WException::SUPPRESS, 1);
        error
    })
}
/// `context`: 1 if it came from `__aenter__`, 2 if from `__aexit__`.
fn awaitable(vm: &'static Vm, x: Gc, context: i64) -> PyResult {
    if x.is::<WGenerator>() {
        let code = x.get(WGenerator::CODE).expect();
        let flags = ouro_py_syntax::code::CO_ITERABLE_COROUTINE;
        if x.get(WGenerator::KIND) == generator::COROUTINE || code.info.has(flags) {
            return Ok(x);
        }
    }
    let Some(it) = call::call_special(vm, x, Special::Await, &[])? else {
        let name = type_of(vm, x).text();
        return Err(vm.type_error(match context {
            1 | 2 => {
                let method = if context == 1 { "__aenter__" } else { "__aexit__" };
                format!("'async with' received an object from {method} that does not implement __await__: {name}")
            }
            _ => format!("object {name} can't be used in 'await' expression"),
        }));
    };
    awaited(vm, it)
}
fn awaited(vm: &'static Vm, it: Gc) -> PyResult {
    if it.is::<WGenerator>() && it.get(WGenerator::KIND) == generator::COROUTINE {
        return Err(vm.type_error("__await__() returned a coroutine"));
    }
    if type_of(vm, it).special(vm, Special::Next).is_null() {
        let got = type_of(vm, it).text();
        return Err(vm.type_error(format_args!(
            "__await__() returned non-iterator of type '{got}'"
        )));
    }
    Ok(it)
}
