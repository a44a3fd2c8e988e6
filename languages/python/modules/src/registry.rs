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
    mixed("_ast", plain::init, include_str!("applevel/_ast.py")),
    rust("_bisect", bisect::init),
    rust("_blake2", blake2::init),
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
    mixed("_csv", plain::init, include_str!("applevel/_csv.py")),
    mixed(
        "_frozen_importlib",
        plain::init,
        include_str!("applevel/_frozen_importlib.py"),
    ),
    mixed(
        "_frozen_importlib_external",
        plain::init,
        include_str!("applevel/_frozen_importlib.py"),
    ),
    mixed(
        "_functools",
        functools::init,
        include_str!("applevel/_functools.py"),
    ),
    rust("_heapq", heapq::init),
    rust("_json", json::init),
    rust("_imp", imp::init),
    mixed("_io", io::init, include_str!("applevel/_io.py")),
    mixed(
        "_operator",
        operator::init,
        include_str!("applevel/_operator.py"),
    ),
    rust("_posixsubprocess", posix::spawn::init),
    rust("_random", random::init),
    rust("_md5", sha::init_md5),
    rust("_sha1", sha::init_sha1),
    rust("_sha3", sha::init_sha3),
    rust("_sha512", sha::init_512),
    rust("_sha256", sha::init_256),
    rust("_signal", signal::init),
    mixed("_socket", plain::init, include_str!("applevel/_socket.py")),
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
    rust("binascii", binascii::init),
    rust("builtins", builtins::init),
    rust("errno", errno::init),
    rust("gc", gc::init),
    mixed("grp", plain::init, include_str!("applevel/grp.py")),
    rust("itertools", itertools::init),
    rust("marshal", marshal::init),
    rust("math", math::init),
    rust("ouro", ouro::init),
    rust("ouro.gc", ouro_heap::init),
    rust("ouro.jit", ouro_jit::init),
    rust("posix", posix::init),
    mixed("pwd", plain::init, include_str!("applevel/pwd.py")),
    rust("select", posix::select::init),
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
