//! Where the standard library of Python 3.11 is.
//!
//! A start looks at a few usual places only. Another program is asked when the first module is imported that is neither
//! written in Rust nor beside the program, so that a program without imports does not pay for that.

use crate::state::state;
use ouro_py_objects::Vm;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to tell the user when there is no standard library.
pub const HOW_TO_FIX: &str = "no standard library of Python 3.11 was found: install it (apt-get install libpython3.11-stdlib) \
or set OURO_STDLIB to the folder that contains os.py";

/// The folder of the standard library; searched once per VM.
pub fn folder(vm: &'static Vm) -> Option<PathBuf> {
    let state = state(vm);
    let given = state.config.borrow().stdlib.clone();
    let executable = state.config.borrow().executable.clone();
    state
        .stdlib
        .get_or_init(|| given.or_else(|| find(Path::new(&executable))))
        .clone()
}
/// As [`folder`], but only if no other program has to be asked.
pub fn folder_at_hand(vm: &'static Vm) -> Option<PathBuf> {
    let config = state(vm).config.borrow();
    if config.stdlib.is_none() && known(Path::new(&config.executable)).is_none() {
        return None;
    }
    drop(config);
    folder(vm)
}
fn is_library(folder: &Path) -> bool {
    folder.join("os.py").is_file()
}
/// Looks for a standard library; the order is: `OURO_STDLIB`, beside the executable, unpacked under the `.cache` folder of a
/// project around the executable, the system's, what `python3.11` on `PATH` uses.
pub fn find(executable: &Path) -> Option<PathBuf> {
    known(executable).or_else(ask_python)
}
fn known(executable: &Path) -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("OURO_STDLIB") {
        // A wrong setting is not papered over by another library.
        return Some(PathBuf::from(given));
    }
    let executable = executable
        .canonicalize()
        .unwrap_or_else(|_| executable.to_owned());
    let beside = executable.parent().map(|bin| bin.join("../lib/ouro3.11"));
    let cached = executable
        .ancestors()
        .map(|a| a.join(".cache/debian/usr/lib/python3.11"));
    let system = [
        "/usr/lib/python3.11",
        "/usr/local/lib/python3.11",
        "/usr/lib64/python3.11",
    ]
    .map(PathBuf::from);
    let known = beside
        .into_iter()
        .chain(cached)
        .chain(system)
        .find(|p| is_library(p));
    known.map(|p| p.canonicalize().unwrap_or(p))
}
fn ask_python() -> Option<PathBuf> {
    let out = Command::new("python3.11")
        .args(["-S", "-c", "import os; print(os.__file__)"])
        .output()
        .ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let folder = Path::new(text.trim()).parent()?.to_owned();
    is_library(&folder).then_some(folder)
}
