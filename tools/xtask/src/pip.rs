//! `pip download`: files of PyPI, pinned by version and hash.

use crate::{process, setup};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);

/// Downloads what a file of requirements pins into a folder. Any `pip` will do: it refuses a wrong hash itself, and the
/// options say for which Python the files are.
///
/// # Errors
/// What pip says, or that there is none.
pub fn download(requirements: &Path, folder: &Path, options: &[&str]) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let python = setup::cpython()?.program.display().to_string();
    let candidates: [&[&str]; 4] = [
        &[&python, "-m", "pip"],
        &["python3", "-m", "pip"],
        &["pip3"],
        &["pip"],
    ];
    let mut complaint = String::from("no pip found");
    for pip in candidates {
        let mut command = Command::new(pip[0]);
        command
            .args(&pip[1..])
            .args(["download", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--require-hashes", "--retries=2"])
            .args(options)
            .arg("--requirement")
            .arg(requirements)
            .arg("--dest")
            .arg(folder);
        match process::run(&mut command, LIMIT) {
            Ok(outcome) if outcome.success() => return Ok(()),
            Ok(outcome) if outcome.stderr.contains("No module named pip") => {}
            Ok(outcome) => complaint = outcome.complaint(),
            Err(_) => {}
        }
    }
    Err(format!(
        "{complaint}: install pip with apt-get install python3-pip, or check the network"
    ))
}
