//! Where references come from that are not in heap objects.
//!
//! Whoever keeps references outside the heap registers a [`RootProvider`]; Rust code that wants to keep one in a struct
//! uses [`Root`] or [`RootVec`]. Precise slots are updated when an object moves. Ambiguous words only keep what they seem
//! to name, in place, and never revive an object that is known to be dead.
use crate::heap::Heap;
use crate::object::Gc;
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::{Rc, Weak};

/// Takes the roots of one provider.
pub trait RootVisitor {
    /// A cell that holds a reference or NULL.
    fn slot(&mut self, slot: &Cell<Gc>);
    /// A word that may or may not be a reference: to the base, the inside or the end of an object.
    fn ambiguous(&mut self, word: usize);
    /// Whether slots are looked at: a collection that moves objects asks for the ambiguous words first.
    fn wants_slots(&self) -> bool {
        true
    }
    /// Whether immortal objects that are old already do not matter.
    fn skips_old_immortals(&self) -> bool {
        false
    }
    /// Whether slots are looked at that named only old objects when they were last visited, and were not written since. Who
    /// keeps many of these may pass them over otherwise.
    fn wants_old(&self) -> bool {
        true
    }
    /// Whether an object that a slot named after it was visited is old, and so stays out of the collections that pass over
    /// slots; see [`RootVisitor::wants_old`].
    fn is_old(&self, gc: Gc) -> bool {
        let _ = gc;
        false
    }
    /// Cells that hold references or NULL.
    fn slots(&mut self, slots: &[Cell<Gc>]) {
        slots.iter().for_each(|slot| self.slot(slot));
    }
    /// The reference at `slot`.
    ///
    /// # Safety
    /// `slot` points to a `Gc` that nobody borrows.
    unsafe fn slot_at(&mut self, slot: *mut Gc) {
        // SAFETY: the caller vouches for the address, and a `Cell<Gc>` has the layout of a `Gc`.
        self.slot(unsafe { &*slot.cast::<Cell<Gc>>() });
    }
    /// The words between two addresses, each ambiguous.
    ///
    /// # Safety
    /// The range is readable, aligned memory, such as the part of a native stack in use.
    unsafe fn ambiguous_range(&mut self, range: Range<*const usize>) {
        let mut at = range.start;
        while at < range.end {
            // SAFETY: inside the range the caller vouches for. Volatile, since the words belong to other frames.
            self.ambiguous(unsafe { at.read_volatile() });
            at = at.wrapping_add(1);
        }
    }
}

/// Somebody who keeps references outside the heap.
///
/// It may be asked at each safepoint, and under conservative roots also inside an allocation at the hard limit: what it
/// reports must be valid or NULL at any time. It must not allocate, nor touch [`Root`]s. One collection may ask several
/// times, and the answers must be the same.
pub trait RootProvider {
    /// Reports all roots.
    fn visit(&self, visitor: &mut dyn RootVisitor);
}

impl<F: Fn(&mut dyn RootVisitor)> RootProvider for F {
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        self(visitor)
    }
}

/// Names a registered provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RootProviderId(u64);

/// The items of a [`RootVec`].
type Items = RefCell<Vec<Cell<Gc>>>;

/// All roots of a heap.
#[derive(Default)]
pub struct RootTable {
    next_id: Cell<u64>,
    providers: RefCell<Vec<(RootProviderId, Rc<dyn RootProvider>)>>,
    handles: Rc<Handles>,
    immortals: RefCell<Vec<Cell<Gc>>>,
    /// The immortals before this one are old.
    first_young_immortal: Cell<usize>,
    vectors: RefCell<Vec<Weak<Items>>>,
}

#[derive(Default)]
struct Handles {
    slots: RefCell<Vec<Cell<Gc>>>,
    free: RefCell<Vec<usize>>,
    /// The heap, if it is kept for ever.
    heap: Cell<Option<&'static Heap>>,
}

impl Handles {
    /// Panics in debug builds if `gc` names memory of the heap where no object is.
    #[inline(always)]
    fn check(&self, gc: Gc) {
        if cfg!(debug_assertions)
            && let Some(heap) = self.heap.get()
        {
            heap.check_handle(gc);
        }
    }
    fn root(this: &Rc<Handles>, gc: Gc) -> Root {
        let mut slots = this.slots.borrow_mut();
        let index = match this.free.borrow_mut().pop() {
            Some(index) => {
                slots[index].set(gc);
                index
            }
            None => {
                slots.push(Cell::new(gc));
                slots.len() - 1
            }
        };
        Root {
            handles: this.clone(),
            index,
        }
    }
}

