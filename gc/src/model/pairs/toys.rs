//! The raw side of the tests: small structures with a reference count, as foreign code would have them.
//!
//! Memory of a structure that is freed is used again for the next one, and says that it is free as long as it is not: each
//! function checks that.
use crate::pairing::{BIAS, CycleOps, RawLayout, Task};
use crate::*;
use std::cell::{Cell, RefCell};

/// A structure: its count, its link, and references to others that it holds.
#[repr(C)]
struct Body {
    count: isize,
    link: usize,
    serial: u64,
    is_alive: bool,
    edges: Vec<Toy>,
}

/// A pointer to a structure.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Toy(*mut Body);

/// What the raw side may do wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    None,
    /// A link adds one too many.
    WrongBias,
    /// What becomes pending keeps a count of 0.
    PendingAtZero,
    /// The link does not follow an object that moves.
    LinkStays,
    /// The link of a dead object is not cleared.
    LinkNotCleared,
    /// What is freed with its object is not told to the raw side.
    NeverFreed,
}

thread_local! {
    static FAULT: Cell<Fault> = const { Cell::new(Fault::None) };
    /// Serials of what the heap freed, and of what was destroyed by the raw side.
    static FREED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static DESTROYED_TOYS: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static SPARE: RefCell<Vec<Toy>> = const { RefCell::new(Vec::new()) };
}

pub fn set_fault(fault: Fault) {
    FAULT.set(fault);
}
/// What the heap freed since the last call.
pub fn take_freed() -> Vec<u64> {
    FREED.take()
}
/// What was destroyed by dropping the last reference since the last call.
pub fn take_destroyed() -> Vec<u64> {
    DESTROYED_TOYS.take()
}

impl Toy {
    /// A structure with the given count.
    pub fn new(serial: u64, count: isize) -> Toy {
        let body = Body {
            count,
            link: 0,
            serial,
            is_alive: true,
            edges: Vec::new(),
        };
        match SPARE.with_borrow_mut(Vec::pop) {
            Some(toy) => {
                // SAFETY: the memory was a structure that was freed.
                unsafe { toy.0.write(body) };
                toy
            }
            None => Toy(Box::into_raw(Box::new(body))),
        }
    }
    pub fn raw(self) -> *mut Raw {
        self.0.cast()
    }
    pub fn of(raw: *mut Raw) -> Toy {
        Toy(raw.cast())
    }
    fn with<R>(self, what: impl FnOnce(&mut Body) -> R) -> R {
        // SAFETY: memory of structures is never given back; nobody else has a reference to it in between.
        let body = unsafe { &mut *self.0 };
        assert!(
            body.is_alive,
            "R5: the structure {} was used after it was freed",
            body.serial
        );
        what(body)
    }
    pub fn serial(self) -> u64 {
        self.with(|body| body.serial)
    }
    /// `None` for a structure that was freed.
    pub fn serial_if_alive(self) -> Option<u64> {
        // SAFETY: as above.
        unsafe { (*self.0).is_alive.then_some((*self.0).serial) }
    }
    pub fn count(self) -> isize {
        self.with(|body| body.count)
    }
    pub fn link_word(self) -> usize {
        self.with(|body| body.link)
    }
    pub fn incref(self) {
        self.with(|body| body.count += 1);
    }
    /// Drops a reference, and destroys the structure if it was the last.
    pub fn decref(self, heap: &Heap) {
        let count = self.with(|body| {
            body.count -= 1;
            body.count
        });
        assert!(count >= 0, "R7: a reference was dropped that nobody had");
        if count == 0 {
            self.destroy(heap);
        }
    }
    /// Drops a reference that nobody had: what broken foreign code does.
    pub fn take_one_too_many(self) {
        self.with(|body| body.count -= 1);
    }
    /// The destructor. Nobody refers to the structure.
    pub fn destroy(self, heap: &Heap) {
        assert_eq!(
            gc_of(heap, self),
            None,
            "R1: a linked structure is destroyed"
        );
        mark_deallocating(heap, self);
        assert!(is_deallocating(heap, self));
        let edges = self.with(|body| std::mem::take(&mut body.edges));
        edges.into_iter().for_each(|child| child.decref(heap));
        DESTROYED_TOYS.with_borrow_mut(|all| all.push(self.serial()));
        self.release();
    }
    fn release(self) {
        self.with(|body| body.is_alive = false);
        SPARE.with_borrow_mut(|spare| spare.push(self));
    }
    /// Makes the structure hold a reference to another one.
    pub fn add_edge(self, to: Toy) {
        to.incref();
        self.with(|body| body.edges.push(to));
    }
    pub fn remove_edge(self, n: usize, heap: &Heap) {
        let to = self.with(|body| body.edges.remove(n));
        to.decref(heap);
    }
}

