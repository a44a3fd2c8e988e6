//! `sys`: functions and the variable parts of the namespace. The constant descriptions are in `sys_info`.

use crate::modules::sys_info;
use crate::rt::*;
use crate::state::state;
use crate::stdlib;
use crate::structseq::StructSeq;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{ANY, fn0, fn1, fn2, fn3, kw, var};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, Kw, PyResult, Temps, Vm, type_of, watch};

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    let namespace = module.get(WModule::DICT);
    vm.world().sys.set(namespace);
    put_functions(vm, module, FUNCTIONS);
    put(vm, module, "modules", vm.world().modules.get());
    sys_info::fill(vm, module)?;
    let config = state(vm).config.borrow().clone();
    let texts = |items: &[String]| -> PyResult {
        let all = list(vm, &[]);
        for item in items {
            list_append(vm, all, string(vm, item))?;
        }
        Ok(all)
    };
    put(vm, module, "argv", texts(&config.argv)?);
    put(vm, module, "orig_argv", texts(&config.orig_argv)?);
    put(vm, module, "warnoptions", texts(&config.warnoptions)?);
    let path = texts(&config.path)?;
    put(vm, module, "path", path);
    if let Some(folder) = stdlib::folder_at_hand(vm) {
        state(vm).stdlib_in_path.set(true);
        list_append(vm, path, string(vm, &folder.to_string_lossy()))?;
    }
    let options = dict(vm);
    for (option, value) in &config.xoptions {
        let value = value.as_ref().map_or(boolean(vm, true), |v| string(vm, v));
        dict_set_str(vm, options, option, value);
    }
    put(vm, module, "_xoptions", options);
    put(vm, module, "path_hooks", list(vm, &[]));
    let meta_path = list(vm, &[]);
    crate::finder::install(vm, meta_path)?;
    put(vm, module, "meta_path", meta_path);
    put(vm, module, "path_importer_cache", dict(vm));
    let (input, output, error) = crate::modules::io::standard_streams(vm, config.unbuffered)?;
    for (stream, original, object) in [
        ("stdin", "__stdin__", input),
        ("stdout", "__stdout__", output),
        ("stderr", "__stderr__", error),
    ] {
        put(vm, module, stream, object);
        put(vm, module, original, object);
    }
    let callouts = &vm.world().callouts;
    callouts.unraisable.set(Some(call_unraisablehook));
    let never_awaited = crate::modules::warnings::never_awaited;
    callouts.never_awaited.set(Some(never_awaited));
    callouts
        .async_generator_begins
        .set(Some(async_generator_begins));
    for (hook, original) in [
        ("displayhook", "__displayhook__"),
        ("excepthook", "__excepthook__"),
        ("breakpointhook", "__breakpointhook__"),
        ("unraisablehook", "__unraisablehook__"),
    ] {
        let value = dict_get_str(vm, namespace, hook).expect("the function is in the table");
        put(vm, module, original, value);
    }
    Ok(())
}

static FUNCTIONS: &[BuiltinDef] = &[
    fn0("exc_info", exc_info),
    fn0("exception", |vm| Ok(handled(vm))),
    fn1("exit", exit).opt(0),
    fn1("intern", intern),
    fn0("getrecursionlimit", |vm| {
        Ok(int(vm, vm.world().recursion_limit.get() as i64))
    }),
    fn1("setrecursionlimit", set_recursion_limit),
    fn0("getdefaultencoding", |vm| Ok(string(vm, "utf-8"))),
    fn0("getfilesystemencoding", |vm| Ok(string(vm, "utf-8"))),
    fn0("getfilesystemencodeerrors", |vm| {
        Ok(string(vm, "surrogateescape"))
    }),
    fn0("getswitchinterval", |vm| Ok(float(vm, 0.005))),
    fn1("setswitchinterval", |vm, _| Ok(none(vm))),
    fn2("getsizeof", getsizeof).opt(1),
    fn1("getrefcount", |vm, _| Ok(int(vm, 2))),
    fn0("getallocatedblocks", |vm| Ok(int(vm, 0))),
    fn1("_getframe", getframe).opt(0),
    fn0("_current_frames", |vm| Ok(dict(vm))),
    fn0("_clear_type_cache", |vm| Ok(none(vm))),
    fn0("_debugmallocstats", |vm| Ok(none(vm))),
    fn0("is_finalizing", |vm| Ok(boolean(vm, false))),
    fn1("displayhook", displayhook),
    fn3("excepthook", excepthook),
    fn1("unraisablehook", unraisablehook),
    var("breakpointhook", 0, ANY, breakpointhook),
    var("audit", 1, ANY, |vm, _| Ok(none(vm))),
    fn1("addaudithook", |vm, _| Ok(none(vm))),
    fn0("gettrace", |vm| {
        Ok(or_none(vm, vm.world().watch.trace_function()))
    }),
    fn1("settrace", |vm, f| {
        watch::set_trace(vm, or_null(vm, f));
        Ok(none(vm))
    }),
    fn0("getprofile", |vm| {
        Ok(or_none(vm, vm.world().watch.profile_function()))
    }),
    fn1("setprofile", |vm, f| {
        watch::set_profile(vm, or_null(vm, f));
        Ok(none(vm))
    }),
    fn2("call_tracing", call_tracing),
    fn0("get_int_max_str_digits", |vm| {
        Ok(int(vm, vm.world().int_max_str_digits.get() as i64))
    }),
    kw("set_int_max_str_digits", set_int_max_str_digits),
    fn0("get_asyncgen_hooks", |vm| {
        let hooks = [FIRSTITER, FINALIZER].map(|name| asyncgen_hook(vm, name));
        crate::structseq::make(vm, &ASYNCGEN_HOOKS, &hooks)
    }),
    kw("set_asyncgen_hooks", set_asyncgen_hooks),
    fn0("get_coroutine_origin_tracking_depth", |vm| Ok(int(vm, 0))),
    fn1("set_coroutine_origin_tracking_depth", |vm, _| Ok(none(vm))),
    fn0("getdlopenflags", |vm| Ok(int(vm, 2))),
    fn1("setdlopenflags", |vm, _| Ok(none(vm))),
    fn2("call_tracing", |vm, f, args| {
        let args = collect(vm, args)?;
        call(vm, f, &args)
    }),
];

