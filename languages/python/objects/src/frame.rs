//! The running frames: current function, globals, locals, frame objects.

use crate::access::{Access, alloc};
use crate::code::PyCode;
use crate::layout::*;
use crate::{PyResult, Vm};
use ouro_gc::{Gc, Host};
use ouro_machine::Place;
use ouro_py_syntax::LocalKind;
use ouro_py_syntax::code::CO_OPTIMIZED;

/// The function of a frame: its register 0 is the function, or the generator whose frame it is.
pub fn function_of(register0: Gc) -> Option<Gc> {
    if register0.is::<WFunction>() {
        Some(register0)
    } else if register0.is::<WGenerator>() {
        Some(register0.get(WGenerator::FUNC))
    } else {
        None
    }
}
/// Whether the frame is one that the guest can see.
fn is_guest(at: &Place<crate::Python>) -> bool {
    function_of(register(at, 0)).is_some() && at.code.info.data.nlocals > 0 && !at.code.info.hidden
}
/// Where the frame with this number stands: that of the frame record, or one more for the frame that runs.
pub fn place(vm: &'static Vm, number: usize) -> Option<Place<crate::Python>> {
    match number.cmp(&vm.depth()) {
        std::cmp::Ordering::Less => Some(vm.record(number).at),
        std::cmp::Ordering::Equal => Some(vm.parked.get()),
        std::cmp::Ordering::Greater => None,
    }
}
/// Running frames that the guest can see, innermost first, from the one with this number on: their numbers and places.
fn from_number(
    vm: &'static Vm,
    number: usize,
) -> impl Iterator<Item = (usize, Place<crate::Python>)> {
    vm.note_frames_read();
    let places = (0..=number).rev().map(move |n| Some((n, place(vm, n)?)));
    places.flatten().filter(|(_, at)| is_guest(at))
}
/// Register `n` of a frame.
pub fn register(at: &Place<crate::Python>, n: u32) -> Gc {
    if n >= at.code.nregs {
        return Gc::NULL;
    }
    crate::access::stack_word(at.base, n as usize)
}
/// The function of the innermost frame.
pub fn current_function(vm: &'static Vm) -> Option<Gc> {
    current(vm).and_then(|at| function_of(register(&at, 0)))
}
/// The innermost frame.
pub fn current(vm: &'static Vm) -> Option<Place<crate::Python>> {
    vm.note_frames_read();
    let parked = vm.parked.get();
    if function_of(register(&parked, 0)).is_some() && !parked.code.info.hidden {
        return Some(parked);
    }
    from_number(vm, vm.depth()).next().map(|(_, at)| at)
}
/// The namespace of the innermost frame's module.
pub fn current_globals(vm: &'static Vm) -> Option<Gc> {
    current_function(vm).map(|f| f.get(WFunction::GLOBALS))
}
/// `locals()` of a frame: the namespace of module or class code, else a new dict of the bound variables.
///
/// # Errors
/// None in practice: names are interned.
pub fn locals_of(vm: &'static Vm, code: &'static PyCode, register: impl Fn(u32) -> Gc) -> PyResult {
    if code.info.data.flags & CO_OPTIMIZED == 0 {
        return Ok(register(1));
    }
    let d = crate::dict::new(vm);
    show_locals(vm, code, register, d)?;
    Ok(d)
}
/// The variables that `locals()` shows, with their registers.
fn shown_locals(code: &'static PyCode) -> impl Iterator<Item = (u32, &'static str)> {
    let all = (1..).zip(&code.info.data.locals);
    let named = all.filter(|(_, local)| !local.name.is_empty() && !local.name.starts_with('.'));
    named.map(|(n, local)| (n, &*local.name))
}
/// The cell in which a variable of an inner or outer function lies.
fn cell_of(code: &'static PyCode, n: u32, held: Gc) -> Option<Gc> {
    let kind = code.info.data.locals[n as usize - 1].kind;
    let is_cell = matches!(kind, LocalKind::Cell | LocalKind::Free) && held.is::<WCell>();
    is_cell.then_some(held)
}
/// Brings a dict of local variables up to date; other keys stay.
fn show_locals(
    vm: &'static Vm,
    code: &'static PyCode,
    register: impl Fn(u32) -> Gc,
    d: Gc,
) -> PyResult<()> {
    for (n, name) in shown_locals(code) {
        let held = register(n);
        let value = cell_of(code, n, held).map_or(held, |cell| cell.get(WCell::VALUE));
        let value = crate::growing::shown(vm, value);
        let name = crate::str::intern(vm, name);
        match value.is_null() {
            true => drop(crate::dict::remove(vm, d, name)?),
            false => crate::dict::set_str(vm, d, name, value)?,
        }
    }
    Ok(())
}
/// `f_locals` of a frame that stands at `at`, in the dict that it had before, if any.
///
/// # Errors
/// None in practice.
pub(crate) fn live_locals(vm: &'static Vm, at: Place<crate::Python>, before: Gc) -> PyResult {
    if before.is_null() || at.code.info.data.flags & CO_OPTIMIZED == 0 {
        return locals_of(vm, at.code, |n| register(&at, n));
    }
    show_locals(vm, at.code, |n| register(&at, n), before)?;
    Ok(before)
}
/// Gives the variables of a running frame the values in a dict of its locals, in which a debugger may have changed some.
///
/// # Errors
/// None in practice.
pub(crate) fn take_locals(vm: &'static Vm, at: Place<crate::Python>, d: Gc) -> PyResult<()> {
    if at.code.info.data.flags & CO_OPTIMIZED == 0 {
        return Ok(());
    }
    for (n, name) in shown_locals(at.code) {
        let name = crate::str::intern(vm, name);
        let value = crate::dict::get_str(vm, d, name)?.unwrap_or(Gc::NULL);
        let held = register(&at, n);
        match cell_of(at.code, n, held) {
            Some(cell) if cell.get(WCell::VALUE) != value => cell.set(vm, WCell::VALUE, value),
            Some(_) => {}
            None if held.is::<WGrowing>() => {}
            None => crate::access::set_stack_word(at.base, n as usize, value),
        }
    }
    Ok(())
}
/// `locals()` of the innermost frame.
pub fn current_locals(vm: &'static Vm) -> PyResult {
    match current(vm) {
        Some(at) => locals_of(vm, at.code, |n| register(&at, n)),
        None => Ok(crate::dict::new(vm)),
    }
}
/// Bit of `WFrame::OPTIONS`: no line events.
pub const NO_LINES: i64 = 1;
/// Bit of `WFrame::OPTIONS`: events of single instructions.
pub const INSTRUCTIONS: i64 = 2;

