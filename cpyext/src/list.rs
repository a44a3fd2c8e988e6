//! The contents of lists: an array of owned references in memory of the C side, the only storage of a list that C knows.
//!
//! C changes `ob_item`, `ob_size` and `allocated` by itself, so each function reads them anew and leaves the list as CPython
//! would: items that went are dropped last, when the list is whole again. A NULL item is one that C has not filled in yet.

use crate::abi::*;
use crate::raw::{list_items, list_reserve, xdecref};

/// Items taken out of a list: `ob_item`, their number, `allocated`.
pub type Detached = [usize; 3];

inner! {
    /// Replaces items `start..stop`, which are cut to what is there, by owned references. False without memory: then the
    /// list and the caller's references are as they were.
    pub fn splice(l: Obj, start: usize, stop: usize, items: &[Obj]) -> bool {
        let n = list_items(l).len();
        // What programs do most: one item more at the end, or one less.
        let array = (*l.cast::<PyListObject>()).ob_item;
        match *items {
            [item] if start >= n => {
                if !list_reserve(l, n + 1) { return false }
                *(*l.cast::<PyListObject>()).ob_item.add(n) = item;
                (*l.cast::<PyVarObject>()).ob_size = n as Ssize + 1;
                return true;
            }
            [] if start < n && stop == start + 1 => {
                let gone = *array.add(start);
                std::ptr::copy(array.add(stop), array.add(start), n - stop);
                *array.add(n - 1) = std::ptr::null_mut();
                (*l.cast::<PyVarObject>()).ob_size = n as Ssize - 1;
                xdecref(gone);
                return true;
            }
            _ => {}
        }
        let (start, stop) = (start.min(n), stop.min(n).max(start.min(n)));
        let len = n - (stop - start) + items.len();
        if !list_reserve(l, len) { return false }
        let array = (*l.cast::<PyListObject>()).ob_item;
        if array.is_null() { return true }
        let gone: Vec<Obj> = std::slice::from_raw_parts(array.add(start), stop - start).to_vec();
        std::ptr::copy(array.add(stop), array.add(start + items.len()), n - stop);
        std::ptr::copy_nonoverlapping(items.as_ptr(), array.add(start), items.len());
        if len < n { std::ptr::write_bytes(array.add(len), 0, n - len) }
        (*l.cast::<PyVarObject>()).ob_size = len as Ssize;
        if len == 0 { release(l) }
        for o in gone.into_iter().rev() { xdecref(o) }
        true
    }
    /// An empty list needs no array.
    fn release(l: Obj) {
        let list: *mut PyListObject = l.cast();
        crate::api::PyMem_Free((*list).ob_item.cast());
        (*list).ob_item = std::ptr::null_mut();
        (*list).allocated = 0;
    }
    /// Takes all items out: the list is empty and has no array.
    pub fn detach(l: Obj) -> Detached {
        let list: *mut PyListObject = l.cast();
        let words = [(*list).ob_item as usize, (*list).ob_base.ob_size as usize, (*list).allocated as usize];
        (*list).ob_item = std::ptr::null_mut();
        (*list).ob_base.ob_size = 0;
        (*list).allocated = 0;
        words
    }
    /// Puts items back, item `order[i]` at place `i`. False if the list was used meanwhile; what it got is dropped.
    pub fn attach(l: Obj, detached: Detached, order: &[u32]) -> bool {
        let list: *mut PyListObject = l.cast();
        let gone = list_items(l).to_vec();
        let unused = (*list).ob_item.is_null();
        if !unused { release(l) }
        let [array, n, allocated] = detached;
        let array = array as *mut Obj;
        if n > 0 {
            let old = std::slice::from_raw_parts(array, n).to_vec();
            debug_assert_eq!(order.len(), n);
            for (i, &from) in order.iter().enumerate() { *array.add(i) = old[from as usize] }
        }
        (*list).ob_item = array;
        (*list).ob_base.ob_size = n as Ssize;
        (*list).allocated = allocated as Ssize;
        for o in gone.into_iter().rev() { xdecref(o) }
        unused
    }
}
