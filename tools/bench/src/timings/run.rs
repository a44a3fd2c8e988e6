//! Runs a script on every interpreter in turn, one process at a time.

use super::lines::{self, Line};
use super::{Row, Timings};
use crate::measure::Contestant;
use crate::process::{self, End};
use crate::progress::Progress;
use crate::results::{Figure, Sample};
use std::path::PathBuf;
use std::time::Duration;

/// Who runs the script, and how.
pub struct Runner {
    pub contestant: Contestant,
    /// The script and its arguments.
    pub arguments: Vec<String>,
    /// What stands for `-V`, of a program that is no interpreter.
    pub version: Option<String>,
}

/// What is to be timed.
pub struct Plan<'p> {
    /// The key of the report.
    pub name: &'p str,
    pub title: &'p str,
    /// The first is the yardstick.
    pub runners: &'p [Runner],
    pub repeat: usize,
    /// The folder in which the script runs.
    pub folder: PathBuf,
    /// Seconds for one process.
    pub limit_s: u64,
}

/// Runs the script as often as the plan says.
pub fn run(plan: &Plan) -> Timings {
    let columns = plan.runners.iter().map(|runner| {
        let mut column = match &runner.version {
            None => runner.contestant.column(),
            Some(version) => runner.contestant.column_of(version.clone()),
        };
        column.arguments.extend(runner.arguments.iter().cloned());
        column
    });
    let mut timings = Timings {
        name: plan.name.into(),
        title: plan.title.into(),
        repeat: plan.repeat,
        columns: columns.collect(),
        rows: vec![],
        whole: plan
            .runners
            .iter()
            .map(|_| Figure::Measured(vec![]))
            .collect(),
    };
    let often = |runner: &Runner| runner.contestant.repetitions(plan.repeat);
    let mut progress = Progress::new(plan.runners.iter().map(often).sum());
    for repetition in 1..=plan.repeat {
        for (at, runner) in plan.runners.iter().enumerate() {
            let often = often(runner);
            if repetition > often {
                continue;
            }
            let what = format!("{} {repetition}/{often}", runner.contestant.name());
            let Figure::Measured(samples) = &mut timings.whole[at] else {
                progress.step(plan.name, &what, "left out");
                continue;
            };
            match start(plan, runner) {
                Ok((sample, lines)) => {
                    progress.step(plan.name, &what, &format!("{:.3} s", sample.whole_cpu_s));
                    samples.push(sample);
                    keep(&mut timings, at, lines);
                }
                Err(bad) => {
                    let (_, why) = bad.complaint().unwrap_or_default();
                    progress.step(plan.name, &what, why);
                    timings.whole[at] = bad;
                }
            }
        }
    }
    timings
}

/// One process.
fn start(plan: &Plan, runner: &Runner) -> Result<(Sample, Vec<Line>), Figure> {
    let contestant = &runner.contestant;
    let mut command = contestant.interpreter.command();
    command.args(&runner.arguments).current_dir(&plan.folder);
    let limit = Duration::from_secs(plan.limit_s);
    let outcome = process::run(&mut command, limit);
    let outcome = outcome.map_err(|error| Figure::Failed(error.to_string()))?;
    if outcome.success() {
        let lines = lines::read(&outcome.stdout).map_err(Figure::Failed)?;
        let sample = Sample {
            whole_cpu_s: outcome.cpu_s,
            whole_wall_s: outcome.wall_s,
            steady_cpu_s: outcome.cpu_s,
            steady_wall_s: outcome.wall_s,
            peak_mib: outcome.peak_mib,
        };
        return Ok((sample, lines));
    }
    let no_memory = outcome.last_error_line().starts_with("MemoryError");
    Err(if contestant.never_collects && no_memory {
        let why = "it frees nothing, and this needs more than its limit";
        Figure::LeftOut("memory", why.into())
    } else if contestant.may_give_up && outcome.end == End::Timeout {
        Figure::LeftOut("time", format!("over {} s", plan.limit_s))
    } else {
        Figure::Failed(outcome.complaint())
    })
}