impl RootTable {
    /// Registers a provider.
    pub fn add_provider(&self, provider: Rc<dyn RootProvider>) -> RootProviderId {
        let id = RootProviderId(self.next_id.replace(self.next_id.get() + 1));
        self.providers.borrow_mut().push((id, provider));
        id
    }
    /// Removes a provider; false if it is not registered.
    pub fn remove_provider(&self, id: RootProviderId) -> bool {
        let mut providers = self.providers.borrow_mut();
        let before = providers.len();
        providers.retain(|p| p.0 != id);
        providers.len() != before
    }
    /// A handle that keeps `gc` alive.
    pub fn root(&self, gc: Gc) -> Root {
        Handles::root(&self.handles, gc)
    }
    /// Whose roots they are.
    pub(crate) fn set_heap(&self, heap: &'static Heap) {
        self.handles.heap.set(Some(heap));
    }
    /// The heap goes: handles and vectors that outlive it name nothing from now on.
    pub(crate) fn forget_all(&self) {
        self.handles.heap.set(None);
        self.handles
            .slots
            .borrow()
            .iter()
            .for_each(|slot| slot.set(Gc::NULL));
        for items in self.vectors.borrow().iter().filter_map(Weak::upgrade) {
            items.borrow().iter().for_each(|item| item.set(Gc::NULL));
        }
    }
    pub(crate) fn keep_for_ever(&self, gc: Gc) {
        self.immortals.borrow_mut().push(Cell::new(gc));
    }
    /// All immortal objects are old now. For collectors with a young phase.
    pub fn immortals_are_old(&self) {
        self.first_young_immortal.set(self.immortals.borrow().len());
    }
    /// An empty vector that keeps its items alive.
    pub fn vector(&self) -> RootVec {
        let items = Rc::new(RefCell::new(Vec::new()));
        let mut vectors = self.vectors.borrow_mut();
        if vectors.len() == vectors.capacity() {
            vectors.retain(|v| v.strong_count() != 0);
        }
        vectors.push(Rc::downgrade(&items));
        RootVec {
            items,
            handles: self.handles.clone(),
        }
    }
    /// Reports everything registered.
    pub fn visit(&self, visitor: &mut dyn RootVisitor) {
        if visitor.wants_slots() {
            let first = match visitor.skips_old_immortals() {
                true => self.first_young_immortal.get(),
                false => 0,
            };
            visitor.slots(&self.immortals.borrow()[first..]);
            visitor.slots(&self.handles.slots.borrow());
            for items in self.vectors.borrow().iter().filter_map(Weak::upgrade) {
                visitor.slots(&items.borrow());
            }
        }
        for (_, provider) in self.providers.borrow().iter() {
            provider.visit(visitor);
        }
    }
}

/// Keeps an object alive from Rust heap memory, and follows it when it moves.
pub struct Root {
    handles: Rc<Handles>,
    index: usize,
}

impl Root {
    /// The reference.
    pub fn get(&self) -> Gc {
        self.handles.slots.borrow()[self.index].get()
    }
    /// Keeps another object instead.
    pub fn set(&self, gc: Gc) {
        self.handles.check(gc);
        self.handles.slots.borrow()[self.index].set(gc);
    }
}
impl Clone for Root {
    fn clone(&self) -> Root {
        Handles::root(&self.handles, self.get())
    }
}
impl Drop for Root {
    fn drop(&mut self) {
        self.set(Gc::NULL);
        self.handles.free.borrow_mut().push(self.index);
    }
}

/// A vector of references in Rust heap memory that keeps its items alive.
#[derive(Clone)]
pub struct RootVec {
    items: Rc<Items>,
    handles: Rc<Handles>,
}

impl RootVec {
    /// Appends a reference and returns its index.
    pub fn push(&self, gc: Gc) -> usize {
        self.handles.check(gc);
        let mut items = self.items.borrow_mut();
        items.push(Cell::new(gc));
        items.len() - 1
    }
    /// Removes the last item.
    pub fn pop(&self) -> Option<Gc> {
        self.items.borrow_mut().pop().map(|cell| cell.get())
    }
    /// The item at `index`. Panics if there is none.
    pub fn get(&self, index: usize) -> Gc {
        self.items.borrow()[index].get()
    }
    /// Replaces the item at `index`. Panics if there is none.
    pub fn set(&self, index: usize, gc: Gc) {
        self.handles.check(gc);
        self.items.borrow()[index].set(gc);
    }
    /// Number of items.
    pub fn len(&self) -> usize {
        self.items.borrow().len()
    }
    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Drops the items from `len` on.
    pub fn truncate(&self, len: usize) {
        self.items.borrow_mut().truncate(len);
    }
    /// The items as they are now.
    pub fn to_vec(&self) -> Vec<Gc> {
        self.items.borrow().iter().map(Cell::get).collect()
    }
}
