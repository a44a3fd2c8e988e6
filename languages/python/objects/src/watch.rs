//! Trace and profile functions: `sys.settrace`, `sys.setprofile`, and the frame objects that they are given.
//!
//! The machine's watching run loop (`ouro_machine::watch`) tells of frames, instructions and exceptions; here they become
//! the events of CPython: which lines an instruction stands for is in the code object ([`lines`]), since one instruction of
//! a register machine does what several of CPython's do, and some of those lie on other lines.
//!
//! - **T1** Nothing is told while a trace or profile function runs: its frames are neither watched nor linked, and run as
//!   fast as any.
//! - **T2** While a function is set, the frame object of a watched frame is *linked*: there is one only, and it shows what
//!   the frame holds and where it stands at any time. When the frame is left the object keeps what was there then.
//! - **T3** A trace function that raises is switched off, and what it raised goes on from where it was called.

use crate::access::Access;
use crate::code::PyCode;
use crate::frame::{self, function_of, register};
use crate::layout::*;
use crate::step::Step;
use crate::{Kw, Name, PyResult, Vm, type_of};
use ouro_gc::{Gc, RootVisitor};
use ouro_machine::Place;
use ouro_py_syntax::Op;
use ouro_py_syntax::code::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_OPTIMIZED, NO_LINE};
use std::cell::{Cell, RefCell};

type At = Place<crate::Python>;

/// What `sys` holds for the thread.
#[derive(Default)]
pub struct Watch {
    /// The trace function, or NULL.
    trace: Cell<Gc>,
    /// The profile function, or NULL.
    profile: Cell<Gc>,
    /// Trace and profile functions that run.
    telling: Cell<u32>,
    /// While one runs: the number of the frame that it is told of.
    told: Cell<usize>,
    /// Running frames that are known, by number.
    frames: RefCell<Vec<Watched>>,
    /// Functions in Rust that run and were told to the profile function, innermost last.
    calls: RefCell<Vec<ForeignCall>>,
}

/// A running frame.
struct Watched {
    number: usize,
    code: &'static PyCode,
    /// Its frame object, or NULL.
    object: Cell<Gc>,
    /// The instruction that ran last.
    pc: usize,
    /// The line that was visited last; 0: none, so that whatever comes next is another line.
    line: u32,
    /// A jump has led backwards since: the next line is told of even if it is the same.
    back: bool,
}

/// A call in progress of a function that is not written in Python.
struct ForeignCall {
    frame: usize,
    function: Cell<Gc>,
}

impl Watch {
    pub(crate) fn visit(&self, visitor: &mut dyn RootVisitor) {
        visitor.slot(&self.trace);
        visitor.slot(&self.profile);
        for watched in self.frames.borrow().iter() {
            visitor.slot(&watched.object);
        }
        for call in self.calls.borrow().iter() {
            visitor.slot(&call.function);
        }
    }
    fn is_on(&self) -> bool {
        !self.trace.get().is_null() || !self.profile.get().is_null()
    }
    /// `sys.gettrace()`; NULL: none.
    pub fn trace_function(&self) -> Gc {
        self.trace.get()
    }
    /// `sys.getprofile()`; NULL: none.
    pub fn profile_function(&self) -> Gc {
        self.profile.get()
    }
    /// The linked frame object of the frame with this number.
    pub(crate) fn linked(&self, number: usize, code: &'static PyCode) -> Option<Gc> {
        let frames = self.frames.borrow();
        // What was linked before a function is set counts from then on.
        let is_on = || self.is_on().then_some(());
        let at = frames.binary_search_by_key(&number, |f| f.number).ok()?;
        is_on()?;
        let object = frames[at].object.get();
        (std::ptr::eq(frames[at].code, code) && !object.is_null()).then_some(object)
    }
    /// Whether somebody sees how the frame with this number is left (T2).
    pub(crate) fn links_frames(&self, number: usize) -> bool {
        self.is_on() && (self.telling.get() == 0 || number <= self.told.get())
    }
    fn link(&self, number: usize, at: At, object: Gc) {
        self.know(number, at);
        self.with(number, |f| f.object.set(object));
    }
    /// Makes sure that the frame is among those that are known. Of one that has run unseen `at` is the last instruction.
    fn know(&self, number: usize, at: At) {
        let mut frames = self.frames.borrow_mut();
        let position = frames.binary_search_by_key(&number, |f| f.number);
        let pc = at.index();
        let new = || Watched {
            number,
            code: at.code,
            object: Cell::new(Gc::NULL),
            pc,
            line: own_line(at.code, pc),
            back: false,
        };
        match position {
            Ok(n) if std::ptr::eq(frames[n].code, at.code) => {}
            Ok(n) => frames[n] = new(),
            Err(n) => frames.insert(n, new()),
        }
    }
    fn with<T>(&self, number: usize, f: impl FnOnce(&mut Watched) -> T) -> T {
        let mut frames = self.frames.borrow_mut();
        let n = frames.binary_search_by_key(&number, |f| f.number);
        f(&mut frames[n.expect("the frame is known")])
    }
    /// Forgets frames from this number on: there are none.
    fn forget(&self, number: usize) {
        let mut frames = self.frames.borrow_mut();
        let from = frames.partition_point(|f| f.number < number);
        frames.truncate(from);
        let mut calls = self.calls.borrow_mut();
        while calls.last().is_some_and(|c| c.frame >= number) {
            calls.pop();
        }
    }
}

