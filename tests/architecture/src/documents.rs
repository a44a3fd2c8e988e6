//! Every path that a document names exists.

use crate::files;
use std::path::Path;

/// Endings that make a word with a slash, or a capitalised name, a path.
const ENDINGS: &[&str] = &["rs", "md", "toml", "py", "sh", "trace", "lock"];

/// Made by the build or by `./x setup`; not there in a fresh clone.
const GENERATED: &[&str] = &["target/", ".cache/"];

/// One line for each path in backticks or in a link, in any Markdown file, that leads nowhere.
pub fn violations(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for document in files::with_extension(root, "md") {
        let name = files::relative(root, &document);
        let beside = document.parent().unwrap_or(root);
        let text = files::text(&document);
        for (number, line) in outside_fences(&text) {
            for path in quoted(line)
                .filter(|text| looks_like_path(root, text))
                .chain(linked(line))
            {
                let path = path.trim_start_matches("./");
                if !root.join(path).exists() && !beside.join(path).exists() {
                    found.push(format!("{name}:{number}: `{path}` does not exist"));
                }
            }
        }
    }
    found
}

/// Lines that are not in a fenced block, with their numbers: fences hold examples and sessions.
fn outside_fences(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((at + 1, line));
        }
    }
    lines
}

/// The texts between backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The targets of links to files: `[text](target#section)`.
fn linked(line: &str) -> impl Iterator<Item = &str> {
    let targets = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let targets = targets.map(|(target, _)| target.split('#').next().unwrap_or(target));
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// A path of the repository: it has a slash and starts in a folder that exists or ends like a
/// file, or it is a document's name. Placeholders, options and commands are none.
fn looks_like_path(root: &Path, text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if text.starts_with(['/', '-']) || text.contains("..") || !text.chars().all(allowed) {
        return false;
    }
    if GENERATED
        .iter()
        .any(|generated| text.starts_with(generated))
    {
        return false;
    }
    let ending = text
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    match text.trim_start_matches("./").split_once('/') {
        Some((first, _)) => ending || root.join(first).is_dir(),
        None => ending && text.starts_with(|c: char| c.is_ascii_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::Planted;

    fn check(text: &str) -> Vec<String> {
        let planted = Planted::new(&[
            ("docs/page.md", text),
            ("docs/beside.md", ""),
            ("gc/src/heap.rs", ""),
            ("README.md", ""),
        ]);
        violations(planted.root())
    }

    #[test]
    fn a_dead_path_is_caught() {
        assert_eq!(
            check("see `gc/src/gone.rs`"),
            ["docs/page.md:1: `gc/src/gone.rs` does not exist"]
        );
        assert_eq!(check("see `gc/gone/`").len(), 1);
        assert_eq!(check("see `nowhere/a.rs`").len(), 1);
        assert_eq!(check("see `GONE.md`").len(), 1);
        assert_eq!(check("a [link](gone.md)").len(), 1);
    }

    #[test]
    fn paths_from_the_root_and_from_the_document_pass() {
        assert!(check("`gc/src/heap.rs` `./gc` `gc/` `README.md` [b](beside.md#x)").is_empty());
    }

    #[test]
    fn what_is_no_path_passes() {
        let text = "`and/or` `jit=on/off` `--flag/x` `/usr/bin` `a b/c.rs` `languages/<x>/y.rs`\n\
                    `target/release/ouro` `lib.rs` [web](https://a.b/c.md)\n\
                    ```\n`gc/src/gone.rs`\n```\n";
        assert_eq!(check(text), Vec::<String>::new());
    }
}
