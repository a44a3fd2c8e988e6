//! Labels and jumps. The moves in front of them are the allocator's.

use super::Emitter;
use crate::asm::Cond;
use ouro_ir::{LabelTarget, Op, Opcode};

impl Emitter<'_> {
    /// Whether the item at hand is the label that the trace jumps back to.
    fn is_loop_head(&self) -> bool {
        let back = self.input.lowered.program.back_jump();
        back.is_some_and(|(_, label)| label == self.item)
    }

    pub(super) fn label(&mut self) {
        self.flush_bias();
        if self.is_loop_head() {
            let label = self.asm.label();
            self.asm.align(16);
            self.asm.bind(label);
            self.loop_head = Some((label, self.unchecked));
        }
        // Whoever jumps here has checked the window just before; what this trace knows of its own way here is
        // never less.
        let open = self.input.lowered.program.open_label();
        if open.is_some_and(|(item, _)| item == self.item) {
            self.open_label = Some(self.asm.offset() as u32);
        }
    }

    /// Whether operation `n` is a poll and nothing but the back jump follows: then the poll itself
    /// jumps back.
    pub(super) fn is_poll_before_plain_jump(&self, n: usize) -> bool {
        let ops = &self.input.trace.ops;
        let jump = self.item as u32 + 1;
        n + 2 == ops.len()
            && ops[n].code == Opcode::Poll
            && ops[n + 1].code == Opcode::Jump
            && self.input.lowered.program.back_jump().is_some()
            && self.input.allocation.edits[self.next_edit..]
                .iter()
                .all(|(at, _)| *at < jump)
    }

    pub(super) fn jump(&mut self, op: &Op) {
        match &self.input.trace.label(op.descr).target {
            LabelTarget::Here | LabelTarget::Start | LabelTarget::Open { .. } => {
                let (head, allowed) = self.loop_head.expect("labels come before their jumps");
                let n = self.input.trace.ops.len() - 1;
                if n > 0 && self.polled_by_jump(n - 1) {
                    self.item -= 1;
                    let exit = self.open_exit(n - 1, None);
                    self.compare_window();
                    self.asm.jump_if(Cond::BelowEqual, head);
                    self.leave(exit);
                    return;
                }
                self.check_before_jump(allowed);
                self.flush_bias();
                self.asm.jump(head);
            }
            LabelTarget::Entry { .. } | LabelTarget::Label { .. } => {
                self.check_before_jump(0);
                self.flush_bias();
                let target = self.input.target.expect("the target was looked up");
                self.asm.jump_extern(target);
            }
        }
    }

    /// Whether the poll before the last operation was left to it.
    fn polled_by_jump(&self, n: usize) -> bool {
        self.input.trace.ops[n].code == Opcode::Poll && !self.exits.iter().any(|e| e.op == n as u32)
    }
}
