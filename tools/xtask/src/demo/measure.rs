//! Runs the programs, one process at a time, and keeps what each run cost and printed.

use crate::interpreters::Interpreter;
use crate::process::{self, Outcome};
use crate::pyperformance::Program;
use std::path::Path;
use std::time::Duration;

const ITERATIONS: usize = 5;
const START_UPS_PER_REPETITION: usize = 3;
const TIME_LIMIT: Duration = Duration::from_secs(180);

/// The costs of one run.
#[derive(Clone, Debug)]
pub struct Sample {
    pub whole_cpu_s: f64,
    pub whole_wall_s: f64,
    /// CPU time of the last iteration, as the process itself saw it.
    pub steady_cpu_s: f64,
    pub steady_wall_s: f64,
    pub peak_mib: f64,
}

/// All runs of one program on one interpreter.
pub enum Figure {
    Measured(Vec<Sample>),
    /// It ran, and computed something else than CPython.
    Wrong(String),
    Failed(String),
}

/// One program on all interpreters, in their order.
pub struct Row {
    pub program: String,
    pub results: Vec<Figure>,
    /// CPython's results, which the others must equal.
    pub check: String,
}

pub struct Results {
    /// Names of the interpreters; the first is the yardstick.
    pub interpreters: Vec<String>,
    pub rows: Vec<Row>,
    /// CPU seconds of `-S -c pass` for each interpreter.
    pub start_up: Vec<Figure>,
}

/// Checks, then times, every program on every interpreter.
pub fn all(
    programs: &[&Program],
    folder: &Path,
    interpreters: &[Interpreter],
    repeat: usize,
) -> Results {
    let total = programs.len() * interpreters.len() * (repeat + 1);
    let mut progress = Progress { done: 0, total };
    let mut rows = Vec::new();
    for program in programs {
        let (check, mut results) = check(program, folder, interpreters, &mut progress);
        for repetition in 1..=repeat {
            for (interpreter, figure) in interpreters.iter().zip(&mut results) {
                let what = format!("{} {repetition}/{repeat}", interpreter.name);
                let Figure::Measured(samples) = figure else {
                    progress.step(program.name, &what, "left out");
                    continue;
                };
                match time(program, folder, interpreter) {
                    Ok(sample) => {
                        let cost = format!("{:.3} s", sample.whole_cpu_s);
                        progress.step(program.name, &what, &cost);
                        samples.push(sample);
                    }
                    Err(why) => {
                        progress.step(program.name, &what, &why);
                        *figure = Figure::Failed(why);
                    }
                }
            }
        }
        rows.push(Row {
            program: program.name.into(),
            results,
            check,
        });
    }
    let interpreters_by_name = interpreters.iter().map(|it| it.name.clone()).collect();
    let start_up = start_up(interpreters, repeat);
    Results {
        interpreters: interpreters_by_name,
        rows,
        start_up,
    }
}

/// One untimed run of each interpreter that prints checksums of all that the program computes.
fn check(
    program: &Program,
    folder: &Path,
    interpreters: &[Interpreter],
    progress: &mut Progress,
) -> (String, Vec<Figure>) {
    let mut expected: Option<String> = None;
    let mut figures = Vec::new();
    for interpreter in interpreters {
        let outcome = start(program, folder, interpreter, 1, &["--demo-check"]);
        let figure = match outcome.and_then(|outcome| Ok(parse(&outcome.stdout, 1)?.results)) {
            Err(why) => Figure::Failed(why),
            Ok(results) => match &expected {
                None => {
                    expected = Some(results);
                    Figure::Measured(vec![])
                }
                Some(expected) if *expected == results => Figure::Measured(vec![]),
                Some(expected) => Figure::Wrong(format!("{results} instead of {expected}")),
            },
        };
        let said = match &figure {
            Figure::Measured(_) => "agrees",
            Figure::Wrong(why) | Figure::Failed(why) => why,
        };
        progress.step(program.name, &format!("{} check", interpreter.name), said);
        figures.push(figure);
    }
    (expected.unwrap_or_default(), figures)
}

