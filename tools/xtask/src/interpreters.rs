//! The Python interpreters of this machine: who they are and how they are started.

use crate::paths;
pub use ouro_bench::interpreter::Interpreter;
use ouro_bench::interpreter::{behind_shim, image};
use std::path::{Path, PathBuf};

/// CPython 3.11, the oracle: Debian's if it is there, else the unpacked one, else one on `PATH`.
pub fn cpython() -> Option<Interpreter> {
    let unpacked = setup_folder().join("usr/bin/python3.11");
    let fixed = [PathBuf::from("/usr/bin/python3.11"), unpacked];
    let program = fixed.iter().find_map(|path| image(path));
    let program = program.or_else(|| behind_shim("python3.11"))?;
    Some(Interpreter::at("cpython", program))
}

/// PyPy, for the demo.
pub fn pypy() -> Option<Interpreter> {
    if let Ok(program) = Path::new("/usr/bin/pypy3").canonicalize() {
        return Some(Interpreter::at("pypy", program));
    }
    let folder = setup_folder();
    if let Ok(program) = folder.join("usr/bin/pypy3").canonicalize() {
        let mut pypy = Interpreter::at("pypy", program);
        let libraries = folder.join("usr/lib/x86_64-linux-gnu");
        pypy.env
            .push(("LD_LIBRARY_PATH".into(), libraries.display().to_string()));
        return Some(pypy);
    }
    behind_shim("pypy3").map(|program| Interpreter::at("pypy", program))
}

/// This project's interpreter with the given `-X` options.
pub fn ouro(name: &str, options: &[&str]) -> Interpreter {
    let mut ouro = Interpreter::at(name, paths::ouro());
    for option in options {
        ouro.args.extend(["-X".to_string(), option.to_string()]);
    }
    // Where no 3.11 library is installed, the unpacked one is the only one there is.
    let library = setup_folder().join("usr/lib/python3.11");
    if !Path::new("/usr/lib/python3.11/os.py").exists() && library.join("os.py").exists() {
        ouro.env
            .push(("OURO_STDLIB".into(), library.display().to_string()));
    }
    ouro
}

/// Where packages are unpacked when they cannot be installed.
pub fn setup_folder() -> PathBuf {
    paths::cache().join("debian")
}
