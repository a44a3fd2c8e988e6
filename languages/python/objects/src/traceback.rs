//! Traceback objects. Their text is in `traceback_text.rs`.

use crate::access::{Access, alloc};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, getset, getter, kw};
use crate::code::PyCode;
use crate::layout::*;
use crate::make_class::add_members;
use crate::{Errors, PyResult, Vm, type_of};
use ouro_gc::{Gc, Host};

pub use crate::traceback_text::{format, format_only};

/// Adds an entry for instruction `pc` of `code` to the traceback of an exception. `frame` may be NULL.
pub fn add(vm: &'static Vm, e: Gc, code: &'static PyCode, pc: usize, frame: Gc) {
    let t = alloc::<WTraceback>(vm).init(WTraceback::NEXT, e.get(WException::TRACEBACK));
    t.init(WTraceback::CODE, Host::new(code))
        .init(WTraceback::PC, pc as i64)
        .init(WTraceback::FRAME, frame);
    e.set(vm, WException::TRACEBACK, t);
}
/// The line of an entry; 0 if it has none.
pub fn line(t: Gc) -> i64 {
    match t.get(WTraceback::LINE) {
        0 => {
            let positions = &t.get(WTraceback::CODE).expect().info.data.positions;
            positions
                .get(t.get(WTraceback::PC) as usize)
                .map_or(0, |p| p.line as i64)
        }
        n => n,
    }
}
/// The namespace of the module whose code an entry is in, if it is still known.
pub fn globals_of(t: Gc) -> Option<Gc> {
    let held = t.get(WTraceback::FRAME);
    if held.is::<WFrame>() {
        return Some(held.get(WFrame::GLOBALS)).filter(|g| !g.is_null());
    }
    if held.is_null() {
        None
    } else {
        crate::frame::function_of(held).map(|f| f.get(WFunction::GLOBALS))
    }
}
/// Prints an exception that nobody can catch (in callbacks and finalizers) to standard error.
pub fn unraisable(vm: &'static Vm, e: Gc, what: &str, object: Gc) {
    let shown =
        crate::operator::repr_text(vm, object).unwrap_or_else(|_| "<object repr() failed>".into());
    eprint!("{what}{shown}\n{}", format(vm, e));
}

// ---- attributes
/// The frame object of an entry. What raised keeps the function or generator in its place until somebody asks.
fn frame_of(vm: &'static Vm, t: Gc) -> PyResult {
    let held = t.get(WTraceback::FRAME);
    if held.is::<WFrame>() {
        return Ok(held);
    }
    let globals = globals_of(t).unwrap_or_else(|| crate::dict::new(vm));
    let f = alloc::<WFrame>(vm)
        .init(WFrame::CODE, t.get(WTraceback::CODE))
        .init(WFrame::PC, t.get(WTraceback::PC))
        .init(WFrame::DEPTH, -1)
        .init(WFrame::GLOBALS, globals);
    if !held.is_null()
        && let Some(function) = crate::frame::function_of(held)
    {
        f.init(WFrame::FUNC, function);
    }
    t.set(vm, WTraceback::FRAME, f);
    Ok(f)
}
fn set_next(vm: &'static Vm, t: Gc, next: Gc) -> PyResult<()> {
    let none = vm.world().none;
    if next.is_null() {
        return Err(vm.type_error("can't delete tb_next attribute"));
    }
    if next != none && !next.is::<WTraceback>() {
        let got = type_of(vm, next).text();
        return Err(vm.type_error(format_args!(
            "expected traceback object or None, got '{got}'"
        )));
    }
    let mut at = next;
    while at.is::<WTraceback>() {
        if at == t {
            return Err(vm.value_error("traceback loop detected"));
        }
        at = at.get(WTraceback::NEXT);
    }
    t.set(
        vm,
        WTraceback::NEXT,
        if next == none { Gc::NULL } else { next },
    );
    Ok(())
}
/// `types.TracebackType(tb_next, tb_frame, tb_lasti, tb_lineno)`
fn new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let params = ["", "tb_next", "tb_frame", "tb_lasti", "tb_lineno"];
    let [_, next, frame, lasti, line] =
        crate::call::parse(vm, "traceback", args, kw, params, 5, 5)?;
    if !frame.is::<WFrame>() {
        let got = type_of(vm, frame).text();
        return Err(vm.type_error(format_args!(
            "traceback() argument 'tb_frame' must be frame, not {got}"
        )));
    }
    let (lasti, line) = (
        crate::int::to_i32(vm, lasti)?,
        crate::int::to_i32(vm, line)?,
    );
    let t = alloc::<WTraceback>(vm)
        .init(WTraceback::CODE, frame.get(WFrame::CODE))
        .init(WTraceback::FRAME, frame);
    t.init(WTraceback::PC, lasti as i64 / 2)
        .init(WTraceback::LINE, line as i64);
    set_next(vm, t, next)?;
    Ok(t)
}
fn or_none(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(if v.is_null() { vm.world().none } else { v })
}
static ATTRIBUTES: &[GetSetDef] = &[
    getset(
        "tb_next",
        |vm, t| or_none(vm, t.get(WTraceback::NEXT)),
        set_next,
    ),
    getter("tb_lineno", |vm, t| Ok(crate::int::new(vm, line(t)))),
    // As CPython an instruction counts two bytes.
    getter("tb_lasti", |vm, t| {
        Ok(crate::int::new(vm, t.get(WTraceback::PC) * 2))
    })
    .member(),
    getter("tb_frame", frame_of).member(),
];
static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    fn1("__dir__", |vm, _| {
        let names =
            ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(|n| crate::str::intern(vm, n));
        Ok(crate::list::new(vm, &names))
    }),
];

