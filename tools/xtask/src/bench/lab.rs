//! `./x bench --gc`: the comparison of collectors, and the page with their curves.

use super::{base_name, write};
use crate::collectors::{self, Collector, YARDSTICK};
use crate::interpreters::{self, Interpreter};
use crate::{Done, paths, pyperformance, run, setup};
use ouro_bench::lab::{self, Lab};
use ouro_bench::machine::Machine;
use ouro_bench::measure::{Contestant, Job};
use ouro_bench::page::{self, About};
use ouro_bench::suite::{self, Program};
use ouro_bench::timings::{Plan, Runner, Timings};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The suite whose programs show how objects live and die, and the one whose write barriers are counted.
const SUITE: &str = "gc";
const COUNTED: &str = "demo";
/// Objects that the lab allocates, at once and in a smoke test.
const OBJECTS: [&str; 2] = ["20000000", "20000"];
/// The same for scripts on every interpreter.
const ESCAPING: [&str; 2] = ["10000000", "5000"];
const LIMIT_S: u64 = 120;

/// What `./x bench --gc` is given besides.
pub struct Request {
    pub filter: Vec<String>,
    pub repeat: usize,
    pub quick: bool,
    pub json: Option<PathBuf>,
    /// The words after `./x`.
    pub command: String,
}

/// Measures and reports.
///
/// # Errors
/// What is missing.
pub fn bench(request: &Request) -> Done {
    let cpython = setup::cpython()?;
    let pypy = setup::pypy();
    let folder = pyperformance::fetch()?;
    run::build()?;
    let lab = build_lab()?;
    let ours = interpreters::ouro("ouro", &[]);
    let bare = match request.quick || !lab::barrier::can_count() {
        true => None,
        false => Some(without_barriers()?),
    };
    let mut names = names(collectors::ask()?);
    if request.quick {
        names.truncate(2);
    }
    let jobs = jobs(SUITE, &request.filter, &folder)?;
    let counted = match bare {
        Some(_) => jobs_of(suite::select(&suite::programs(), COUNTED, &[])?, &folder),
        None => vec![],
    };
    let runners = [
        allocators(&lab, &names, &cpython, "window", request.quick),
        allocators(&lab, &names, &cpython, "dying", request.quick),
        escaping(&cpython, pypy, &names, request.quick),
    ];
    let repeat = if request.quick { 1 } else { request.repeat };
    let plan = |name, title, runners| Plan {
        name,
        title,
        runners,
        repeat,
        folder: paths::root(),
        limit_s: LIMIT_S,
    };
    let allocation = [
        plan(
            "window",
            "Allocation: the last 1,024 objects live",
            &runners[0][..],
        ),
        plan("dying", "Allocation: each object dies at once", &runners[1]),
        plan(
            "escaping",
            "Allocation by compiled code: objects that escape",
            &runners[2],
        ),
    ];
    let scratch = std::env::temp_dir().join(format!("ouro-pauses-{}", std::process::id()));
    let lab = lab::run(&lab::Plan {
        yardstick: &cpython,
        ours: &ours,
        collectors: &names,
        jobs: &jobs,
        counted: &counted,
        bare: bare.as_ref(),
        barrier_free: YARDSTICK,
        allocation: &allocation,
        repeat,
        quick: request.quick,
        scratch: scratch.clone(),
    });
    // It is not there if no program ended well.
    let _ = std::fs::remove_file(scratch);
    report(&lab, request)
}

fn report(lab: &Lab, request: &Request) -> Done {
    println!("{}", lab::text(lab));
    for line in verdicts(&lab.timings) {
        println!("{line}");
    }
    let machine = Machine::here();
    let json = match &request.json {
        Some(file) => file.clone(),
        None => paths::target().join("bench-gc.json"),
    };
    let page = json.with_extension("html");
    let about = About {
        title: "Ouro: collectors",
        command: &request.command,
        json: &base_name(&json),
        machine: &machine,
    };
    write(&json, &lab::json(lab, &machine))?;
    write(&page, &page::lab::report(lab, &about))?;
    println!("all figures: {}", json.display());
    println!("as a page:   {}", page.display());
    Ok(lab.complaints.is_empty() && !lab.timings.iter().any(Timings::bad))
}

