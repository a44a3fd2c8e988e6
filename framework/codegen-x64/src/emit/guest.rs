//! Guest calls among compiled code: the way to a callee, in, and back. See `ouro_codegen::GuestCalls`.

use super::Emitter;
use crate::asm::{Alu, Cond, Mem, Rm};
use crate::frame;
use crate::registers::*;
use crate::thunks::CALLEE_SAVED;
use dynasmrt::{DynasmApi, dynasm};
use ouro_codegen::Loc;
use ouro_codegen::moves::{Move, sequence};
use ouro_ir::{BOXED, MAX_GUEST_ARGS};

/// Where guest calls arrive in a trace's code.
#[derive(Clone, Copy, Debug)]
pub struct Callee {
    pub offset: u32,
    /// By argument: the value class of which it wants the leaf, or `BOXED`; none: it takes whatever comes.
    classes: [Option<u32>; MAX_GUEST_ARGS],
}

impl Callee {
    /// Whether it takes arguments of these classes.
    pub fn takes(&self, classes: &[u32; MAX_GUEST_ARGS]) -> bool {
        let mut pairs = self.classes.iter().zip(classes);
        pairs.all(|(own, class)| own.is_none_or(|own| own == *class))
    }
}

impl Emitter<'_> {
    /// Ends a run that returns: to compiled code, or by the exit. `class` is that of the operand.
    pub(super) fn give_back(&mut self, n: usize, class: u32) {
        let exit = self.open_exit(n, None);
        let (Some(guest), Some(returns)) = (self.input.env.guest_calls, self.input.returns) else {
            self.leave(exit);
            return;
        };
        self.asm.cmp_mem_imm(Mem::Base(RBP, frame::RECORD), 0);
        self.leave_if(Cond::NotEqual, exit);
        let value = self.place(0);
        self.load_gpr(RAX, value);
        self.asm.load(RDX, Mem::Base(RBP, frame::SITE));
        let other = self.asm.label();
        (self.asm).cmp_u32_imm(Mem::Base(RDX, guest.result), class as i32);
        self.asm.jump_if(Cond::NotEqual, other);
        self.asm.alu(Alu::Xor, RDX, Rm::Reg(RDX));
        self.asm.jump_extern(returns.give_back);
        self.asm.bind(other);
        self.begin_vm_call();
        self.asm.mov(CALL_WORDS[1], RDX);
        self.asm.mov(CALL_WORDS[2], RAX);
        self.asm.mov_imm(CALL_WORDS[3], u64::from(class));
        self.call_vm(guest.other_result);
        self.asm.jump_extern(returns.give_back);
    }

    /// The way in for guest calls: looks whether the code may run, makes the native frame, and brings the arguments to where
    /// the open label wants them. None if the trace is no function or has no such label.
    pub(super) fn callee(&mut self) -> Option<Callee> {
        let (guest, function) = (self.input.env.guest_calls?, self.input.function?);
        let label = self.open_label?;
        let (_, what) = self.input.trace.open_label()?;
        let (_, span) = self.input.lowered.program.open_label()?;
        let places = &self.input.allocation.params[span.indices()];
        let arguments = function.arguments;
        let is_argument = |register: u32| register < arguments;
        if arguments as usize > MAX_GUEST_ARGS
            || (what.iter()).any(|p| !is_argument(p.register) && p.class.is_some())
        {
            return None;
        }
        let mut classes = [None; MAX_GUEST_ARGS];
        for param in what.iter().filter(|p| is_argument(p.register)) {
            classes[param.register as usize] = Some(match param.class.is_some() {
                true => self.input.trace.type_descr(param.class).type_id,
                false => BOXED,
            });
        }
        self.asm.align(16);
        let offset = self.asm.offset() as u32;
        let refused = self.asm.label();
        let vm = |offset: i32| Mem::Base(R15, offset);
        let site = CALL_WORDS[1];
        self.compare_window();
        self.asm.jump_if(Cond::Above, refused);
        (self.asm).alu(Alu::Cmp, RSP, Rm::Mem(vm(guest.native_limit)));
        self.asm.jump_if(Cond::Below, refused);
        self.asm.load(RAX, vm(guest.frame_limit));
        (self.asm).alu(Alu::Sub, RAX, Rm::Mem(Mem::Base(site, guest.record_bytes)));
        (self.asm).alu(Alu::Cmp, RAX, Rm::Mem(vm(guest.compiled_frames)));
        self.asm.jump_if(Cond::Below, refused);
        self.asm.store(vm(guest.frame_limit), RAX);
        dynasm!(self.asm.ops; .arch x64; push rbp; mov rbp, rsp; sub rsp, frame::BYTES);
        for (at, r) in CALLEE_SAVED {
            self.asm.store(Mem::Base(RBP, at), r);
        }
        self.asm.store(Mem::Base(RBP, frame::SITE), site);
        self.asm.store_imm(Mem::Base(RBP, frame::RECORD), 0);
        self.asm.load(RAX, vm(guest.compiled_top));
        self.asm.store(Mem::Base(RBP, frame::GUEST_BASE), RAX);
        // Those in registers all at once, then those on the caller's stack, and null for what is no argument.
        let mut moves = Vec::new();
        let mut behind = Vec::new();
        for (param, place) in what.iter().zip(places) {
            let Some(to) = *place else { continue };
            match CALL_WORDS.get(param.register as usize + 2) {
                Some(from) if is_argument(param.register) => {
                    moves.push(Move::new(Loc::Gpr(*from), to))
                }
                _ => behind.push((param.register, to)),
            }
        }
        let mut ordered = Vec::new();
        sequence(&moves, |_| Loc::Gpr(SCRATCH), &mut ordered);
        for m in ordered {
            self.move_one(m);
        }
        for (register, to) in behind {
            match is_argument(register) {
                // Above the saved `rbp` and the return address.
                true => {
                    let word = register as i32 + 2 - CALL_WORDS.len() as i32;
                    self.asm.load(SCRATCH, Mem::Base(RBP, 16 + 8 * word));
                }
                false => self.asm.mov_imm(SCRATCH, 0),
            }
            self.move_one(Move::new(Loc::Gpr(SCRATCH), to));
        }
        let entry = self.input.address + label as usize;
        self.asm.jump_extern(entry);
        self.asm.bind(refused);
        self.asm.jump_far(function.address);
        Some(Callee { offset, classes })
    }
}
