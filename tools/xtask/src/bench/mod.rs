//! `./x bench` and `./x demo`: the programs on every interpreter, checked against each other and timed by the
//! benchmark runner, whose documentation says what is measured. The demo is the one with every collector.

mod border;
mod contestants;
mod lab;
mod options;

use crate::collectors::YARDSTICK;
use crate::{Done, paths, pyperformance, run};
use options::Options;
use ouro_bench::floors::{self, Judged};
use ouro_bench::machine::Machine;
use ouro_bench::measure::{self, Job, Plan};
use ouro_bench::page::{self, About};
use ouro_bench::timings::{self, Timings};
use ouro_bench::{json, suite, text};
use std::fs;
use std::path::Path;

pub use options::USAGE;

/// The suite of the demo.
const DEMO: &str = "demo";

/// `./x bench`.
pub fn bench(args: &[String]) -> Done {
    start("bench", args)
}

/// `./x demo`.
pub fn demo(args: &[String]) -> Done {
    start("demo", args)
}

fn start(intent: &str, args: &[String]) -> Done {
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{}", options::help(intent));
        return Ok(true);
    }
    let options = Options::parse(intent, args)?;
    if options.gc {
        return lab::bench(&lab::Request {
            filter: options.filter,
            repeat: options.repeat,
            quick: options.quick,
            json: options.json,
            command: [&["./x", intent], &*strings(args)].concat().join(" "),
        });
    }
    // The demo also shows what is at the border to C.
    let border = match intent == "demo" && options.suite == DEMO {
        true => border::select(&options.filter),
        false => vec![],
    };
    let programs = match suite::select(&suite::programs(), &options.suite, &options.filter) {
        Err(_) if !options.filter.is_empty() && !border.is_empty() => vec![],
        selected => selected?,
    };
    let folder = pyperformance::fetch()?;
    if let Err(error) = run::build() {
        eprintln!("x {intent}: {error}");
    }
    let contestants = contestants::all(&options)?;
    let border = border::prepare(border);
    for contestant in &contestants {
        let interpreter = &contestant.interpreter;
        println!(
            "{:<20} {} ({})",
            interpreter.name,
            interpreter.program.display(),
            interpreter.version()
        );
    }
    for than in options
        .floors
        .iter()
        .filter_map(|floor| floor.than.as_deref())
    {
        if !contestants.iter().any(|it| it.name() == than) {
            return Err(format!("floor against {than}, which does not take part"));
        }
    }
    let machine = Machine::here();
    let jobs: Vec<Job> = programs
        .into_iter()
        .map(|program| Job {
            file: pyperformance::file(&program, &folder),
            program,
        })
        .collect();
    let results = measure::all(&Plan {
        suite: &options.suite,
        jobs: &jobs,
        contestants: &contestants,
        collector_yardstick: Some(YARDSTICK),
        repeat: options.repeat,
        floors: &options.floors,
    });
    let judged = floors::judge(&options.floors, &results);
    println!("{}", text::tables(&results, &judged));
    let scripts = border::all(&border, &contestants, options.repeat);
    for script in &scripts {
        println!("{}", timings::text(script, &[]));
        for line in timings::verdicts(script) {
            println!("{line}");
        }
        println!();
    }
    let json_file = match &options.json {
        Some(file) => file.clone(),
        None => paths::target().join(options.file_name(intent)),
    };
    let page_file = json_file.with_extension("html");
    let about = About {
        title: &format!("Ouro: {}", options.suite),
        command: &[&["./x", intent], &*strings(args)].concat().join(" "),
        json: &base_name(&json_file),
        machine: &machine,
    };
    write(
        &json_file,
        &json::report(&results, &judged, &scripts, &machine),
    )?;
    write(
        &page_file,
        &page::report(&results, &judged, &scripts, &about),
    )?;
    println!("all figures: {}", json_file.display());
    println!("as a page:   {}", page_file.display());
    // A missing interpreter is a hole in the table; a wrong or failed run is a failure.
    let bad = results.bad() || scripts.iter().any(Timings::bad);
    Ok(!bad && judged.iter().all(Judged::met))
}

fn strings(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

fn base_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}
