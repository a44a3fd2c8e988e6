//! The list of modules that are written in Rust.

use crate::modules::*;
use ouro_gc::Gc;
use ouro_py_objects::{PyResult, Vm};

/// A module written in Rust.
#[derive(Clone, Copy)]
pub struct BuiltinModule {
    /// `__name__`
    pub name: &'static str,
    /// Fills the namespace of the new module, which is the argument.
    pub init: fn(&'static Vm, Gc) -> PyResult<()>,
    /// Python source that runs in the namespace after `init`; empty for most.
    pub source: &'static str,
}

const fn rust(name: &'static str, init: fn(&'static Vm, Gc) -> PyResult<()>) -> BuiltinModule {
    BuiltinModule {
        name,
        init,
        source: "",
    }
}
const fn mixed(
    name: &'static str,
    init: fn(&'static Vm, Gc) -> PyResult<()>,
    source: &'static str,
) -> BuiltinModule {
    BuiltinModule { name, init, source }
}

static REGISTRY: &[BuiltinModule] = &[
    rust("_abc", abc::init),
    rust("_bisect", bisect::init),
    rust("_codecs", codecs::init),
    mixed(
        "_collections",
        collections::init,
        include_str!("applevel/_collections.py"),
    ),
    mixed(
        "_contextvars",
        plain::init,
        include_str!("applevel/_contextvars.py"),
    ),
    mixed(
        "_functools",
        functools::init,
        include_str!("applevel/_functools.py"),
    ),
    rust("_heapq", heapq::init),
    rust("_imp", imp::init),
    mixed("_io", io::init, include_str!("applevel/_io.py")),
    mixed(
        "_operator",
        operator::init,
        include_str!("applevel/_operator.py"),
    ),
    rust("_random", random::init),
    rust("_sha512", sha::init_512),
    rust("_sha256", sha::init_256),
    rust("_signal", signal::init),
    rust("_sre", sre::init),
    rust("_stat", stat::init),
    rust("_string", string::init),
    rust("_struct", struct_::init),
    rust("_thread", thread::init),
    rust("_typing", typing::init),
    rust("_warnings", warnings::init),
    rust("_weakref", weakref::init),
    rust("array", array::init),
    rust("atexit", atexit::init),
    rust("builtins", builtins::init),
    rust("errno", errno::init),
    rust("gc", gc::init),
    rust("itertools", itertools::init),
    rust("marshal", marshal::init),
    rust("math", math::init),
    rust("ouro", ouro::init),
    rust("posix", posix::init),
    rust("sys", sys::init),
    rust("time", time::init),
];

/// All modules that are written in Rust, in order of their names.
pub fn registry() -> &'static [BuiltinModule] {
    REGISTRY
}
/// The module with this name.
pub fn find(name: &str) -> Option<&'static BuiltinModule> {
    REGISTRY.iter().find(|m| m.name == name)
}
