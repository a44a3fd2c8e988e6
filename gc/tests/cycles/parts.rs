//! The raw side of the scenes: structures with a name, a count, a link and references to others.
use ouro_gc::pairing::{CycleOps, RawLayout, Task};
use ouro_gc::{Gc, Heap, LinkKind, Raw, RawOps};
use std::cell::{Cell, RefCell};

/// A count that nothing brings to an end.
const IMMORTAL: isize = 1 << 60;

#[repr(C)]
pub struct Body {
    pub count: isize,
    pub link: usize,
    pub name: char,
    pub is_alive: bool,
    pub refers: Vec<Part>,
    pub is_opaque: bool,
    pub clears: bool,
    pub is_tracked: bool,
    pub has_finalizer: bool,
    pub links_in_destructor: bool,
    /// References from outside.
    pub held: isize,
}

/// A pointer to a structure. Its memory is never given back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Part(*mut Body);

thread_local! {
    static ALL: RefCell<Vec<Part>> = const { RefCell::new(Vec::new()) };
    static COLLECTS: Cell<bool> = const { Cell::new(false) };
    static TRAVERSED: Cell<u64> = const { Cell::new(0) };
    static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Whether destructors collect.
pub fn set_collects(on: bool) {
    COLLECTS.set(on);
}
fn collect(heap: &Heap) {
    if COLLECTS.get() {
        heap.collect(ouro_gc::Reason::Explicit);
    }
}
/// How many structures were looked into on this thread.
pub fn traversed() -> u64 {
    TRAVERSED.get()
}
/// Notes what happened.
pub fn event(what: char, name: char) {
    EVENTS.with_borrow_mut(|all| all.push(format!("{what}({name})")));
}
pub fn take_events() -> Vec<String> {
    EVENTS.take()
}
/// Forgets all structures.
pub fn reset() {
    ALL.take();
    take_events();
}
pub fn all() -> Vec<Part> {
    let all = ALL.with_borrow(|all| all.clone());
    all.into_iter().filter(|part| part.is_alive()).collect()
}

impl Part {
    pub fn new(name: char) -> Part {
        let part = Part(Box::into_raw(Box::new(Body {
            count: 0,
            link: 0,
            name,
            is_alive: true,
            refers: Vec::new(),
            is_opaque: false,
            clears: true,
            is_tracked: true,
            has_finalizer: false,
            links_in_destructor: false,
            held: 0,
        })));
        ALL.with_borrow_mut(|all| all.push(part));
        part
    }
    fn of(raw: *mut Raw) -> Part {
        Part(raw.cast())
    }
    pub fn raw(self) -> *mut Raw {
        self.0.cast()
    }
    pub fn with<R>(self, what: impl FnOnce(&mut Body) -> R) -> R {
        // SAFETY: memory of structures is never given back; nobody else has a reference to it in between.
        let body = unsafe { &mut *self.0 };
        assert!(body.is_alive, "{} was used after it was freed", body.name);
        what(body)
    }
    pub fn is_alive(self) -> bool {
        // SAFETY: as above.
        unsafe { (*self.0).is_alive }
    }
    pub fn name(self) -> char {
        self.with(|body| body.name)
    }
    pub fn incref(self) {
        self.with(|body| body.count += 1);
    }
    pub fn make_immortal(self) {
        self.with(|body| body.count += IMMORTAL);
    }
    pub fn decref(self, heap: &Heap) {
        let count = self.with(|body| {
            body.count -= 1;
            body.count
        });
        assert!(count >= 0, "a reference was dropped that nobody had");
        if count == 0 {
            self.destroy(heap);
        }
    }
    /// The destructor.
    pub fn destroy(self, heap: &Heap) {
        assert_eq!(self.gc(heap), None, "a linked structure is destroyed");
        // SAFETY: the structure is intact.
        unsafe { heap.mark_deallocating(self.raw()) };
        if self.with(|body| body.links_in_destructor) {
            // Foreign code asks for the object of what it destroys: it gets one for that time.
            let proxy = super::stage::thing(heap, self.name().to_ascii_lowercase());
            let proxy = heap.root(proxy);
            self.link(heap, proxy.get(), LinkKind::Proxy);
            collect(heap);
            assert_eq!(self.gc(heap), Some(proxy.get()));
            drop(proxy);
            collect(heap);
            // The object may go before the destructor is done, which still has the structure for itself.
            match COLLECTS.get() {
                true => assert_eq!(self.gc(heap), None),
                // SAFETY: as above.
                false => assert_eq!(unsafe { heap.unlink(self.raw()) }, Some(0)),
            }
            assert_eq!(self.with(|body| body.count), 0);
        }
        // In the middle of a destructor the structure still refers to others, and has no references.
        collect(heap);
        self.drop_references(heap);
        event('d', self.name());
        self.with(|body| body.is_alive = false);
    }
    pub fn drop_references(self, heap: &Heap) {
        let refers = self.with(|body| std::mem::take(&mut body.refers));
        refers.into_iter().for_each(|part| part.decref(heap));
    }
    pub fn link(self, heap: &Heap, gc: Gc, kind: LinkKind) {
        // SAFETY: memory of structures is never given back.
        unsafe { heap.link(gc, self.raw(), kind) };
    }
    pub fn gc(self, heap: &Heap) -> Option<Gc> {
        // SAFETY: as above.
        unsafe { heap.gc_of(self.raw()) }
    }
    pub fn unlink(self, heap: &Heap) {
        // SAFETY: as above.
        if unsafe { heap.unlink(self.raw()) } == Some(0) {
            self.destroy(heap);
        }
    }
}
/// The next structure that has to do with a death.
pub fn next_task(heap: &Heap) -> Option<(Part, Task)> {
    heap.next_task().map(|(raw, task)| (Part::of(raw), task))
}

/// Describes the structures to a heap.
pub fn describe(heap: &Heap, without_calls: bool) {
    // The calls check whether a structure is freed.
    let layout = match without_calls {
        true => RawLayout {
            base: 0,
            bytes: usize::MAX,
            references_offset: std::mem::offset_of!(Body, count) as isize,
            link_offset: std::mem::offset_of!(Body, link) as isize,
        },
        false => RawLayout::NONE,
    };
    let ops = RawOps {
        layout,
        references: |raw| Part::of(raw).with(|body| body.count),
        set_references: |raw, count| Part::of(raw).with(|body| body.count = count),
        link: |raw| Part::of(raw).with(|body| body.link),
        set_link: |raw, word| Part::of(raw).with(|body| body.link = word),
        free: |raw| {
            let part = Part::of(raw);
            event('x', part.name());
            part.with(|body| {
                assert!(body.refers.is_empty(), "what is light refers to nothing");
                body.is_alive = false;
            });
        },
    };
    let cycles = CycleOps {
        holds: |raw| Part::of(raw).with(|body| !body.is_opaque),
        traverse: |raw, visit| {
            TRAVERSED.set(TRAVERSED.get() + 1);
            let refers = Part::of(raw).with(|body| body.refers.clone());
            refers.into_iter().for_each(|part| visit(part.raw()));
        },
        tracked: |visit| {
            for part in all() {
                if part.with(|body| body.is_tracked && !body.is_opaque) {
                    visit(part.raw());
                }
            }
        },
        wants_finalizer: |raw| Part::of(raw).with(|body| body.has_finalizer),
        clears: |raw| Part::of(raw).with(|body| body.clears),
    };
    // SAFETY: the functions do what they say and do not call the heap.
    unsafe {
        heap.set_raw_ops(ops);
        heap.set_cycle_ops(cycles);
    }
}
