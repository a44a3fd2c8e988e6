//! The command line of `./x bench` and `./x demo`: the same options, other defaults.

use ouro_bench::floors::{Floor, What};
use std::path::PathBuf;

pub const USAGE: &str = "[--suite NAME|--micro] [--filter PROGRAM] [--repeat N] [--only INTERPRETER,..] \
                         [--against PYTHON..] [--collectors] [--floor RATIO] [--gc [--quick]] [--json FILE]; see --help";

#[derive(Debug)]
pub struct Options {
    pub suite: String,
    pub filter: Vec<String>,
    pub repeat: usize,
    pub only: Vec<String>,
    /// Empty for the usual ones.
    pub against: Vec<String>,
    /// A column for each collector, not for the default one only.
    pub collectors: bool,
    /// The comparison of collectors instead of that of interpreters.
    pub gc: bool,
    /// Of that, the smallest sizes only.
    pub quick: bool,
    pub floors: Vec<Floor>,
    pub json: Option<PathBuf>,
}

/// The text of `--help`.
pub fn help(intent: &str) -> String {
    let defaults = Options::of(intent);
    let collectors = if defaults.collectors {
        "each collector has a column (the default here)"
    } else {
        "a column for each collector, not for the default one only"
    };
    format!(
        "usage: ./x {intent} [OPTIONS]

Runs programs on CPython, on PyPy and on the interpreter that is built here, checks that they compute the same,
and times them: CPU seconds, medians, whole process and steady state. Writes the tables to the terminal, all samples
to a JSON file, and a page that needs no other file beside it.

  --suite NAME          the list of programs: a `suite` of tools/bench/programs.toml ({suite})
  --micro               the same as --suite micro
  --filter PART         only programs whose name contains this; may repeat; of ./x demo also markupsafe, calls
  --repeat N            repetitions of each figure ({repeat})
  --only NAME,..        only these columns; CPython stays, since the others are checked against it; may repeat
  --against PYTHON..    names or paths of the interpreters to compare with (python3.11 pypy3); scripts that stand
                        in for an interpreter are resolved to what is behind them; may repeat
  --collectors          {collectors}
  --floor [NAME:]RATIO  each program must be at least so many times as fast as CPython, or as the column NAME,
                        whole and steady; a figure within 5 % of that is measured again with 15 repetitions;
                        may repeat
  --floor-mean [NAME:]RATIO   the same of the geometric mean, each ratio capped at 20
  --gc                  compares the collectors instead: allocation against malloc and mimalloc, pauses and the
                        mutator's share, time against the size of the heap, instructions of write barriers
                        (needs valgrind, builds a second interpreter), what the native stack keeps; three
                        repetitions, programs of the suite gc; the page has the curves (target/bench-gc.json)
  --quick               of --gc, the smallest sizes and two collectors, without counting instructions
  --json FILE           where the samples go; the page goes beside it (target/{intent}.json)
",
        suite = defaults.suite,
        repeat = defaults.repeat
    )
}

impl Options {
    /// The defaults of an intent.
    fn of(intent: &str) -> Options {
        let demo = intent == "demo";
        Options {
            suite: "demo".into(),
            filter: vec![],
            repeat: if demo { 3 } else { 5 },
            only: vec![],
            against: vec![],
            collectors: demo,
            gc: false,
            quick: false,
            floors: vec![],
            json: None,
        }
    }

    /// # Errors
    /// The argument that is wrong.
    pub fn parse(intent: &str, args: &[String]) -> Result<Options, String> {
        let mut options = Options::of(intent);
        let mut args = args.iter().peekable();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--micro" => {
                    options.suite = "micro".into();
                    continue;
                }
                "--gc" => {
                    options.gc = true;
                    options.repeat = options.repeat.min(3);
                    continue;
                }
                "--quick" => {
                    options.quick = true;
                    continue;
                }
                "--collectors" => {
                    options.collectors = true;
                    continue;
                }
                _ => {}
            }
            let value = args.next_if(|value| !value.starts_with("--"));
            match (arg.as_str(), value) {
                ("--suite", Some(value)) => options.suite = value.clone(),
                ("--filter", Some(value)) => options.filter.push(value.clone()),
                ("--repeat", Some(value)) => {
                    let number = value.parse().ok().filter(|&number| number > 0);
                    options.repeat = number.ok_or(format!("--repeat {value}: not a number"))?;
                }
                ("--only", Some(value)) => {
                    options.only.extend(value.split(',').map(str::to_string));
                }
                ("--against", Some(value)) => {
                    options.against.push(value.clone());
                    while let Some(more) = args.next_if(|more| !more.starts_with("--")) {
                        options.against.push(more.clone());
                    }
                }
                ("--floor", Some(value)) => {
                    options.floors.push(Floor::parse(What::Each, value)?);
                }
                ("--floor-mean", Some(value)) => {
                    options.floors.push(Floor::parse(What::Mean, value)?);
                }
                ("--json", Some(value)) => options.json = Some(value.into()),
                _ => {
                    return Err(format!(
                        "unexpected argument {arg:?}; usage: ./x {intent} {USAGE}"
                    ));
                }
            }
        }
        match options.quick && !options.gc {
            true => Err(format!(
                "--quick goes with --gc; usage: ./x {intent} {USAGE}"
            )),
            false => Ok(options),
        }
    }

    /// The name of the JSON file, if none is given.
    pub fn file_name(&self, intent: &str) -> String {
        match self.suite.as_str() {
            "demo" => format!("{intent}.json"),
            other => format!("{intent}-{other}.json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(intent: &str, line: &str) -> Result<Options, String> {
        let args: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        Options::parse(intent, &args)
    }

    #[test]
    fn the_intents_differ_in_their_defaults() {
        let (demo, bench) = (parse("demo", ""), parse("bench", ""));
        let (demo, bench) = (demo.expect("no arguments"), bench.expect("no arguments"));
        assert_eq!((demo.repeat, demo.collectors), (3, true));
        assert_eq!((bench.repeat, bench.collectors), (5, false));
        assert_eq!(bench.file_name("bench"), "bench.json");
        let lab = parse("bench", "--gc --quick").expect("two flags");
        assert_eq!((lab.gc, lab.quick, lab.repeat), (true, true, 3));
        assert!(parse("bench", "--quick").is_err());
    }

    #[test]
    fn against_takes_all_that_follows() {
        let line = "--against python3.11 /a/python --repeat 2 --against pypy3 --micro";
        let options = parse("bench", line).expect("well formed");
        assert_eq!(options.against, ["python3.11", "/a/python", "pypy3"]);
        assert_eq!(options.repeat, 2);
        assert_eq!(options.file_name("bench"), "bench-micro.json");
    }

    #[test]
    fn wrong_arguments_are_errors() {
        for line in [
            "--repeat 0",
            "--repeat",
            "--floor x",
            "--against --micro",
            "nbody",
            "--much 3",
        ] {
            assert!(parse("bench", line).is_err(), "{line}");
        }
    }

    #[test]
    fn help_names_every_option() {
        let text = help("bench");
        for option in [
            "--suite",
            "--micro",
            "--filter",
            "--repeat",
            "--only",
            "--against",
            "--collectors",
            "--floor",
            "--floor-mean",
            "--json",
        ] {
            assert!(text.contains(option), "{option}");
        }
    }
}
