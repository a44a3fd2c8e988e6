//! Compiled code that is called by compiled code: what a backend has to know for it, and what is done where such code leaves
//! at an exit. The way in, and the way back of code that returns, are the backend's; see `ouro_codegen::GuestCalls`.
//!
//! Invariant G1: while compiled code runs that compiled code has called, none of the frames between the run loop's own frame
//! and it is on the guest stack. So all of them have the same words for their exits, above what the code that the
//! interpreter entered needs (`Vm::compiled_top`), and at an exit the frames of the called code alone are rebuilt there. Their
//! run loop ends as the called function does; then the caller goes on with the result, which is no guest frame's yet.

use crate::enter::go_on;
use crate::jit::Jit;
use crate::stats::add;
use ouro_codegen::{ExitRecord, GuestCalls};
use ouro_gc::Gc;
use ouro_machine::residual::Word;
use ouro_machine::{Handlers, Language, Ret, Vm};
use ouro_recorder::CallSite;
use ouro_recorder::call_out::{Leaf, make_object};

/// What a backend needs for calls among compiled code; none if the hooks do not have [`called_code_left`].
pub(crate) fn access<L: Language>(vm: &'static Vm<L>) -> Option<GuestCalls> {
    let left = vm.hooks().called_code_left?;
    let (of_vm, of_site) = (Vm::<L>::COMPILED, CallSite::<L>::ACCESS);
    Some(GuestCalls {
        frame_limit: of_vm.frame_limit as i32,
        compiled_frames: of_vm.compiled_frames as i32,
        native_limit: of_vm.native_limit as i32,
        compiled_top: of_vm.compiled_top as i32,
        record_bytes: of_site.record_bytes as i32,
        result: of_site.result as i32,
        leave: left as *const () as u64,
        other_result: other_result::<L> as *const () as u64,
    })
}

/// Called by compiled code: code that it has called has left at an exit.
pub(crate) extern "C" fn called_code_left<H: Handlers>(
    vm: &'static Vm<H::L>,
    record: u64,
    site: u64,
) -> Ret {
    // SAFETY: the backend passes the address of a record that it has filled, in its own native frame.
    let record = unsafe { &*(record as *const ExitRecord) };
    let jit = Jit::of(vm).expect("compiled code has a compiler");
    add(&jit.stats.called_exits, 1);
    let outcome = vm.finish_call(|| go_on::<H>(vm, jit, record));
    CallSite::<H::L>::at(site).finish(vm, outcome)
}

/// Called by compiled code: what called code returns is not of the class that the site expects.
extern "C" fn other_result<L: Language>(
    vm: &'static Vm<L>,
    site: u64,
    value: u64,
    class: u64,
) -> Ret {
    let object = match class as u32 {
        ouro_ir::BOXED => <Gc as Word>::from_word(value),
        type_id => {
            let (class, field) = crate::compile::type_descr(vm, type_id);
            let leaf = Leaf {
                type_id,
                bytes: class.size_bytes,
                field: field.expect("compiled code returns leaves of value classes"),
            };
            make_object(vm, leaf, value)
        }
    };
    CallSite::<L>::at(site).finish(vm, Ok(object))
}
