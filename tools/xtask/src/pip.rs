//! `pip download`: files of PyPI, pinned by version and hash.

use crate::{process, setup};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);

/// Why there is no file.
#[derive(Debug)]
pub enum Failure {
    /// There is no network, or nobody answers.
    Offline(String),
    /// Anything else, such as a file that is not what was pinned.
    Wrong(String),
}

impl From<String> for Failure {
    fn from(why: String) -> Failure {
        Failure::Wrong(why)
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> String {
        match failure {
            Failure::Offline(why) | Failure::Wrong(why) => why,
        }
    }
}

/// Whether pip says that nobody answered. A file with another hash comes from somebody who did.
fn says_offline(stderr: &str) -> bool {
    const SIGNS: [&str; 7] = [
        "NewConnectionError",
        "NameResolutionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ProxyError",
        "ConnectionResetError",
        "Could not fetch URL",
    ];
    !stderr.contains("DO NOT MATCH THE HASHES") && SIGNS.iter().any(|sign| stderr.contains(sign))
}

/// Downloads what a file of requirements pins into a folder. Any `pip` will do: it refuses a wrong hash itself, and the
/// options say for which Python the files are.
///
/// # Errors
/// What pip says, or that there is none.
pub fn download(requirements: &Path, folder: &Path, options: &[&str]) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let python = setup::cpython()?.program.display().to_string();
    let candidates: [&[&str]; 4] = [
        &[&python, "-m", "pip"],
        &["python3", "-m", "pip"],
        &["pip3"],
        &["pip"],
    ];
    let mut complaint = String::from("no pip found");
    let mut offline = false;
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
            Ok(outcome) => {
                offline |= says_offline(&outcome.stderr);
                complaint = outcome.complaint();
            }
            Err(_) => {}
        }
    }
    let why =
        format!("{complaint}: install pip with apt-get install python3-pip, or check the network");
    Err(match offline {
        true => Failure::Offline(why),
        false => Failure::Wrong(why),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_hash_is_no_missing_network() {
        let wrong = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.";
        assert!(!says_offline(wrong));
        // Another mirror was asked before, in vain.
        let retried = "WARNING: Retrying after connection broken by 'NewConnectionError(..)'";
        assert!(says_offline(retried));
        assert!(!says_offline(&format!("{retried}\n{wrong}")));
        assert!(!says_offline(
            "ERROR: No matching distribution found for ujson==99"
        ));
    }
}
