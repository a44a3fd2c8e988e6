//! Generators, coroutines and asynchronous generators: resuming from Rust, `send`, `throw`, `close`.
//!
//! Protocol with the handlers: a suspended frame lies in `REGS` (register 0 is the generator itself while it runs, so that
//! `Yield` finds it); `PC` is the suspending instruction (`MakeGenerator` or `Yield` or `Delegate`). A handler that
//! suspends copies registers back, sets `STATE` to [`SUSPENDED`] and returns the value from the frame. A frame that returns
//! with `STATE` still [`RUNNING`] has ended with that value. `HANDLED` is NULL or the exception that the suspended frame was
//! handling; while the frame runs (and has handlers at all), the one that its resumer was handling.

use crate::access::{Access, alloc};
use crate::layout::*;
use crate::{Errors, Kw, PyResult, Vm, type_of};
use ouro_gc::{Gc, Host};
use ouro_machine::Entry;
use ouro_py_syntax::Op;

/// Not started.
pub const CREATED: i64 = 0;
/// Waits at a yield.
pub const SUSPENDED: i64 = 1;
/// Its frame runs.
pub const RUNNING: i64 = 2;
/// Has ended.
pub const FINISHED: i64 = 3;

/// `KIND` of a generator.
pub const GENERATOR: i64 = 0;
/// `KIND` of a coroutine.
pub const COROUTINE: i64 = 1;
/// `KIND` of an asynchronous generator.
pub const ASYNC_GENERATOR: i64 = 2;

