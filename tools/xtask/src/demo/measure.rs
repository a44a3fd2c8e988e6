//! Runs the programs, one process at a time, and keeps what each run cost and printed.

use super::contestants::Contestant;
use crate::process::{self, End, Outcome};
use crate::pyperformance::Program;
use std::path::Path;
use std::time::Duration;

const ITERATIONS: usize = 5;
const START_UPS_PER_REPETITION: usize = 3;
const TIME_LIMIT: Duration = Duration::from_secs(180);
/// For those that may give up.
const SHORT_TIME_LIMIT: Duration = Duration::from_secs(60);

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
    /// It cannot do this, as it was made: the reason in one word and in more words.
    LeftOut(&'static str, String),
}

impl Figure {
    pub fn bad(&self) -> bool {
        matches!(self, Figure::Wrong(_) | Figure::Failed(_))
    }
}

/// One program on all interpreters, in their order.
pub struct Row {
    pub program: String,
    pub results: Vec<Figure>,
    /// CPython's results, which the others must equal.
    pub check: String,
}

/// What the report says about an interpreter.
pub struct Column {
    pub name: String,
    pub head: [String; 2],
    /// The name of the collector, if the column belongs to the comparison of collectors.
    pub collector: Option<String>,
}

pub struct Results {
    /// The columns; the first is the yardstick.
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// CPU seconds of `-S -c pass` for each interpreter.
    pub start_up: Vec<Figure>,
}

/// Checks, then times, every program on every interpreter.
pub fn all(
    programs: &[&Program],
    folder: &Path,
    contestants: &[Contestant],
    repeat: usize,
) -> Results {
    let often = |contestant: &Contestant| if contestant.may_give_up() { 1 } else { repeat };
    let per_program: usize = contestants.iter().map(|one| often(one) + 1).sum();
    let mut progress = Progress {
        done: 0,
        total: programs.len() * per_program,
    };
    let mut rows = Vec::new();
    for program in programs {
        let (check, mut results) = check(program, folder, contestants, &mut progress);
        for repetition in 1..=repeat {
            for (contestant, figure) in contestants.iter().zip(&mut results) {
                if repetition > often(contestant) {
                    continue;
                }
                let what = format!("{} {repetition}/{}", contestant.name(), often(contestant));
                let Figure::Measured(samples) = figure else {
                    progress.step(program.name, &what, "left out");
                    continue;
                };
                match time(program, folder, contestant) {
                    Ok(sample) => {
                        let cost = format!("{:.3} s", sample.whole_cpu_s);
                        progress.step(program.name, &what, &cost);
                        samples.push(sample);
                    }
                    Err(bad) => {
                        progress.step(program.name, &what, bad.words());
                        *figure = bad;
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
    let column = |contestant: &Contestant| Column {
        name: contestant.name().into(),
        head: contestant.head.clone(),
        collector: contestant.collector.as_ref().map(|it| it.name.clone()),
    };
    Results {
        columns: contestants.iter().map(column).collect(),
        rows,
        start_up: start_up(contestants, repeat),
    }
}

impl Figure {
    fn words(&self) -> &str {
        match self {
            Figure::Measured(_) => "agrees",
            Figure::Wrong(why) | Figure::Failed(why) | Figure::LeftOut(_, why) => why,
        }
    }
}

/// One untimed run of each interpreter that prints checksums of all that the program computes.
fn check(
    program: &Program,
    folder: &Path,
    contestants: &[Contestant],
    progress: &mut Progress,
) -> (String, Vec<Figure>) {
    let mut expected: Option<String> = None;
    let mut figures = Vec::new();
    for contestant in contestants {
        let figure = match start(program, folder, contestant, 1, &["--demo-check"]) {
            Err(figure) => figure,
            Ok(outcome) => match (parse(&outcome.stdout, 1), &expected) {
                (Err(why), _) => Figure::Failed(why),
                (Ok(printed), None) => {
                    expected = Some(printed.results);
                    Figure::Measured(vec![])
                }
                (Ok(printed), Some(expected)) if *expected == printed.results => {
                    Figure::Measured(vec![])
                }
                (Ok(printed), Some(expected)) => {
                    Figure::Wrong(format!("{} instead of {expected}", printed.results))
                }
            },
        };
        let what = format!("{} check", contestant.name());
        progress.step(program.name, &what, figure.words());
        figures.push(figure);
    }
    (expected.unwrap_or_default(), figures)
}

fn time(program: &Program, folder: &Path, contestant: &Contestant) -> Result<Sample, Figure> {
    let outcome = start(program, folder, contestant, ITERATIONS, &[])?;
    let printed = parse(&outcome.stdout, ITERATIONS).map_err(Figure::Failed)?;
    let (steady_cpu_s, steady_wall_s) = printed.last;
    Ok(Sample {
        whole_cpu_s: outcome.cpu_s,
        whole_wall_s: outcome.wall_s,
        steady_cpu_s,
        steady_wall_s,
        peak_mib: outcome.peak_mib,
    })
}

/// Runs a program; what ended badly is answered as the figure that says so.
fn start(
    program: &Program,
    folder: &Path,
    contestant: &Contestant,
    iterations: usize,
    options: &[&str],
) -> Result<Outcome, Figure> {
    if program.needs_collector && contestant.never_collects() {
        let why = "it looks at what a collection does";
        return Err(Figure::LeftOut("n/a", why.into()));
    }
    let file = program.file(folder);
    let mut command = contestant.interpreter.command();
    command
        .arg(&file)
        .arg(format!("--demo-iterations={iterations}"))
        .arg(format!("--demo-loops={}", program.loops))
        .args(options);
    if let Some(beside) = file.parent() {
        command.current_dir(beside);
    }
    let limit = if contestant.may_give_up() {
        SHORT_TIME_LIMIT
    } else {
        TIME_LIMIT
    };
    let outcome = process::run(&mut command, limit);
    let outcome = outcome.map_err(|error| Figure::Failed(error.to_string()))?;
    let no_memory = outcome.last_error_line().starts_with("MemoryError");
    if outcome.success() {
        Ok(outcome)
    } else if contestant.never_collects() && no_memory {
        let why = "it frees nothing, and this needs more than its limit";
        Err(Figure::LeftOut("memory", why.into()))
    } else if contestant.may_give_up() && outcome.end == End::Timeout {
        let why = format!("over {} s", limit.as_secs());
        Err(Figure::LeftOut("time", why))
    } else {
        Err(Figure::Failed(outcome.complaint()))
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
fn start_up(contestants: &[Contestant], repeat: usize) -> Vec<Figure> {
    let mut figures: Vec<Figure> = contestants
        .iter()
        .map(|_| Figure::Measured(vec![]))
        .collect();
    for _ in 0..repeat * START_UPS_PER_REPETITION {
        for (contestant, figure) in contestants.iter().zip(&mut figures) {
            let Figure::Measured(samples) = figure else {
                continue;
            };
            let mut command = contestant.interpreter.command();
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
            "[{:>3}/{}] {program:<14} {what:<24} {said}",
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
