//! Where branches come together: traces of a loop with many branches meet there instead of each going on by itself.
//!
//! A trace that reaches such a place may stop there or go on in a trace that begins there, so that `k` branches that do not
//! depend on each other need as many traces as there are branches, not as there are ways through all of them.
//!
//! The state at a place is the frames with their live registers, as at the header of a loop; what registers hold
//! is up to the trace that begins there, which unboxes what it knows the class of (`LabelTarget::Open`).

use crate::recording::Recording;
use crate::shadow::{read, word_of};
use ouro_gc::Gc;
use ouro_ir::{Arg, Descr, Exit, ExitId, Frame, LabelDescr, LabelTarget, Opcode, Source, Ty};
use ouro_machine::{Language, Place, ResumePoint};
use std::sync::Arc;

/// A frame of a place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct JoinFrame {
    /// The address of the instruction.
    pc: usize,
    step: u8,
    /// In words above the base of the loop's frame.
    base: u32,
}

/// A place in a loop: where all frames stand, from the loop's frame on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct JoinPlace(Vec<JoinFrame>);

/// What a recording does at a place where branches come together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtJoin {
    /// It goes on.
    Pass,
    /// It ends with a jump into the trace with this token.
    Into(u64),
    /// It ends, and another trace is to begin here.
    Stop,
}

/// Asks what to do at a place; the second operand gives the type of the object in a register, by word.
pub type AskJoin<'e> = dyn Fn(&JoinPlace, &dyn Fn(u32) -> Option<u32>) -> AtJoin + 'e;

/// The type id of the object in a register of the loop's frame or above.
pub fn class_in(loop_base: *mut Gc, word: u32) -> Option<u32> {
    let object = read(loop_base, word);
    (!object.is_null()).then(|| object.type_id().0)
}

impl<L: Language> Recording<'_, L> {
    /// The frames from the loop's on, the present one last: (place, step, first word of the next one).
    fn places(&self, at: Place<L>) -> Vec<(Place<L>, L::Step, Option<*mut Gc>)> {
        let callers = (self.bottom..self.vm.depth()).map(|n| self.vm.record(n));
        let mut places: Vec<_> = callers.map(|r| (r.at, r.step, None)).collect();
        places.push((at, L::Step::START, None));
        for n in 1..places.len() {
            places[n - 1].2 = Some(places[n].0.base);
        }
        places
    }
    /// At the start of an instruction: true if the trace ends here because others come by.
    /// `returned`: behind a call of a function with branches.
    pub(crate) fn meets(&self, at: Place<L>, returned: bool) -> bool {
        let Some(ask) = self.environment.at_join else {
            return false;
        };
        if !self.has_started() || !(returned || at.code.is_join(at.index())) {
            return false;
        }
        let frames = self.places(at).into_iter().map(|(at, step, _)| JoinFrame {
            pc: at.pc as usize,
            step: step.index(),
            base: word_of(self.loop_base, at.base),
        });
        let place = JoinPlace(frames.collect());
        let first = self.instructions.get() == 0;
        match ask(&place, &|word| class_in(self.loop_base, word)) {
            AtJoin::Pass => false,
            // A guard of the trace that begins here must not lead back to its start.
            _ if first && !self.begins_at_join => false,
            AtJoin::Into(token) => {
                self.close_into_join(token);
                true
            }
            AtJoin::Stop if first => false,
            AtJoin::Stop => {
                self.stopped_at.replace(Some(place));
                self.stop();
                true
            }
        }
    }
    fn close_into_join(&self, token: u64) {
        let exit = self.exit();
        let mut trace = self.trace.borrow_mut();
        let frames = trace.exit(exit).frames.clone();
        let live = frames
            .iter()
            .flat_map(|f| f.live.iter().map(|(r, a)| (f.base + u32::from(*r), *a)));
        let (registers, values): (Vec<u32>, Vec<Arg>) = live.unzip();
        trace.guard(Opcode::Poll, &[], exit);
        let target = LabelDescr {
            name: "join".into(),
            target: LabelTarget::Entry { token, registers },
        };
        let descr = trace.add_descr(Descr::Label(target));
        trace.push_pool(Opcode::Jump, &values, descr, ExitId::NONE);
        self.close_state();
    }
    /// The inputs of a trace that begins where branches come together: every live register of all frames. `sees` says of
    /// which the class may be assumed to stay.
    pub(crate) fn name_place(&self, at: Place<L>, sees: &dyn Fn(u32) -> bool) {
        let mut frames = Vec::new();
        let mut classes = Vec::new();
        for (at, step, end) in self.places(at) {
            let base = word_of(self.loop_base, at.base);
            let end = end.map_or(u32::MAX, |end| word_of(self.loop_base, end) - base);
            let held = L::held(&at.code.instructions()[at.index()], step);
            let live = at.code.live_at(at.index()).iter().copied();
            let registers = live.chain(held.map(|r| r as u16));
            let mut live = Vec::new();
            for r in registers.filter(|r| u32::from(*r) < end) {
                let word = base + u32::from(r);
                let input = {
                    let mut trace = self.trace.borrow_mut();
                    trace.input(Ty::Ref, Source::Register(word))
                };
                self.shadow.borrow_mut().set_name(word, input);
                live.push((r, input));
                if sees(word) {
                    classes.push((input, class_in(self.loop_base, word)));
                }
            }
            frames.push(Arc::new(Frame {
                code: std::ptr::from_ref(at.code) as u64,
                pc: at.index() as u32,
                step: step.index(),
                base,
                live: live.into(),
            }));
        }
        for (input, type_id) in classes {
            let is_value = |id: &u32| (self.environment.type_descr)(*id).1.is_some();
            if let Some(type_id) = type_id.filter(is_value) {
                let class = self.type_descr(type_id);
                self.trace.borrow_mut().seen.push((input, class));
            }
        }
        let mut trace = self.trace.borrow_mut();
        trace.entry = trace.add_exit(Exit {
            frames: frames.into(),
            entry: ouro_ir::Entry::Start,
            virtuals: Vec::new(),
        });
    }
}
