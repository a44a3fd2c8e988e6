//! Who takes part: CPython, PyPy, and Ouro with the JIT off, then with the JIT on under each collector.

use crate::collectors::{self, Collector, Kind};
use crate::interpreters::{self, Interpreter};
use crate::setup;

/// What the heap of a collector that frees nothing may take.
const MOST_WITHOUT_COLLECTING: &str = "2G";

/// A column of the tables.
pub struct Contestant {
    pub interpreter: Interpreter,
    /// The lines above the column.
    pub head: [String; 2],
    /// The collector, if the compiler is on: such columns are compared with each other too.
    pub collector: Option<Collector>,
}

impl Contestant {
    pub fn name(&self) -> &str {
        &self.interpreter.name
    }

    /// True if it is run once, and may run out of time or memory without being wrong.
    pub fn may_give_up(&self) -> bool {
        self.collector
            .as_ref()
            .is_some_and(|collector| !collector.in_earnest())
    }

    pub fn never_collects(&self) -> bool {
        self.collector
            .as_ref()
            .is_some_and(|collector| collector.kind == Kind::NeverCollects)
    }
}

fn other(interpreter: Interpreter) -> Contestant {
    Contestant {
        head: [interpreter.name.clone(), String::new()],
        interpreter,
        collector: None,
    }
}

/// The interpreters to measure, CPython first. `only` keeps those that it names; CPython stays in any
/// case, since the others are checked against it.
///
/// # Errors
/// When there is no CPython, or `only` names nobody.
pub fn all(only: &[String]) -> Result<Vec<Contestant>, String> {
    let mut others: Vec<Contestant> = setup::pypy().into_iter().map(other).collect();
    let collectors = collectors::ask()?;
    others.extend(ours(&collectors));
    for only in only {
        if only != "cpython" && !others.iter().any(|other| other.name() == *only) {
            let known: Vec<&str> = others.iter().map(Contestant::name).collect();
            return Err(format!(
                "--only {only}: known are cpython, {}",
                known.join(", ")
            ));
        }
    }
    others.retain(|other| only.is_empty() || only.iter().any(|only| other.name() == only));
    let mut all = vec![other(setup::cpython()?)];
    all[0].head[1] = "seconds".into();
    all.extend(others);
    Ok(all)
}

fn ours(collectors: &[Collector]) -> Vec<Contestant> {
    let mut ours = Vec::new();
    for (at, collector) in collectors.iter().enumerate() {
        let limit = match collector.kind {
            Kind::NeverCollects => format!(",max={MOST_WITHOUT_COLLECTING}"),
            _ => String::new(),
        };
        let heap = format!("gc={}{limit}", collector.name);
        // The default collector has the plain names, and the only column without the compiler.
        if at == 0 {
            ours.push(Contestant {
                interpreter: interpreters::ouro("ouro-off", &["jit=off", &heap]),
                head: ["JIT off".into(), collector.name.clone()],
                collector: None,
            });
        }
        let name = match at {
            0 => "ouro-on".into(),
            _ => format!("ouro-on-{}", collector.name),
        };
        ours.push(Contestant {
            interpreter: interpreters::ouro(&name, &["jit=on", &heap]),
            head: ["JIT on".into(), collector.name.clone()],
            collector: Some(collector.clone()),
        });
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collector_has_a_column_and_the_default_one_has_two() {
        let collector = |name: &str, kind| Collector {
            name: name.into(),
            kind,
        };
        let all = ours(&[
            collector("new", Kind::Everyday),
            collector("none", Kind::NeverCollects),
        ]);
        let names: Vec<&str> = all.iter().map(Contestant::name).collect();
        assert_eq!(names, ["ouro-off", "ouro-on", "ouro-on-none"]);
        assert!(all[2].may_give_up() && !all[1].may_give_up() && !all[0].may_give_up());
        assert_eq!(
            all[2].interpreter.args,
            ["-X", "jit=on", "-X", "gc=none,max=2G"]
        );
    }
}