/// The exception that is being handled; None if there is none.
pub fn handled(vm: &'static Vm) -> Gc {
    let e = vm.world().thread.get(WThread::HANDLED);
    if e.is_null() { none(vm) } else { e }
}
fn exc_info(vm: &'static Vm) -> PyResult {
    let (e, none) = (handled(vm), none(vm));
    if e == none {
        return Ok(tuple(vm, &[none, none, none]));
    }
    let traceback = get_attr(vm, e, "__traceback__")?;
    Ok(tuple(vm, &[type_of(vm, e).gc(), e, traceback]))
}
fn exit(vm: &'static Vm, status: Gc) -> PyResult {
    let class = vm.world().classes.system_exit;
    // A tuple gives the arguments of the exception, as for `raise SystemExit, status`.
    let e = match as_tuple(status).filter(|_| !status.is_null()) {
        Some(args) => {
            let args = collect(vm, args)?;
            call(vm, class.gc(), &args)?
        }
        None if absent(vm, status) => call(vm, class.gc(), &[])?,
        None => call(vm, class.gc(), &[status])?,
    };
    Err(e)
}
fn intern(vm: &'static Vm, v: Gc) -> PyResult {
    match v.is::<WStr>() {
        true => Ok(ouro_py_objects::str::intern_gc(vm, v)),
        false => {
            let class = type_name(vm, v);
            Err(match ouro_py_objects::str::as_str(v) {
                Some(_) => vm.type_error(format_args!("can't intern {class}")),
                None => vm.type_error(format_args!("intern() argument must be str, not {class}")),
            })
        }
    }
}
fn set_recursion_limit(vm: &'static Vm, v: Gc) -> PyResult {
    let n = to_i64(vm, v)?;
    if n < 1 {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    }
    let n = n as usize;
    if vm.depth() >= n {
        return Err(vm.error(
            vm.world().classes.recursion_error,
            format_args!("cannot set the recursion limit to {n} at the recursion depth {}: the limit is too low", vm.depth()),
        ));
    }
    vm.world().recursion_limit.set(n);
    vm.set_frame_limit(n);
    Ok(none(vm))
}
fn getsizeof(vm: &'static Vm, v: Gc, default: Gc) -> PyResult {
    if let Some(method) = type_of(vm, v).lookup(name(vm, "__sizeof__")) {
        let _ = method;
        return call_method(vm, v, "__sizeof__", &[]);
    }
    match default.is_null() {
        true => Err(vm.type_error(format_args!(
            "Type {} doesn't define __sizeof__",
            type_name(vm, v)
        ))),
        false => Ok(default),
    }
}
fn getframe(vm: &'static Vm, depth: Gc) -> PyResult {
    let depth = if depth.is_null() {
        0
    } else {
        to_i64(vm, depth)?
    };
    frame(vm, depth.max(0) as usize)
}
fn displayhook(vm: &'static Vm, v: Gc) -> PyResult {
    if v == none(vm) {
        return Ok(v);
    }
    let builtins = vm.world().builtins.get();
    dict_set_str(vm, builtins, "_", none(vm));
    let shown = repr(vm, v)?;
    let Some(out) = dict_get_str(vm, vm.world().sys.get(), "stdout") else {
        return Err(vm.runtime_error("lost sys.stdout"));
    };
    call_method(vm, out, "write", &[string(vm, &shown)])?;
    call_method(vm, out, "write", &[string(vm, "\n")])?;
    dict_set_str(vm, builtins, "_", v);
    Ok(none(vm))
}
fn excepthook(vm: &'static Vm, _class: Gc, e: Gc, traceback: Gc) -> PyResult {
    // An exception that has a traceback is shown with that one.
    if e.is::<WException>() && traceback != none(vm) && e.get(WException::TRACEBACK).is_null() {
        set_attr(vm, e, "__traceback__", traceback)?;
    }
    let text = exception_text(vm, e);
    write_stderr(vm, &text)?;
    Ok(none(vm))
}
/// Writes to `sys.stderr`; to the file descriptor if the program removed it.
///
/// # Errors
/// What writing raises.
pub fn write_stderr(vm: &'static Vm, text: &str) -> PyResult<()> {
    match dict_get_str(vm, vm.world().sys.get(), "stderr").filter(|&s| s != none(vm)) {
        Some(stream) => {
            call_method(vm, stream, "write", &[string(vm, text)])?;
            call_method(vm, stream, "flush", &[])?;
        }
        None => eprint!("{text}"),
    }
    Ok(())
}
static UNRAISABLE: StructSeq = StructSeq {
    module: "sys",
    name: "UnraisableHookArgs",
    fields: &[
        "exc_type",
        "exc_value",
        "exc_traceback",
        "err_msg",
        "object",
    ],
    visible: 5,
    callable: false,
};
/// Calls `sys.unraisablehook`.
fn call_unraisablehook(vm: &'static Vm, e: Gc, message: Option<&str>, object: Gc) -> PyResult<()> {
    let message = message.map_or(none(vm), |text| string(vm, text));
    let traceback = match e.get(WException::TRACEBACK) {
        t if t.is_null() => none(vm),
        t => t,
    };
    let values = [type_of(vm, e).gc(), e, traceback, message, object];
    let args = crate::structseq::make(vm, &UNRAISABLE, &values)?;
    match dict_get_str(vm, vm.world().sys.get(), "unraisablehook").filter(|&h| h != none(vm)) {
        Some(hook) => call(vm, hook, &[args]).map(drop),
        None => unraisablehook(vm, args).map(drop),
    }
}
fn unraisablehook(vm: &'static Vm, v: Gc) -> PyResult {
    let message = get_attr(vm, v, "err_msg")?;
    let object = get_attr(vm, v, "object")?;
    let what = if message == none(vm) {
        "Exception ignored in".to_owned()
    } else {
        text_of(message)
    };
    let shown = repr(vm, object).unwrap_or_else(|_| "<object repr() failed>".to_owned());
    let e = get_attr(vm, v, "exc_value")?;
    let text = exception_text(vm, e);
    write_stderr(vm, &format!("{what}: {shown}\n{text}"))?;
    Ok(none(vm))
}
fn breakpointhook(vm: &'static Vm, args: &[Gc]) -> PyResult {
    let pdb = crate::import::import_module(vm, "pdb")?;
    call_method(vm, pdb, "set_trace", args)
}
fn or_null(vm: &'static Vm, f: Gc) -> Gc {
    match f == none(vm) {
        true => Gc::NULL,
        false => f,
    }
}
fn or_none(vm: &'static Vm, f: Gc) -> Gc {
    match f.is_null() {
        true => none(vm),
        false => f,
    }
}
fn call_tracing(vm: &'static Vm, function: Gc, args: Gc) -> PyResult {
    if !args.is::<WTuple>() {
        let got = type_name(vm, args);
        return Err(vm.type_error(format_args!(
            "call_tracing() argument 2 must be tuple, not {got}"
        )));
    }
    let args = Temps::from_slice(vm, ouro_py_objects::tuple::items(args));
    watch::call_tracing(vm, function, &args)
}
fn set_int_max_str_digits(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [n] = crate::args::bind(
        vm,
        "set_int_max_str_digits",
        ["maxdigits"],
        1,
        args,
        keywords,
    )?;
    let n = to_i64(vm, n)?;
    if n != 0 && n < 640 {
        return Err(vm.value_error("maxdigits must be 0 or larger than 640"));
    }
    vm.world().int_max_str_digits.set(n as usize);
    Ok(none(vm))
}

