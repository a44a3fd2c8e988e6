//! Finding and initialising extension modules.

use crate::convert::{result, take_error, to_gc, to_raw};
use crate::cycles::do_tasks;
use crate::state::start;
use ouro_cpyext::abi::*;
use ouro_cpyext::{api, context, data, errors, raw};
use ouro_gc::Gc;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Vm};
use std::ffi::{CStr, CString, c_void};

/// Plugs the loader of extension modules into the import system. Nothing else happens until one is imported.
pub fn install(vm: &'static Vm) {
    // Also what keeps the interface's functions in the executable.
    assert!(ouro_cpyext::keep::exported() > 1600);
    vm.world().callouts.extension.set(Some(load));
}

fn import_error(vm: &'static Vm, name: &str, path: &str, message: &str) -> Gc {
    let e = vm.import_error(message);
    for (field, text) in [("name", name), ("path", path)] {
        let (field, text) = (
            ouro_py_objects::str::intern(vm, field),
            ouro_py_objects::str::new(vm, text),
        );
        // The fields are the class's own, so that setting them cannot fail.
        let _ = ouro_py_objects::attribute::set_attr(vm, e, field, text);
    }
    e
}
/// The last error of the dynamic linker.
fn linker_error() -> String {
    // SAFETY: the text is valid until the next call.
    unsafe {
        let text = libc::dlerror();
        match text.is_null() {
            true => "unknown error of the dynamic linker".to_owned(),
            false => CStr::from_ptr(text).to_string_lossy().into_owned(),
        }
    }
}
/// A file of another interpreter version or platform says so in its name.
fn wrong_tag(path: &str) -> Option<String> {
    let file = path.rsplit('/').next()?;
    let tag = file.strip_suffix(".so")?.split_once('.')?.1;
    let good =
        tag == "abi3" || tag == "cpython-311-x86_64-linux-gnu" || !tag.starts_with("cpython-");
    (!good).then(|| tag.to_owned())
}

