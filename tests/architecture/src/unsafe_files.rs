//! `unsafe` stands in exactly the listed files.

use crate::files;
use crate::policy::Policy;
use crate::source::{code_only, words};
use std::collections::BTreeSet;
use std::path::Path;

/// One line for each file with `unsafe` that is not listed, and each listed one without.
pub fn violations(root: &Path, policy: &Policy) -> Vec<String> {
    let sources = files::with_extension(root, "rs");
    let has_unsafe = |file: &&std::path::PathBuf| {
        words(&code_only(&files::text(file))).any(|word| word == "unsafe")
    };
    let with: BTreeSet<String> = sources
        .iter()
        .filter(has_unsafe)
        .map(|file| files::relative(root, file))
        .collect();
    let unlisted = with.difference(&policy.unsafe_files);
    let unlisted = unlisted.map(|file| format!("{file} has `unsafe` and is not listed"));
    let clean = policy.unsafe_files.difference(&with);
    unlisted
        .chain(clean.map(|file| format!("{file} is listed and has no `unsafe`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::Planted;

    fn check(listed: &str, source: &str) -> Vec<String> {
        let policy = format!("[crates]\n[test-crates]\n[unsafe]\nfiles = [{listed}]\n[names]\n");
        let planted = Planted::new(&[("architecture.toml", &policy), ("a/src/b.rs", source)]);
        violations(planted.root(), &Policy::read(planted.root()))
    }

    const CODE: &str = "fn f() { unsafe { g() } }";

    #[test]
    fn an_unlisted_file_is_caught() {
        assert_eq!(
            check("", CODE),
            ["a/src/b.rs has `unsafe` and is not listed"]
        );
        assert!(check("'a/src/b.rs'", CODE).is_empty());
    }

    #[test]
    fn a_listed_file_without_it_is_caught() {
        let found = check("'a/src/b.rs'", "fn f() {}");
        assert_eq!(found, ["a/src/b.rs is listed and has no `unsafe`"]);
    }

    #[test]
    fn talking_about_it_is_allowed() {
        let source = "#![forbid(unsafe_code)]\n// unsafe\nconst A: &str = \"unsafe\";";
        assert!(check("", source).is_empty());
    }
}
