//! `./x wheels`: the ordinary wheels of packages with extension modules, unmodified, and their own tests on CPython and on
//! the interpreter that is built here, compared case by case.

mod cases;
mod compare;
mod configurations;
mod fetch;
mod pins;

use crate::interpreters::{self, Interpreter};
use crate::matrix::Counts;
use crate::pip::Failure;
use crate::{Done, collectors, run, setup};
use cases::{Case, Selection};
use compare::{Comparison, FLOOR};
use configurations::Configuration;
use fetch::Unpacked;
use pins::Package;
use std::path::PathBuf;

pub const USAGE: &str =
    "[PACKAGE..] [--collectors] [--full] [--only PART] [--one-in N] [--without-slow]";

/// How many differences a table is followed by.
const SHOWN: usize = 40;

#[derive(Debug)]
struct Options {
    packages: Vec<Package>,
    collectors: bool,
    full: bool,
    only: String,
    one_in: u32,
    without_slow: bool,
}

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut names = Vec::new();
        let mut options = Options {
            packages: vec![],
            collectors: false,
            full: false,
            only: String::new(),
            one_in: 1,
            without_slow: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            match arg.as_str() {
                "--collectors" => options.collectors = true,
                "--full" => options.full = true,
                "--without-slow" => options.without_slow = true,
                "--only" => options.only = value()?.clone(),
                "--one-in" => {
                    let text = value()?;
                    let number = text.parse().ok().filter(|&number| number > 0);
                    options.one_in = number.ok_or(format!("--one-in {text}: not a number"))?;
                }
                name if !name.starts_with('-') => names.push(name.to_string()),
                _ => {
                    return Err(format!(
                        "unexpected argument {arg:?}; usage: ./x wheels {USAGE}"
                    ));
                }
            }
        }
        options.packages = pins::named(&names)?;
        Ok(options)
    }
}

/// The text of `--help`.
fn help() -> String {
    let names: Vec<String> = pins::all().into_iter().map(|it| it.name).collect();
    format!(
        "usage: ./x wheels {USAGE}

Fetches the ordinary wheels of packages and the tests out of their source archives, pinned in tools/wheels/wheels.toml,
runs the tests on CPython and here, and compares them case by case. Fails when fewer than {FLOOR} % of the cases that
CPython passes do the same here; cases that need a module of the standard library that is not here yet are listed apart.

  PACKAGE..        {} (default: all)
  --collectors     under each collector that collects, with the compiler and without
  --full           the same, and collections and failing guards at short intervals on a part of the cases
  --only PART      only cases whose name contains this
  --one-in N       a sample: one case in N, by its name
  --without-slow   leaves out the files that take many seconds on CPython too
",
        names.join(", ")
    )
}

pub fn run(args: &[String]) -> Done {
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{}", help());
        return Ok(true);
    }
    let options = Options::parse(args)?;
    let cpython = setup::cpython()?;
    let fetched: Vec<Unpacked> = options
        .packages
        .iter()
        .map(|package| fetch::fetch(package).map_err(String::from))
        .collect::<Result<_, _>>()?;
    run::build()?;
    let rows = match options.collectors || options.full {
        true => configurations::all(&collectors::ask()?, options.full, options.one_in),
        false => configurations::default(options.one_in),
    };
    let mut good = true;
    println!("{}", headings());
    for (package, unpacked) in options.packages.iter().zip(&fetched) {
        // The files that take long are about the package, not about collectors: with many rows they run in one of them.
        let without = |first: bool| match options.without_slow || !first {
            true => package.slow.clone(),
            false => vec![],
        };
        let mut oracle = Oracle::new(&cpython, unpacked, &options.only);
        for (at, row) in rows.iter().enumerate() {
            let comparison = oracle.compare(row, without(at == 0))?;
            good &= comparison.holds();
            println!("{}", line(package, row, &comparison));
            report(&comparison);
        }
    }
    println!(
        "{}",
        match good {
            true => format!("the floor of {FLOOR} % holds everywhere"),
            false => format!("the floor of {FLOOR} % does not hold everywhere"),
        }
    );
    Ok(good)
}

/// The folder of an unpacked wheel, fetched first if the cache has none.
///
/// # Errors
/// One line: what is missing, or that a file is not what was pinned.
pub fn site(name: &str) -> Result<PathBuf, String> {
    let packages = pins::named(&[name.to_string()])?;
    Ok(fetch::site(&packages[0])?)
}

/// CPython's results of a package, kept as long as the selection of cases stays the same.
struct Oracle<'a> {
    cpython: &'a Interpreter,
    unpacked: &'a Unpacked,
    only: &'a str,
    known: Option<(Vec<String>, u32, Vec<Case>)>,
}

