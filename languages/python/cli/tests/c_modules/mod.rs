//! Compiles the C modules of `cpyext/tests` with CPython's headers.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
/// A new folder with the compiled module; None if there is no compiler or no header.
pub fn built(module: &str) -> Option<PathBuf> {
    let include = [
        "/usr/include/python3.11".into(),
        root().join(".cache/debian/usr/include/python3.11"),
    ]
    .into_iter()
    .find(|p: &PathBuf| p.join("Python.h").is_file())?;
    let folder = std::env::temp_dir().join(format!("ouro-{module}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let built = Command::new("cc")
        .args(["-w", "-O2", "-shared", "-fPIC", "-o"])
        .arg(folder.join(format!("{module}.cpython-311-x86_64-linux-gnu.so")))
        .arg("-I")
        .arg(&include)
        // Debian's `pyconfig.h` refers to the machine's own from the folder above.
        .arg("-I")
        .arg(include.join(".."))
        .arg(root().join(format!("cpyext/tests/{module}.c")))
        .output()
        .ok()?;
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    Some(folder)
}
