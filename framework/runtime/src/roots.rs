//! The objects that compiled code names, as precise roots: they live as long as the code, and may move.
//!
//! Each is in two places, both kept current: the backend's table, which machine code reads, and the constants of the
//! trace, which exits and later bridges read. Immortal objects are in neither list; they stay where they are.
//!
//! Most of them are old soon: collections of young objects pass over code all of whose objects are.

use crate::heap_access::visit_word;
use crate::jit::Jit;
use ouro_gc::{Gc, RootProvider, RootVisitor};
use ouro_machine::residual::Word;
use ouro_machine::{Language, Vm};

/// The roots of the compiler of a VM.
pub(crate) struct JitRoots<L: Language>(pub &'static Vm<L>);

impl<L: Language> RootProvider for JitRoots<L> {
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        if !visitor.wants_slots() {
            return;
        }
        let Some(jit) = Jit::of(self.0) else { return };
        if visitor.wants_old() {
            jit.backend()
                .visit_ref_constants(&mut |word| visit_word(visitor, word));
            for compiled in jit.traces.borrow().values() {
                if compiled.names_movable {
                    let consts = &mut compiled.trace.borrow_mut().consts;
                    consts.visit_refs(|word| visit_word(visitor, word));
                }
            }
            return;
        }
        let mut is_young = |word: &mut u64| {
            visit_word(visitor, word);
            *word != 0 && !visitor.is_old(Gc::from_word(*word))
        };
        jit.backend().visit_young_constants(&mut is_young);
        for compiled in jit.traces.borrow().values() {
            if compiled.names_movable && !compiled.settled.get() {
                let mut young = false;
                let consts = &mut compiled.trace.borrow_mut().consts;
                consts.visit_refs(|word| young |= is_young(word));
                compiled.settled.set(!young);
            }
        }
    }
}
