//! Every step of the project, one module per intent of `./x`.
//!
//! Start at `INTENTS`: each row is a command of the script and the function that does it. This
//! crate knows the project's folders and its command lines. Of the project's crates it links only the benchmark
//! runner; the interpreter is a program that it starts.

mod bench;
mod bless;
mod c_code;
mod collectors;
mod failures;
mod fuzz;
mod heap;
mod interpreters;
mod matrix;
mod mutants;
mod paper;
mod paths;
mod pip;
mod pyperformance;
mod run;
mod seeds;
mod setup;
mod soak;
mod test;
mod wheels;

use ouro_bench::process;
use std::process::ExitCode;

/// What an intent answers: `Ok(true)` is success, `Ok(false)` is a failure that has already been
/// explained, an error is a failure still to be printed.
pub type Done = Result<bool, String>;

struct Intent {
    name: &'static str,
    usage: &'static str,
    purpose: &'static str,
    run: fn(&[String]) -> Done,
}

const INTENTS: &[Intent] = &[
    Intent {
        name: "setup",
        usage: "",
        purpose: "fetch what the tests and the demo need: CPython 3.11, PyPy, pyperformance",
        run: setup::run,
    },
    Intent {
        name: "demo",
        usage: bench::USAGE,
        purpose: "run ten programs and two C modules beside CPython and PyPy, under each collector",
        run: bench::demo,
    },
    Intent {
        name: "bench",
        usage: bench::USAGE,
        purpose: "measure with the default collector, five repetitions, and floors if any are given",
        run: bench::bench,
    },
    Intent {
        name: "paper",
        usage: paper::USAGE,
        purpose: "repeat what a paper or an article measured; without a key it lists them",
        run: paper::run,
    },
    Intent {
        name: "test",
        usage: test::USAGE,
        purpose: "run every test; --full runs the whole matrix of programs and configurations",
        run: test::run,
    },
    Intent {
        name: "mutants",
        usage: mutants::USAGE,
        purpose: "plant 22 bugs in the heap, one by one, and see that its model finds each",
        run: mutants::run,
    },
    Intent {
        name: "soak",
        usage: soak::USAGE,
        purpose: "run random programs over the heap, and guest programs under random options, for a while",
        run: soak::run,
    },
    Intent {
        name: "fuzz",
        usage: fuzz::USAGE,
        purpose: "run random Python programs on CPython and here, in every mode, and make small what differs",
        run: fuzz::run,
    },
    Intent {
        name: "wheels",
        usage: wheels::USAGE,
        purpose: "run the own tests of packages with extension modules on CPython and here, and compare",
        run: wheels::run,
    },
    Intent {
        name: "heap",
        usage: heap::USAGE,
        purpose: "summarise a heap dump: bytes by class, what keeps the most, paths from roots",
        run: heap::run,
    },
    Intent {
        name: "bless",
        usage: "[CARGO-TEST-ARGS..]",
        purpose: "rewrite the expectations of tests that compare text; read the diff afterwards",
        run: bless::run,
    },
    Intent {
        name: "run",
        usage: "[ARGS..]",
        purpose: "build the interpreter and run it with these arguments",
        run: run::run,
    },
];

fn help() -> String {
    let mut text = String::from("usage: ./x INTENT [ARGS..]\n\n");
    for intent in INTENTS {
        text += &format!("  {:<7} {}\n", intent.name, intent.purpose);
        if !intent.usage.is_empty() {
            text += &format!("          {}\n", intent.usage);
        }
    }
    text
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(name) = args.first() else {
        eprint!("{}", help());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "--help" | "-h" | "help") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(intent) = INTENTS.iter().find(|intent| intent.name == name) else {
        eprintln!("x: unknown intent {name:?}\n\n{}", help());
        return ExitCode::from(2);
    };
    match (intent.run)(&args[1..]) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("x {name}: {message}");
            ExitCode::FAILURE
        }
    }
}
