//! Core folders do not name what is plugged into them: not in code, comments or documents.

use crate::files;
use crate::policy::{NameRule, Policy};
use crate::source;
use std::path::Path;

/// Kinds of files that people read.
const EXTENSIONS: &[&str] = &["rs", "md", "toml", "trace"];

/// One line for each word that stands where it must not.
pub fn violations(root: &Path, policy: &Policy) -> Vec<String> {
    policy
        .names
        .iter()
        .flat_map(|rule| of_rule(root, rule))
        .collect()
}

fn of_rule(root: &Path, rule: &NameRule) -> Vec<String> {
    let mut found = Vec::new();
    for folder in &rule.folders {
        for extension in EXTENSIONS {
            for file in files::with_extension(&root.join(folder), extension) {
                let name = files::relative(root, &file);
                let inside = |home: &String| {
                    name == *home || name.starts_with(&format!("{}/", home.trim_end_matches('/')))
                };
                if rule.except.iter().any(inside) {
                    continue;
                }
                for (at, line) in files::text(&file).lines().enumerate() {
                    for word in rule.words.iter().filter(|word| mentions(line, word)) {
                        found.push(format!("{name}:{}: must not name `{word}`", at + 1));
                    }
                }
            }
        }
    }
    found
}

/// True if `word` is a word of the line, or a part of one of its identifiers.
fn mentions(line: &str, word: &str) -> bool {
    source::words(line)
        .flat_map(|name| name.split('_'))
        .any(|part| {
            part.eq_ignore_ascii_case(word)
                || humps(part).any(|hump| hump.eq_ignore_ascii_case(word))
        })
}

/// The parts of a CamelCase name.
fn humps(name: &str) -> impl Iterator<Item = &str> {
    let starts = name
        .char_indices()
        .filter(|(at, c)| *at == 0 || c.is_uppercase());
    let starts: Vec<usize> = starts.map(|(at, _)| at).collect();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([name.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| &name[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::Planted;

    const POLICY: &str = "[crates]\n[test-crates]\n[unsafe]\nfiles = []\n[names.languages]\n\
        words = ['python', 'som']\nfolders = ['core']\nexcept = ['core/home', 'core/list.rs']\n";

    fn check(file: &str, text: &str) -> Vec<String> {
        let planted = Planted::new(&[
            ("architecture.toml", POLICY),
            (file, text),
            ("core/x.rs", ""),
        ]);
        violations(planted.root(), &Policy::read(planted.root()))
    }

    #[test]
    fn a_name_in_a_comment_is_caught() {
        assert_eq!(
            check("core/a.rs", "\n// As Python does.\n"),
            ["core/a.rs:2: must not name `python`"]
        );
    }

    #[test]
    fn a_name_inside_an_identifier_is_caught() {
        assert_eq!(check("core/a.rs", "fn python_list() {}").len(), 1);
        assert_eq!(check("core/a.rs", "struct PythonList;").len(), 1);
        assert_eq!(check("core/a.rs", "let somList = 1;").len(), 1);
    }

    #[test]
    fn documents_and_manifests_are_read_too() {
        assert_eq!(check("core/README.md", "for SOM").len(), 1);
        assert_eq!(check("core/Cargo.toml", "# python").len(), 1);
    }

    #[test]
    fn other_words_and_other_places_pass() {
        assert!(check("core/a.rs", "// something some awesome").is_empty());
        assert!(check("core/home/a.rs", "// python").is_empty());
        assert!(check("core/list.rs", "// python").is_empty());
        assert!(check("other/a.rs", "// python").is_empty());
    }
}