impl<'a> Oracle<'a> {
    fn new(cpython: &'a Interpreter, unpacked: &'a Unpacked, only: &'a str) -> Oracle<'a> {
        Oracle {
            cpython,
            unpacked,
            only,
            known: None,
        }
    }

    fn compare(&mut self, row: &Configuration, without: Vec<String>) -> Result<Comparison, String> {
        let selection = Selection {
            one_in: row.one_in,
            only: self.only.into(),
            without,
        };
        let fits = |known: &(Vec<String>, u32, Vec<Case>)| {
            known.0 == selection.without && known.1 == selection.one_in
        };
        if !self.known.as_ref().is_some_and(fits) {
            let there = cases::run(self.cpython, self.unpacked, &selection)?;
            self.known = Some((selection.without.clone(), selection.one_in, there));
        }
        let (.., there) = self.known.as_ref().expect("made above");
        let options: Vec<&str> = row.options.iter().map(String::as_str).collect();
        let here = cases::run(
            &interpreters::ouro("ouro", &options),
            self.unpacked,
            &selection,
        )?;
        Ok(Comparison::of(there, &here))
    }
}

fn headings() -> String {
    format!(
        "{:<18} {:>6} {:>8} {:>6} {:>6} {:>8}  options",
        "package", "cases", "CPython", "needs", "here", "share"
    )
}

fn line(package: &Package, row: &Configuration, comparison: &Comparison) -> String {
    let needs: usize = comparison.needs.values().sum();
    format!(
        "{:<18} {:>6} {:>8} {:>6} {:>6} {:>6.1} %  {}",
        format!("{} {}", package.name, package.version),
        comparison.cases,
        comparison.there,
        needs,
        comparison.here,
        comparison.share(),
        row.name()
    )
}

fn report(comparison: &Comparison) {
    for (module, cases) in &comparison.needs {
        let s = if *cases == 1 { "" } else { "s" };
        println!(
            "    {cases} case{s} need{} the module {module}",
            if *cases == 1 { "s" } else { "" }
        );
    }
    for difference in comparison.differences.iter().take(SHOWN) {
        println!("    {difference}");
    }
    if comparison.differences.len() > SHOWN {
        println!("    and {} more", comparison.differences.len() - SHOWN);
    }
}

/// The part of this that belongs to `./x test`: a sample of cases under the defaults and, thinner, under each collector.
/// Each package and row is a test. What is not in the cache is skipped and said when there is no network; a file that is not
/// what was pinned is a failure.
pub fn smoke() -> Counts {
    let mut counts = Counts::default();
    let rows = match collectors::ask() {
        Ok(collectors) => {
            let mut rows = configurations::default(2);
            rows.extend(configurations::all(&collectors, false, 12));
            rows
        }
        Err(error) => {
            println!("wheels: {error}");
            counts.failed += 1;
            return counts;
        }
    };
    let Ok(cpython) = setup::cpython() else {
        println!("wheels: skipped: there is no CPython 3.11 to compare with");
        counts.skipped += rows.len();
        return counts;
    };
    println!("{}", headings());
    let mut offline = false;
    for package in pins::all() {
        if offline && !fetch::is_here(&package) {
            println!("wheels: skipped: {} is not in the cache", package.name);
            counts.skipped += rows.len();
            continue;
        }
        let unpacked = match fetch::fetch(&package) {
            Ok(unpacked) => unpacked,
            Err(Failure::Wrong(error)) => {
                println!("FAILED wheels: {error}");
                counts.failed += 1;
                continue;
            }
            Err(Failure::Offline(error)) => {
                println!("wheels: skipped: {error}");
                counts.skipped += rows.len();
                // Waiting for each of the others in turn would take minutes.
                offline = true;
                continue;
            }
        };
        let mut oracle = Oracle::new(&cpython, &unpacked, "");
        for row in &rows {
            match oracle.compare(row, package.slow.clone()) {
                Ok(comparison) => {
                    println!("{}", line(&package, row, &comparison));
                    report(&comparison);
                    match comparison.holds() {
                        true => counts.passed += 1,
                        false => counts.failed += 1,
                    }
                }
                Err(error) => {
                    println!("FAILED {} under {}: {error}", package.name, row.name());
                    counts.failed += 1;
                }
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        let args: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        Options::parse(&args)
    }

    #[test]
    fn options_and_packages_are_read() {
        let options = parse("ujson --only decode --one-in 4 --full").expect("well formed");
        assert_eq!(options.packages[0].name, "ujson");
        assert_eq!((options.only.as_str(), options.one_in), ("decode", 4));
        assert!(options.full && !options.collectors);
        assert!(parse("").expect("nothing is all").packages.len() >= 3);
    }

    #[test]
    fn wrong_arguments_are_errors() {
        for line in ["--one-in 0", "--one-in", "--fast", "no-such-package"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn help_names_every_option() {
        for option in USAGE.split_whitespace().filter(|word| word.contains("--")) {
            let option = option.trim_matches(['[', ']']);
            assert!(help().matches(option).count() > 1, "{option}");
        }
    }
}
