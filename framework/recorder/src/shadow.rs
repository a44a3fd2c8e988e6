//! Symbolic frames: which trace value each guest register holds, and exits made from them.
//!
//! Objects move while a call runs that a handler makes, so nothing here keeps an address: a register that holds a
//! constant is read when it is needed, and what it held before is a constant of the trace already.

use crate::symbol::Sym;
use ouro_gc::{Gc, RootVec, RootVisitor};
use ouro_ir::{Arg, Frame, Live};
use ouro_machine::{Language, Place, ResumePoint};
use std::sync::Arc;

/// Names of the guest registers above the base of the loop's frame.
pub struct Shadow {
    /// By word; `Arg::NONE`: a constant, namely what the register holds.
    names: Vec<Arg>,
    /// Registers written in the present step, with the operand that they held before, oldest first. `Arg::NONE`: not
    /// live when the step began, so no exit asks for it.
    undo: Vec<(u32, Arg)>,
    /// With shadow checks: what each named value was when a register first held it, as an index into `objects`.
    concrete: Vec<Option<usize>>,
    objects: RootVec,
    /// Frames of suspended callers as they go into exits, outermost first.
    callers: Vec<Arc<Frame>>,
}

impl Shadow {
    /// No names. `objects` is empty.
    pub fn new(objects: RootVec) -> Shadow {
        Shadow {
            names: Vec::new(),
            undo: Vec::new(),
            concrete: Vec::new(),
            objects,
            callers: Vec::new(),
        }
    }
    #[inline]
    pub fn name(&self, word: u32) -> Arg {
        self.names.get(word as usize).copied().unwrap_or(Arg::NONE)
    }
    /// Names a register without counting it as written in this step.
    pub fn set_name(&mut self, word: u32, name: Arg) {
        if self.names.len() <= word as usize {
            self.names
                .resize((word as usize + 1).next_power_of_two().max(64), Arg::NONE);
        }
        self.names[word as usize] = name;
    }
    /// A step writes a register that held `before`.
    pub fn write(&mut self, word: u32, before: Arg, name: Arg) {
        self.undo.push((word, before));
        self.set_name(word, name);
    }
    /// Shadow equality: a name stands for one object, whatever register it is found in.
    ///
    /// # Panics
    /// If the register holds another object than its name stands for: somebody wrote it behind the machine's back.
    pub fn check(&mut self, word: u32, holds: Gc) {
        let Some(name) = self.name(word).as_var() else {
            return;
        };
        let at = name as usize;
        if self.concrete.len() <= at {
            self.concrete.resize(at + 1, None);
        }
        let objects = &self.objects;
        let index = *self.concrete[at].get_or_insert_with(|| objects.push(holds));
        let stands_for = objects.get(index);
        assert_eq!(
            stands_for, holds,
            "shadow: register word {word} is named v{name}, which is another object"
        );
    }
    /// A step begins with `callers` suspended frames between the loop's frame and the present one.
    pub fn begin_step(&mut self, callers: usize) {
        self.undo.clear();
        self.callers.truncate(callers);
    }
    pub fn known_callers(&self) -> usize {
        self.callers.len()
    }
    pub fn push_caller(&mut self, frame: Arc<Frame>) {
        self.callers.push(frame);
    }
    pub fn callers(&self) -> &[Arc<Frame>] {
        &self.callers
    }
    /// The operand that the register held before it was written in this step, if it was.
    fn before_step(&self, word: u32) -> Option<Arg> {
        let written = self.undo.iter().find(|(w, _)| *w == word);
        written.map(|(_, before)| *before)
    }
    /// The frame at `place` as it was when the step began. Registers from `end` on belong to a callee.
    pub fn frame<L: Language>(
        &self,
        place: Place<L>,
        step: L::Step,
        loop_base: *mut Gc,
        end: Option<*mut Gc>,
        mut operand: impl FnMut(Sym<Gc>) -> Arg,
    ) -> Frame {
        let base = word_of(loop_base, place.base);
        let end = end.map_or(u32::MAX, |end| word_of(loop_base, end) - base);
        let live = place.code.live_at(place.index()).iter().copied();
        let held = L::held(&place.code.instructions()[place.index()], step);
        let registers = live.chain(held.map(|r| r as u16));
        // No more than these, so it is one allocation at most.
        let mut list = Live::with_capacity(registers.size_hint().1.unwrap_or_default());
        let live = registers.filter(|r| u32::from(*r) < end).map(|r| {
            let word = base + u32::from(r);
            let held = self.before_step(word).filter(|a| a.is_some());
            let now = || {
                operand(Sym {
                    v: read(loop_base, word),
                    arg: self.name(word),
                })
            };
            (r, held.unwrap_or_else(now))
        });
        list.extend(live);
        Frame {
            code: std::ptr::from_ref(place.code) as u64,
            pc: place.index() as u32,
            step: step.index(),
            base,
            live: list,
        }
    }
}

/// The number of the word at `slot` above `loop_base`.
pub fn word_of(loop_base: *mut Gc, slot: *mut Gc) -> u32 {
    debug_assert!(slot >= loop_base, "below the loop's frame");
    ((slot as usize - loop_base as usize) / size_of::<Gc>()) as u32
}
/// What the register holds.
pub fn read(loop_base: *mut Gc, word: u32) -> Gc {
    // SAFETY: `word` names a register of a frame between the loop's frame and the present one, on the guest stack.
    unsafe { *loop_base.add(word as usize) }
}

/// Shows the collector a word of a trace that holds a reference; a moving collector changes it.
pub fn visit_word(visitor: &mut dyn RootVisitor, word: &mut u64) {
    // SAFETY: the word is borrowed by nobody else, and holds null or the address of an object, as a `Gc` does.
    unsafe { visitor.slot_at(std::ptr::from_mut(word).cast::<Gc>()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ouro_gc::{Immortal, RootTable, TypeId};

    static ONE: Immortal = Immortal::new(TypeId(2));
    static OTHER: Immortal = Immortal::new(TypeId(2));

    #[test]
    fn a_name_may_be_found_in_several_registers() {
        let mut shadow = Shadow::new(RootTable::default().vector());
        shadow.set_name(3, Arg::var(7));
        shadow.set_name(5, Arg::var(7));
        shadow.check(3, ONE.gc());
        shadow.check(5, ONE.gc());
        // Constants have no name and are not compared.
        shadow.check(4, OTHER.gc());
    }

    #[test]
    #[should_panic(expected = "shadow: register word 3 is named v7")]
    fn a_register_written_behind_the_machines_back_is_found() {
        let mut shadow = Shadow::new(RootTable::default().vector());
        shadow.set_name(3, Arg::var(7));
        shadow.check(3, ONE.gc());
        shadow.check(3, OTHER.gc());
    }
}
