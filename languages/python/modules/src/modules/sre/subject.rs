//! What is searched: a str or bytes-like object, decoded so that characters can be addressed by number.

use super::matcher::{Found, Matcher};
use super::program::Program;
use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Vm, str as strs};
use std::rc::Rc;

enum Content {
    /// Bytes, or an ASCII str.
    Bytes(Vec<u8>),
    Chars(Vec<u32>),
}
/// A text and the range of it that is searched.
pub struct Subject {
    vm: &'static Vm,
    /// The object as it was given.
    pub object: Gc,
    content: Content,
    is_str: bool,
    /// First and last position of the range.
    pub start: usize,
    pub end: usize,
    program: Rc<Program>,
    groups: usize,
}
impl Subject {
    /// `pos` and `endpos` may be missing.
    ///
    /// # Errors
    /// TypeError if the text does not fit the pattern.
    pub fn new(vm: &'static Vm, pattern: Gc, object: Gc, pos: Gc, endpos: Gc) -> PyResult<Subject> {
        let kind = pattern.get(WNative::I3);
        let text = strs::as_str(object);
        let content = match text {
            Some(_) if kind == 1 => {
                return Err(vm.type_error("cannot use a bytes pattern on a string-like object"));
            }
            Some(s) if strs::is_ascii(s) => Content::Bytes(strs::bytes(s).to_vec()),
            Some(s) => Content::Chars(strs::code_points(s).collect()),
            None => {
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
                if kind == 0 {
                    return Err(vm.type_error("cannot use a string pattern on a bytes-like object"));
                }
                Content::Bytes(data)
            }
        };
        let len = match &content {
            Content::Bytes(b) => b.len(),
            Content::Chars(c) => c.len(),
        };
        let bound = |v: Gc, default: usize| -> PyResult<usize> {
            match v.is_null() {
                true => Ok(default),
                false => Ok(ouro_py_objects::int::clipped(vm, v)?.clamp(0, len as i64) as usize),
            }
        };
        let end = bound(endpos, len)?;
        let start = bound(pos, 0)?;
        let program = state(vm).patterns.borrow()[pattern.get(WNative::I2) as usize]
            .1
            .clone();
        let groups = pattern.get(WNative::I1) as usize;
        Ok(Subject {
            vm,
            object,
            content,
            is_str: text.is_some(),
            start,
            end,
            program,
            groups,
        })
    }
    /// Looks for a match from `at` on (`search`), or exactly at `at`.
    pub fn find(&self, at: usize, search: bool, whole: bool, not_empty: bool) -> Option<Found> {
        // An empty range has no match, not even an empty one, if its start is beyond its end.
        if at > self.end {
            return None;
        }
        match &self.content {
            Content::Bytes(b) => {
                let mut m = Matcher::new(&self.program, &b[..], self.groups, self.end, whole);
                if search {
                    m.search(at, not_empty)
                } else {
                    m.match_at(at, not_empty)
                }
            }
            Content::Chars(c) => {
                let mut m = Matcher::new(&self.program, &c[..], self.groups, self.end, whole);
                if search {
                    m.search(at, not_empty)
                } else {
                    m.match_at(at, not_empty)
                }
            }
        }
    }
    /// The characters `start..stop` as an object.
    pub fn slice(&self, start: usize, stop: usize) -> Gc {
        slice_of(self.vm, self.object, self.is_str, start, stop)
    }
    /// What a piece of the text is without content.
    pub fn empty(&self) -> Gc {
        if self.is_str {
            self.vm.world().empty_str
        } else {
            self.vm.world().empty_bytes
        }
    }
    /// Number of characters.
    pub fn len(&self) -> usize {
        match &self.content {
            Content::Bytes(b) => b.len(),
            Content::Chars(c) => c.len(),
        }
    }
}
/// Part of a text: a str of a str, bytes of anything else.
pub fn slice_of(vm: &'static Vm, object: Gc, is_str: bool, start: usize, stop: usize) -> Gc {
    if is_str && let Some(s) = strs::as_str(object) {
        return strs::substring(vm, s, start, stop);
    }
    let data = to_bytes(vm, object).unwrap_or_default();
    bytes(vm, data.get(start..stop).unwrap_or_default())
}
