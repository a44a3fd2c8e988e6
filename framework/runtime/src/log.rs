//! `-X jit-log=FILE`: sections of text, one per event.

use std::cell::RefCell;
use std::io::Write;

/// Where the log goes. Writing errors end the log, not the program.
#[derive(Default)]
pub struct Log(RefCell<Option<Box<dyn Write>>>);

impl Log {
    pub fn to(sink: Box<dyn Write>) -> Log {
        Log(RefCell::new(Some(sink)))
    }
    pub fn is_on(&self) -> bool {
        self.0.borrow().is_some()
    }
    /// One section: `{section title`, the text, `section}`.
    pub fn section(&self, section: &str, title: &str, text: impl FnOnce() -> String) {
        let mut sink = self.0.borrow_mut();
        let Some(out) = sink.as_mut() else { return };
        let text = text();
        let text = text.trim_end();
        // Whole sections: the program may end in any way.
        let written = write!(out, "{{{section} {title}\n{text}\n{section}}}\n");
        if written.and_then(|()| out.flush()).is_err() {
            *sink = None;
        }
    }
}
