//! `_imp`: what `importlib` asks about modules that are not files.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, fn2};
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    fn0("lock_held", |vm| Ok(boolean(vm, false))),
    fn0("acquire_lock", |vm| Ok(none(vm))),
    fn0("release_lock", |vm| Ok(none(vm))),
    // There are no frozen modules whose use could be switched.
    fn1("_override_frozen_modules_for_tests", |vm, _| Ok(none(vm))),
    fn1("is_builtin", |vm, module| {
        let known = crate::registry::find(&text_of(module)).is_some();
        Ok(int(vm, i64::from(known)))
    }),
    fn1("is_frozen", |vm, _| Ok(boolean(vm, false))),
    fn1("is_frozen_package", |vm, _| Ok(boolean(vm, false))),
    fn2("find_frozen", |vm, _, _| Ok(none(vm))).opt(1),
    fn1("get_frozen_object", no_frozen),
    fn1("init_frozen", |vm, _| Ok(none(vm))),
    fn0("extension_suffixes", |vm| Ok(list(vm, &[]))),
    fn1("create_builtin", |vm, spec| {
        let module = get_attr(vm, spec, "name")?;
        match crate::registry::find(&text_of(module)) {
            Some(builtin) => crate::import::load_builtin(vm, builtin),
            None => Ok(none(vm)),
        }
    }),
    fn1("exec_builtin", |vm, _| Ok(int(vm, 0))),
    // Making a module of C initialises it too.
    fn2("create_dynamic", |vm, spec, _| {
        let (module, file) = (get_attr(vm, spec, "name")?, get_attr(vm, spec, "origin")?);
        crate::import::load_extension_by_spec(vm, &text_of(module), &text_of(file), spec)
    })
    .opt(1),
    fn1("exec_dynamic", |vm, _| Ok(int(vm, 0))),
    fn2("_fix_co_filename", |vm, _, _| Ok(none(vm))),
    fn2("source_hash", |vm, key, source| {
        use std::hash::Hasher;
        let source = to_bytes(vm, source)?;
        let mut hash = ahash::AHasher::default();
        hash.write(&source);
        let mixed = hash.finish() ^ to_i64(vm, key)? as u64;
        Ok(bytes(vm, &mixed.to_le_bytes()))
    }),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put(vm, module, "check_hash_based_pycs", string(vm, "default"));
    Ok(())
}
fn no_frozen(vm: &'static Vm, module: Gc) -> PyResult {
    Err(vm.import_error(format_args!(
        "No such frozen object named {}",
        text_of(module)
    )))
}
