//! What the border knows of one interpreter.

use ahash::RandomState;
use ouro_cpyext::abi::*;
use ouro_cpyext::{context, memory};
use ouro_gc::pairing::RawLayout;
use ouro_gc::{Gc, Raw, RawOps};
use ouro_py_objects::{Class, Vm};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// A map from addresses that never change.
pub type ByAddress<T> = RefCell<HashMap<usize, T, RandomState>>;

/// The border of one interpreter.
pub struct Border {
    /// The interpreter.
    pub vm: &'static Vm,
    /// Classes by the addresses of their types.
    pub classes: ByAddress<&'static Class>,
    /// Types by the addresses of their classes.
    pub types: ByAddress<TypeObj>,
    /// How functions of C are called.
    pub ways: crate::call::Ways,
    /// Tuples of the names of keyword arguments, by the addresses of the names, which are immortal.
    pub names: RefCell<HashMap<Vec<usize>, Obj, RandomState>>,
    /// Bytes in use on the C side after the last collection that was asked for.
    pub settled_bytes: Cell<usize>,
}

thread_local! {
    static BORDER: Cell<Option<&'static Border>> = const { Cell::new(None) };
    /// Link words of structures in memory that is not ours.
    static FOREIGN: RefCell<HashMap<usize, usize, RandomState>> = RefCell::default();
}

/// The border of this thread's interpreter. Panics before the first extension module.
#[inline(always)]
pub fn border() -> &'static Border {
    BORDER.get().expect("an extension module was loaded")
}

/// Makes the border at the first extension module.
///
/// # Errors
/// A text that says why there is none.
pub fn start(vm: &'static Vm) -> Result<&'static Border, String> {
    if let Some(known) = BORDER.get() {
        return Ok(known);
    }
    let border: &'static Border = Box::leak(Box::new(Border {
        vm,
        classes: RefCell::default(),
        types: RefCell::default(),
        ways: Default::default(),
        names: RefCell::default(),
        settled_bytes: Cell::new(0),
    }));
    context::install(Box::new(crate::answers::Answers(border)))?;
    let (base, bytes) = context::context().memory.range();
    let layout = RawLayout {
        base,
        bytes,
        references_offset: std::mem::offset_of!(PyObject, ob_refcnt) as isize,
        link_offset: -(memory::HEADER as isize),
    };
    // SAFETY: the functions below read and write the heads of the structures, and call no heap. Each block of the range has
    // its link word in the pre-header.
    unsafe {
        vm.heap.set_raw_ops(RawOps {
            layout,
            references: refcount,
            set_references: set_refcount,
            link,
            set_link,
            free: free_light,
        });
        vm.heap.set_cycle_ops(crate::cycles::OPS);
    }
    // SAFETY: the context filled the type, and nothing of C has run yet.
    unsafe {
        (*ouro_cpyext::data::PyDict_Type.get()).tp_dealloc = Some(crate::containers::dealloc_dict);
    }
    let callouts = &vm.world().callouts;
    callouts.pending_raw.set(Some(after_collection));
    callouts.exporters.set(Some(&crate::buffers::EXPORTERS));
    callouts
        .contents_changed
        .set(Some(crate::containers::contents_changed));
    callouts
        .class_changed
        .set(Some(crate::types::class_changed));
    BORDER.set(Some(border));
    crate::types::boot(border);
    Ok(border)
}

// SAFETY of the functions below: the heap passes structures that were given to it, which are objects of the C side.
unsafe fn refcount(raw: *mut Raw) -> isize {
    (*raw.cast::<PyObject>()).ob_refcnt
}
unsafe fn set_refcount(raw: *mut Raw, count: isize) {
    (*raw.cast::<PyObject>()).ob_refcnt = count;
}
unsafe fn link(raw: *mut Raw) -> usize {
    let memory = &context::context().memory;
    match memory.is_ours(raw as usize) {
        true => *memory.link(raw.cast()),
        false => FOREIGN.with_borrow(|f| f.get(&(raw as usize)).copied().unwrap_or(0)),
    }
}
unsafe fn set_link(raw: *mut Raw, word: usize) {
    let memory = &context::context().memory;
    match memory.is_ours(raw as usize) {
        true => *memory.link(raw.cast()) = word,
        false => FOREIGN.with_borrow_mut(|f| match word {
            0 => drop(f.remove(&(raw as usize))),
            _ => drop(f.insert(raw as usize, word)),
        }),
    }
}
/// Light structures are blocks without references to others; a str may have a copy of its text in UTF-8.
unsafe fn free_light(raw: *mut Raw) {
    let o: Obj = raw.cast();
    let memory: &memory::Memory = &context::context().memory;
    if (*(*o).ob_type).tp_flags & type_flags::UNICODE != 0 {
        ouro_cpyext::raw::unicode_free_parts(o);
    }
    if (*(*o).ob_type).tp_flags & type_flags::DICT != 0 {
        crate::containers::let_go_of_kept(o);
    }
    memory.free(raw.cast());
}

/// The object that a structure of the C side is linked to.
///
/// # Safety
/// `o` is an object of the C side.
#[inline]
pub unsafe fn linked(vm: &'static Vm, o: Obj) -> Option<Gc> {
    let memory = &context::context().memory;
    if memory.is_ours(o as usize) && *memory.link(o.cast()) == 0 {
        return None;
    }
    vm.heap.gc_of(o.cast())
}
/// The C side has grown: the heap is asked to look what of it is garbage.
pub fn memory_grew(border: &Border, bytes: usize) {
    let memory = &context::context().memory;
    let grown = bytes.saturating_sub(border.settled_bytes.get());
    match border.vm.heap.ask_for_raw_memory(grown) {
        // Until then there is nothing to tell.
        true => memory.set_due_bytes(usize::MAX),
        false => memory.set_due_bytes(bytes + bytes / 4),
    }
}
fn after_collection(vm: &'static Vm) {
    crate::cycles::do_tasks(vm);
    let memory = &context::context().memory;
    memory.settle();
    border().settled_bytes.set(memory.live_bytes());
}
