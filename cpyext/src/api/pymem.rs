//! `pymem.h`: memory that is no object. It comes from the same place, so that any function that frees fits.

use crate::context::current;
use std::ffi::c_void;

/// Memory without a context (a thread of its own, a static initialiser) comes from the system.
fn alloc(bytes: usize) -> *mut c_void {
    match current() {
        Some(c) => c.memory.alloc(bytes.max(1)).cast(),
        // SAFETY: any size may be asked for.
        None => unsafe { libc::malloc(bytes.max(1)) },
    }
}

api! {
    fn PyMem_Malloc(bytes: usize) -> *mut c_void { alloc(bytes) }
    fn PyMem_Calloc(n: usize, bytes: usize) -> *mut c_void {
        let Some(all) = n.checked_mul(bytes) else { return std::ptr::null_mut() };
        let p = alloc(all);
        if !p.is_null() { std::ptr::write_bytes(p.cast::<u8>(), 0, all) }
        p
    }
    fn PyMem_Realloc(p: *mut c_void, bytes: usize) -> *mut c_void {
        if p.is_null() { return alloc(bytes) }
        let Some(c) = current().filter(|c| c.memory.is_ours(p as usize)) else {
            return libc::realloc(p, bytes.max(1));
        };
        let old = c.memory.usable(p.cast());
        if bytes <= old && bytes >= old / 2 { return p }
        let new = alloc(bytes);
        if new.is_null() { return new }
        std::ptr::copy_nonoverlapping(p.cast::<u8>(), new.cast(), old.min(bytes));
        c.memory.free(p.cast());
        new
    }
    fn PyMem_Free(p: *mut c_void) {
        if p.is_null() { return }
        match current().filter(|c| c.memory.is_ours(p as usize)) {
            Some(c) => c.memory.free(p.cast()),
            None => libc::free(p),
        }
    }
    // The raw functions may be called by any thread at any time.
    fn PyMem_RawMalloc(bytes: usize) -> *mut c_void { libc::malloc(bytes.max(1)) }
    fn PyMem_RawCalloc(n: usize, bytes: usize) -> *mut c_void { libc::calloc(n.max(1), bytes.max(1)) }
    fn PyMem_RawRealloc(p: *mut c_void, bytes: usize) -> *mut c_void { libc::realloc(p, bytes.max(1)) }
    fn PyMem_RawFree(p: *mut c_void) { libc::free(p) }
    fn PyObject_Malloc(bytes: usize) -> *mut c_void { alloc(bytes) }
    fn PyObject_Calloc(n: usize, bytes: usize) -> *mut c_void { PyMem_Calloc(n, bytes) }
    fn PyObject_Realloc(p: *mut c_void, bytes: usize) -> *mut c_void {
        if !p.is_null() && current().is_some_and(|c| c.memory.is_ours(p as usize) && *c.memory.link(p.cast()) != 0) {
            crate::errors::bad_call("PyObject_Realloc");
            return std::ptr::null_mut();
        }
        PyMem_Realloc(p, bytes)
    }
    fn PyObject_Free(p: *mut c_void) {
        if p.is_null() { return }
        crate::raw::free(p.cast())
    }
}