fn time(program: &Program, folder: &Path, interpreter: &Interpreter) -> Result<Sample, String> {
    let outcome = start(program, folder, interpreter, ITERATIONS, &[])?;
    let printed = parse(&outcome.stdout, ITERATIONS)?;
    let (steady_cpu_s, steady_wall_s) = printed.last;
    Ok(Sample {
        whole_cpu_s: outcome.cpu_s,
        whole_wall_s: outcome.wall_s,
        steady_cpu_s,
        steady_wall_s,
        peak_mib: outcome.peak_mib,
    })
}

fn start(
    program: &Program,
    folder: &Path,
    interpreter: &Interpreter,
    iterations: usize,
    options: &[&str],
) -> Result<Outcome, String> {
    let file = program.file(folder);
    let mut command = interpreter.command();
    command
        .arg(&file)
        .arg(format!("--demo-iterations={iterations}"))
        .arg(format!("--demo-loops={}", program.loops))
        .args(options);
    if let Some(beside) = file.parent() {
        command.current_dir(beside);
    }
    let outcome = process::run(&mut command, TIME_LIMIT).map_err(|error| error.to_string())?;
    if outcome.success() {
        Ok(outcome)
    } else {
        Err(outcome.complaint())
    }
}

/// What the stand-in for pyperf printed.
struct Printed {
    /// CPU and wall seconds of the last iteration.
    last: (f64, f64),
    /// The results of all iterations and the checksum, in one line.
    results: String,
}

fn parse(stdout: &str, iterations: usize) -> Result<Printed, String> {
    let mut last = (0.0, 0.0);
    let mut results = Vec::new();
    let mut seen = 0;
    for line in stdout.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["ITER", _, cpu, wall, result] => {
                let number = |text: &str| text.parse().map_err(|_| format!("bad time in {line:?}"));
                last = (number(cpu)?, number(wall)?);
                results.push(result);
                seen += 1;
            }
            ["CHECK", checksum] => results.push(checksum),
            _ => return Err(format!("unexpected output {line:?}")),
        }
    }
    if seen != iterations {
        return Err(format!(
            "{seen} iterations reported instead of {iterations}"
        ));
    }
    Ok(Printed {
        last,
        results: results.join(" "),
    })
}

/// The cost of doing nothing, without the `site` module.
fn start_up(interpreters: &[Interpreter], repeat: usize) -> Vec<Figure> {
    let mut figures: Vec<Figure> = interpreters
        .iter()
        .map(|_| Figure::Measured(vec![]))
        .collect();
    for _ in 0..repeat * START_UPS_PER_REPETITION {
        for (interpreter, figure) in interpreters.iter().zip(&mut figures) {
            let Figure::Measured(samples) = figure else {
                continue;
            };
            let mut command = interpreter.command();
            command.args(["-S", "-c", "pass"]);
            match process::run(&mut command, TIME_LIMIT) {
                Ok(outcome) if outcome.success() => samples.push(Sample {
                    whole_cpu_s: outcome.cpu_s,
                    whole_wall_s: outcome.wall_s,
                    steady_cpu_s: outcome.cpu_s,
                    steady_wall_s: outcome.wall_s,
                    peak_mib: outcome.peak_mib,
                }),
                Ok(outcome) => *figure = Figure::Failed(outcome.complaint()),
                Err(error) => *figure = Figure::Failed(error.to_string()),
            }
        }
    }
    figures
}

struct Progress {
    done: usize,
    total: usize,
}

impl Progress {
    fn step(&mut self, program: &str, what: &str, said: &str) {
        self.done += 1;
        eprintln!(
            "[{:>3}/{}] {program:<14} {what:<18} {said}",
            self.done, self.total
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_iteration_is_the_steady_one() {
        let printed = parse("ITER 0 0.5 0.6 None\nITER 1 0.25 0.3 7\n", 2).expect("well formed");
        assert_eq!(printed.last, (0.25, 0.3));
        assert_eq!(printed.results, "None 7");
    }

    #[test]
    fn missing_iterations_and_foreign_output_are_errors() {
        assert!(parse("ITER 0 0.5 0.6 None\n", 5).is_err());
        assert!(parse("hello\nITER 0 0.5 0.6 None\n", 1).is_err());
    }
}