fn count(raw: *mut Raw) -> isize {
    Toy::of(raw).count()
}
fn set_count(raw: *mut Raw, count: isize) {
    let before = Toy::of(raw).count();
    let count = match FAULT.get() {
        Fault::WrongBias if before < BIAS && count >= BIAS => count + 1,
        Fault::PendingAtZero if before == BIAS && count == 1 => 0,
        _ => count,
    };
    Toy::of(raw).with(|body| body.count = count);
}
fn link_word(raw: *mut Raw) -> usize {
    Toy::of(raw).link_word()
}
fn set_link(raw: *mut Raw, link: usize) {
    let before = Toy::of(raw).link_word();
    let is_lost = match FAULT.get() {
        Fault::LinkStays => before > 1 && link > 1,
        Fault::LinkNotCleared => before > 1 && link == 0,
        _ => false,
    };
    if !is_lost {
        Toy::of(raw).with(|body| body.link = link);
    }
}
fn free(raw: *mut Raw) {
    if FAULT.get() == Fault::NeverFreed {
        return;
    }
    let toy = Toy::of(raw);
    assert_eq!(toy.link_word(), 0, "R1: what is freed has no link any more");
    FREED.with_borrow_mut(|all| all.push(toy.serial()));
    toy.release();
}

/// Describes the structures to a heap.
pub fn describe(heap: &Heap) {
    let ops = RawOps {
        layout: RawLayout::NONE,
        references: count,
        set_references: set_count,
        link: link_word,
        set_link,
        free,
    };
    // SAFETY: the functions do what they say (but for planted faults), and do not call the heap.
    unsafe { heap.set_raw_ops(ops) };
}
/// Lets the heap look into the structures too: it finds cycles over both sides.
pub fn describe_cycles(heap: &Heap) {
    let cycles = CycleOps {
        holds: |raw| Toy::of(raw).with(|body| !body.edges.is_empty()),
        traverse: |raw, visit| {
            Toy::of(raw).with(|body| body.edges.iter().for_each(|child| visit(child.raw())))
        },
        tracked: |_| {},
        wants_finalizer: |_| false,
        clears: |_| true,
    };
    // SAFETY: the functions do what they say and do not call the heap.
    unsafe { heap.set_cycle_ops(cycles) };
}
/// Does what the next death of which the heap knows makes necessary. Whether there was one.
pub fn perform_next(heap: &Heap) -> bool {
    let Some((raw, task)) = heap.next_task() else {
        return false;
    };
    let toy = Toy::of(raw);
    if task == Task::Clear {
        let edges = toy.with(|body| std::mem::take(&mut body.edges));
        edges.into_iter().for_each(|child| child.decref(heap));
    }
    toy.decref(heap);
    true
}
pub fn link(heap: &Heap, gc: impl Into<Gc>, toy: Toy, kind: LinkKind) {
    // SAFETY: memory of structures is never given back.
    unsafe { heap.link(gc.into(), toy.raw(), kind) };
}
pub fn unlink(heap: &Heap, toy: Toy) -> Option<isize> {
    // SAFETY: as above.
    unsafe { heap.unlink(toy.raw()) }
}
pub fn gc_of(heap: &Heap, toy: Toy) -> Option<Gc> {
    // SAFETY: as above.
    unsafe { heap.gc_of(toy.raw()) }
}
pub fn mark_deallocating(heap: &Heap, toy: Toy) {
    // SAFETY: as above.
    unsafe { heap.mark_deallocating(toy.raw()) };
}
pub fn is_deallocating(heap: &Heap, toy: Toy) -> bool {
    // SAFETY: as above.
    unsafe { heap.is_deallocating(toy.raw()) }
}
pub fn raw_of(heap: &Heap, gc: impl Into<Gc>) -> Option<Toy> {
    heap.raw_of(gc.into()).map(Toy::of)
}
pub fn next_pending(heap: &Heap) -> Option<Toy> {
    heap.next_pending().map(Toy::of)
}
