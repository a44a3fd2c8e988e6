//! The objects that compiled code names, as precise roots: they live as long as the code, and may move.
//!
//! Each is in two places, both kept current: the backend's table, which machine code reads, and the constants of the
//! trace, which exits and later bridges read. Immortal objects are in neither list; they stay where they are.

use crate::heap_access::visit_word;
use crate::jit::Jit;
use ouro_gc::{RootProvider, RootVisitor};
use ouro_machine::{Language, Vm};

/// The roots of the compiler of a VM.
pub(crate) struct JitRoots<L: Language>(pub &'static Vm<L>);

impl<L: Language> RootProvider for JitRoots<L> {
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        if !visitor.wants_slots() {
            return;
        }
        let Some(jit) = Jit::of(self.0) else { return };
        jit.backend()
            .visit_ref_constants(&mut |word| visit_word(visitor, word));
        for compiled in jit.traces.borrow().values() {
            if compiled.names_movable {
                let consts = &mut compiled.trace.borrow_mut().consts;
                consts.visit_refs(|word| visit_word(visitor, word));
            }
        }
    }
}