fn watch(vm: &'static Vm) -> &'static Watch {
    &vm.world().watch
}
/// Whether anything is to be told of the frame.
fn is_told(vm: &'static Vm, at: At) -> bool {
    let watch = watch(vm);
    watch.is_on()
        && watch.telling.get() == 0
        && !at.code.info.hidden
        && at.code.info.data.nlocals > 0
        && function_of(register(&at, 0)).is_some()
}
/// The line of an instruction; 0: none.
fn own_line(code: &'static PyCode, pc: usize) -> u32 {
    code.info.data.positions.get(pc).map_or(0, |p| p.line)
}
fn is_generator_like(code: &'static PyCode) -> bool {
    code.info
        .has(CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)
}

// ---- setting
/// `sys.settrace`, with NULL for None.
pub fn set_trace(vm: &'static Vm, function: Gc) {
    set(vm, |watch| watch.trace.set(function));
}
/// `sys.setprofile`, with NULL for None.
pub fn set_profile(vm: &'static Vm, function: Gc) {
    set(vm, |watch| {
        watch.profile.set(function);
        watch.calls.borrow_mut().clear();
    });
}
fn set(vm: &'static Vm, change: impl FnOnce(&Watch)) {
    let watch = watch(vm);
    let was_on = watch.is_on();
    change(watch);
    match (was_on, watch.is_on()) {
        (false, true) => {
            vm.unwatched.change(vm);
            // Frame objects whose `f_trace` was set before now: those whose frames have ended go.
            let lives = |f: &Watched| {
                frame::place(vm, f.number).is_some_and(|at| std::ptr::eq(at.code, f.code))
            };
            watch.frames.borrow_mut().retain(lives);
        }
        (true, false) => {
            // Nobody sees any more how frames are left.
            let frames = watch.frames.take();
            for f in frames.iter().filter(|f| !f.object.get().is_null()) {
                if let Some(at) = frame::place(vm, f.number)
                    && std::ptr::eq(at.code, f.code)
                {
                    frame::copy_registers(vm, f.object.get(), at);
                }
            }
        }
        _ => {}
    }
    vm.set_watched(watch.is_on() && watch.telling.get() == 0);
}
/// The frame object has got an `f_trace`: it is to stay the one of its frame.
pub(crate) fn keep(vm: &'static Vm, object: Gc) {
    let Ok(number) = usize::try_from(object.get(WFrame::DEPTH)) else {
        return;
    };
    let code = object.get(WFrame::CODE).expect();
    if let Some(at) = frame::place(vm, number)
        && std::ptr::eq(at.code, code)
        && watch(vm).linked(number, code).is_none()
    {
        watch(vm).link(number, at, object);
    }
}
/// `sys.call_tracing`: calls a function that is told of although a trace function runs.
///
/// # Errors
/// What the function raises.
pub fn call_tracing(vm: &'static Vm, function: Gc, args: &[Gc]) -> PyResult {
    let watch = watch(vm);
    let telling = watch.telling.take();
    let told = watch.told.get();
    vm.set_watched(watch.is_on());
    let result = crate::call::call(vm, function, args, &Kw::NONE);
    watch.telling.set(telling);
    watch.told.set(told);
    vm.set_watched(watch.is_on() && telling == 0);
    result
}

// ---- telling
/// Calls a trace or profile function. `line` is what `f_lineno` gives meanwhile, if it is not the line of the instruction.
fn tell(
    vm: &'static Vm,
    function: Gc,
    (object, line): (Gc, Option<u32>),
    event: Name,
    arg: Gc,
) -> PyResult {
    let watch = watch(vm);
    let number = vm.depth();
    if !object.get(WFrame::LOCALS).is_null()
        && let Some(at) = frame::live_place(vm, object)
    {
        frame::live_locals(vm, at, object.get(WFrame::LOCALS))?;
    }
    let outer = watch.told.replace(number);
    watch.telling.set(watch.telling.get() + 1);
    vm.set_watched(false);
    let shown = object.get(WFrame::LINE);
    object.set(vm, WFrame::LINE, line.map_or(0, |l| i64::from(l) + 1));
    let arg = match arg.is_null() {
        true => vm.world().none,
        false => arg,
    };
    let result = crate::call::call(vm, function, &[object, event, arg], &Kw::NONE);
    object.set(vm, WFrame::LINE, shown);
    watch.telling.set(watch.telling.get() - 1);
    watch.told.set(outer);
    let locals = object.get(WFrame::LOCALS);
    let taken = match frame::live_place(vm, object) {
        Some(at) if !locals.is_null() => frame::take_locals(vm, at, locals),
        _ => Ok(()),
    };
    vm.set_watched(watch.is_on() && watch.telling.get() == 0);
    let result = result?;
    taken.map(|()| result)
}
/// The linked object of the frame with this number.
pub(crate) fn object_of(vm: &'static Vm, number: usize, at: At) -> Gc {
    let watch = watch(vm);
    watch.know(number, at);
    if let Some(object) = watch.linked(number, at.code) {
        return object;
    }
    // That of a generator is the same each time the generator runs.
    let register0 = register(&at, 0);
    let held = match register0.is::<WGenerator>() {
        true => register0.get(WGenerator::FRAME),
        false => Gc::NULL,
    };
    let object = match held.is_null() {
        false => held,
        true => frame::new_object(vm, number, at),
    };
    object.set(vm, WFrame::DEPTH, number as i64);
    object.set(vm, WFrame::BACK, Gc::NULL);
    object.set(vm, WFrame::LINE, 0);
    if register0.is::<WGenerator>() {
        register0.set(vm, WGenerator::FRAME, object);
    }
    watch.link(number, at, object);
    object
}
/// Tells the local trace function of the frame that runs, if it has one, or with `CALL` the global one, whose result is the
/// local one.
fn trace(vm: &'static Vm, at: At, event: Name, arg: Gc, line: Option<u32>) -> PyResult<()> {
    let watch = watch(vm);
    let is_call = event == vm.world().names.call_event;
    if watch.trace.get().is_null() || watch.telling.get() > 0 {
        return Ok(());
    }
    let object = match is_call {
        true => object_of(vm, vm.depth(), at),
        false => match watch.linked(vm.depth(), at.code) {
            Some(object) => object,
            None => return Ok(()),
        },
    };
    let function = match is_call {
        true => watch.trace.get(),
        false => object.get(WFrame::TRACE),
    };
    if function.is_null() {
        return Ok(());
    }
    match tell(vm, function, (object, line), event, arg) {
        Ok(local) => {
            if local != vm.world().none {
                object.set(vm, WFrame::TRACE, local);
            }
            Ok(())
        }
        Err(e) => {
            object.set(vm, WFrame::TRACE, Gc::NULL);
            set_trace(vm, Gc::NULL);
            Err(e)
        }
    }
}
fn profile(vm: &'static Vm, at: At, event: Name, arg: Gc, line: Option<u32>) -> PyResult<()> {
    let watch = watch(vm);
    let function = watch.profile.get();
    if function.is_null() || watch.telling.get() > 0 {
        return Ok(());
    }
    let object = object_of(vm, vm.depth(), at);
    match tell(vm, function, (object, line), event, arg) {
        Ok(_) => Ok(()),
        Err(e) => {
            set_profile(vm, Gc::NULL);
            Err(e)
        }
    }
}

// ---- what the machine tells
/// See `Language::watch_enter`.
///
/// # Errors
/// What a trace or profile function raises.
pub fn enter(vm: &'static Vm, at: At) -> PyResult<()> {
    if !is_told(vm, at) {
        return Ok(());
    }
    let (watch, number, code) = (watch(vm), vm.depth(), at.code);
    watch.forget(number);
    let resumed = is_generator_like(code);
    if resumed && at.pc == code.entry() {
        // The generator is made; it has not been entered yet.
        return Ok(());
    }
    watch.know(number, at);
    // A generator goes on from the instruction at which it waits.
    let generator = register(&at, 0);
    let waits = match generator.is::<WGenerator>() {
        true => Some(generator.get(WGenerator::PC) as usize),
        false => None,
    };
    let (pc, line) = match waits.map(|pc| (pc, code.instructions()[pc].op)) {
        Some((pc, Op::Yield | Op::Delegate)) => (pc, own_line(code, pc)),
        _ => (at.index(), 0),
    };
    watch.with(number, |f| (f.pc, f.line, f.back) = (pc, line, false));
    let is_module = &*code.info.data.name == "<module>" && !code.info.has(CO_OPTIMIZED);
    let shown = match (line, is_module) {
        (0, true) => 0,
        (0, false) => code.info.data.firstlineno,
        (line, _) => line,
    };
    let event = vm.world().names.call_event;
    trace(vm, at, event, Gc::NULL, Some(shown))?;
    profile(vm, at, event, Gc::NULL, Some(shown))
}
/// The lines that an instruction stands for, in order; 0: one that is not told. None: its own line only.
fn lines(code: &'static PyCode, pc: usize) -> &'static [(u32, u32)] {
    let all = &code.info.data.lines;
    let from = all.partition_point(|(at, _)| (*at as usize) < pc);
    let count = all[from..].partition_point(|(at, _)| *at as usize == pc);
    &all[from..from + count]
}
/// See `Language::watch_start`.
///
/// # Errors
/// What a trace or profile function raises.
pub fn start(vm: &'static Vm, at: At) -> PyResult<()> {
    if !is_told(vm, at) {
        return Ok(());
    }
    let (watch, number, pc) = (watch(vm), vm.depth(), at.index());
    foreign_call_ends(vm, at, vm.world().names.c_return_event)?;
    watch.know(number, at.offset(if pc > 0 { -1 } else { 0 }));
    let object = watch.linked(number, at.code);
    let local = object.map_or(Gc::NULL, |object| object.get(WFrame::TRACE));
    if local.is_null() {
        let several = lines(at.code, pc).last();
        let line = several.map_or(own_line(at.code, pc), |l| l.1);
        watch.with(number, |f| {
            f.pc = pc;
            f.line = match line {
                0 => f.line,
                NO_LINE => 0,
                line => line,
            };
        });
    } else {
        trace_lines(vm, at, number)?;
    }
    if !watch.profile.get().is_null() {
        foreign_call_starts(vm, at)?;
    }
    Ok(())
}
fn trace_lines(vm: &'static Vm, at: At, number: usize) -> PyResult<()> {
    let (watch, pc) = (watch(vm), at.index());
    let sends = matches!(at.code.instructions()[pc].op, Op::Delegate | Op::YieldFrom);
    let (mut line, mut backward) = watch.with(number, |f| {
        f.back |= pc < f.pc && !sends;
        f.pc = pc;
        (f.line, f.back)
    });
    let names = &vm.world().names;
    let own = [(pc as u32, own_line(at.code, pc))];
    let all = match lines(at.code, pc) {
        [] => &own[..],
        several => several,
    };
    for &(_, next) in all.iter().filter(|(_, line)| *line != 0) {
        if next == NO_LINE {
            line = 0;
            watch.with(number, |f| f.line = 0);
            continue;
        }
        let told = next != line || std::mem::take(&mut backward);
        line = next;
        watch.with(number, |f| (f.line, f.back) = (next, false));
        let options = |bit| {
            let object = watch.linked(number, at.code);
            object.is_some_and(|object| object.get(WFrame::OPTIONS) & bit != 0)
        };
        if told && !options(frame::NO_LINES) {
            trace(vm, at, names.line_event, Gc::NULL, Some(next))?;
        }
        // The trace function may have been switched off.
        if watch.linked(number, at.code).is_none() {
            return Ok(());
        }
    }
    let object = watch.linked(number, at.code);
    if object.is_some_and(|object| object.get(WFrame::OPTIONS) & frame::INSTRUCTIONS != 0) {
        trace(vm, at, names.opcode_event, Gc::NULL, Some(line))?;
    }
    Ok(())
}
/// The line that the frame which runs was on last.
fn last_line(vm: &'static Vm, at: At) -> Option<u32> {
    let frames = watch(vm).frames.borrow();
    let n = frames.binary_search_by_key(&vm.depth(), |f| f.number);
    let known = n.ok().map(|n| &frames[n])?;
    (known.line != 0 && std::ptr::eq(known.code, at.code)).then_some(known.line)
}
/// See `Language::watch_return`.
///
/// # Errors
/// What a trace or profile function raises.
pub fn leave(vm: &'static Vm, at: At, value: Gc) -> PyResult {
    if is_told(vm, at) && at.code.instructions()[at.index()].op != Op::MakeGenerator {
        let (event, line) = (vm.world().names.return_event, last_line(vm, at));
        trace(vm, at, event, value, line)?;
        profile(vm, at, event, value, line)?;
    }
    settle(vm, at);
    Ok(value)
}
/// The frame is about to be left: its object keeps what it holds (T2).
fn settle(vm: &'static Vm, at: At) {
    let (watch, number) = (watch(vm), vm.depth());
    if watch.telling.get() > 0 {
        return;
    }
    if let Some(object) = watch.linked(number, at.code) {
        frame::copy_registers(vm, object, at);
        if let Some(line) = last_line(vm, at) {
            object.set(vm, WFrame::LINE, i64::from(line) + 1);
        }
        if object.get(WFrame::BACK).is_null() && number > 0 {
            let back = frame::object_from(vm, number - 1);
            object.set(vm, WFrame::BACK, back.unwrap_or(vm.world().none));
        }
        if !object.get(WFrame::LOCALS).is_null() {
            let locals = frame::live_locals(vm, at, object.get(WFrame::LOCALS));
            object.set(vm, WFrame::LOCALS, locals.unwrap_or(Gc::NULL));
        }
        object.set(vm, WFrame::DEPTH, -1);
    }
    watch.forget(number);
}
/// The argument of an `exception` event.
fn exception_info(vm: &'static Vm, e: Gc) -> Gc {
    let class = type_of(vm, e).gc();
    let traceback = e.get(WException::TRACEBACK);
    let traceback = match traceback.is_null() {
        true => vm.world().none,
        false => traceback,
    };
    crate::tuple::new(vm, &[class, e, traceback])
}
/// See `Language::watch_raise`.
pub fn raise(vm: &'static Vm, at: At, e: Gc) -> Gc {
    if !is_told(vm, at) {
        return e;
    }
    let ended = foreign_call_ends(vm, at, vm.world().names.c_exception_event);
    let e = ended.err().unwrap_or(e);
    let again = match at.code.instructions()[at.index()].op {
        Op::Reraise => true,
        // What was raised before has an entry for this frame already.
        Op::RaiseBare => !has_entry_for(e, at),
        _ => false,
    };
    match again {
        true => e,
        false => tell_exception(vm, at, e),
    }
}
/// Whether the newest entry of an exception's traceback is for this instruction.
fn has_entry_for(e: Gc, at: At) -> bool {
    let t = e.get(WException::TRACEBACK);
    t.is::<WTraceback>()
        && std::ptr::eq(t.get(WTraceback::CODE).expect(), at.code)
        && t.get(WTraceback::PC) as usize == at.index()
}
fn tell_exception(vm: &'static Vm, at: At, e: Gc) -> Gc {
    if watch(vm).linked(vm.depth(), at.code).is_none() {
        return e;
    }
    let (info, line) = (exception_info(vm, e), own_line(at.code, at.index()));
    let event = vm.world().names.exception_event;
    match trace(vm, at, event, info, Some(line)) {
        Ok(()) => e,
        Err(other) => other,
    }
}
/// See `Language::watch_arrival`: the end of an iterator is an exception that the loop swallows.
pub fn arrival(vm: &'static Vm, at: At, step: Step, e: Gc) -> Gc {
    let ends = step == Step::ForNext
        && crate::error::is_instance_of(vm, e, vm.world().classes.stop_iteration);
    match ends && is_told(vm, at) {
        true => tell_exception(vm, at, e),
        false => e,
    }
}
/// See `Language::watch_result`: what `yield from` and `await` wait for tells its end by an exception that they swallow.
///
/// # Errors
/// What a trace function raises.
pub fn result(vm: &'static Vm, at: At, step: Step, value: Gc) -> PyResult {
    if step != Step::YieldFrom || !is_told(vm, at) {
        return Ok(value);
    }
    let awaited = register(&at, u32::from(at.code.instructions()[at.index()].b));
    let ended = match awaited.is::<WGenerator>() {
        true if awaited.get(WGenerator::STATE) == crate::generator::SUSPENDED => return Ok(value),
        // `next` of a generator that returns None gives no exception.
        true if awaited.get(WGenerator::KIND) == crate::generator::GENERATOR
            && value == vm.world().none =>
        {
            return Ok(value);
        }
        true => value,
        false if value.is::<WAsyncValue>() => value.get(WAsyncValue::VALUE),
        false => return Ok(value),
    };
    let none = ended == vm.world().none;
    let stop = crate::Errors::stop_iteration(vm, if none { Gc::NULL } else { ended });
    match tell_exception(vm, at, stop) {
        same if same == stop => Ok(value),
        other => Err(other),
    }
}
/// See `Language::watch_unwind`.
pub fn unwind(vm: &'static Vm, at: At, e: Gc) -> Gc {
    let mut e = e;
    if is_told(vm, at) {
        let (event, line) = (vm.world().names.return_event, last_line(vm, at));
        let told = trace(vm, at, event, Gc::NULL, line);
        let told = told.and_then(|()| profile(vm, at, event, Gc::NULL, line));
        e = told.err().unwrap_or(e);
    }
    settle(vm, at);
    e
}

// ---- calls of functions that are not written in Python
/// The builtin function that the instruction calls, a method bound to its object.
fn foreign_callee(vm: &'static Vm, at: At) -> Option<Gc> {
    let i = at.code.instructions()[at.index()];
    let window = u32::from(i.b);
    let (callee, receiver) = match i.op {
        Op::CallMethod | Op::CallMethodKw if !register(&at, window + 1).is_null() => {
            (register(&at, window + 1), Some(register(&at, window + 2)))
        }
        Op::Call | Op::CallKw | Op::CallMethod | Op::CallMethodKw => {
            let first = (i.c > 0).then(|| register(&at, window + 3));
            (register(&at, window + 2), first)
        }
        Op::CallEx => (register(&at, window), None),
        _ => return None,
    };
    match callee.is::<WMethodDescr>() {
        true => receiver.map(|receiver| crate::descriptor::bind_builtin(vm, callee, receiver)),
        false => callee.is::<WBuiltin>().then_some(callee),
    }
}
fn foreign_call_starts(vm: &'static Vm, at: At) -> PyResult<()> {
    let Some(function) = foreign_callee(vm, at) else {
        return Ok(());
    };
    let event = vm.world().names.c_call_event;
    let frame = vm.depth();
    let calls = &watch(vm).calls;
    calls.borrow_mut().push(ForeignCall {
        frame,
        function: Cell::new(function),
    });
    let line = own_line(at.code, at.index());
    let told = profile(vm, at, event, function, Some(line));
    if told.is_err() {
        calls.borrow_mut().pop();
    }
    told
}
/// A call that was told has come to its end, since its frame goes on.
fn foreign_call_ends(vm: &'static Vm, at: At, event: Name) -> PyResult<()> {
    let calls = &watch(vm).calls;
    let ended = {
        let mut calls = calls.borrow_mut();
        match calls.last() {
            Some(call) if call.frame == vm.depth() => calls.pop(),
            _ => None,
        }
    };
    match ended {
        Some(call) => profile(vm, at, event, call.function.get(), last_line(vm, at)),
        None => Ok(()),
    }
}