/// The frame object for the frame `level` frames out, as it stands now. None if there are not so many.
pub fn frame_object(vm: &'static Vm, level: usize) -> Option<Gc> {
    if level > 0 {
        vm.note_frames_walked();
    }
    let (number, at) = from_number(vm, vm.depth()).nth(level)?;
    Some(object_at(vm, number, at))
}
/// The frame object of the innermost frame that the guest can see among those up to this number.
pub(crate) fn object_from(vm: &'static Vm, number: usize) -> Option<Gc> {
    vm.note_frames_walked();
    let (number, at) = from_number(vm, number).next()?;
    Some(object_at(vm, number, at))
}
fn object_at(vm: &'static Vm, number: usize, at: Place<crate::Python>) -> Gc {
    let watch = &vm.world().watch;
    if let Some(linked) = watch.linked(number, at.code) {
        return linked;
    }
    if watch.links_frames(number) {
        return crate::watch::object_of(vm, number, at);
    }
    let frame = new_object(vm, number, at);
    copy_registers(vm, frame, at);
    frame
}
/// A frame object for the frame with this number, without its registers.
pub(crate) fn new_object(vm: &'static Vm, number: usize, at: Place<crate::Python>) -> Gc {
    let function = function_of(register(&at, 0)).expect("the guest can see the frame");
    let frame = alloc::<WFrame>(vm);
    frame
        .init(WFrame::CODE, Host::new(at.code))
        .init(WFrame::PC, at.index() as i64)
        .init(WFrame::DEPTH, number as i64);
    frame
        .init(WFrame::GLOBALS, function.get(WFunction::GLOBALS))
        .init(WFrame::FUNC, function);
    frame
}
/// What the frame holds now goes into its object.
pub(crate) fn copy_registers(vm: &'static Vm, frame: Gc, at: Place<crate::Python>) {
    let mut values = crate::Temps::new(vm);
    (0..at.code.nlocals).for_each(|n| values.push(crate::growing::shown(vm, register(&at, n))));
    let regs = crate::access::alloc_var::<WRefArray>(vm, at.code.nlocals as usize);
    for (n, &value) in values.iter().enumerate() {
        regs.init_item(&REFS, n, value);
    }
    frame.set(vm, WFrame::REGS, regs);
    frame.set(vm, WFrame::PC, at.index() as i64);
}
/// Where the frame of a linked object stands.
pub(crate) fn live_place(vm: &'static Vm, frame: Gc) -> Option<Place<crate::Python>> {
    let number = usize::try_from(frame.get(WFrame::DEPTH)).ok()?;
    let code = frame.get(WFrame::CODE).expect();
    let linked = vm.world().watch.linked(number, code)? == frame;
    linked.then(|| place(vm, number)).flatten()
}
/// The instruction at which a frame object's frame stands, or stood last.
pub fn instruction(vm: &'static Vm, frame: Gc) -> usize {
    match live_place(vm, frame) {
        Some(at) => at.index(),
        None => frame.get(WFrame::PC) as usize,
    }
}
/// The current line of a frame object.
pub fn line(vm: &'static Vm, frame: Gc) -> u32 {
    let told = frame.get(WFrame::LINE);
    if told > 0 {
        return told as u32 - 1;
    }
    let info = &frame.get(WFrame::CODE).expect().info;
    let positions = &info.data.positions;
    positions
        .get(instruction(vm, frame))
        .map_or(info.data.firstlineno, |p| p.line)
}
