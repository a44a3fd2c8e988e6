//! `architecture.toml`, read.

use crate::files;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml::{Table, Value};

/// Words that must not stand in some folders.
#[derive(Debug)]
pub struct NameRule {
    /// Lower case; compared as whole words, and as parts of snake_case and CamelCase names.
    pub words: Vec<String>,
    pub folders: Vec<String>,
    /// Files and folders inside those folders where the words are at home.
    pub except: Vec<String>,
}

#[derive(Debug)]
pub struct Policy {
    /// For each crate, the crates of the workspace that it may depend on; `*` is all.
    pub edges: BTreeMap<String, Vec<String>>,
    /// For some crates, what their tests may depend on besides.
    pub test_edges: BTreeMap<String, Vec<String>>,
    pub unsafe_files: BTreeSet<String>,
    pub names: Vec<NameRule>,
}

impl Policy {
    /// Reads `architecture.toml` in `root`.
    ///
    /// # Panics
    /// If it is missing or not of the expected form; the message says what.
    pub fn read(root: &Path) -> Policy {
        let text = files::text(&root.join("architecture.toml"));
        let table: Table = text
            .parse()
            .unwrap_or_else(|e| panic!("architecture.toml: {e}"));
        let section = |name: &str| {
            let section = table.get(name).and_then(Value::as_table);
            section.unwrap_or_else(|| panic!("architecture.toml: no table [{name}]"))
        };
        let edges = |name: &str| -> BTreeMap<String, Vec<String>> {
            let rows = section(name).iter();
            rows.map(|(name, value)| (name.clone(), strings(name, value)))
                .collect()
        };
        let unsafe_files = strings("unsafe.files", &section("unsafe")["files"]);
        let rules = section("names").iter().map(|(name, rule)| NameRule {
            words: strings(name, &rule["words"]),
            folders: strings(name, &rule["folders"]),
            except: strings(name, &rule["except"]),
        });
        Policy {
            edges: edges("crates"),
            test_edges: edges("test-crates"),
            unsafe_files: unsafe_files.into_iter().collect(),
            names: rules.collect(),
        }
    }
}

fn strings(name: &str, value: &Value) -> Vec<String> {
    let items = value
        .as_array()
        .unwrap_or_else(|| panic!("architecture.toml: {name}: no list"));
    let text = |item: &Value| item.as_str().map(str::to_string);
    let texts: Option<Vec<String>> = items.iter().map(text).collect();
    texts.unwrap_or_else(|| panic!("architecture.toml: {name}: not all are strings"))
}
