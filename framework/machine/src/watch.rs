//! Watching: a run loop that tells the language of each frame, instruction and exception, for trace and profile functions.
//!
//! It is a driver of its own, so that the others pay nothing: [`Vm::set_watched`] asks for attention, which run loops that
//! go on look for anyway, and their slow path changes over to [`run`]; that gives the place back when watching ends. What it
//! tells is in [`Language`] (`watch_enter` and the following).
//!
//! - **W1** While somebody watches no compiled code is entered and nothing is recorded. Compiled code that called
//!   what began it is left right behind the call: traces look at [`Vm::unwatched`] there, which costs no instruction.
//! - **W2** Every way back into a run loop that was entered before watching began asks for attention once more.
//! - **W3** A hook may collect, and objects that the driver holds are not roots; so each hook is given what is on its way
//!   and gives it back.

use crate::driver::{fetch, probe, resume_as, settle_as};
use crate::{Direct, Entry, Flow, Handlers, Language, Machine, ResumePoint, Settled, Vm};

type D<H> = Direct<<H as Handlers>::L>;

/// Goes on until the run loop's bottom frame is left, or nobody watches any more.
pub(crate) fn run<H: Handlers>(vm: &'static Vm<H::L>, mut settled: Settled<H::L>) -> Settled<H::L> {
    let start = <H::L as Language>::Step::START;
    loop {
        let at = match settled {
            Settled::At(at) if vm.is_watched() => at,
            Settled::Stopped { at, step, entry } if vm.is_watched() => {
                vm.parked.set(at);
                settled = resume_as::<H, D<H>, true>(vm, at, step, entry);
                continue;
            }
            end => return end,
        };
        vm.parked.set(at);
        let before = match vm.heap.wants_attention() {
            true => vm.attention(at),
            false => Ok(()),
        };
        let flow = match before.and_then(|()| H::L::watch_start(vm, at)) {
            Ok(()) => {
                vm.parked.set(at);
                let m = <D<H> as Machine>::at(vm, at);
                let ins = fetch(at.pc);
                H::dispatch(H::L::op_index(ins), probe(m), ins)
            }
            Err(e) => Flow::Raise(e),
        };
        settled = settle_as::<H, D<H>, true>(vm, at, start, Entry::Start, flow);
    }
}
