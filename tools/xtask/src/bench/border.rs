//! What the demo shows of C extension modules: markupsafe from PyPI, unmodified, and what a call of C costs. The
//! same shared objects run on CPython and here, under every collector.

use crate::{c_code, paths, wheels};
use ouro_bench::measure::Contestant;
use ouro_bench::timings::{self, Plan, Runner, Timings};
use std::path::{Path, PathBuf};

/// The names of both, for `--filter`.
const NAMES: [&str; 2] = ["markupsafe", "calls"];
const LIMIT_S: u64 = 60;

/// Those that the filter leaves: both if there is none.
pub fn select(filter: &[String]) -> Vec<&'static str> {
    let wanted = |name: &&str| filter.iter().any(|part| name.contains(part.as_str()));
    let left = NAMES.into_iter();
    left.filter(|name| filter.is_empty() || wanted(name))
        .collect()
}

/// A script with what it needs.
pub struct Ready {
    name: &'static str,
    title: &'static str,
    script: &'static str,
    arguments: Vec<String>,
    /// Where its modules are.
    folder: PathBuf,
}

/// Fetches and compiles what they need. What cannot be had is left out, and a line says why.
pub fn prepare(names: Vec<&'static str>) -> Vec<Ready> {
    let mut ready = Vec::new();
    for name in names {
        match prepared(name) {
            Ok(one) => ready.push(one),
            Err(why) => println!("without {name}: {}", why.trim()),
        }
    }
    ready
}

fn prepared(name: &'static str) -> Result<Ready, String> {
    if name == "markupsafe" {
        let folder = wheels::site("markupsafe")?;
        return Ok(Ready {
            name,
            title: "markupsafe: text escaped by its C code",
            script: "tools/demo/escape.py",
            arguments: vec!["20000".into(), folder.display().to_string()],
            folder,
        });
    }
    Ok(Ready {
        name,
        title: "Calls of a C module",
        script: "cpyext/tests/time_calls.py",
        arguments: vec!["--count=100000".into(), "--repeat=5".into()],
        folder: c_code::module(&paths::root().join("cpyext/tests/calls.c"))?,
    })
}

/// Runs them.
pub fn all(ready: &[Ready], contestants: &[Contestant], repeat: usize) -> Vec<Timings> {
    let run = |it: &Ready| {
        timings::run(&Plan {
            name: it.name,
            title: it.title,
            runners: &runners(contestants, it.script, &it.arguments, &it.folder),
            repeat,
            folder: paths::root(),
            limit_s: LIMIT_S,
        })
    };
    ready.iter().map(run).collect()
}

/// CPython and ours: others have another binary interface.
fn runners(
    contestants: &[Contestant],
    script: &str,
    arguments: &[String],
    folder: &Path,
) -> Vec<Runner> {
    let those = contestants.iter().enumerate();
    let those = those.filter(|(at, contestant)| *at == 0 || contestant.ours);
    let runner = |(_, contestant): (usize, &Contestant)| {
        let mut contestant = contestant.clone();
        let path = ("PYTHONPATH".to_string(), folder.display().to_string());
        contestant.interpreter.env.push(path);
        let mut words = vec![paths::root().join(script).display().to_string()];
        words.extend(arguments.iter().cloned());
        Runner {
            contestant,
            arguments: words,
            version: None,
        }
    };
    those.map(runner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreters::Interpreter;

    #[test]
    fn a_filter_selects_by_name() {
        let select = |parts: &[&str]| {
            let parts: Vec<String> = parts.iter().map(|part| part.to_string()).collect();
            super::select(&parts)
        };
        assert_eq!(select(&[]), NAMES);
        assert_eq!(select(&["call", "nbody"]), ["calls"]);
        assert_eq!(select(&["nbody"]), [""; 0]);
    }

    #[test]
    fn those_with_another_interface_do_not_take_part() {
        let contestant = |name: &str, ours| Contestant {
            interpreter: Interpreter::at(name, "/a".into()),
            head: [name.into(), String::new()],
            ours,
            collector: None,
            may_give_up: false,
            never_collects: false,
            statistics: Vec::new(),
        };
        let all = [("cpython", false), ("pypy", false), ("ouro-on", true)];
        let all = all.map(|(name, ours)| contestant(name, ours));
        let runners = runners(&all, "a.py", &["1".into()], Path::new("/c"));
        let names: Vec<&str> = runners.iter().map(|it| it.contestant.name()).collect();
        assert_eq!(names, ["cpython", "ouro-on"]);
        let env = &runners[1].contestant.interpreter.env;
        assert_eq!(env[..], [("PYTHONPATH".to_string(), "/c".to_string())]);
    }
}
