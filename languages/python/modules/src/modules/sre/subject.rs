//! What is searched: a str or bytes-like object, where it lies.

use super::matcher::{Matcher, Scratch};
use super::program::Program;
use super::text::{Narrow, Wide};
use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Vm, attention, str as strs};
use std::cell::Cell;
use std::rc::Rc;

/// Where the characters are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A str.
    Str,
    /// A bytes object.
    Bytes,
    /// A copy: the object may change.
    Copy,
}
/// A text and the range of it that is searched. Positions are byte offsets, unless they are said to be characters.
pub struct Subject {
    vm: &'static Vm,
    /// The object as it was given.
    pub object: Gc,
    /// The str or bytes below it.
    exact: Gc,
    source: Source,
    /// Characters have several bytes.
    wide: bool,
    copy: Vec<u8>,
    /// First and last position of the range.
    pub start: usize,
    pub end: usize,
    /// The same in characters.
    pub pos: usize,
    pub endpos: usize,
    /// A position and its number in characters, near which others are looked for.
    known: Cell<(usize, usize)>,
    program: Rc<Program>,
    /// Where the last match was found. None only while the subject is dropped.
    scratch: Option<Box<Scratch>>,
}
impl Subject {
    /// `object` from character `pos` to `endpos`, which are clipped to its length.
    ///
    /// # Errors
    /// TypeError if the text does not fit the pattern.
    pub fn new(
        vm: &'static Vm,
        pattern: Gc,
        object: Gc,
        pos: i64,
        endpos: i64,
    ) -> PyResult<Subject> {
        let kind = pattern.get(WNative::I3);
        let below = ouro_py_objects::payload::payload(object);
        let mut copy = Vec::new();
        let source = if below.is::<WStr>() {
            if kind == 1 {
                return Err(vm.type_error("cannot use a bytes pattern on a string-like object"));
            }
            Source::Str
        } else {
            let is_bytes = below.is::<WBytes>();
            if !is_bytes {
                let found = ouro_py_objects::error::catch(
                    vm,
                    vm.world().classes.type_error,
                    to_bytes(vm, object),
                )?;
                let Some(data) = found else {
                    let got = type_name(vm, object);
                    return Err(vm.type_error(format_args!(
                        "expected string or bytes-like object, got '{got}'"
                    )));
                };
                copy = data;
            }
            if kind == 0 {
                return Err(vm.type_error("cannot use a string pattern on a bytes-like object"));
            }
            match is_bytes {
                true => Source::Bytes,
                false => Source::Copy,
            }
        };
        let (len, wide) = match source {
            Source::Str => (strs::char_len(below), !strs::is_ascii(below)),
            Source::Bytes => (below.items(&BYTES).len(), false),
            Source::Copy => (copy.len(), false),
        };
        let clip = |n: i64| n.clamp(0, len as i64) as usize;
        let (pos, endpos) = (clip(pos), clip(endpos));
        let offset = |n: usize| match wide {
            true => strs::index::offset_of(vm, below, n),
            false => n,
        };
        let (start, end) = (offset(pos), offset(endpos));
        let state = state(vm);
        let program = state.patterns.borrow().programs[pattern.get(WNative::I2) as usize].clone();
        let mut scratch = state.scratch.take().unwrap_or_default();
        scratch.prepare(&program, pattern.get(WNative::I1) as usize);
        Ok(Subject {
            vm,
            object,
            exact: below,
            source,
            wide,
            copy,
            start,
            end,
            pos,
            endpos,
            known: Cell::new((start, pos)),
            program,
            scratch: Some(scratch),
        })
    }
    /// Looks for a match from `at` on (`search`), or exactly at `at`: whether there is one, which is then in `scratch`.
    ///
    /// # Errors
    /// What is raised while matching takes long: KeyboardInterrupt.
    pub fn find(
        &mut self,
        at: usize,
        search: bool,
        whole: bool,
        not_empty: bool,
    ) -> PyResult<bool> {
        // Nothing is looked for in a range whose start is beyond its end; a match there may still be empty.
        if search && at > self.end {
            return Ok(false);
        }
        let (vm, exact, source, end) = (self.vm, self.exact, self.source, self.end);
        let copy = &self.copy[..];
        let text = move || match source {
            Source::Str => strs::bytes(exact),
            Source::Bytes => exact.items(&BYTES),
            Source::Copy => copy,
        };
        let mut raised = Ok(());
        let mut watch = || {
            let why = vm.heap.poll();
            raised = attention::run(vm, why);
            raised.is_ok().then(text)
        };
        let program = &*self.program;
        let scratch = self.scratch.as_deref_mut().expect("only dropping takes it");
        let found = if self.wide {
            let mut m = Matcher::<Wide>::new(program, text(), end, scratch, whole, &mut watch);
            match search {
                true => m.search(at, not_empty),
                false => m.match_at(at, not_empty),
            }
        } else {
            let mut m = Matcher::<Narrow>::new(program, text(), end, scratch, whole, &mut watch);
            match search {
                true => m.search(at, not_empty),
                false => m.match_at(at, not_empty),
            }
        };
        raised?;
        Ok(found.unwrap_or(false))
    }
    /// What the last matching left.
    pub fn scratch(&self) -> &Scratch {
        self.scratch.as_deref().expect("only dropping takes it")
    }
    /// Start and end of the match that was found.
    pub fn matched(&self) -> (usize, usize) {
        (self.scratch().marks[0], self.scratch().marks[1])
    }
    /// Number of groups, the match itself included.
    pub fn groups(&self) -> usize {
        self.scratch().marks.len() / 2
    }
    fn bytes(&self) -> &[u8] {
        match self.source {
            Source::Str => strs::bytes(self.exact),
            Source::Bytes => self.exact.items(&BYTES),
            Source::Copy => &self.copy,
        }
    }
    /// The number of characters before a position.
    pub fn chars_before(&self, at: usize) -> usize {
        if !self.wide {
            return at;
        }
        let (byte, n) = self.known.get();
        let text = self.bytes();
        let n = match at >= byte {
            true => n + strs::count_chars(&text[byte..at]),
            false => n - strs::count_chars(&text[at..byte]),
        };
        self.known.set((at, n));
        n
    }
    /// The text between two positions as an object.
    pub fn slice(&self, start: usize, stop: usize) -> Gc {
        if self.source != Source::Str {
            if self.source == Source::Bytes && start == 0 && stop == self.len() {
                return self.exact;
            }
            return bytes(self.vm, &self.bytes()[start..stop]);
        }
        match (start >= stop, start == 0 && stop == self.len(), self.wide) {
            (true, ..) => self.vm.world().empty_str,
            (_, true, _) => self.exact,
            (.., false) => strs::from_ascii(self.vm, &self.bytes()[start..stop], 0),
            (.., true) => strs::from_wtf8(self.vm, &self.bytes()[start..stop]),
        }
    }
    /// What a group has matched; None if it has not.
    pub fn group(&self, n: usize) -> Option<Gc> {
        let (start, stop) = self.scratch().span(n)?;
        Some(self.slice(start, stop))
    }
    /// What a piece of the text is without content.
    pub fn empty(&self) -> Gc {
        match self.source {
            Source::Str => self.vm.world().empty_str,
            _ => self.vm.world().empty_bytes,
        }
    }
    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.bytes().len()
    }
    /// The content, if the text is a str. Not to be kept over a safepoint.
    pub fn str_content(&self) -> Option<&[u8]> {
        (self.source == Source::Str).then(|| self.bytes())
    }
}
impl Drop for Subject {
    fn drop(&mut self) {
        if let Some(mut scratch) = self.scratch.take() {
            scratch.shrink();
            state(self.vm).scratch.set(Some(scratch));
        }
    }
}
/// Part of a text by characters: a str of a str, bytes of anything else.
pub fn slice_of(vm: &'static Vm, object: Gc, start: usize, stop: usize) -> Gc {
    if let Some(s) = strs::as_str(object) {
        return match strs::is_ascii(s) && stop - start < strs::char_len(s) {
            true => strs::from_ascii(vm, &strs::bytes(s)[start..stop], 0),
            false => strs::substring(vm, s, start, stop),
        };
    }
    let below = ouro_py_objects::payload::payload(object);
    if below.is::<WBytes>() {
        let data = below.items(&BYTES);
        return match start == 0 && stop == data.len() {
            true => below,
            false => bytes(vm, data.get(start..stop).unwrap_or_default()),
        };
    }
    let data = to_bytes(vm, object).unwrap_or_default();
    bytes(vm, data.get(start..stop).unwrap_or_default())
}
