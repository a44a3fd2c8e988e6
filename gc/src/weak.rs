//! Weak references: objects with one field that does not keep its referent alive.
use crate::object::{Gc, state_bits};
use crate::roots::RootVisitor;
use crate::types::TypeTable;
use std::cell::{Cell, RefCell};

/// Owners of weak fields, and those whose referents died.
#[derive(Default)]
pub struct WeakTable {
    owners: RefCell<Vec<Gc>>,
    dead: RefCell<Vec<Cell<Gc>>>,
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
    pub(crate) fn has_dead(&self) -> bool {
        !self.dead.borrow().is_empty()
    }
    pub(crate) fn visit_queue(&self, visitor: &mut dyn RootVisitor) {
        visitor.slots(&self.dead.borrow());
    }
    /// The owners whose weak field names `referent`, in order of registration. Some may be unreachable already.
    pub fn owners_of(&self, types: &TypeTable, referent: Gc) -> Vec<Gc> {
        if referent.header().state() & state_bits::HAS_WEAKREF == 0 {
            return Vec::new();
        }
        let names_it = |owner: &Gc| {
            types
                .info(owner.type_id())
                .weak_offset
                .is_some_and(|offset| {
                    // SAFETY: the type's weak field is a word of the object, and registered owners are intact.
                    unsafe { owner.word::<Gc>(offset).read() == referent }
                })
        };
        self.owners
            .borrow()
            .iter()
            .copied()
            .filter(names_it)
            .collect()
    }
    /// Clears the weak fields whose referents are dead. Runs after marking from roots and before finalizers resurrect, so
    /// that nobody reaches through a weak reference what is about to be finalized. Owners that live are queued.
    pub fn clear_dead(&self, types: &TypeTable, is_live: impl Fn(Gc) -> bool) {
        self.owners.borrow_mut().retain(|&owner| {
            let offset = types
                .info(owner.type_id())
                .weak_offset
                .expect("checked by register_weak");
            let slot = owner.word::<Gc>(offset);
            // SAFETY: the type's weak field is a word of the object, which is still intact: sweeping comes later.
            let referent = unsafe { slot.read() };
            if referent.is_null() {
                return false;
            }
            let dead = !is_live(referent);
            if dead {
                // SAFETY: as above.
                unsafe { slot.write(Gc::NULL) };
                if is_live(owner) {
                    self.dead.borrow_mut().push(Cell::new(owner));
                }
            }
            !dead
        });
    }
    /// Forgets owners that died themselves. Runs after the last marking.
    pub fn drop_dead_owners(&self, is_live: impl Fn(Gc) -> bool) {
        self.owners.borrow_mut().retain(|&owner| is_live(owner));
    }
}
