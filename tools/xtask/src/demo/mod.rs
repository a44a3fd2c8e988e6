//! `./x demo`: the programs on every interpreter, and under every collector of ours, checked against each
//! other and timed.
//!
//! Measured is CPU time (all threads and children), wall time stands beside it in the JSON. Runs
//! are interleaved, one process at a time, and figures are medians. *Whole process* is start-up and
//! five iterations; *steady* is the fifth iteration alone; *memory* is the largest resident set of the
//! whole process.

mod contestants;
mod measure;
mod report;

use crate::pyperformance::{self, MICRO_PROGRAMS, PROGRAMS, Program};
use crate::{Done, paths, run};
use measure::Figure;
use std::fs;

pub const USAGE: &str =
    "[--micro] [--filter PROGRAM] [--repeat N] [--only INTERPRETER,..] [--json FILE]";

struct Options {
    /// The small programs instead.
    micro: bool,
    filter: Vec<String>,
    repeat: usize,
    only: Vec<String>,
    json: Option<std::path::PathBuf>,
}

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut options = Options {
            micro: false,
            filter: vec![],
            repeat: 3,
            only: vec![],
            json: None,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--micro" {
                options.micro = true;
                continue;
            }
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
                ("--json", Some(value)) => options.json = Some(value.into()),
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
        let all = if self.micro { MICRO_PROGRAMS } else { PROGRAMS };
        let mut programs: Vec<&Program> = all.iter().collect();
        programs.retain(|program| self.filter.is_empty() || wanted(program.name));
        if programs.is_empty() {
            let known: Vec<&str> = all.iter().map(|program| program.name).collect();
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
        let interpreter = &contestant.interpreter;
        println!(
            "{:<20} {} ({})",
            interpreter.name,
            interpreter.program.display(),
            interpreter.version()
        );
    }
    let results = measure::all(&programs, &folder, &contestants, options.repeat);
    println!("{}", report::tables(&results));
    let json = report::json(&results, &contestants, options.repeat);
    let name = if options.micro {
        "demo-micro.json"
    } else {
        "demo.json"
    };
    let file = options.json.unwrap_or_else(|| paths::target().join(name));
    fs::write(&file, json).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("all figures: {}", file.display());
    // A missing interpreter is a hole in the table; a wrong or failed run is a failure.
    let mut figures = results.rows.iter().flat_map(|row| &row.results);
    Ok(!figures.any(Figure::bad))
}
