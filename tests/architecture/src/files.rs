//! Finds the files that rules look at.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold what tools made or fetched.
const GENERATED: &[&str] = &["target", ".git", ".cache"];

/// All files below `folder` whose name ends in `extension`, sorted; generated folders are left out.
///
/// # Panics
/// If a folder cannot be read: a rule that silently saw nothing would pass.
pub fn with_extension(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, extension, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if !GENERATED.iter().any(|generated| name == *generated) {
                collect(&path, extension, found);
            }
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
}

/// The text of a file.
///
/// # Panics
/// If it cannot be read, for the same reason.
pub fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// `file` as it is written in policies and messages: relative to `root`, with slashes.
pub fn relative(root: &Path, file: &Path) -> String {
    file.strip_prefix(root)
        .unwrap_or(file)
        .display()
        .to_string()
}