/// Loads the module `name` from a shared object; `spec` is its `__spec__`. It is put into `sys.modules` before its slots
/// run.
fn load(vm: &'static Vm, name: &str, path: &str, spec: Gc) -> PyResult {
    if let Some(tag) = wrong_tag(path) {
        let text = format!(
            "{path} is for {tag}, and this interpreter loads cpython-311-x86_64-linux-gnu and abi3"
        );
        return Err(import_error(vm, name, path, &text));
    }
    start(vm).map_err(|text| import_error(vm, name, path, &text))?;
    do_tasks(vm);
    let file = CString::new(path).map_err(|_| vm.value_error("embedded null byte"))?;
    let last = name.rsplit('.').next().unwrap_or(name);
    let (prefix, last) = match last.is_ascii() {
        true => ("PyInit", last.to_owned()),
        // PEP 489
        false => ("PyInitU", punycode(last).replace('-', "_")),
    };
    let symbol = format!("{prefix}_{last}");
    // SAFETY: initialisers of the module run as in any process; the function has the type that its name promises.
    unsafe {
        let handle = libc::dlopen(file.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if handle.is_null() {
            return Err(import_error(vm, name, path, &linker_error()));
        }
        let c_symbol = CString::new(symbol.clone()).expect("a name has no zero");
        let init: *mut c_void = libc::dlsym(handle, c_symbol.as_ptr());
        if init.is_null() {
            let text = format!("dynamic module does not define module export function ({symbol})");
            return Err(import_error(vm, name, path, &text));
        }
        let init: unsafe extern "C" fn() -> Obj = std::mem::transmute(init);
        let made = context::call_into_c(|| init());
        if made.is_null() {
            if !errors::occurred() {
                return Err(vm.system_error(format_args!(
                    "initialization of {last} failed without raising an exception"
                )));
            }
            return Err(take_error(vm));
        }
        if errors::occurred() {
            errors::clear();
            return Err(vm.system_error(format_args!(
                "initialization of {last} raised unreported exception"
            )));
        }
        if (*made).ob_type == data::PyModuleDef_Type.get() {
            return multi_phase(vm, name, made.cast(), spec);
        }
        if (*made).ob_type.is_null() {
            return Err(vm.system_error(format_args!(
                "init function of {last} returned uninitialized object"
            )));
        }
        if prefix == "PyInitU" {
            raw::decref(made);
            return Err(vm.system_error(format_args!(
                "initialization of {last} did not return PyModuleDef"
            )));
        }
        let module = to_gc(vm, made);
        if !ouro_py_objects::payload(module).is::<WModule>() {
            return Err(vm.system_error(format_args!(
                "initialization of {last} did not return an extension module"
            )));
        }
        let def = api::PyModule_GetDef(made);
        if !def.is_null() {
            api::PyState_AddModule(made, def);
        }
        raw::decref(made);
        register(vm, name, module, spec)?;
        Ok(module)
    }
}
/// Puts a new module into `sys.modules` with the attributes of its spec.
fn register(vm: &'static Vm, name: &str, module: Gc, spec: Gc) -> PyResult<()> {
    ouro_py_modules::import::attach_spec(vm, module, spec)?;
    let modules = vm.world().modules.get();
    ouro_py_objects::dict::set_text(vm, modules, name, module);
    Ok(())
}
/// PEP 489: the module is made from its definition, registered, and filled.
unsafe fn multi_phase(vm: &'static Vm, name: &str, def: *mut PyModuleDef, spec: Gc) -> PyResult {
    let raw_spec = to_raw(vm, spec);
    let made = context::call_into_c(|| api::PyModule_FromDefAndSpec2(def, raw_spec, 1013));
    raw::decref(raw_spec);
    let module = result(vm, made, || format!("creation of module {name}"))?;
    if ouro_py_objects::payload(module).is::<WModule>() {
        register(vm, name, module, spec)?;
    }
    let m = to_raw(vm, module);
    let failed = context::call_into_c(|| api::PyModule_ExecDef(m, def)) < 0;
    raw::decref(m);
    if failed {
        let modules = vm.world().modules.get();
        let key = ouro_py_objects::str::intern(vm, name);
        let e = take_error(vm);
        ouro_py_objects::dict::remove(vm, modules, key)?;
        return Err(e);
    }
    Ok(module)
}
/// Punycode (RFC 3492): the ASCII characters, a hyphen, and the others as numbers that say where they stand.
fn punycode(text: &str) -> String {
    const BASE: u32 = 36;
    let (mut n, mut delta, mut bias) = (128u32, 0u32, 72u32);
    let mut out: String = text.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let all: Vec<u32> = text.chars().map(u32::from).collect();
    let mut done = basic;
    while (done as usize) < all.len() {
        let next = all.iter().copied().filter(|&c| c >= n).min();
        let next = next.expect("some are left");
        delta += (next - n) * (done + 1);
        n = next;
        for &c in &all {
            if c < n {
                delta += 1;
            }
            if c != n {
                continue;
            }
            let (mut q, mut k) = (delta, BASE);
            loop {
                let t = k.saturating_sub(bias).clamp(1, 26);
                if q < t {
                    break;
                }
                out.push(digit(t + (q - t) % (BASE - t)));
                q = (q - t) / (BASE - t);
                k += BASE;
            }
            out.push(digit(q));
            // The next distances are likely to be as long as this one.
            delta = if done == basic {
                delta / 700
            } else {
                delta / 2
            };
            delta += delta / (done + 1);
            let mut k = 0;
            while delta > 455 {
                delta /= 35;
                k += BASE;
            }
            bias = k + 36 * delta / (delta + 38);
            delta = 0;
            done += 1;
        }
        delta += 1;
        n += 1;
    }
    out
}
fn digit(d: u32) -> char {
    char::from_digit(d, 36).map_or('?', |_| match d {
        0..26 => (b'a' + d as u8) as char,
        _ => (b'0' + (d - 26) as u8) as char,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_beyond_ascii_are_punycode() {
        for (name, code) in [
            ("b\u{fc}cher", "bcher-kva"),
            ("\u{e9}t\u{e9}", "t-9fab"),
            ("\u{65e5}\u{672c}\u{8a9e}", "wgv71a119e"),
            ("a\u{10400}b\u{20ac}", "ab-9fu6463j"),
        ] {
            assert_eq!(super::punycode(name), code, "{name}");
        }
    }
}
