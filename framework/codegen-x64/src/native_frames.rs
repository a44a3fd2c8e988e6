//! Which code native frames still lead back into.
//!
//! Compiled code that waits for a call to end has the address at which it goes on in the frame of that call. So each word
//! between the present frame and the place from which compiled code was first entered is looked at; one that happens to look
//! like such an address keeps code a little longer than needed.

use std::cell::Cell;

/// The part of the native stack that may hold frames of compiled code.
#[derive(Default)]
pub(crate) struct NativeFrames {
    /// An address above all of them; 0 while no compiled code runs.
    top: Cell<usize>,
}

impl NativeFrames {
    /// Runs `f`, which enters compiled code.
    #[inline]
    pub(crate) fn entering<T>(&self, f: impl FnOnce() -> T) -> T {
        let here = 0usize;
        let outer = self.top.get();
        if outer == 0 {
            self.top.set(std::ptr::from_ref(&here) as usize);
        }
        let result = f();
        self.top.set(outer);
        result
    }

    /// Shows `visit` each word of the stack that may lead back into compiled code.
    #[inline(never)]
    pub(crate) fn visit(&self, mut visit: impl FnMut(usize)) {
        let here = 0usize;
        let bottom = std::hint::black_box(&here) as *const usize;
        let mut word = bottom;
        while (word as usize) < self.top.get() {
            // SAFETY: the word lies between a local of this frame and a local of a caller's, which has not returned: `entering`
            // clears the address when it does. All of that is mapped stack, and only read as plain words.
            visit(unsafe { word.read_volatile() });
            word = word.wrapping_add(1);
        }
    }
}
