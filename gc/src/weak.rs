//! Weak references: objects with one field that does not keep its referent alive.
//!
//! A collection calls [`WeakTable::clear_dead`] after it followed the roots and before finalizers resurrect, so that
//! nobody reaches through a weak reference what is about to be finalized, and [`WeakTable::update`] at the end.
//!
//! Invariant W1: entries before `first_young` have owner and referent old.
use crate::collector::Scope;
use crate::object::{Gc, state_bits};
use crate::roots::RootVisitor;
use crate::types::TypeTable;
use std::cell::{Cell, RefCell};

/// Owners of weak fields, and those whose referents died.
#[derive(Default)]
pub struct WeakTable {
    owners: RefCell<Vec<Gc>>,
    first_young: Cell<usize>,
    dead: RefCell<Vec<Cell<Gc>>>,
}

/// The weak field of an owner.
fn weak_slot(types: &TypeTable, owner: Gc) -> *mut Gc {
    let offset = types.info(owner.type_id()).weak_offset;
    owner.word::<Gc>(offset.expect("checked by register_weak"))
}

/// Owners lie anywhere: the one that is looked at some steps after number `n` is fetched now.
#[inline(always)]
fn fetch_ahead(owners: &[Gc], n: usize) {
    const AHEAD: usize = 8;
    if let Some(owner) = owners.get(n + AHEAD) {
        crate::memory::prefetch(owner.address());
    }
}

impl WeakTable {
    pub(crate) fn register(&self, owner: Gc) {
        self.owners.borrow_mut().push(owner);
    }
    pub(crate) fn take_dead(&self) -> Vec<Gc> {
        self.dead
            .borrow_mut()
            .drain(..)
            .map(Cell::into_inner)
            .collect()
    }
    /// Number of weak references that wait for [`crate::Heap::take_dead_weakrefs`].
    pub fn queued(&self) -> usize {
        self.dead.borrow().len()
    }
    /// Takes those that wait back, from the n-th on.
    pub(crate) fn take_queued_from(&self, n: usize) -> Vec<Gc> {
        let mut queue = self.dead.borrow_mut();
        queue.drain(n..).map(Cell::into_inner).collect()
    }
    /// Lets a living owner wait.
    pub(crate) fn queue(&self, owner: Gc) {
        self.dead.borrow_mut().push(Cell::new(owner));
    }
    pub(crate) fn has_dead(&self) -> bool {
        !self.dead.borrow().is_empty()
    }
    pub(crate) fn visit_queue(&self, visitor: &mut dyn RootVisitor) {
        if visitor.wants_slots() {
            visitor.slots(&self.dead.borrow());
        }
    }
    /// The owners whose weak field names `referent`, in order of registration. Some may be unreachable already.
    pub fn owners_of(&self, types: &TypeTable, referent: Gc) -> Vec<Gc> {
        if referent.header().state() & state_bits::HAS_WEAKREF == 0 {
            return Vec::new();
        }
        // SAFETY: the type's weak field is a word of the object, and registered owners are intact.
        let names_it = |owner: &Gc| unsafe { weak_slot(types, *owner).read() == referent };
        self.owners
            .borrow()
            .iter()
            .copied()
            .filter(names_it)
            .collect()
    }
    /// Clears the weak fields whose referents are dead. Owners that live are queued, at their new places.
    /// `survivor` gives the present place of a living object.
    pub fn clear_dead(&self, types: &TypeTable, scope: Scope, survivor: impl Fn(Gc) -> Option<Gc>) {
        let mut owners = self.owners.borrow_mut();
        let first = self.first(scope);
        let first_young = self.first_young.get();
        let mut kept = first;
        for n in first..owners.len() {
            if n == first_young {
                // Young collections may come before `update`.
                self.first_young.set(kept);
            }
            fetch_ahead(&owners, n);
            let owner = owners[n];
            let moved = survivor(owner);
            // The field of a dead owner is read at its old place, which is intact until the collection ends.
            let slot = weak_slot(types, moved.unwrap_or(owner));
            // SAFETY: the type's weak field is a word of the object.
            let referent = unsafe { slot.read() };
            if referent.is_null() {
                continue;
            }
            let is_queued = mutant!(WeakAfterFinalizers)
                && referent.header().state() & state_bits::HAS_FINALIZER != 0;
            if survivor(referent).is_none() && !is_queued {
                // SAFETY: as above.
                unsafe { slot.write(Gc::NULL) };
                if let Some(owner) = moved {
                    self.dead.borrow_mut().push(Cell::new(owner));
                }
                continue;
            }
            owners[kept] = owner;
            kept += 1;
        }
        if first_young >= owners.len() {
            self.first_young.set(kept);
        }
        owners.truncate(kept);
    }
    /// Forgets owners that died themselves, and makes weak fields name where their referents are now. Runs after the last
    /// marking. `is_young` tells of an object at its present place whether a young collection will look at it again.
    pub fn update(
        &self,
        types: &TypeTable,
        scope: Scope,
        survivor: impl Fn(Gc) -> Option<Gc>,
        is_young: impl Fn(Gc) -> bool,
    ) {
        let mut owners = self.owners.borrow_mut();
        let first = self.first(scope);
        let (mut kept, mut first_young) = (first, None);
        for n in first..owners.len() {
            fetch_ahead(&owners, n);
            let Some(owner) = survivor(owners[n]) else {
                continue;
            };
            let slot = weak_slot(types, owner);
            // SAFETY: the type's weak field is a word of the object.
            let before = unsafe { slot.read() };
            let referent = survivor(before).expect("fields with dead referents were cleared");
            if referent != before {
                // SAFETY: as above.
                unsafe { slot.write(referent) };
            }
            if is_young(owner) || is_young(referent) {
                first_young = first_young.or(Some(kept));
            }
            owners[kept] = owner;
            kept += 1;
        }
        owners.truncate(kept);
        self.first_young.set(first_young.unwrap_or(kept));
    }
    fn first(&self, scope: Scope) -> usize {
        match scope {
            Scope::Young => self.first_young.get(),
            Scope::Whole => 0,
        }
    }
}
