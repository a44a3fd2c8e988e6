//! `atexit`: functions that run when the program ends, the last registered first.

use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, kw};
use ouro_py_objects::{BuiltinDef, Errors, Kw, PyResult, Temps, Vm, error};

static FUNCTIONS: &[BuiltinDef] = &[
    kw("register", register),
    fn1("unregister", unregister),
    fn0("_clear", |vm| {
        state(vm).keep(vm, "atexit", list(vm, &[]));
        Ok(none(vm))
    }),
    fn0("_ncallbacks", |vm| {
        Ok(int(vm, list_len(callbacks(vm)) as i64))
    }),
    fn0("_run_exitfuncs", |vm| {
        run(vm);
        Ok(none(vm))
    }),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    Ok(())
}
/// A list of tuples: function, tuple of arguments, dict of keyword arguments.
fn callbacks(vm: &'static Vm) -> Gc {
    match state(vm).kept(vm, "atexit") {
        Some(known) => known,
        None => {
            let fresh = list(vm, &[]);
            state(vm).keep(vm, "atexit", fresh);
            fresh
        }
    }
}
fn register(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let Some((&f, rest)) = args.split_first() else {
        return Err(vm.type_error("register() takes at least 1 argument (0 given)"));
    };
    if !callable(vm, f) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let keywords = dict(vm);
    for (&key, &value) in kw.names.iter().zip(kw.values) {
        dict_set(vm, keywords, key, value)?;
    }
    let entry = tuple(vm, &[f, tuple(vm, rest), keywords]);
    list_append(vm, callbacks(vm), entry)?;
    Ok(f)
}
fn unregister(vm: &'static Vm, f: Gc) -> PyResult {
    let kept = list(vm, &[]);
    for &entry in list_items(vm, callbacks(vm)).iter() {
        let known = collect(vm, entry)?[0];
        if !same(vm, known, f)? {
            list_append(vm, kept, entry)?;
        }
    }
    state(vm).keep(vm, "atexit", kept);
    Ok(none(vm))
}
/// Runs all functions. Errors are printed, as in CPython.
pub fn run(vm: &'static Vm) {
    while state(vm).kept(vm, "atexit").is_some() && list_len(callbacks(vm)) > 0 {
        let all = callbacks(vm);
        let Ok(entry) = ouro_py_objects::list::remove_at(vm, all, list_len(all) - 1) else {
            return;
        };
        if let Err(e) = run_one(vm, entry) {
            if error::is_instance_of(vm, e, vm.world().classes.system_exit) {
                continue;
            }
            let text = format!(
                "Exception ignored in atexit callback:\n{}",
                exception_text(vm, e)
            );
            // Nothing is left to do when standard error is closed too.
            let _ = crate::modules::sys::write_stderr(vm, &text);
        }
    }
}
fn run_one(vm: &'static Vm, entry: Gc) -> PyResult<()> {
    let parts = collect(vm, entry)?;
    let args = collect(vm, parts[1])?;
    let (mut names, mut values) = (Temps::new(vm), Temps::new(vm));
    for pair in dict_items(vm, parts[2]).chunks(2) {
        names.push(pair[0]);
        values.push(pair[1]);
    }
    call_kw(
        vm,
        parts[0],
        &args,
        &Kw {
            names: &names,
            values: &values,
        },
    )
    .map(|_| ())
}
