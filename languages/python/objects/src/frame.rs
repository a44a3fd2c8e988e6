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
/// Running frames, innermost first: where each stands. Bottoms of run loops are left out.
pub fn places(vm: &'static Vm) -> Vec<Place<crate::Python>> {
    vm.note_frames_read();
    let mut all: Vec<_> = (0..vm.depth()).map(|n| vm.record(n).at).collect();
    all.push(vm.parked.get());
    let is_guest = |at: &Place<crate::Python>| {
        function_of(register(at, 0)).is_some()
            && at.code.info.data.nlocals > 0
            && !at.code.info.hidden
    };
    all.into_iter().rev().filter(is_guest).collect()
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
    places(vm).into_iter().next()
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
    let data = &code.info.data;
    if data.flags & CO_OPTIMIZED == 0 {
        return Ok(register(1));
    }
    let d = crate::dict::new(vm);
    for (i, local) in data.locals.iter().enumerate() {
        let mut value = register(i as u32 + 1);
        if matches!(local.kind, LocalKind::Cell | LocalKind::Free) && value.is::<WCell>() {
            value = value.get(WCell::VALUE);
        }
        value = crate::growing::shown(vm, value);
        if !value.is_null() && !local.name.is_empty() && !local.name.starts_with('.') {
            crate::dict::set_str(vm, d, crate::str::intern(vm, &local.name), value)?;
        }
    }
    Ok(d)
}
/// `locals()` of the innermost frame.
pub fn current_locals(vm: &'static Vm) -> PyResult {
    match current(vm) {
        Some(at) => locals_of(vm, at.code, |n| register(&at, n)),
        None => Ok(crate::dict::new(vm)),
    }
}
/// A frame object for the frame `level` frames out, as it stands now. None if there are not so many.
pub fn frame_object(vm: &'static Vm, level: usize) -> Option<Gc> {
    if level > 0 {
        vm.note_frames_walked();
    }
    let all = places(vm);
    let at = all.get(level)?;
    let function = function_of(register(at, 0))?;
    let frame = alloc::<WFrame>(vm);
    frame
        .init(WFrame::CODE, Host::new(at.code))
        .init(WFrame::PC, at.index() as i64);
    frame.init(WFrame::DEPTH, all.len() as i64 - 1 - level as i64);
    frame
        .init(WFrame::GLOBALS, function.get(WFunction::GLOBALS))
        .init(WFrame::FUNC, function);
    let mut values = crate::Temps::new(vm);
    (0..at.code.nlocals).for_each(|n| values.push(crate::growing::shown(vm, register(at, n))));
    let regs = crate::access::alloc_var::<WRefArray>(vm, at.code.nlocals as usize);
    for (n, &value) in values.iter().enumerate() {
        regs.init_item(&REFS, n, value);
    }
    frame.set(vm, WFrame::REGS, regs);
    Some(frame)
}
/// The current line of a frame object.
pub fn line(frame: Gc) -> u32 {
    let code = frame.get(WFrame::CODE).expect();
    let pc = frame.get(WFrame::PC) as usize;
    code.info
        .data
        .positions
        .get(pc)
        .map_or(code.info.data.firstlineno, |p| p.line)
}
