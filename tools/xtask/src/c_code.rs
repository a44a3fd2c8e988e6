//! C that is compiled on the way: extension modules for CPython, for PyPy and for us, and programs to compare with.

use crate::interpreters::Interpreter;
use crate::{paths, setup};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles a module for CPython 3.11, which is what this project's interpreter loads, too. The answer is the folder
/// that it is in.
///
/// # Errors
/// One line when there are no headers; the compiler's own words when it does not compile.
pub fn module(source: &Path) -> Result<PathBuf, String> {
    let headers = setup::headers().ok_or(
        "the headers of CPython 3.11 are missing, and Debian's package could not be fetched: \
         install libpython3.11-dev",
    )?;
    let folder = folder(source, "cpython-311")?;
    let file = folder.join(format!("{}.cpython-311-x86_64-linux-gnu.so", stem(source)));
    compile(source, &file, &[headers])?;
    Ok(folder)
}

/// Compiles a module for PyPy, whose interface has other structs.
///
/// # Errors
/// The same.
pub fn module_of_pypy(source: &Path, pypy: &Interpreter) -> Result<PathBuf, String> {
    let headers = setup::pypy_headers(pypy).ok_or("PyPy's headers are missing: pypy3-dev")?;
    let suffix = pypy.says("import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))");
    let suffix = suffix.ok_or("PyPy does not say how its modules are called")?;
    let folder = folder(source, "pypy")?;
    compile(source, &folder.join(stem(source) + &suffix), &headers)?;
    Ok(folder)
}

/// Compiles a program. The answer is its file.
///
/// # Errors
/// The compiler's own words when it does not compile.
pub fn program(source: &Path) -> Result<PathBuf, String> {
    let file = folder(source, "program")?.join(stem(source));
    // Products are rounded before they are added, as Python does it.
    let options = ["-O2", "-ffp-contract=off", "-o"];
    cc(Command::new("cc").args(options).arg(&file).arg(source))?;
    Ok(file)
}

/// The first line of the compiler's answer to `--version`.
pub fn compiler() -> String {
    let said = Command::new("cc").arg("--version").output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let line = said
        .ok()
        .and_then(|text| text.lines().next().map(str::to_string));
    line.unwrap_or_else(|| "cc".into()) + ", -O2"
}

fn compile(source: &Path, file: &Path, headers: &[PathBuf]) -> Result<(), String> {
    let mut command = Command::new("cc");
    // Modules are written for several interfaces; what one of them finds odd is not for the reader of a table.
    command
        .args(["-w", "-O2", "-shared", "-fPIC", "-o"])
        .arg(file);
    for folder in headers {
        // Debian's `pyconfig.h` refers to the machine's own from the folder above.
        command
            .arg("-I")
            .arg(folder)
            .arg("-I")
            .arg(folder.join(".."));
    }
    cc(command.arg(source))
}

fn cc(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("cc: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// A folder for what is made of a source: below the target folder, since it can be made again.
fn folder(source: &Path, kind: &str) -> Result<PathBuf, String> {
    let folder = paths::target().join("c").join(stem(source)).join(kind);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

fn stem(source: &Path) -> String {
    let stem = source.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}
