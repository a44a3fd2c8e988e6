//! `./x demo`: the seven programs on every interpreter, checked against each other and timed.
//!
//! Measured is CPU time (all threads and children), wall time stands beside it in the JSON. Runs
//! are interleaved, one process at a time, and figures are medians. *Whole process* is start-up and
//! five iterations; *steady* is the fifth iteration alone.

mod contestants;
mod measure;
mod report;

use crate::pyperformance::{self, PROGRAMS, Program};
use crate::{Done, paths, run};
use measure::Figure;
use std::fs;

pub const USAGE: &str = "[--filter PROGRAM] [--repeat N] [--only INTERPRETER,..] [--json FILE]";

struct Options {
    filter: Vec<String>,
    repeat: usize,
    only: Vec<String>,
    json: std::path::PathBuf,
}

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut options = Options {
            filter: vec![],
            repeat: 3,
            only: vec![],
            json: paths::target().join("demo.json"),
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let value = args.next();
            match (arg.as_str(), value) {
                ("--filter", Some(value)) => options.filter.push(value.clone()),
                ("--repeat", Some(value)) => {
                    let number = value.parse().ok().filter(|&number| number > 0);
                    options.repeat = number.ok_or(format!("--repeat {value}: not a number"))?;
                }
                ("--only", Some(value)) => {
                    options.only.extend(value.split(',').map(str::to_string));
                }
                ("--json", Some(value)) => options.json = value.into(),
                _ => {
                    return Err(format!(
                        "unexpected argument {arg:?}; usage: ./x demo {USAGE}"
                    ));
                }
            }
        }
        Ok(options)
    }

    fn programs(&self) -> Result<Vec<&'static Program>, String> {
        let wanted = |name: &str| self.filter.iter().any(|part| name.contains(part.as_str()));
        let mut programs: Vec<&Program> = PROGRAMS.iter().collect();
        programs.retain(|program| self.filter.is_empty() || wanted(program.name));
        if programs.is_empty() {
            let known: Vec<&str> = PROGRAMS.iter().map(|program| program.name).collect();
            return Err(format!("--filter matches none of: {}", known.join(", ")));
        }
        Ok(programs)
    }
}

pub fn run(args: &[String]) -> Done {
    let options = Options::parse(args)?;
    let programs = options.programs()?;
    let folder = pyperformance::fetch()?;
    if let Err(error) = run::build() {
        eprintln!("x demo: {error}");
    }
    let contestants = contestants::all(&options.only)?;
    for contestant in &contestants {
        let program = contestant.program.display();
        println!(
            "{:<12} {program} ({})",
            contestant.name,
            contestant.version()
        );
    }
    let results = measure::all(&programs, &folder, &contestants, options.repeat);
    println!("{}", report::tables(&results));
    let json = report::json(&results, &contestants, options.repeat);
    fs::write(&options.json, json)
        .map_err(|error| format!("{}: {error}", options.json.display()))?;
    println!("all figures: {}", options.json.display());
    // A missing interpreter is a hole in the table; a wrong or failed run is a failure.
    let bad = |result: &Figure| !matches!(result, Figure::Measured(_));
    Ok(!results.rows.iter().flat_map(|row| &row.results).any(bad))
}
