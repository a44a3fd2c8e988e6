//! A Python that is started: its real executable, and what it needs around it.

use crate::process;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long an interpreter may think about its version.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// A program that runs Python, with what it needs on its command line and in its environment.
#[derive(Clone, Debug)]
pub struct Interpreter {
    pub name: String,
    pub program: PathBuf,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
}

impl Interpreter {
    pub fn at(name: &str, program: PathBuf) -> Interpreter {
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
        command.args(&self.args);
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
        // Its own environment last: it may have a search path.
        command.envs(self.env.iter().cloned());
        command
    }

    /// What it prints for a line of Python, without the end of the line.
    pub fn says(&self, line: &str) -> Option<String> {
        let outcome = process::run(self.command().args(["-c", line]), ANSWER_LIMIT).ok()?;
        outcome.success().then(|| outcome.stdout.trim().to_string())
    }

    /// The last word about its version, for reports.
    pub fn version(&self) -> String {
        let outcome = process::run(self.command().arg("-V"), ANSWER_LIMIT);
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

/// The executable behind a name or a path: what stands in `/usr/bin` before what is on `PATH`, and never a
/// script that stands in for a program.
///
/// # Errors
/// When there is none.
pub fn resolve(name: &str) -> Result<PathBuf, String> {
    let is_path = name.contains('/');
    let found = if is_path {
        image(Path::new(name)).or_else(|| behind_shim(name))
    } else {
        image(&Path::new("/usr/bin").join(name)).or_else(|| behind_shim(name))
    };
    found.ok_or_else(|| format!("{name}: no such interpreter"))
}

/// The real path of a machine-code program; none for a script.
pub fn image(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let mut magic = [0; 4];
    let read = File::open(&path).and_then(|mut file| file.read_exact(&mut magic));
    (read.is_ok() && magic == *b"\x7fELF").then_some(path)
}

/// Version managers put scripts on `PATH`, which would be measured too: asks for what is behind.
pub fn behind_shim(name: &str) -> Option<PathBuf> {
    let ask = ["-c", "import sys; print(sys.executable)"];
    let outcome = process::run(Command::new(name).args(ask), ANSWER_LIMIT).ok()?;
    image(Path::new(outcome.stdout.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_shim_is_resolved_to_what_is_behind_it() {
        let folder = std::env::temp_dir().join(format!("ouro-shim-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("writable");
        let shim = folder.join("python");
        // `sh` stands for the interpreter behind the script.
        let script = "#!/bin/sh\nreadlink -f /bin/sh\n";
        fs::write(&shim, script).expect("writable");
        fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).expect("ours");
        let found = resolve(&shim.display().to_string());
        assert!(image(&shim).is_none());
        fs::remove_dir_all(&folder).expect("ours");
        let real = Path::new("/bin/sh").canonicalize().expect("a shell exists");
        assert_eq!(found, Ok(real));
    }

    #[test]
    fn what_does_not_exist_is_named() {
        let error = resolve("no-such-python").expect_err("no such program");
        assert!(error.contains("no-such-python"), "{error}");
    }
}