/// A new generator object for a frame with these registers that stands at `MakeGenerator`, instruction `pc`.
pub fn new(vm: &'static Vm, function: Gc, registers: &[Gc], pc: usize) -> Gc {
    use ouro_py_syntax::code::{CO_ASYNC_GENERATOR, CO_COROUTINE};
    let code = function.get(WFunction::CODE).expect();
    let kind = if code.info.has(CO_COROUTINE) {
        COROUTINE
    } else if code.info.has(CO_ASYNC_GENERATOR) {
        ASYNC_GENERATOR
    } else {
        GENERATOR
    };
    let regs = crate::function::new_registers(vm, code.nregs as usize);
    for (i, &r) in registers.iter().enumerate() {
        regs.init_item(&REFS, i, r);
    }
    let g = alloc::<WGenerator>(vm);
    g.init(WGenerator::CODE, Host::new(code))
        .init(WGenerator::FUNC, function)
        .init(WGenerator::KIND, kind);
    g.init(WGenerator::REGS, regs)
        .init(WGenerator::PC, pc as i64)
        .init(WGenerator::STATE, CREATED);
    g.init(WGenerator::NAME, function.get(WFunction::NAME))
        .init(WGenerator::QUALNAME, function.get(WFunction::QUALNAME));
    if needs_closing(code) {
        vm.heap.register_finalizer(g);
    }
    g
}
/// Whether an abandoned generator of the code must be told: it may wait inside a `try` or `with` block, or somebody wants
/// to know that it was never awaited.
pub fn needs_closing(code: &'static crate::PyCode) -> bool {
    use ouro_py_syntax::code::{CO_ASYNC_GENERATOR, CO_COROUTINE};
    let flags = CO_COROUTINE | CO_ASYNC_GENERATOR;
    !code.info.data.handled.is_empty() || code.info.has(flags)
}
fn kind_name(g: Gc) -> &'static str {
    ["generator", "coroutine", "async generator"][g.get(WGenerator::KIND) as usize]
}
/// An asynchronous generator is asked for something: the first time the hooks of `sys.set_asyncgen_hooks` apply, and the
/// one for its end is kept in `EXTRA`.
///
/// # Errors
/// Those of the hook.
pub fn async_begins(vm: &'static Vm, g: Gc) -> PyResult<()> {
    if !g.get(WGenerator::EXTRA).is_null() {
        return Ok(());
    }
    g.set(vm, WGenerator::EXTRA, vm.world().none);
    if let Some(begins) = vm.world().callouts.async_generator_begins.get() {
        let finalizer = begins(vm, g)?;
        g.set(vm, WGenerator::EXTRA, finalizer);
    }
    Ok(())
}
/// How a resumed frame came back.
pub enum Resumed {
    /// It yielded.
    Yielded(Gc),
    /// It ended with this value.
    Returned(Gc),
}
/// Resumes with a value sent (NULL or None to start).
///
/// # Errors
/// What the frame raises; ValueError if it runs already; TypeError for a value sent to a new generator.
pub fn resume(vm: &'static Vm, g: Gc, value: Gc) -> PyResult<Resumed> {
    let none = vm.world().none;
    let value = if value.is_null() { none } else { value };
    match g.get(WGenerator::STATE) {
        RUNNING => return Err(vm.value_error(format_args!("{} already executing", kind_name(g)))),
        FINISHED if g.get(WGenerator::KIND) == COROUTINE => {
            return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
        }
        FINISHED => return Ok(Resumed::Returned(none)),
        CREATED if value != none => {
            return Err(vm.type_error(format_args!(
                "can't send non-None value to a just-started {}",
                kind_name(g)
            )));
        }
        _ => {}
    }
    let pc = g.get(WGenerator::PC) as usize;
    let ins = g.get(WGenerator::CODE).expect().instructions()[pc];
    let regs = g.get(WGenerator::REGS);
    let start = match ins.op {
        Op::Yield => {
            regs.set_item(vm, &REFS, ins.a as usize, value);
            pc + 1
        }
        Op::Delegate => {
            regs.set_item(vm, &REFS, ins.c as usize, value);
            pc
        }
        _ => pc + 1,
    };
    run(vm, g, start, Entry::Start)
}
fn run(vm: &'static Vm, g: Gc, pc: usize, entry: Entry<Gc>) -> PyResult<Resumed> {
    let code = g.get(WGenerator::CODE).expect();
    let thread = vm.world().thread;
    let outer = thread.get(WThread::HANDLED);
    // While it runs, the generator holds what the resumer was handling; its frame swaps them back when it suspends.
    let handles = !code.info.data.handled.is_empty();
    if handles {
        let own = g.get(WGenerator::HANDLED);
        g.set(vm, WGenerator::HANDLED, outer);
        if !own.is_null() {
            thread.set(vm, WThread::HANDLED, own);
        }
    }
    g.set(vm, WGenerator::STATE, RUNNING);
    let outcome = vm.call_frame(code, pc, entry, |to| {
        let regs = g.get(WGenerator::REGS).items(&REFS);
        let n = regs.len().min(to.len());
        to[..n].copy_from_slice(&regs[..n]);
        to[0] = g;
    });
    let suspended = g.get(WGenerator::STATE) == SUSPENDED;
    thread.set(vm, WThread::HANDLED, outer);
    if suspended && outcome.is_ok() {
        return outcome.map(Resumed::Yielded);
    }
    g.set(vm, WGenerator::HANDLED, Gc::NULL);
    thread.set(vm, WThread::HANDLED, outer);
    finish(vm, g);
    match outcome {
        Ok(v) => Ok(Resumed::Returned(v)),
        Err(e) => Err(convert_stop(vm, g, e)),
    }
}
/// Marks a generator as ended and drops its registers.
pub fn finish(vm: &'static Vm, g: Gc) {
    g.set(vm, WGenerator::STATE, FINISHED);
    g.set(vm, WGenerator::REGS, vm.world().empty_refs);
    g.set(vm, WGenerator::HANDLED, Gc::NULL);
}
/// PEP 479: a StopIteration that leaves the frame becomes a RuntimeError.
pub fn convert_stop(vm: &'static Vm, g: Gc, e: Gc) -> Gc {
    let c = &vm.world().classes;
    let kind = g.get(WGenerator::KIND);
    let name = if crate::error::is_instance_of(vm, e, c.stop_iteration) {
        "StopIteration"
    } else if kind == ASYNC_GENERATOR && crate::error::is_instance_of(vm, e, c.stop_async_iteration)
    {
        "StopAsyncIteration"
    } else {
        return e;
    };
    let error = vm.runtime_error(format_args!("{} raised {name}", kind_name(g)));
    error.set(vm, WException::CAUSE, e);
    error.set(vm, WException::CONTEXT, e);
    error.set(vm, WException::SUPPRESS, 1);
    error
}
/// `next(g)` for a generator; None at the end (the return value is dropped).
pub fn next(vm: &'static Vm, g: Gc) -> PyResult<Option<Gc>> {
    match resume(vm, g, Gc::NULL)? {
        Resumed::Yielded(v) => Ok(Some(v)),
        Resumed::Returned(_) => Ok(None),
    }
}
/// What `send` gives: the end is StopIteration with the value.
///
/// # Errors
/// StopIteration.
pub fn value_or_stop(vm: &'static Vm, resumed: Resumed) -> PyResult {
    match resumed {
        Resumed::Yielded(v) => Ok(v),
        Resumed::Returned(v) => {
            Err(vm.stop_iteration(if v == vm.world().none { Gc::NULL } else { v }))
        }
    }
}
/// `g.send(value)`
pub fn send(vm: &'static Vm, g: Gc, value: Gc) -> PyResult {
    value_or_stop(vm, resume(vm, g, value)?)
}
/// The iterator that the generator delegates to, with the instruction.
pub fn delegate(g: Gc) -> Option<(Gc, ouro_py_syntax::Ins)> {
    if g.get(WGenerator::STATE) != SUSPENDED {
        return None;
    }
    let ins = g.get(WGenerator::CODE).expect().instructions()[g.get(WGenerator::PC) as usize];
    (ins.op == Op::Delegate).then(|| (g.get(WGenerator::REGS).item(&REFS, ins.b as usize), ins))
}
/// `g.throw(exception)`
///
/// # Errors
/// What the frame raises; StopIteration when it ends.
pub fn throw(vm: &'static Vm, g: Gc, e: Gc) -> PyResult {
    value_or_stop(vm, throw_in(vm, g, e)?)
}
fn throw_in(vm: &'static Vm, g: Gc, e: Gc) -> PyResult<Resumed> {
    match g.get(WGenerator::STATE) {
        RUNNING => return Err(vm.value_error(format_args!("{} already executing", kind_name(g)))),
        FINISHED => return Err(e),
        CREATED => {
            finish(vm, g);
            return Err(e);
        }
        _ => {}
    }
    let c = &vm.world().classes;
    let pc = g.get(WGenerator::PC) as usize;
    let Some((inner, ins)) = delegate(g) else {
        return run(vm, g, pc, Entry::Raised(e));
    };
    g.set(vm, WGenerator::STATE, RUNNING);
    if crate::error::is_instance_of(vm, e, c.generator_exit) {
        let closed = close_iterator(vm, inner);
        g.set(vm, WGenerator::STATE, SUSPENDED);
        return run(vm, g, pc, Entry::Raised(closed.err().unwrap_or(e)));
    }
    let result = match inner.is::<WGenerator>() {
        true => throw(vm, inner, e),
        false => match crate::attribute::get_attr_opt(vm, inner, vm.world().names.throw) {
            Ok(Some(f)) => crate::call::call(vm, f, &[e], &Kw::NONE),
            Ok(None) => Err(e),
            Err(error) => Err(error),
        },
    };
    g.set(vm, WGenerator::STATE, SUSPENDED);
    match result {
        Ok(v) => Ok(Resumed::Yielded(v)),
        Err(stop) if stop != e && crate::error::is_instance_of(vm, stop, c.stop_iteration) => {
            let value = crate::exception::stop_value(vm, stop);
            g.get(WGenerator::REGS)
                .set_item(vm, &REFS, ins.a as usize, value);
            run(vm, g, pc + 1, Entry::Start)
        }
        Err(other) => run(vm, g, pc, Entry::Raised(other)),
    }
}
fn close_iterator(vm: &'static Vm, it: Gc) -> PyResult<()> {
    if it.is::<WGenerator>() && it.get(WGenerator::KIND) != ASYNC_GENERATOR {
        return close(vm, it);
    }
    match crate::attribute::get_attr_opt(vm, it, vm.world().names.close)? {
        Some(f) => crate::call::call(vm, f, &[], &Kw::NONE).map(drop),
        None => Ok(()),
    }
}
/// `g.close()`
///
/// # Errors
/// RuntimeError if the generator yields again; what it raises but GeneratorExit and StopIteration.
pub fn close(vm: &'static Vm, g: Gc) -> PyResult<()> {
    match g.get(WGenerator::STATE) {
        FINISHED => return Ok(()),
        CREATED => {
            finish(vm, g);
            return Ok(());
        }
        _ => {}
    }
    let c = &vm.world().classes;
    let exit = crate::error::new_exception(vm, c.generator_exit, &[]);
    match throw_in(vm, g, exit) {
        Ok(Resumed::Yielded(_)) => {
            Err(vm.runtime_error(format_args!("{} ignored GeneratorExit", kind_name(g))))
        }
        Ok(Resumed::Returned(_)) => Ok(()),
        Err(e) => {
            let expected = crate::error::is_instance_of(vm, e, c.generator_exit)
                || crate::error::is_instance_of(vm, e, c.stop_iteration);
            if expected { Ok(()) } else { Err(e) }
        }
    }
}
/// The exception of `throw(type[, value[, traceback]])`.
pub fn thrown(vm: &'static Vm, kind: Gc, value: Gc, traceback: Gc) -> PyResult {
    let none = vm.world().none;
    let value = if value.is_null() { none } else { value };
    let e = if let Some(class) =
        crate::make_class::class_of(kind).filter(|c| c.has(crate::class::class_flags::EXCEPTION))
    {
        if value.is::<WException>() && type_of(vm, value).is_subclass(class) {
            value
        } else if value == none {
            crate::call::call(vm, kind, &[], &Kw::NONE)?
        } else if value.is::<WTuple>() {
            crate::call::call(vm, kind, crate::tuple::items(value), &Kw::NONE)?
        } else {
            crate::call::call(vm, kind, &[value], &Kw::NONE)?
        }
    } else if kind.is::<WException>() {
        if value != none {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        kind
    } else {
        let got = type_of(vm, kind).text();
        return Err(vm.type_error(format_args!(
            "exceptions must be classes or instances deriving from BaseException, not {got}"
        )));
    };
    if !traceback.is_null() && traceback != none {
        if !traceback.is::<WTraceback>() {
            return Err(vm.type_error("throw() third argument must be a traceback object"));
        }
        e.set(vm, WException::TRACEBACK, traceback);
    }
    Ok(e)
}
/// As [`throw`], telling yields from returns.
pub fn throw_resumed(vm: &'static Vm, g: Gc, e: Gc) -> PyResult<Resumed> {
    throw_in(vm, g, e)
}
