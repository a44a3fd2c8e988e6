//! `_warnings`: `warn`. The filters of module `warnings` decide if the program has imported it; otherwise the defaults of
//! CPython hold, and a warning is shown once per place.

use crate::args::bind;
use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Class, Errors, Kw, PyResult, Vm, make_class, type_of};

static FUNCTIONS: &[BuiltinDef] = &[
    kw("warn", warn),
    kw("warn_explicit", warn_explicit_function),
    fn0("_filters_mutated", |vm| Ok(none(vm))),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put(vm, module, "filters", default_filters(vm)?);
    put(vm, module, "_onceregistry", dict(vm));
    put(vm, module, "_defaultaction", string(vm, "default"));
    Ok(())
}
/// (action, message, category, module, line) in the order in which they are tried.
fn default_filters(vm: &'static Vm) -> PyResult {
    let c = &vm.world().classes;
    let all = list(vm, &[]);
    let none = none(vm);
    for (action, class, module) in [
        ("default", c.deprecation_warning, Some("__main__")),
        ("ignore", c.deprecation_warning, None),
        ("ignore", c.pending_deprecation_warning, None),
        ("ignore", c.import_warning, None),
        ("ignore", c.resource_warning, None),
    ] {
        let module = module.map_or(none, |m| string(vm, m));
        list_append(
            vm,
            all,
            tuple(
                vm,
                &[string(vm, action), none, class.gc(), module, int(vm, 0)],
            ),
        )?;
    }
    Ok(all)
}
/// The loaded module `warnings`, if the program has imported it.
fn python_side(vm: &'static Vm) -> Option<Gc> {
    dict_get_str(vm, vm.world().modules.get(), "warnings").filter(|&m| m != none(vm))
}
fn warn(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [message, category, level, source] = bind(
        vm,
        "warn",
        ["message", "category", "stacklevel", "source"],
        1,
        args,
        kw,
    )?;
    let level = if level.is_null() {
        1
    } else {
        to_i64(vm, level)?
    };
    let class = category_of(vm, message, category)?;
    let _ = source;
    let (globals, line) = place(vm, level.max(1) as usize - 1);
    let get = |key: &str| {
        globals
            .and_then(|g| dict_get_str(vm, g, key))
            .filter(|&v| v != none(vm))
    };
    let module = get("__name__").map_or("<string>".to_owned(), text_of);
    let file = get("__file__").map_or(
        if globals.is_some() { "<string>" } else { "sys" }.to_owned(),
        text_of,
    );
    let registry = match globals {
        Some(globals) => match dict_get_str(vm, globals, "__warningregistry__") {
            Some(known) => known,
            None => {
                let fresh = dict(vm);
                dict_set_str(vm, globals, "__warningregistry__", fresh);
                fresh
            }
        },
        None => dict(vm),
    };
    issue(vm, message, class, &file, line, &module, registry)
}
fn category_of(vm: &'static Vm, message: Gc, category: Gc) -> PyResult<&'static Class> {
    let warning = vm.world().classes.warning;
    if is_a(vm, message, warning) {
        return Ok(type_of(vm, message));
    }
    if absent(vm, category) {
        return Ok(vm.world().classes.user_warning);
    }
    let class = make_class::class_of(category).filter(|c| c.is_subclass(warning));
    let shown = type_name(vm, category);
    class.ok_or_else(|| {
        vm.type_error(format_args!(
            "category must be a Warning subclass, not '{shown}'"
        ))
    })
}
/// Namespace and line of the frame `level` above the caller of `warn`.
fn place(vm: &'static Vm, level: usize) -> (Option<Gc>, i64) {
    match ouro_py_objects::frame::frame_object(vm, level) {
        Some(frame) => {
            let line = i64::from(ouro_py_objects::frame::line(vm, frame));
            (
                Some(frame.get(WFrame::GLOBALS)).filter(|g| !g.is_null()),
                line,
            )
        }
        None => (None, 1),
    }
}
fn warn_explicit_function(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let names = [
        "message",
        "category",
        "filename",
        "lineno",
        "module",
        "registry",
        "module_globals",
        "source",
    ];
    let [
        message,
        category,
        file,
        line,
        module,
        registry,
        _globals,
        _source,
    ] = bind(vm, "warn_explicit", names, 4, args, kw)?;
    let class = category_of(vm, message, category)?;
    let file = to_text(vm, "filename", file)?;
    let module = match absent(vm, module) {
        true => file.strip_suffix(".py").unwrap_or(&file).to_owned(),
        false => to_text(vm, "module", module)?,
    };
    let registry = if absent(vm, registry) {
        dict(vm)
    } else {
        registry
    };
    issue(
        vm,
        message,
        class,
        &file,
        to_i64(vm, line)?,
        &module,
        registry,
    )
}
/// A warning from Rust about a place in source.
///
/// # Errors
/// The warning itself if a filter says "error".
pub fn warn_explicit(
    vm: &'static Vm,
    class: &'static Class,
    message: &str,
    file: &str,
    line: u32,
) -> PyResult<()> {
    let module = file.strip_suffix(".py").unwrap_or(file).to_owned();
    issue(
        vm,
        string(vm, message),
        class,
        file,
        i64::from(line),
        &module,
        dict(vm),
    )
    .map(|_| ())
}
fn issue(
    vm: &'static Vm,
    message: Gc,
    class: &'static Class,
    file: &str,
    line: i64,
    module: &str,
    registry: Gc,
) -> PyResult {
    let text = str_of(vm, message)?;
    let Some(registry) = as_dict(registry) else {
        return Err(vm.type_error("'registry' must be a dict or None"));
    };
    let key = tuple(vm, &[string(vm, &text), class.gc(), int(vm, line)]);
    if dict_get(vm, registry, key)?.is_some() {
        return Ok(none(vm));
    }
    let action = action_for(vm, &text, class, module, line)?;
    let make = || match is_a(vm, message, vm.world().classes.warning) {
        true => Ok(message),
        false => call(vm, class.gc(), &[message]),
    };
    match action.as_str() {
        "error" => return Err(make()?),
        "ignore" => return Ok(none(vm)),
        "always" => {}
        _ => dict_set(vm, registry, key, boolean(vm, true))?,
    }
    if let Some(python) = python_side(vm)
        && let Some(show) = find_attr(vm, python, "_showwarnmsg")?
    {
        let message_class = get_attr(vm, python, "WarningMessage")?;
        let object = make()?;
        let shown = call(
            vm,
            message_class,
            &[
                object,
                class.gc(),
                string(vm, file),
                int(vm, line),
                none(vm),
                none(vm),
                none(vm),
            ],
        )?;
        return call(vm, show, &[shown]);
    }
    let source = std::fs::read_to_string(file).ok();
    let source = source
        .as_deref()
        .and_then(|s| s.lines().nth((line - 1).max(0) as usize))
        .map(str::trim);
    let source = source
        .filter(|s| !s.is_empty())
        .map_or(String::new(), |s| format!("  {s}\n"));
    crate::modules::sys::write_stderr(
        vm,
        &format!("{file}:{line}: {}: {text}\n{source}", class.text()),
    )?;
    Ok(none(vm))
}
fn action_for(
    vm: &'static Vm,
    text: &str,
    class: &'static Class,
    module: &str,
    line: i64,
) -> PyResult<String> {
    let filters = match python_side(vm) {
        Some(python) => find_attr(vm, python, "filters")?,
        None => state(vm).kept(vm, "warning filters"),
    };
    let filters = match filters {
        Some(known) => known,
        None => {
            let fresh = default_filters(vm)?;
            state(vm).keep(vm, "warning filters", fresh);
            fresh
        }
    };
    let matches = |pattern: Gc, text: &str| -> PyResult<bool> {
        if pattern == none(vm) {
            return Ok(true);
        }
        if ouro_py_objects::str::as_str(pattern).is_some() {
            return Ok(text_of(pattern) == text);
        }
        let found = call_method(vm, pattern, "match", &[string(vm, text)])?;
        truth(vm, found)
    };
    for &filter in collect(vm, filters)?.iter() {
        let f = collect(vm, filter)?;
        let wanted_line = to_i64(vm, f[4])?;
        let fits = make_class::class_of(f[2]).is_some_and(|c| class.is_subclass(c));
        if fits
            && matches(f[1], text)?
            && matches(f[3], module)?
            && (wanted_line == 0 || wanted_line == line)
        {
            return Ok(text_of(f[0]));
        }
    }
    Ok("default".to_owned())
}
/// A coroutine that was never started is gone.
///
/// # Errors
/// The warning itself if a filter says "error".
pub fn never_awaited(vm: &'static Vm, coroutine: Gc) -> PyResult<()> {
    let name = text_of(coroutine.get(WGenerator::QUALNAME));
    let text = string(vm, &format!("coroutine '{name}' was never awaited"));
    let category = vm.world().classes.runtime_warning.gc();
    warn(vm, &[text, category], &Kw::NONE).map(drop)
}
