//! `ouro.jit`: what the compiler does, as the program itself sees it: callbacks, parameters, statistics, functions that are
//! left to the interpreter.
//!
//! No guest code may run while something is recorded or compiled, so callbacks hear of it at the next safepoint.

use crate::compiler::{Compiler, CompilerEvent, Figure, Setting, Told};
use crate::rt::*;
use crate::state::state;
use crate::structseq::{self, StructSeq};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, fn2};
use ouro_py_objects::layout::WFunction;
use ouro_py_objects::{Access, BuiltinDef, Errors, PyResult, Vm, finalize};
use std::rc::Rc;

const CALLBACKS: &str = "ouro.jit callbacks";
/// Names of the functions that set callbacks, in the order of [`Told`].
const NAMES: [&str; 4] = ["on_compile", "on_abort", "on_invalidate", "on_free"];

const fn info(name: &'static str, fields: &'static [&'static str]) -> StructSeq {
    StructSeq {
        module: "ouro.jit",
        name,
        fields,
        visible: fields.len(),
        callable: false,
    }
}
static COMPILED: StructSeq = info(
    "CompileInfo",
    &[
        "kind",
        "name",
        "file",
        "line",
        "number",
        "recorded_ops",
        "compiled_ops",
        "guards",
        "code_bytes",
        "record_ns",
        "optimize_ns",
        "codegen_ns",
    ],
);
static ABORTED: StructSeq = info("AbortInfo", &["kind", "name", "file", "line", "reason"]);
static ENDED: StructSeq = info("TraceInfo", &["kind", "name", "file", "line", "number"]);

static FUNCTIONS: &[BuiltinDef] = &[
    fn1("on_compile", |vm, f| set_callback(vm, Told::Compiled, f))
        .doc("on_compile(callback): called with a CompileInfo for each trace that was compiled; None: not any more."),
    fn1("on_abort", |vm, f| set_callback(vm, Told::Aborted, f))
        .doc("on_abort(callback): called with an AbortInfo when nothing came of a recording."),
    fn1("on_invalidate", |vm, f| set_callback(vm, Told::Invalidated, f))
        .doc("on_invalidate(callback): called with a TraceInfo when what a trace assumed has changed."),
    fn1("on_free", |vm, f| set_callback(vm, Told::Freed, f))
        .doc("on_free(callback): called with a TraceInfo when the memory of a trace was given back."),
    fn2("set_param", set_param)
        .doc("set_param(name, value): changes a parameter of the compiler; the names are those of -X jit=."),
    fn0("params", params).doc("The parameters of the compiler and their values."),
    fn0("param_docs", param_docs).doc("The parameters of the compiler and what they mean."),
    fn0("stats", stats).doc("Counters and times (nanoseconds) since the program started."),
    fn1("dont_trace", dont_trace)
        .doc("dont_trace(function): the function is interpreted from now on, neither recorded nor inlined; a decorator."),
    fn0("on", |vm| set_on(vm, true)).doc("Hot loops are recorded, and compiled code is entered."),
    fn0("off", |vm| set_on(vm, false))
        .doc("Nothing is recorded, and compiled code is not entered any more."),
    fn0("is_on", |vm| Ok(boolean(vm, compiler(vm)?.is_on())))
        .doc("Whether hot loops are recorded, and compiled code is entered."),
];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    let doc = "The compiler of this interpreter: callbacks, parameters, statistics.";
    put(vm, module, "__doc__", string(vm, doc));
    for class in [&COMPILED, &ABORTED, &ENDED] {
        let object = structseq::define(vm, class).gc();
        put(vm, module, class.name, object);
    }
    let mode = string(vm, compiler(vm)?.mode());
    put(vm, module, "mode", mode);
    Ok(())
}

fn compiler(vm: &'static Vm) -> PyResult<Rc<dyn Compiler>> {
    let known = state(vm).compiler.borrow().clone();
    known.ok_or_else(|| vm.runtime_error("this interpreter was put together without ouro.jit"))
}

fn callbacks(vm: &'static Vm) -> [Gc; 4] {
    match state(vm).kept(vm, CALLBACKS) {
        Some(kept) => std::array::from_fn(|n| ouro_py_objects::tuple::items(kept)[n]),
        None => [none(vm); 4],
    }
}

