//! Every paper that code or a document cites stands in the bibliography.

use crate::files;
use std::collections::BTreeSet;
use std::path::Path;
use toml::{Table, Value};

const BIBLIOGRAPHY: &str = "papers/bibliography.toml";

/// One line for each citation, `[author-year-word]`, in any source file or document, whose key is not in the list.
///
/// # Panics
/// If the list is missing or is no TOML.
pub fn violations(root: &Path) -> Vec<String> {
    let known = keys(&files::text(&root.join(BIBLIOGRAPHY)));
    let mut found = Vec::new();
    for extension in ["rs", "md"] {
        for file in files::with_extension(root, extension) {
            let name = files::relative(root, &file);
            for (at, line) in files::text(&file).lines().enumerate() {
                for key in cited(line).filter(|key| !known.contains(*key)) {
                    found.push(format!(
                        "{name}:{}: [{key}] is not in {BIBLIOGRAPHY}",
                        at + 1
                    ));
                }
            }
        }
    }
    found
}

fn keys(text: &str) -> BTreeSet<String> {
    let table: Table = text
        .parse()
        .unwrap_or_else(|e| panic!("{BIBLIOGRAPHY}: {e}"));
    let papers = table.get("paper").and_then(Value::as_array);
    let key = |paper: &Value| Some(paper.get("key")?.as_str()?.to_string());
    papers.into_iter().flatten().filter_map(key).collect()
}

/// The keys between brackets; a link is no citation.
fn cited(line: &str) -> impl Iterator<Item = &str> {
    let brackets = line
        .split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']'));
    let keys = brackets.filter(|(key, after)| !after.starts_with('(') && is_key(key));
    keys.map(|(key, _)| key)
}

/// Words in small letters with a year after the first, which has two letters or more: `i-1999` is an index.
fn is_key(text: &str) -> bool {
    let mut words = text.split('-');
    let small = |word: &str| !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase());
    let year = |word: &str| word.len() == 4 && word.bytes().all(|c| c.is_ascii_digit());
    let author = |word: &str| word.len() > 1 && small(word);
    words.next().is_some_and(author) && words.next().is_some_and(year) && words.all(small)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::Planted;

    /// Brackets are written as angles here, so that this file cites nothing.
    fn check(text: &str) -> Vec<String> {
        let text = text.replace('<', "[").replace('>', "]");
        let planted = Planted::new(&[
            ("src/lib.rs", &text),
            (BIBLIOGRAPHY, "[[paper]]\nkey = \"bolz-2011-virtuals\"\n"),
        ]);
        violations(planted.root())
    }

    #[test]
    fn an_unknown_key_is_caught() {
        let line = "src/lib.rs:1: <bolz-2012-virtuals> is not in papers/bibliography.toml";
        let line = line.replace('<', "[").replace('>', "]");
        let found = check("//! Source: <bolz-2012-virtuals>, section 3.");
        assert_eq!(found, [line]);
        assert_eq!(check("// <ab-2012> and <bc-2013-c>").len(), 2);
    }

    #[test]
    fn known_keys_and_what_is_no_key_pass() {
        let text =
            "// <bolz-2011-virtuals>; <ab-2012>(b.md), x<i-1999>, <Utf-2012>, <ab-20188>, <a-b>";
        assert_eq!(check(text), Vec::<String>::new());
    }
}
