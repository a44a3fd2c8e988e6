//! Lines of source files, for tracebacks.

use std::collections::HashMap;

/// Reads lines of files; each file is read once.
#[derive(Default)]
pub struct Sources {
    files: HashMap<String, Vec<String>>,
}

impl Sources {
    /// Line `number`, counted from 1, without its end. None if there is no such file or line.
    pub fn line(&mut self, filename: &str, number: usize) -> Option<&str> {
        if !self.files.contains_key(filename) {
            self.files.insert(filename.to_owned(), read(filename));
        }
        Some(self.files[filename].get(number.checked_sub(1)?)?)
    }
}
fn read(filename: &str) -> Vec<String> {
    if filename.starts_with('<') && filename.ends_with('>') {
        return Vec::new();
    }
    let bytes = std::fs::read(filename).unwrap_or_default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = if declares_latin1(bytes) {
        bytes.iter().map(|&b| b as char).collect()
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    text.lines().map(str::to_owned).collect()
}
/// Whether one of the first two lines is a comment that declares Latin-1, the only other encoding seen in practice.
fn declares_latin1(bytes: &[u8]) -> bool {
    bytes.split(|b| *b == b'\n').take(2).any(|line| {
        let line = String::from_utf8_lossy(line).to_lowercase();
        let declared = line
            .trim_start()
            .strip_prefix('#')
            .and_then(|c| c.split_once("coding"));
        declared.is_some_and(|(_, name)| {
            let name = name.trim_start_matches([':', '=']).trim_start();
            name.starts_with("latin-1")
                || name.starts_with("iso-8859-1")
                || name.starts_with("latin1")
        })
    })
}
