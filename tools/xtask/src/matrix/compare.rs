//! What a run of a program shows, and how two runs differ.

use super::programs::Program;
use crate::interpreters::Interpreter;
use crate::{paths, process};
use std::time::Duration;

/// What a run must show to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub end: process::End,
    stdout: String,
    /// Only the last line: what stands above it differs in paths.
    last_error_line: String,
}

/// Runs a program to its end.
///
/// # Errors
/// When it cannot be started.
pub fn observe(
    interpreter: &Interpreter,
    program: &Program,
    limit: Duration,
) -> Result<Observed, String> {
    let mut command = interpreter.command();
    command
        .arg(&program.file)
        .args(&program.args)
        .current_dir(paths::root());
    let outcome = process::run(&mut command, limit).map_err(|error| error.to_string())?;
    let last_error_line = outcome.last_error_line().to_string();
    Ok(Observed {
        end: outcome.end,
        stdout: without_times(&outcome.stdout),
        last_error_line,
    })
}

/// Takes the two times out of the lines in which the benchmark stand-in reports an iteration.
fn without_times(stdout: &str) -> String {
    let mut kept = String::with_capacity(stdout.len());
    for line in stdout.split_inclusive('\n') {
        match line
            .strip_prefix("ITER ")
            .map(|rest| rest.split(' ').collect::<Vec<_>>())
        {
            Some(words) if words.len() == 4 => kept += &format!("ITER {} {}", words[0], words[3]),
            _ => kept += line,
        }
    }
    kept
}

/// What is wrong, in a few lines, or nothing.
pub fn difference(expected: &Observed, got: &Observed) -> Option<String> {
    if expected == got {
        return None;
    }
    if expected.stdout != got.stdout {
        let pairs = expected.stdout.lines().zip(got.stdout.lines());
        let same = pairs.take_while(|(expected, got)| expected == got).count();
        let line = |text: &str| match text.lines().nth(same) {
            Some(line) => format!("`{}`", line.chars().take(120).collect::<String>()),
            None => "the end of output".into(),
        };
        return Some(format!(
            "{}, line {} of output: expected {}, got {}\n{}",
            got.end,
            same + 1,
            line(&expected.stdout),
            line(&got.stdout),
            got.last_error_line
        ));
    }
    Some(format!(
        "expected {} `{}`, got {} `{}`",
        expected.end, expected.last_error_line, got.end, got.last_error_line
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(stdout: &str, code: i32, last: &str) -> Observed {
        Observed {
            end: process::End::Code(code),
            stdout: stdout.into(),
            last_error_line: last.into(),
        }
    }

    #[test]
    fn a_wrong_line_an_exit_code_or_an_exception_is_a_difference() {
        let right = observed("1\n2\n", 0, "");
        assert_eq!(difference(&right, &right.clone()), None);
        let wrong_line = difference(&right, &observed("1\n3\n", 0, "")).expect("differs");
        assert!(
            wrong_line.contains("line 2 of output: expected `2`, got `3`"),
            "{wrong_line}"
        );
        let cut = difference(&right, &observed("1\n", 1, "ValueError")).expect("differs");
        assert!(cut.contains("got the end of output\nValueError"), "{cut}");
        assert!(difference(&right, &observed("1\n2\n", 1, "")).is_some());
        assert!(difference(&right, &observed("1\n2\n", 0, "KeyError: 1")).is_some());
    }

    #[test]
    fn only_times_are_taken_out_of_benchmark_output() {
        let line = "ITER 0 0.123 0.456 fnv=1\nCHECK x\nITER a\n";
        assert_eq!(without_times(line), "ITER 0 fnv=1\nCHECK x\nITER a\n");
    }
}
