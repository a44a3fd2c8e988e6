//! The guest stack and what code objects name, as precise roots.
//!
//! There are many code objects and nearly all of their constants and answers are old, so collections of young objects ask for
//! few of them. Invariants, at the end of each collection:
//! - K1: the constants of code objects before [`Codes::settled`] are old.
//! - K2: so are the answers in inline caches of all code objects that are not in [`Codes::refilled`].
use crate::{Code, FrameRecord, Language, ResumePoint, Vm};
use ouro_gc::{Gc, RootProvider, RootVisitor};
use std::cell::{Cell, RefCell};

/// All code objects of a VM.
pub(crate) struct Codes<L: Language> {
    all: RefCell<Vec<&'static Code<L>>>,
    settled: Cell<usize>,
    refilled: RefCell<Vec<&'static Code<L>>>,
}

impl<L: Language> Default for Codes<L> {
    fn default() -> Codes<L> {
        Codes {
            all: RefCell::default(),
            settled: Cell::new(0),
            refilled: RefCell::default(),
        }
    }
}

impl<L: Language> Codes<L> {
    /// A code object was made.
    pub(crate) fn add(&self, code: &'static Code<L>) {
        self.all.borrow_mut().push(code);
    }
    /// All of them. None may be made meanwhile.
    pub(crate) fn all(&self) -> std::cell::Ref<'_, Vec<&'static Code<L>>> {
        self.all.borrow()
    }
    /// An inline cache of a code object got a new answer.
    #[inline]
    pub(crate) fn note_refill(&self, code: &'static Code<L>) {
        if !code.is_refilled.replace(true) {
            self.refilled.borrow_mut().push(code);
        }
    }
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        let all = self.all.borrow();
        if visitor.wants_old() {
            for code in all.iter() {
                visitor.slots(code.constants());
                code.visit_caches(visitor);
            }
            return;
        }
        for (n, code) in all.iter().enumerate().skip(self.settled.get()) {
            let mut watch = Watch::over(visitor);
            watch.slots(code.constants());
            if !watch.saw_young && self.settled.get() == n {
                self.settled.set(n + 1);
            }
        }
        self.refilled.borrow_mut().retain(|code| {
            let mut watch = Watch::over(visitor);
            code.visit_caches(&mut watch);
            code.is_refilled.set(watch.saw_young);
            watch.saw_young
        });
    }
}

/// Notes whether anything that is visited stays young.
struct Watch<'v> {
    visitor: &'v mut dyn RootVisitor,
    saw_young: bool,
}

impl<'v> Watch<'v> {
    fn over(visitor: &'v mut dyn RootVisitor) -> Watch<'v> {
        Watch {
            visitor,
            saw_young: false,
        }
    }
}

impl RootVisitor for Watch<'_> {
    fn slot(&mut self, slot: &Cell<Gc>) {
        self.visitor.slot(slot);
        self.saw_young |= !slot.get().is_null() && !self.visitor.is_old(slot.get());
    }
    fn ambiguous(&mut self, word: usize) {
        self.visitor.ambiguous(word);
    }
}

/// See the module's documentation.
pub(crate) struct GuestRoots<L: Language>(pub &'static Vm<L>);

impl<L: Language> RootProvider for GuestRoots<L> {
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        if !visitor.wants_slots() {
            return;
        }
        let vm = self.0;
        let top = FrameRecord {
            at: vm.parked.get(),
            step: L::Step::START,
        };
        let records: Vec<FrameRecord<L>> =
            (0..vm.depth()).map(|n| vm.record(n)).chain([top]).collect();
        for (n, FrameRecord { at, step }) in records.iter().enumerate() {
            // A caller's live set is cut at the callee's base: the arguments belong to the callee.
            let end = records.get(n + 1).map(|next| next.at.base);
            let held = L::held(crate::driver::fetch(at.pc), *step);
            for r in at
                .code
                .live_at(at.index())
                .iter()
                .map(|&r| u32::from(r))
                .chain(held)
            {
                let slot = at.base.wrapping_add(r as usize);
                if end.is_none_or(|end| slot < end) {
                    crate::direct::visit_register(visitor, slot);
                }
            }
        }
        vm.codes.visit(visitor);
        visitor.slot(&vm.pending);
    }
}
