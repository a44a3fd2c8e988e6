//! What write barriers cost, in instructions: noise of other processes does not change them.

use crate::interpreter::Interpreter;
use crate::process;
use std::process::Command;
use std::time::Duration;

/// Instructions of one run with write barriers and of one without.
#[derive(Clone, Debug, PartialEq)]
pub struct Barrier {
    pub program: String,
    pub with: u64,
    pub without: u64,
}

impl Barrier {
    /// How many more instructions there are with barriers, as a share.
    pub fn more(&self) -> f64 {
        self.with as f64 / self.without as f64 - 1.0
    }
}

/// Whether valgrind can be started.
pub fn can_count() -> bool {
    let outcome = process::run(
        Command::new("valgrind").arg("--version"),
        Duration::from_secs(20),
    );
    outcome.is_ok_and(|outcome| outcome.success())
}

/// Runs a program under valgrind; its instructions and its output. Code that is made at run time is counted, too.
///
/// # Errors
/// What went wrong.
pub fn count(
    interpreter: &Interpreter,
    arguments: &[String],
    limit: Duration,
) -> Result<(u64, String), String> {
    let own = interpreter.command();
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=cachegrind", "--cache-sim=no", "--smc-check=all"])
        .arg("--cachegrind-out-file=/dev/null")
        .arg(own.get_program())
        .args(own.get_args())
        .args(arguments);
    for (name, value) in own.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let outcome = process::run(&mut command, limit).map_err(|error| error.to_string())?;
    if !outcome.success() {
        return Err(outcome.complaint());
    }
    let counted = instructions(&outcome.stderr).ok_or("valgrind counted no instructions")?;
    Ok((counted, outcome.stdout))
}

/// Reads a line such as `==1== I   refs:      42,947,964`.
fn instructions(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("refs:"))?;
    let digits = line.rsplit(':').next()?.replace(',', "");
    digits.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_commas() {
        let said = "--1-- warning: L3\n==1== \n==1== I   refs:      42,947,964\n";
        assert_eq!(instructions(said), Some(42_947_964));
        assert_eq!(instructions("==1== nothing"), None);
    }
}