/// Gives the callback back, so that the function can be a decorator.
fn set_callback(vm: &'static Vm, told: Told, f: Gc) -> PyResult {
    let compiler = compiler(vm)?;
    if f != none(vm) && !callable(vm, f) {
        let (name, class) = (NAMES[told as usize], type_name(vm, f));
        let text = format_args!("{name}() takes a callable or None, not {class}");
        return Err(vm.type_error(text));
    }
    let mut all = callbacks(vm);
    all[told as usize] = f;
    let any = all.iter().any(|f| *f != none(vm));
    state(vm).keep(vm, CALLBACKS, tuple(vm, &all));
    let callouts = &vm.world().callouts;
    callouts.compiler.set(any.then_some(call_callbacks));
    compiler.listen(any);
    Ok(all[told as usize])
}

/// Calls the callbacks for what happened since the last time; their errors go to `sys.unraisablehook`.
fn call_callbacks(vm: &'static Vm) {
    let Ok(compiler) = compiler(vm) else { return };
    if state(vm).compiler_told.replace(true) {
        return;
    }
    while let Some(event) = compiler.next_event() {
        if callbacks(vm)[event.told as usize] == none(vm) {
            continue;
        }
        let info = describe(vm, &event);
        let callback = callbacks(vm)[event.told as usize];
        let called = info.and_then(|info| call(vm, callback, &[info]));
        if let Err(e) = called {
            let callback = callbacks(vm)[event.told as usize];
            finalize::write_unraisable(vm, e, None, callback);
        }
    }
    state(vm).compiler_told.set(false);
}

fn describe(vm: &'static Vm, event: &CompilerEvent) -> PyResult {
    let mut values = ouro_py_objects::Temps::new(vm);
    values.push(string(vm, event.kind));
    values.push(string(vm, &event.name));
    values.push(string(vm, &event.file));
    values.push(int(vm, event.line.into()));
    let class = match event.told {
        Told::Compiled => &COMPILED,
        Told::Aborted => {
            values.push(string(vm, &event.reason));
            &ABORTED
        }
        Told::Invalidated | Told::Freed => &ENDED,
    };
    for n in &event.numbers {
        values.push(int(vm, *n));
    }
    structseq::make(vm, class, &values)
}

fn set_param(vm: &'static Vm, name: Gc, value: Gc) -> PyResult {
    let name = to_text(vm, "name", name)?;
    let value = match is_a(vm, value, vm.world().classes.bool_) {
        true => Setting::Switch(truth(vm, value)?),
        false => match to_i64(vm, value)? {
            n if n < 0 => {
                return Err(vm.value_error(format_args!("jit option {name}: {n} is negative")));
            }
            n => Setting::Number(n as u64),
        },
    };
    let set = compiler(vm)?.set_parameter(&name, value);
    set.map_err(|text| vm.value_error(format_args!("{text}")))?;
    Ok(none(vm))
}

fn params(vm: &'static Vm) -> PyResult {
    let all = dict(vm);
    for (name, value, _) in compiler(vm)?.parameters() {
        let value = match value {
            Setting::Number(n) => int(vm, n as i64),
            Setting::Switch(on) => boolean(vm, on),
        };
        dict_set_str(vm, all, &name, value);
    }
    Ok(all)
}
fn param_docs(vm: &'static Vm) -> PyResult {
    let all = dict(vm);
    for (name, _, doc) in compiler(vm)?.parameters() {
        dict_set_str(vm, all, &name, string(vm, &doc));
    }
    Ok(all)
}

fn stats(vm: &'static Vm) -> PyResult {
    let all = dict(vm);
    for (name, figure) in compiler(vm)?.statistics() {
        let value = match figure {
            Figure::Number(n) => int(vm, n as i64),
            Figure::Table(rows) => {
                let table = dict(vm);
                for (key, n) in rows {
                    dict_set_str(vm, table, &key, int(vm, n as i64));
                }
                table
            }
        };
        dict_set_str(vm, all, &name, value);
    }
    Ok(all)
}

fn dont_trace(vm: &'static Vm, f: Gc) -> PyResult {
    if !f.is::<WFunction>() {
        let class = type_name(vm, f);
        let text = format_args!("dont_trace() takes a function, not {class}");
        return Err(vm.type_error(text));
    }
    compiler(vm)?.never_trace(f.get(WFunction::CODE).expect());
    Ok(f)
}

fn set_on(vm: &'static Vm, on: bool) -> PyResult {
    compiler(vm)?.set_on(on);
    Ok(none(vm))
}
