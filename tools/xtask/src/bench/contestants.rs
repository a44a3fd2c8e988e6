//! Who takes part: CPython, PyPy or whoever else is named, and Ouro with the JIT off, then with the JIT on, under
//! the default collector or under each.

use super::options::Options;
use crate::collectors::{self, Collector, Kind};
use crate::interpreters::{self, Interpreter};
use crate::setup;
use ouro_bench::interpreter::resolve;
use ouro_bench::measure::Contestant;
use std::path::Path;

/// What the heap of a collector that frees nothing may take.
const MOST_WITHOUT_COLLECTING: &str = "2G";

/// The interpreters to measure, CPython first: it stays in any case, since the others are checked against it.
///
/// # Errors
/// When there is no CPython, or an option names nobody.
pub fn all(options: &Options) -> Result<Vec<Contestant>, String> {
    let cpython = setup::cpython()?;
    let mut all = others(cpython, &options.against)?;
    let mut collectors = collectors::ask()?;
    if !options.collectors {
        collectors.truncate(1);
    }
    all.extend(ours(&collectors));
    keep(&mut all, &options.only)?;
    Ok(all)
}

/// CPython, and those that `against` names, or PyPy if it names nobody.
fn others(cpython: Interpreter, against: &[String]) -> Result<Vec<Contestant>, String> {
    let mut found = vec![cpython];
    if against.is_empty() {
        found.extend(setup::pypy());
    }
    for name in against {
        // Where Debian's packages cannot be installed they are unpacked, and only `setup` knows where.
        let interpreter = match name.as_str() {
            "pypy" | "pypy3" => setup::pypy().ok_or(format!("--against {name}: not available"))?,
            "cpython" | "python3.11" => found[0].clone(),
            _ => {
                let program = resolve(name).map_err(|error| format!("--against {error}"))?;
                Interpreter::at(&short(name), program)
            }
        };
        add(&mut found, interpreter);
    }
    Ok(found.into_iter().map(other).collect())
}

/// The last part of a path.
fn short(name: &str) -> String {
    let file = Path::new(name).file_name().unwrap_or_default();
    file.to_string_lossy().into_owned()
}

/// One column for each executable, one name for each column.
fn add(found: &mut Vec<Interpreter>, mut interpreter: Interpreter) {
    if found.iter().any(|it| it.program == interpreter.program) {
        return;
    }
    let name = interpreter.name.clone();
    let mut number = 2;
    while found.iter().any(|it| it.name == interpreter.name) {
        interpreter.name = format!("{name}-{number}");
        number += 1;
    }
    found.push(interpreter);
}

fn keep(all: &mut Vec<Contestant>, only: &[String]) -> Result<(), String> {
    let unknown = only
        .iter()
        .find(|only| !all.iter().any(|it| it.name() == **only));
    if let Some(unknown) = unknown {
        let known: Vec<&str> = all.iter().map(Contestant::name).collect();
        return Err(format!("--only {unknown}: known are {}", known.join(", ")));
    }
    let yardstick = all.first().map(|it| it.name().to_string());
    all.retain(|it| {
        let named = only.iter().any(|only| it.name() == only);
        only.is_empty() || named || Some(it.name()) == yardstick.as_deref()
    });
    Ok(())
}

fn other(interpreter: Interpreter) -> Contestant {
    Contestant {
        head: [interpreter.name.clone(), String::new()],
        interpreter,
        ours: false,
        collector: None,
        may_give_up: false,
        never_collects: false,
        statistics: Vec::new(),
    }
}

fn ours(collectors: &[Collector]) -> Vec<Contestant> {
    let mut ours = Vec::new();
    for (at, collector) in collectors.iter().enumerate() {
        let never_collects = collector.kind == Kind::NeverCollects;
        let limit = match never_collects {
            true => format!(",max={MOST_WITHOUT_COLLECTING}"),
            false => String::new(),
        };
        let heap = format!("gc={}{limit}", collector.name);
        // The default collector has the plain names, and the only column without the compiler.
        if at == 0 {
            ours.push(Contestant {
                head: ["JIT off".into(), collector.name.clone()],
                ours: true,
                ..other(interpreters::ouro("ouro-off", &["jit=off", &heap]))
            });
        }
        let name = match at {
            0 => "ouro-on".into(),
            _ => format!("ouro-on-{}", collector.name),
        };
        ours.push(Contestant {
            head: ["JIT on".into(), collector.name.clone()],
            ours: true,
            collector: Some(collector.name.clone()),
            may_give_up: !collector.in_earnest(),
            never_collects,
            // Of one collector is enough: the traces are the same under each.
            statistics: match at {
                0 => vec!["-X".into(), "jit-stats".into()],
                _ => Vec::new(),
            },
            ..other(interpreters::ouro(&name, &["jit=on", &heap]))
        });
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Contestant> {
        let collector = |name: &str, kind| Collector {
            name: name.into(),
            kind,
        };
        ours(&[
            collector("new", Kind::Everyday),
            collector("none", Kind::NeverCollects),
        ])
    }

    fn names(all: &[Contestant]) -> Vec<&str> {
        all.iter().map(Contestant::name).collect()
    }

    #[test]
    fn every_collector_has_a_column_and_the_default_one_has_two() {
        let all = columns();
        assert_eq!(names(&all), ["ouro-off", "ouro-on", "ouro-on-none"]);
        assert!(all[2].may_give_up && !all[1].may_give_up && !all[0].may_give_up);
        assert_eq!(
            all[2].interpreter.args,
            ["-X", "jit=on", "-X", "gc=none,max=2G"]
        );
    }

    #[test]
    fn the_yardstick_stays() {
        let mut all = vec![other(Interpreter::at("cpython", "/a".into()))];
        all.extend(columns());
        keep(&mut all, &["ouro-on".into()]).expect("known");
        assert_eq!(names(&all), ["cpython", "ouro-on"]);
        let error = keep(&mut all, &["pypy".into()]).expect_err("not there");
        assert!(error.contains("known are cpython, ouro-on"), "{error}");
    }

    #[test]
    fn an_executable_has_one_column_and_a_column_one_name() {
        let mut found = vec![Interpreter::at("python", "/a/python".into())];
        add(&mut found, Interpreter::at("other", "/a/python".into()));
        add(&mut found, Interpreter::at("python", "/b/python".into()));
        let names: Vec<&str> = found.iter().map(|it| &*it.name).collect();
        assert_eq!(names, ["python", "python-2"]);
    }
}
