//! Temporary lists of references in Rust memory, for arguments and intermediate results.
//!
//! Up to eight items lie in the native stack, where the collector sees them. More lie in Rust heap memory, which is
//! registered as a root as long as the list lives.
//!
//! Invariant T1: a registered list tells the registry its buffer after each change that may have moved it, so that the
//! registry never holds a dangling buffer.

use crate::Vm;
use ouro_gc::{Gc, RootVisitor};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

const INLINE: usize = 8;
const NOT_REGISTERED: usize = usize::MAX;

#[derive(Default)]
pub(crate) struct Registry {
    buffers: RefCell<Vec<(*mut Gc, usize)>>,
    free: RefCell<Vec<usize>>,
}
impl Registry {
    fn take(&self) -> usize {
        if let Some(n) = self.free.borrow_mut().pop() {
            return n;
        }
        let mut buffers = self.buffers.borrow_mut();
        buffers.push((std::ptr::null_mut(), 0));
        buffers.len() - 1
    }
    pub(crate) fn visit(&self, visitor: &mut dyn RootVisitor) {
        for &(buffer, len) in self.buffers.borrow().iter() {
            for i in 0..len {
                // SAFETY: T1: `buffer` holds `len` references and belongs to a list that lives.
                unsafe { visitor.slot_at(buffer.wrapping_add(i)) };
            }
        }
    }
}

/// A list of references that may be kept over safepoints. It must not be moved into Rust heap memory.
pub struct Temps {
    vm: &'static Vm,
    items: SmallVec<[Gc; INLINE]>,
    number: usize,
}

impl Temps {
    /// An empty list.
    pub fn new(vm: &'static Vm) -> Temps {
        Temps {
            vm,
            items: SmallVec::new(),
            number: NOT_REGISTERED,
        }
    }
    /// A copy of a slice.
    pub fn from_slice(vm: &'static Vm, items: &[Gc]) -> Temps {
        let mut temps = Temps {
            vm,
            items: SmallVec::from_slice(items),
            number: NOT_REGISTERED,
        };
        temps.settle();
        temps
    }
    /// `len` times NULL.
    pub fn nulls(vm: &'static Vm, len: usize) -> Temps {
        let mut temps = Temps {
            vm,
            items: SmallVec::from_elem(Gc::NULL, len),
            number: NOT_REGISTERED,
        };
        temps.settle();
        temps
    }
    fn settle(&mut self) {
        if !self.items.spilled() {
            return;
        }
        let registry = &self.vm.world().temps;
        if self.number == NOT_REGISTERED {
            self.number = registry.take();
        }
        registry.buffers.borrow_mut()[self.number] = (self.items.as_mut_ptr(), self.items.len());
    }
    /// Appends an item.
    pub fn push(&mut self, item: Gc) {
        self.items.push(item);
        self.settle();
    }
    /// Inserts an item.
    pub fn insert(&mut self, at: usize, item: Gc) {
        self.items.insert(at, item);
        self.settle();
    }
    /// Appends items.
    pub fn extend(&mut self, items: &[Gc]) {
        self.items.extend_from_slice(items);
        self.settle();
    }
    /// Removes the last item.
    pub fn pop(&mut self) -> Option<Gc> {
        let item = self.items.pop();
        self.settle();
        item
    }
    /// Drops all items after the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.items.truncate(len);
        self.settle();
    }
}
impl Drop for Temps {
    fn drop(&mut self) {
        if self.number != NOT_REGISTERED {
            let registry = &self.vm.world().temps;
            registry.buffers.borrow_mut()[self.number] = (std::ptr::null_mut(), 0);
            registry.free.borrow_mut().push(self.number);
        }
    }
}
impl Deref for Temps {
    type Target = [Gc];
    fn deref(&self) -> &[Gc] {
        &self.items
    }
}
impl DerefMut for Temps {
    fn deref_mut(&mut self) -> &mut [Gc] {
        &mut self.items
    }
}
