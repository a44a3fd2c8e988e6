//! The programs of the matrix.
//!
//! A program says in comment lines of its own what it cannot do:
//! `# needs: collects` where it looks at what a collection does, and `# stress: N` where a collection
//! at each poll takes too long, so that N is the shortest interval.

use crate::{paths, pyperformance};
use ouro_bench::suite;
use std::fs;
use std::path::{Path, PathBuf};

/// A guest program and its arguments.
pub struct Program {
    pub name: String,
    pub file: PathBuf,
    pub args: Vec<String>,
    /// It looks at what a collection does.
    pub needs_collector: bool,
    /// The shortest stress interval under which it ends in time.
    pub least_stress: u32,
    /// A benchmark at the size at which it is measured.
    pub full_size: bool,
}

/// The project's own guest programs, in the order of their names.
///
/// # Errors
/// When the folder cannot be read.
pub fn own() -> Result<Vec<Program>, String> {
    let folder = paths::root().join("tests/programs/python");
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "py"));
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file);
            let text = text.map_err(|error| format!("{}: {error}", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            Ok(Program {
                name: name.into(),
                needs_collector: says(&text, "needs") == Some("collects"),
                least_stress: least_stress(&text)
                    .map_err(|error| format!("{}: {error}", file.display()))?,
                file,
                args: vec![],
                full_size: false,
            })
        })
        .collect()
}

/// The demo's benchmarks, with checksums of all they compute: small, and those that are measured at
/// their full size as well.
pub fn benchmarks(folder: &Path) -> Vec<Program> {
    let make = |program: &suite::Program, full_size: bool| {
        let mut args = vec!["--demo-check".to_string()];
        if full_size {
            args.push(format!("--demo-loops={}", program.loops));
        } else {
            args.push("--demo-iterations=2".into());
            args.extend_from_slice(&program.small);
        }
        let size = if full_size { "full-size" } else { "benchmark" };
        Program {
            name: format!("{size}/{}", program.name),
            file: pyperformance::file(program, folder),
            args,
            needs_collector: program.needs_collector,
            least_stress: program.least_stress,
            full_size,
        }
    };
    let all = suite::programs();
    let small = all.iter().map(|program| make(program, false));
    let demo = all.iter().filter(|program| program.suite == "demo");
    small
        .chain(demo.map(|program| make(program, true)))
        .collect()
}

/// What a comment line `# KEY: VALUE` of the program says.
fn says<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let value = |line: &'t str| {
        line.strip_prefix("# ")?
            .strip_prefix(key)?
            .strip_prefix(": ")
    };
    text.lines().find_map(value).map(str::trim)
}

fn least_stress(text: &str) -> Result<u32, String> {
    match says(text, "stress") {
        None => Ok(1),
        Some(number) => number
            .parse()
            .map_err(|_| format!("`# stress: {number}` is not a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comment_lines_say_what_a_program_needs() {
        let text = "# About stress: much.\n# needs: collects\n# stress: 40\nprint(1)\n";
        assert_eq!(says(text, "needs"), Some("collects"));
        assert_eq!(least_stress(text), Ok(40));
        assert_eq!(least_stress("x = '# stress: 5'\n"), Ok(1));
        assert!(least_stress("# stress: much\n").is_err());
    }
}