// ---- Asynchronous generators

static ASYNCGEN_HOOKS: StructSeq = StructSeq {
    module: "sys",
    name: "asyncgen_hooks",
    fields: &["firstiter", "finalizer"],
    visible: 2,
    callable: false,
};
const FIRSTITER: &str = "sys.asyncgen_firstiter";
const FINALIZER: &str = "sys.asyncgen_finalizer";

fn asyncgen_hook(vm: &'static Vm, name: &'static str) -> Gc {
    state(vm).kept(vm, name).unwrap_or_else(|| none(vm))
}
fn set_asyncgen_hooks(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let names = ["firstiter", "finalizer"];
    let hooks = crate::args::bind(vm, "set_asyncgen_hooks", names, 0, args, kw)?;
    for (hook, name) in hooks.into_iter().zip(names) {
        if !absent(vm, hook) && !callable(vm, hook) {
            return Err(vm.type_error(format_args!(
                "callable {name} expected, got {}",
                type_name(vm, hook)
            )));
        }
    }
    for (hook, name) in hooks.into_iter().zip([FIRSTITER, FINALIZER]) {
        if !hook.is_null() {
            state(vm).keep(vm, name, hook);
        }
    }
    Ok(none(vm))
}
fn async_generator_begins(vm: &'static Vm, generator: Gc) -> PyResult {
    let first = asyncgen_hook(vm, FIRSTITER);
    if first != none(vm) {
        call(vm, first, &[generator])?;
    }
    Ok(asyncgen_hook(vm, FINALIZER))
}
