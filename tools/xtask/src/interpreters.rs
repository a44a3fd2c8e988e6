//! The Python interpreters of this machine: who they are and how they are started.

use crate::{paths, process};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A program that runs Python, with what it needs on its command line and in its environment.
#[derive(Clone, Debug)]
pub struct Interpreter {
    pub name: String,
    pub program: PathBuf,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
}

impl Interpreter {
    fn at(name: &str, program: PathBuf) -> Interpreter {
        Interpreter {
            name: name.into(),
            program,
            args: vec![],
            env: vec![],
        }
    }

    /// A command that starts it with its own arguments; the caller adds the program to run.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).envs(self.env.iter().cloned());
        // The same strings hash the same everywhere, and no folder of the user is searched.
        command
            .env("PYTHONHASHSEED", "0")
            .env("PYTHONNOUSERSITE", "1");
        command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LC_ALL", "C.UTF-8");
        command
            .env_remove("PYTHONPATH")
            .env_remove("PYTHONSTARTUP")
            .env_remove("PYTHONHOME");
        command
    }

    /// The last word about its version, for reports.
    pub fn version(&self) -> String {
        let outcome = process::run(self.command().arg("-V"), Duration::from_secs(20));
        match outcome {
            Ok(outcome) if outcome.success() => {
                let said = format!("{}{}", outcome.stdout, outcome.stderr);
                said.split_whitespace().collect::<Vec<_>>().join(" ")
            }
            Ok(outcome) => outcome.complaint(),
            Err(error) => error.to_string(),
        }
    }
}

/// CPython 3.11, the oracle: Debian's if it is there, else the unpacked one, else one on `PATH`.
pub fn cpython() -> Option<Interpreter> {
    let unpacked = setup_folder().join("usr/bin/python3.11");
    let fixed = [PathBuf::from("/usr/bin/python3.11"), unpacked];
    let program = fixed.into_iter().find(|path| is_executable_image(path));
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

/// True of a machine-code program, false of a script that stands in for one.
fn is_executable_image(path: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut magic))
        .is_ok()
        && magic == *b"\x7fELF"
}

/// Version managers put scripts on `PATH`, which would be measured too: ask for what is behind.
fn behind_shim(name: &str) -> Option<PathBuf> {
    let ask = ["-c", "import sys; print(sys.executable)"];
    let outcome = process::run(Command::new(name).args(ask), Duration::from_secs(20)).ok()?;
    let program = Path::new(outcome.stdout.trim()).canonicalize().ok()?;
    is_executable_image(&program).then_some(program)
}