// ---- frame objects
fn frame_locals(vm: &'static Vm, f: Gc) -> PyResult {
    let before = f.get(WFrame::LOCALS);
    if let Some(at) = crate::frame::live_place(vm, f) {
        f.set(
            vm,
            WFrame::LOCALS,
            crate::frame::live_locals(vm, at, before)?,
        );
    } else if before.is_null() {
        let regs = f.get(WFrame::REGS);
        let register = |n: u32| {
            regs.items(&REFS)
                .get(n as usize)
                .copied()
                .unwrap_or(Gc::NULL)
        };
        let d = match regs.is_null() {
            true => crate::dict::new(vm),
            false => crate::frame::locals_of(vm, f.get(WFrame::CODE).expect(), register)?,
        };
        f.set(vm, WFrame::LOCALS, d);
    }
    Ok(f.get(WFrame::LOCALS))
}
fn frame_back(vm: &'static Vm, f: Gc) -> PyResult {
    if f.get(WFrame::BACK).is_null() {
        let back = match f.get(WFrame::DEPTH) {
            below if below > 0 => crate::frame::object_from(vm, below as usize - 1),
            _ => None,
        };
        f.set(vm, WFrame::BACK, back.unwrap_or(vm.world().none));
    }
    Ok(f.get(WFrame::BACK))
}
fn frame_repr(vm: &'static Vm, f: Gc) -> PyResult {
    let info = &f.get(WFrame::CODE).expect().info;
    let (id, line) = (crate::operator::id(vm, f), crate::frame::line(vm, f));
    let text = format!(
        "<frame at {id:#x}, file '{}', line {line}, code {}>",
        info.filename, info.data.name
    );
    Ok(crate::str::new(vm, &text))
}
fn option(vm: &'static Vm, f: Gc, bit: i64) -> PyResult {
    Ok(vm.world().bool(f.get(WFrame::OPTIONS) & bit != 0))
}
fn set_option(vm: &'static Vm, f: Gc, v: Gc, bit: i64, negated: bool) -> PyResult<()> {
    if !v.is::<WBool>() {
        return Err(vm.type_error("attribute value type must be bool"));
    }
    let on = (v == vm.world().true_) != negated;
    let others = f.get(WFrame::OPTIONS) & !bit;
    f.set(vm, WFrame::OPTIONS, others | if on { bit } else { 0 });
    Ok(())
}
fn set_trace(vm: &'static Vm, f: Gc, v: Gc) -> PyResult<()> {
    let v = match v == vm.world().none {
        true => Gc::NULL,
        false => v,
    };
    f.set(vm, WFrame::TRACE, v);
    crate::watch::keep(vm, f);
    Ok(())
}
fn set_line(vm: &'static Vm, _: Gc, v: Gc) -> PyResult<()> {
    if v.is_null() {
        return Err(vm.attribute_error("cannot delete attribute"));
    }
    if !v.is::<WInt>() {
        return Err(vm.value_error("lineno must be an integer"));
    }
    Err(vm.value_error("f_lineno cannot be set: jumps to other lines are not supported"))
}
static FRAME_ATTRIBUTES: &[GetSetDef] = &[
    getter("f_code", |vm, f| {
        Ok(crate::function::code_object(
            vm,
            f.get(WFrame::CODE).expect(),
        ))
    })
    .member(),
    getter("f_globals", |_, f| Ok(f.get(WFrame::GLOBALS))).member(),
    getter("f_builtins", |vm, _| Ok(vm.world().builtins.get())).member(),
    getter("f_locals", frame_locals),
    getset(
        "f_lineno",
        |vm, f| Ok(crate::int::new(vm, crate::frame::line(vm, f) as i64)),
        set_line,
    ),
    getter("f_lasti", |vm, f| {
        let pc = crate::frame::instruction(vm, f) as i64;
        Ok(crate::int::new(vm, pc * 2))
    })
    .member(),
    getter("f_back", frame_back),
    getset(
        "f_trace",
        |vm, f| or_none(vm, f.get(WFrame::TRACE)),
        set_trace,
    ),
    getset(
        "f_trace_lines",
        |vm, f| {
            let off = f.get(WFrame::OPTIONS) & crate::frame::NO_LINES != 0;
            Ok(vm.world().bool(!off))
        },
        |vm, f, v| set_option(vm, f, v, crate::frame::NO_LINES, true),
    )
    .member(),
    getset(
        "f_trace_opcodes",
        |vm, f| option(vm, f, crate::frame::INSTRUCTIONS),
        |vm, f, v| set_option(vm, f, v, crate::frame::INSTRUCTIONS, false),
    ),
];
static FRAME_METHODS: &[BuiltinDef] = &[
    fn1("clear", |vm, f| {
        if f.get(WFrame::DEPTH) >= 0 && f.get(WFrame::DEPTH) <= vm.depth() as i64 {
            return Err(vm.runtime_error("cannot clear an executing frame"));
        }
        f.set(vm, WFrame::REGS, Gc::NULL);
        Ok(vm.world().none)
    }),
    fn1("__repr__", frame_repr),
];

/// Fills the namespaces of traceback and frame.
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    add_members(vm, c.traceback, METHODS, ATTRIBUTES);
    add_members(vm, c.frame, FRAME_METHODS, FRAME_ATTRIBUTES);
}