/// How objects that escape compare with PyPy's, kind by kind.
fn verdicts(timings: &[Timings]) -> Vec<String> {
    let Some(script) = timings.iter().find(|script| script.name == "escaping") else {
        return vec![];
    };
    let place = |name: &str| script.columns.iter().position(|it| it.name == name);
    let (Some(pypy), Some(ours)) = (place("pypy"), script.columns.iter().position(|it| it.ours))
    else {
        return vec![];
    };
    let line = |row: &ouro_bench::timings::Row| {
        let share = row.ns(ours)? / row.ns(pypy)?;
        let word = if share <= 1.0 { "" } else { ": above it" };
        Some(format!(
            "escaping {:<24} {share:.2} of PyPy's time{word}",
            row.name
        ))
    };
    script.rows.iter().filter_map(line).collect()
}

/// Those that programs are run with in earnest.
fn names(all: Vec<Collector>) -> Vec<String> {
    let earnest = all.into_iter().filter(Collector::in_earnest);
    earnest.map(|collector| collector.name).collect()
}

fn jobs(suite: &str, filter: &[String], folder: &Path) -> Result<Vec<Job>, String> {
    let programs = suite::select(&suite::programs(), suite, filter)?;
    Ok(jobs_of(programs, folder))
}

fn jobs_of(programs: Vec<Program>, folder: &Path) -> Vec<Job> {
    let job = |program: Program| Job {
        file: pyperformance::file(&program, folder),
        program,
    };
    programs.into_iter().map(job).collect()
}

/// The binary that allocates without an interpreter.
fn build_lab() -> Result<PathBuf, String> {
    cargo(&["build", "--release", "--package", "ouro-lab"], "the lab")?;
    Ok(paths::target().join("release/lab"))
}

/// An interpreter of its own folder, for a build whose crates are not those of the usual one. `OURO_BARE_BINARY` names one
/// that was built elsewhere, beside the one of `OURO_BINARY`.
fn without_barriers() -> Result<Interpreter, String> {
    let mut bare = interpreters::ouro("ouro-bare", &[]);
    if let Some(given) = std::env::var_os("OURO_BARE_BINARY") {
        bare.program = given.into();
        return Ok(bare);
    }
    let folder = paths::target().join("no-barrier");
    let target = folder.display().to_string();
    let args = [
        "build",
        "--release",
        "--package",
        "ouro",
        "--features",
        "no-barrier",
        "--target-dir",
        &target,
    ];
    cargo(&args, "the interpreter without write barriers")?;
    bare.program = folder.join("release/ouro");
    Ok(bare)
}

fn cargo(args: &[&str], what: &str) -> Result<(), String> {
    let status = Command::new("cargo")
        .args(args)
        .current_dir(paths::root())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("{what} does not build")),
    }
}

fn contestant(interpreter: Interpreter, ours: bool, head: &str) -> Contestant {
    Contestant {
        head: [interpreter.name.clone(), head.to_string()],
        interpreter,
        ours,
        collector: None,
        may_give_up: false,
        never_collects: false,
        statistics: Vec::new(),
    }
}

/// Those that allocate objects of three sizes; under `window` compiled code, too.
fn allocators(
    lab: &Path,
    collectors: &[String],
    cpython: &Interpreter,
    life: &str,
    quick: bool,
) -> Vec<Runner> {
    let count = OBJECTS[usize::from(quick)];
    let foreign = ["malloc", "mimalloc"].map(|name| (name, false));
    let own = collectors.iter().map(|name| (name.as_str(), true));
    let mut runners: Vec<Runner> = foreign
        .into_iter()
        .chain(own)
        .enumerate()
        .map(|(at, (name, ours))| {
            let mut contestant = contestant(Interpreter::at(name, lab.to_path_buf()), ours, "");
            // The default one in colour.
            contestant.collector = ours.then(|| name.to_string()).filter(|_| at >= 2);
            Runner {
                contestant,
                arguments: vec![name.into(), life.into(), count.into()],
                version: Some("the lab".into()),
            }
        })
        .collect();
    if life == "window" {
        let mut compiled = interpreters::ouro("compiled code", &["jit=on"]);
        compiled.env.extend(cpython.env.iter().cloned());
        runners.push(Runner {
            contestant: contestant(compiled, true, ""),
            arguments: vec![script(), count.into(), "sizes".into()],
            version: None,
        });
    }
    runners
}