/// Adds a process' lines. The yardstick runs first, so that its first lines make the rows.
fn keep(timings: &mut Timings, at: usize, lines: Vec<Line>) {
    if at == 0 && timings.rows.is_empty() {
        let columns = timings.columns.len();
        timings.rows = lines
            .iter()
            .map(|line| Row {
                name: line.name.clone(),
                check: line.check.clone(),
                figures: (0..columns).map(|_| Figure::Measured(vec![])).collect(),
            })
            .collect();
    }
    let unknown = |line: &&Line| timings.rows.iter().all(|row| row.name != line.name);
    if let Some(line) = lines.iter().find(unknown) {
        let yardstick = &timings.columns[0].name;
        let why = format!("it times {:?}, which {yardstick} did not", line.name);
        timings.whole[at] = Figure::Failed(why);
        return;
    }
    for row in &mut timings.rows {
        let Figure::Measured(samples) = &mut row.figures[at] else {
            continue;
        };
        match lines.iter().find(|line| line.name == row.name) {
            None => row.figures[at] = Figure::Failed("it did not say".into()),
            Some(line) if line.check != row.check => {
                let why = format!("{} instead of {}", line.check, row.check);
                row.figures[at] = Figure::Wrong(why);
            }
            Some(line) => samples.push(line.ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::Interpreter;
    use crate::timings::samples::example;

    /// The shell stands for an interpreter, and a line of it for the script.
    fn shell(name: &str, script: &str) -> Runner {
        Runner {
            contestant: Contestant {
                interpreter: Interpreter::at(name, "/bin/sh".into()),
                head: [name.into(), String::new()],
                ours: name != "old",
                collector: None,
                may_give_up: false,
                never_collects: false,
                statistics: Vec::new(),
            },
            arguments: vec!["-c".into(), script.into()],
            version: Some("a shell".into()),
        }
    }

    fn timed(runners: &[Runner]) -> Timings {
        run(&Plan {
            name: "test",
            title: "a test",
            runners,
            repeat: 3,
            folder: std::env::temp_dir(),
            limit_s: 20,
        })
    }

    fn line(name: &str, ns: u32, check: &str) -> String {
        format!("echo '{{\"name\": \"{name}\", \"ns\": {ns}, \"check\": \"{check}\"}}';")
    }

    #[test]
    fn every_repetition_is_kept_and_checked() {
        let timings = timed(&[
            shell("old", &(line("a", 40, "x") + &line("b", 9, "y"))),
            shell("new", &(line("a", 10, "x") + &line("b", 3, "z"))),
        ]);
        assert_eq!(timings.rows[0].ratio(1), Some(4.0));
        assert_eq!(timings.rows[0].figures[1].repetitions(), 3);
        assert_eq!(timings.whole[1].repetitions(), 3);
        assert_eq!(
            timings.complaints(),
            [("b", "new", "WRONG", "z instead of y")]
        );
        assert_eq!(timings.columns[0].version, "a shell");
    }

    #[test]
    fn what_fails_is_not_run_again() {
        let timings = timed(&[
            shell("old", &line("a", 40, "")),
            shell("new", "echo no such module >&2; exit 1"),
            shell("odd", &line("b", 40, "")),
        ]);
        let said = timings.complaints();
        assert_eq!(said[0], ("test", "new", "failed", "exit 1 no such module"));
        assert!(said[1].3.contains("\"b\", which old did not"), "{said:?}");
        assert_eq!(timings.rows[0].ratio(1), None);
    }

    #[test]
    fn a_missing_figure_is_named() {
        let mut timings = example();
        let known = |name: &str| Line {
            name: name.into(),
            ns: 1.0,
            check: "7".into(),
        };
        keep(&mut timings, 1, vec![known("a"), known("c")]);
        let said = timings.complaints();
        assert_eq!(said[0], ("b", "new", "failed", "it did not say"));
    }
}
