//! Weak references: objects with one field that does not keep its referent alive.
//!
//! A collection calls [`WeakTable::clear_dead`] after it followed the roots and before finalizers resurrect, so that
//! nobody reaches through a weak reference what is about to be finalized, and [`WeakTable::update`] at the end.
//!
//! Invariant W1: entries before `first_young` have owner and referent old.
use crate::collector::Scope;
use crate::finalizers::Pass;
use crate::object::{Gc, state_bits};
use crate::roots::RootVisitor;
use crate::types::TypeTable;
use std::cell::{Cell, RefCell};

/// Owners of weak fields, and those whose referents died.
#[derive(Default)]
pub struct WeakTable {
    owners: RefCell<Vec<Gc>>,
    first_young: Cell<usize>,
    pass: Cell<Option<Pass>>,
    /// Weak references to what is dead become NULL slice by slice: some name it still.
    clearing: Cell<bool>,
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
        let owners = self.owners.borrow();
        let gap = self.pass.get().map_or(0..0, |pass| pass.kept..pass.next);
        let valid = owners[..gap.start].iter().chain(&owners[gap.end..]);
        valid.copied().filter(names_it).collect()
    }
    /// The referent of an owner as it is in memory. `is_dead` is asked while weak references to dead objects may be left.
    pub(crate) fn referent(
        &self,
        types: &TypeTable,
        owner: Gc,
        is_dead: impl Fn(Gc) -> bool,
    ) -> Gc {
        // SAFETY: the type's weak field is a word of the object.
        let referent = unsafe { weak_slot(types, owner).read() };
        match self.clearing.get() && !referent.is_null() && is_dead(referent) {
            true => Gc::NULL,
            false => referent,
        }
    }

    // ---- In slices, when it is known what is dead ---------------------------------------------------------------------

    /// From now on weak references to what is dead are cleared. No object is young.
    pub(crate) fn begin_clearing(&self) {
        self.begin_pass();
        self.clearing.set(true);
    }
    fn begin_pass(&self) {
        self.end_pass();
        self.pass.set(Some(Pass::over(self.first_young.get())));
    }
    fn end_pass(&self) {
        if let Some(pass) = self.pass.take() {
            let gap = pass.close(&mut self.owners.borrow_mut());
            self.first_young.set(self.first_young.get() - gap);
        }
    }
    /// Forgets what was done so far, as far as it can be done again.
    pub(crate) fn abandon(&self) {
        self.end_pass();
        self.clearing.set(false);
    }
    /// Goes over up to `most` entries. Whether the pass is at its end.
    fn pass_some(&self, most: &mut usize, wanted: impl FnMut(Gc) -> bool) -> bool {
        let Some(mut pass) = self.pass.get() else {
            return true;
        };
        let done = pass.advance(&mut self.owners.borrow_mut(), most, wanted);
        self.pass.set(Some(pass));
        if done {
            self.end_pass();
        }
        done
    }
    /// As [`WeakTable::clear_dead`], for up to `most` owners. Whether all were looked at.
    pub(crate) fn clear_some(
        &self,
        types: &TypeTable,
        most: &mut usize,
        lives: impl Fn(Gc) -> bool,
    ) -> bool {
        let done = self.pass_some(most, |owner| {
            let slot = weak_slot(types, owner);
            // SAFETY: the type's weak field is a word of the object; dead owners are intact until they are swept.
            let referent = unsafe { slot.read() };
            if referent.is_null() || lives(referent) {
                return !referent.is_null();
            }
            // SAFETY: as above.
            unsafe { slot.write(Gc::NULL) };
            if lives(owner) {
                self.queue(owner);
            }
            false
        });
        self.clearing.set(!done);
        done
    }
    /// Finalizers have kept what they keep: owners that are dead still are to be forgotten.
    pub(crate) fn begin_settling(&self) {
        self.begin_pass();
    }
    /// Forgets dead owners among up to `most`. Whether all were looked at.
    pub(crate) fn settle_some(&self, most: &mut usize, lives: impl Fn(Gc) -> bool) -> bool {
        self.pass_some(most, lives)
    }

    /// Clears the weak fields whose referents are dead. Owners that live are queued, at their new places.
    /// `survivor` gives the present place of a living object.
    pub fn clear_dead(&self, types: &TypeTable, scope: Scope, survivor: impl Fn(Gc) -> Option<Gc>) {
        if scope == Scope::Whole {
            self.abandon();
        }
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
