//! Heap dumps: the objects of a heap, their sizes and references, as a text that other programs read.
//!
//! The format is described in `DUMP.md` beside this crate's README. [`crate::Heap::dump`] writes it, [`HeapDump::read`]
//! reads it, and [`Analysis`] answers what the memory is used for: bytes by type, what an object keeps alive that
//! nothing else does, and why an object is alive at all.
mod analysis;
mod read;
mod summary;
mod write;

pub use analysis::{Analysis, Usage};
pub use read::{DumpError, DumpedObject, HeapDump};
pub use summary::Wanted;

/// The version that [`crate::Heap::dump`] writes.
pub const VERSION: u32 = 1;

/// A name on one line.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}

/// Inverse of [`escape`].
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            c => c,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_survive_being_written_on_one_line() {
        for name in ["", "plain", "a\\b\nc\rd \\n", "\\", "ümläut"] {
            let line = super::escape(name);
            assert!(!line.contains('\n') && !line.contains('\r'));
            assert_eq!(super::unescape(&line), name);
        }
    }
}