fn script() -> String {
    let file = paths::root().join("tools/demo/gc_allocate.py");
    file.display().to_string()
}

/// CPython, PyPy and ours under each collector.
fn escaping(
    cpython: &Interpreter,
    pypy: Option<Interpreter>,
    collectors: &[String],
    quick: bool,
) -> Vec<Runner> {
    let others = std::iter::once(cpython.clone()).chain(pypy);
    let mut all: Vec<Contestant> = others.map(|it| contestant(it, false, "")).collect();
    for name in collectors {
        let interpreter = interpreters::ouro(name, &["jit=on", &format!("gc={name}")]);
        let mut own = contestant(interpreter, true, "JIT on");
        own.collector = Some(name.clone());
        all.push(own);
    }
    let runner = |contestant| Runner {
        contestant,
        arguments: vec![script(), ESCAPING[usize::from(quick)].into()],
        version: None,
    };
    all.into_iter().map(runner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ouro_bench::timings;

    #[test]
    fn allocators_take_turns_with_compiled_code() {
        let cpython = Interpreter::at("cpython", "/a".into());
        let names = ["new".to_string(), "old".to_string()];
        let who = |life| {
            let runners = allocators(Path::new("/lab"), &names, &cpython, life, true);
            let name = |it: &Runner| it.contestant.name().to_string();
            runners.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(who("dying"), ["malloc", "mimalloc", "new", "old"]);
        assert_eq!(who("window").last().expect("five"), "compiled code");
        let runners = escaping(&cpython, None, &names, true);
        assert_eq!(runners.len(), 3);
        assert!(
            runners[2]
                .contestant
                .interpreter
                .args
                .contains(&"gc=old".to_string())
        );
    }

    /// The whole of it at its smallest, with whatever interpreter is built; none is built for this.
    #[test]
    fn a_smoke_run_has_every_section() {
        let (Ok(cpython), ours) = (setup::cpython(), interpreters::ouro("ouro", &[])) else {
            return println!("skipped: no CPython");
        };
        if !ours.program.exists() {
            return println!("skipped: {} is not built", ours.program.display());
        }
        let said = ours.says("import sys; print(sys.implementation.name)");
        assert!(said.is_some(), "the interpreter does not start");
        let names = ["marksweep".to_string(), "refcount".to_string()];
        let filter = ["gc_rings".to_string()];
        let jobs = jobs(SUITE, &filter, Path::new("/")).expect("in the list");
        let runners = escaping(&cpython, None, &names, true);
        let allocation = [Plan {
            name: "escaping",
            title: "objects that escape",
            runners: &runners,
            repeat: 1,
            folder: paths::root(),
            limit_s: LIMIT_S,
        }];
        let scratch = std::env::temp_dir().join(format!("ouro-smoke-{}", std::process::id()));
        let lab = lab::run(&lab::Plan {
            yardstick: &cpython,
            ours: &ours,
            collectors: &names,
            jobs: &jobs,
            counted: &[],
            bare: None,
            barrier_free: YARDSTICK,
            allocation: &allocation,
            repeat: 1,
            quick: true,
            scratch: scratch.clone(),
        });
        let _ = std::fs::remove_file(scratch);
        assert_eq!(lab.complaints, []);
        assert!(
            !lab.timings.iter().any(Timings::bad),
            "{}",
            timings::text(&lab.timings[0], &[])
        );
        assert_eq!(
            (lab.pauses.len(), lab.curves.len(), lab.retained.len()),
            (2, 2, 1)
        );
        for curve in &lab.curves {
            let least = curve.least_mib.expect("it ends in some heap");
            assert!(least < 64.0, "{} needs {least} MiB", curve.collector);
            let fits = curve.points.iter().any(|point| point.cpu_s.is_some());
            assert!(fits, "{} has no point", curve.collector);
        }
        // The program ends with a collection at the latest.
        for one in &lab.pauses {
            let in_order = one
                .events
                .windows(2)
                .all(|pair| pair[0].start_ns <= pair[1].start_ns);
            assert!(in_order, "{}", one.collector);
            assert!((0.0..=1.0).contains(&one.mmu(1_000_000)));
        }
    }
}
