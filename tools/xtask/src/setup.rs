//! `./x setup`: fetches what cargo cannot. The other intents call it too, so that a fresh clone
//! needs no first step; whatever is present already is left alone and needs no network.

use crate::{Done, interpreters, pyperformance};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

/// Debian packages that make a complete CPython 3.11 next to the shared libraries of any system.
const CPYTHON_PACKAGES: &[&str] = &[
    "python3.11",
    "python3.11-minimal",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
];
/// The headers against which extension modules are compiled.
const HEADER_PACKAGES: &[&str] = &["libpython3.11-dev"];
const PYPY_HEADER_PACKAGES: &[&str] = &["pypy3-dev"];
const PYPY_PACKAGES: &[&str] = &["pypy3", "pypy3-lib"];

pub fn run(args: &[String]) -> Done {
    if let Some(arg) = args.first() {
        return Err(format!("unexpected argument {arg:?}"));
    }
    let cpython = cpython()?;
    println!(
        "cpython        {} ({})",
        cpython.program.display(),
        cpython.version()
    );
    match pypy() {
        Some(pypy) => println!(
            "pypy           {} ({})",
            pypy.program.display(),
            pypy.version()
        ),
        None => println!("pypy           not available; the demo leaves its column out"),
    }
    match headers() {
        Some(folder) => println!("headers        {}", folder.display()),
        None => println!("headers        not available; tests of extension modules are skipped"),
    }
    let programs = pyperformance::fetch()?;
    println!("pyperformance  {}", programs.display());
    Ok(true)
}

/// CPython 3.11, installed or unpacked first if it is missing.
///
/// # Errors
/// One line that names what is missing and how to get it.
pub fn cpython() -> Result<interpreters::Interpreter, String> {
    if interpreters::cpython().is_none() {
        println!("x: CPython 3.11 is missing: fetching Debian's packages");
        fetch_packages(CPYTHON_PACKAGES);
    }
    interpreters::cpython().ok_or_else(|| {
        "python3.11 is missing, and Debian's package could not be fetched: install CPython 3.11 \
         (apt-get install python3.11, or pyenv install 3.11)"
            .into()
    })
}

/// The folder of CPython's headers, installed or unpacked first if they are missing. Only extension modules want them.
pub fn headers() -> Option<PathBuf> {
    let unpacked = interpreters::setup_folder().join("usr");
    let find = || {
        let folders = [PathBuf::from("/usr"), unpacked.clone()];
        let mut folders = folders.iter().map(|usr| usr.join("include/python3.11"));
        folders.find(|folder| folder.join("Python.h").is_file())
    };
    find().or_else(|| {
        println!("x: the headers of CPython 3.11 are missing: fetching Debian's package");
        fetch_packages(HEADER_PACKAGES);
        find()
    })
}

/// The folders of PyPy's own headers, unpacked first if they are missing: PyPy has to compile modules anew. Debian
/// has a part of them in the package of PyPy itself, so that they may be in two places.
pub fn pypy_headers(pypy: &interpreters::Interpreter) -> Option<Vec<PathBuf>> {
    let said = pypy.says("import sysconfig; print(sysconfig.get_path('include'))")?;
    let installed = PathBuf::from(said);
    let unpacked = interpreters::setup_folder();
    let unpacked = unpacked.join(installed.strip_prefix("/").unwrap_or(&installed));
    let folders = [installed, unpacked];
    let there = || folders.iter().any(|it| it.join("Python.h").is_file());
    if !there() {
        println!("x: PyPy's headers are missing: fetching Debian's package");
        unpack_packages(PYPY_HEADER_PACKAGES);
    }
    there().then(|| folders.to_vec())
}

/// PyPy, installed or unpacked first if it is missing. Only the demo wants it, and can do without.
pub fn pypy() -> Option<interpreters::Interpreter> {
    if interpreters::pypy().is_none() {
        println!("x: PyPy is missing: fetching Debian's package");
        fetch_packages(PYPY_PACKAGES);
    }
    interpreters::pypy()
}

/// Installs packages as root, else unpacks them into the cache. Failure shows in what is missing
/// afterwards, and the tools print their own reasons.
fn fetch_packages(packages: &[&str]) {
    // Our own entry in /proc belongs to the effective user.
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if root {
        let install = || {
            runs(
                Command::new("apt-get")
                    .args(["install", "-qq", "-y"])
                    .args(packages),
            )
        };
        // The package lists of a fresh container are often empty.
        if install() || (runs(Command::new("apt-get").args(["update", "-qq"])) && install()) {
            return;
        }
    }
    unpack_packages(packages);
}

/// Downloads and unpacks packages below the cache; nothing of the system is touched.
fn unpack_packages(packages: &[&str]) {
    let folder = interpreters::setup_folder();
    let archives = folder.join("archives");
    if let Err(error) = fs::create_dir_all(&archives) {
        eprintln!("x: {}: {error}", archives.display());
        return;
    }
    runs(
        Command::new("apt-get")
            .arg("download")
            .args(packages)
            .current_dir(&archives),
    );
    for entry in fs::read_dir(&archives).into_iter().flatten().flatten() {
        runs(
            Command::new("dpkg")
                .arg("-x")
                .arg(entry.path())
                .arg(&folder),
        );
    }
}

/// Runs a command, saying which, and whether it succeeded. A missing tool counts as failure.
fn runs(command: &mut Command) -> bool {
    println!("x: {command:?}");
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("x: {}: {error}", command.get_program().to_string_lossy());
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The way for users without root: needs Debian's network, so it runs by name only.
    #[test]
    #[ignore = "downloads packages; run with --ignored"]
    fn unpacked_interpreters_run() {
        let mut packages = CPYTHON_PACKAGES.to_vec();
        packages.extend(PYPY_PACKAGES);
        unpack_packages(&packages);
        let folder = interpreters::setup_folder();
        let libraries = folder.join("usr/lib/x86_64-linux-gnu");
        for program in ["usr/bin/python3.11", "usr/bin/pypy3"] {
            let status = Command::new(folder.join(program))
                .args(["-c", "import heapq, json, random"])
                .env("LD_LIBRARY_PATH", &libraries)
                .status();
            assert!(status.expect("unpacked").success(), "{program}");
        }
    }
}
