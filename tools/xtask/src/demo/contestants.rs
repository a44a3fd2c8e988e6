//! Who takes part: CPython, PyPy, and Ouro with the JIT off and on under each collector.

use crate::interpreters::{self, Interpreter};
use crate::{paths, process, setup};
use std::process::Command;
use std::time::Duration;

/// The interpreters to measure, CPython first. `only` keeps those whose name starts with one of
/// its entries; CPython stays in any case, since the others are checked against it.
///
/// # Errors
/// When there is no CPython, or `only` names nobody.
pub fn all(only: &[String]) -> Result<Vec<Interpreter>, String> {
    let mut others: Vec<Interpreter> = setup::pypy().into_iter().collect();
    let collectors = collectors();
    for (at, collector) in collectors.iter().enumerate() {
        for jit in ["off", "on"] {
            // The plain names belong to the first collector.
            let suffix = if at == 0 {
                String::new()
            } else {
                format!("-{collector}")
            };
            let options = [format!("jit={jit}"), format!("gc={collector}")];
            let options = [options[0].as_str(), options[1].as_str()];
            others.push(interpreters::ouro(&format!("ouro-{jit}{suffix}"), &options));
        }
    }
    let named = |name: &str| only.iter().any(|only| name == only);
    for only in only {
        if only != "cpython" && !others.iter().any(|other| other.name == *only) {
            let known: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
            return Err(format!(
                "--only {only}: known are cpython, {}",
                known.join(", ")
            ));
        }
    }
    others.retain(|other| only.is_empty() || named(&other.name));
    let mut all = vec![setup::cpython()?];
    all.extend(others);
    Ok(all)
}

/// The collectors that collect, as the interpreter itself lists them; the default one first.
fn collectors() -> Vec<String> {
    let mut command = Command::new(paths::ouro());
    command.args(["-X", "gc=?", "-c", "pass"]);
    let said = process::run(&mut command, Duration::from_secs(20))
        .map(|outcome| outcome.stderr)
        .unwrap_or_default();
    let mut collectors = listed_collectors(&said);
    if collectors.is_empty() {
        collectors.push("marksweep".into());
    }
    collectors
}

/// Reads the names out of a message such as `unknown collector "?"; known: null, marksweep`.
/// `null` is left out: it never collects, so that long programs end in MemoryError by design.
fn listed_collectors(message: &str) -> Vec<String> {
    let Some((_, list)) = message.lines().find_map(|line| line.rsplit_once("known")) else {
        return vec![];
    };
    let list = list.trim_start_matches([':', ' ']);
    let words = list.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    let noise = ["", "are", "collectors", "null"];
    words
        .filter(|word| !noise.contains(word))
        .map(str::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collectors_are_read_from_the_message_about_an_unknown_one() {
        let said = "ouro: unknown collector \"?\"; known: null, marksweep, immix\n";
        assert_eq!(listed_collectors(said), ["marksweep", "immix"]);
        assert_eq!(
            listed_collectors("Segmentation fault"),
            Vec::<String>::new()
        );
    }
}
