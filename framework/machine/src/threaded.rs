//! The fast driver. Each instruction is a function of its own that ends in a tail call to the next one.
//!
//! The four state words live in argument registers and each instruction has its own indirect jump. Stable Rust does not
//! promise the tail call: LLVM makes it in optimised builds whenever no local has its address taken, and a test that runs
//! millions of instructions on a small stack checks that it did. Builds without optimisation use [`crate::driver`].

use crate::driver::{fetch, probe, settle};
use crate::{
    Direct, Entry, Flow, Handler, Handlers, Language, Machine, Outcome, Place, ResumePoint,
    Settled, Vm,
};
use ouro_gc::Gc;

type Ins<H> = <<H as Handlers>::L as Language>::Ins;
type Code<H> = crate::Code<<H as Handlers>::L>;
type LVm<H> = Vm<<H as Handlers>::L>;
type D<H> = Direct<<H as Handlers>::L>;

/// The function of one instruction.
pub type Thread<L> =
    unsafe fn(*const <L as Language>::Ins, *mut Gc, &'static crate::Code<L>, &'static Vm<L>);

/// Handlers with a table of threads, indexed by [`Language::op_index`]:
/// `[thread::<H, 0>, thread::<H, 1>, ..]`, one for each operation.
pub trait Threaded: Handlers {
    const THREADS: &'static [Thread<Self::L>];
}

/// Runs the instruction at `pc`.
///
/// # Safety
/// `pc` points into `code`, `base` is the base of its frame on the guest stack of `vm`.
#[inline(always)]
unsafe fn go<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
) {
    // SAFETY: the caller's duties are those of `thread`; `op_index` is below the number of operations.
    unsafe { H::THREADS.get_unchecked(H::L::op_index(fetch(pc)))(pc, base, code, vm) }
}

/// One instruction of operation `OP`.
///
/// # Safety
/// As `go`, and the instruction at `pc` has operation `OP`.
pub unsafe fn thread<H: Threaded, const OP: usize>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
) {
    // SAFETY: the places that handlers name are inside the code object (its verifier), frames are pushed by `push_frame`.
    unsafe {
        let ins = fetch(pc);
        match H::run_op::<D<H>, OP>(probe(D::<H> { vm, pc, base, code }), ins) {
            Flow::Next => go::<H>(pc.add(1), base, code, vm),
            Flow::Jump(d) => go::<H>(pc.offset(d as isize), base, code, vm),
            Flow::Loop(d) => {
                let pc = pc.offset(d as isize);
                if vm.heap.wants_attention() {
                    return attend_and_go::<H>(pc, base, code, vm);
                }
                if vm.count_back_edge(pc) {
                    return hot_and_go::<H>(pc, base, code, vm);
                }
                go::<H>(pc, base, code, vm)
            }
            Flow::Poll => {
                let pc = pc.add(1);
                if vm.heap.wants_attention() {
                    return attend_and_go::<H>(pc, base, code, vm);
                }
                go::<H>(pc, base, code, vm)
            }
            Flow::Call {
                code: callee,
                window,
                step,
            } => match vm.push_frame(Place { pc, base, code }, step, window, callee) {
                None => leave_line::<H>(pc, base, code, vm, overflow),
                Some(at) => {
                    let mut r = callee.nargs;
                    while r < callee.nlocals {
                        *at.base.add(r as usize) = Gc::NULL;
                        r += 1;
                    }
                    if vm.heap.wants_attention() {
                        return attend_and_go::<H>(at.pc, at.base, callee, vm);
                    }
                    if callee.count_call() {
                        return hot_and_go::<H>(at.pc, at.base, callee, vm);
                    }
                    go::<H>(at.pc, at.base, callee, vm)
                }
            },
            Flow::Enter {
                code: callee,
                window,
                step,
                pc: entry,
            } => match vm.push_frame(Place { pc, base, code }, step, window, callee) {
                None => leave_line::<H>(pc, base, code, vm, overflow),
                Some(at) => go::<H>(callee.at(entry as usize), at.base, callee, vm),
            },
            Flow::Return(v) => {
                let mut record = vm.pop_frame();
                loop {
                    let Place { pc, base, code } = record.at;
                    let p = probe(D::<H> { vm, pc, base, code });
                    if !H::passes_on(p, fetch(pc), record.step) {
                        break;
                    }
                    record = vm.pop_frame();
                }
                let Place { pc, base, code } = record.at;
                if record.step == <H::L as Language>::Step::STORE {
                    H::store(D::<H> { vm, pc, base, code }, fetch(pc), v);
                    // A long chain of returns allocates without any other poll.
                    if vm.heap.wants_attention() {
                        return attend_and_go::<H>(pc.add(1), base, code, vm);
                    }
                    go::<H>(pc.add(1), base, code, vm)
                } else if record.step == <H::L as Language>::Step::EXIT {
                    vm.outcome.set(Some(Ok(v)))
                } else {
                    let d = D::<H> { vm, pc, base, code };
                    let on = H::resume_in_line(d, fetch(pc), record.step, v);
                    if on == 0 {
                        return value_and_go::<H>(pc, base, code, vm, record.step, v);
                    }
                    if vm.heap.wants_attention() {
                        return attend_and_go::<H>(pc.add(on), base, code, vm);
                    }
                    go::<H>(pc.add(on), base, code, vm)
                }
            }
            Flow::Value { step, value } => {
                if step == <H::L as Language>::Step::STORE {
                    H::store(D::<H> { vm, pc, base, code }, ins, value);
                    go::<H>(pc.add(1), base, code, vm)
                } else {
                    value_and_go::<H>(pc, base, code, vm, step, value)
                }
            }
            Flow::Raise(e) => {
                vm.pending.set(e);
                leave_line::<H>(pc, base, code, vm, raise_pending)
            }
            Flow::ReturnRaised(e) => {
                vm.pending.set(e);
                leave_line::<H>(pc, base, code, vm, return_raised_pending)
            }
            Flow::OutOfLine(rest) => leave_line::<H>(pc, base, code, vm, rest),
            Flow::Again => go::<H>(pc, base, code, vm),
        }
    }
}

fn raise_pending<M: Machine>(p: crate::Probe<M>, _: &<M::L as Language>::Ins) -> Flow<M> {
    Flow::Raise(p.adopt(p.vm().pending.replace(Gc::NULL)))
}
fn return_raised_pending<M: Machine>(p: crate::Probe<M>, _: &<M::L as Language>::Ins) -> Flow<M> {
    Flow::ReturnRaised(p.adopt(p.vm().pending.replace(Gc::NULL)))
}
fn overflow<M: Machine>(p: crate::Probe<M>, _: &<M::L as Language>::Ins) -> Flow<M> {
    Flow::Raise(p.adopt(M::L::recursion_error(p.vm())))
}

/// # Safety
/// As `go`.
#[cold]
#[inline(never)]
unsafe fn attend_and_go<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
) {
    if attended::<H>(pc, base, code, vm) {
        if vm.is_watched() {
            // SAFETY: the caller's duties.
            return unsafe { watch_and_go::<H>(pc, base, code, vm) };
        }
        // SAFETY: the caller's duties.
        unsafe { go::<H>(pc, base, code, vm) }
    } else {
        // SAFETY: the caller's duties.
        unsafe { leave_line::<H>(pc, base, code, vm, raise_pending) }
    }
}
/// Does what the heap asks for; false: an exception is pending. The place is passed in words: one in memory would have an
/// address, and the caller could not end in a tail call.
#[inline(never)]
fn attended<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
) -> bool {
    match vm.attention(Place { pc, base, code }) {
        Ok(()) => true,
        Err(e) => {
            vm.pending.set(e);
            false
        }
    }
}
/// The language watches: its own run loop goes on, for as long as it does.
///
/// # Safety
/// As `go`.
#[cold]
#[inline(never)]
unsafe fn watch_and_go<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
) {
    if !watch_parked::<H>(pc, base, code, vm) {
        return;
    }
    let at = vm.parked.get();
    // SAFETY: a settled place is as `go` wants it.
    unsafe { go::<H>(at.pc, at.base, at.code, vm) }
}
#[inline(never)]
fn watch_parked<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
) -> bool {
    let at = Place { pc, base, code };
    park::<H>(vm, crate::watch::run::<H>(vm, Settled::At(at)))
}
/// # Safety
/// As `go`.
#[cold]
#[inline(never)]
unsafe fn hot_and_go<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
) {
    if !hot_parked::<H>(pc, base, code, vm) {
        return;
    }
    let at = vm.parked.get();
    // Watching may have begun while a trace was recorded.
    if vm.is_watched() {
        // SAFETY: a settled place is as `go` wants it.
        return unsafe { watch_and_go::<H>(at.pc, at.base, at.code, vm) };
    }
    // SAFETY: a settled place is as `go` wants it.
    unsafe { go::<H>(at.pc, at.base, at.code, vm) }
}
#[inline(never)]
fn hot_parked<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
) -> bool {
    let at = Place { pc, base, code };
    vm.parked.set(at);
    let settled = vm.hot(at);
    park::<H>(vm, settled)
}
/// Cold flows. All locals with an address are in `settle_parked`, so this function can still tail-call.
///
/// # Safety
/// As `go`.
#[inline(never)]
unsafe fn leave_line<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
    rest: Handler<D<H>>,
) {
    if !settle_parked::<H>(pc, base, code, vm, rest) {
        return;
    }
    let at = vm.parked.get();
    // A call into Rust counts as a safepoint for whoever lays out polls, so there is one here.
    if vm.heap.wants_attention() {
        // SAFETY: a settled place is as `go` wants it.
        return unsafe { attend_and_go::<H>(at.pc, at.base, at.code, vm) };
    }
    // SAFETY: a settled place is as `go` wants it.
    unsafe { go::<H>(at.pc, at.base, at.code, vm) }
}
#[inline(never)]
fn settle_parked<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
    rest: Handler<D<H>>,
) -> bool {
    let at = Place { pc, base, code };
    vm.parked.set(at);
    let start = <H::L as Language>::Step::START;
    let flow = rest(probe(D::<H> { vm, pc, base, code }), fetch(pc));
    usual::<H>(vm, at, start, Entry::Start, flow)
}
/// The flows that most handlers end with, without handing them on through memory.
#[inline(always)]
fn usual<H: Threaded>(
    vm: &'static LVm<H>,
    at: Place<H::L>,
    step: <H::L as Language>::Step,
    entry: Entry<Gc>,
    flow: Flow<D<H>>,
) -> bool {
    let by = match flow {
        Flow::Next => 1,
        Flow::Jump(by) => by as isize,
        Flow::Value { step, value } if step == <H::L as Language>::Step::STORE => {
            let Place { pc, base, code } = at;
            H::store(D::<H> { vm, pc, base, code }, fetch(pc), value);
            1
        }
        flow => return follow::<H>(vm, at, step, entry, flow),
    };
    vm.parked.set(at.offset(by));
    true
}
/// Follows a flow to where the next instruction starts, and parks there. False: the run loop has ended.
///
/// The usual flows are done here, so that nothing but the parked place travels through memory.
fn follow<H: Threaded>(
    vm: &'static LVm<H>,
    mut at: Place<H::L>,
    mut step: <H::L as Language>::Step,
    mut entry: Entry<Gc>,
    mut flow: Flow<D<H>>,
) -> bool {
    loop {
        let d = D::<H> {
            vm,
            pc: at.pc,
            base: at.base,
            code: at.code,
        };
        let place = match flow {
            Flow::Next => at.offset(1),
            Flow::Jump(d) => at.offset(d as isize),
            Flow::Value { step: next, value } => {
                if next == <H::L as Language>::Step::STORE {
                    H::store(d, fetch(at.pc), value);
                    at.offset(1)
                } else {
                    (step, entry) = (next, Entry::Value(value));
                    flow = H::resume(probe(d), fetch(at.pc), next, value);
                    continue;
                }
            }
            Flow::Return(v) => {
                let record = vm.pop_frame();
                if record.step == <H::L as Language>::Step::EXIT {
                    vm.outcome.set(Some(Ok(v)));
                    return false;
                }
                at = record.at;
                vm.parked.set(at);
                flow = Flow::Value {
                    step: record.step,
                    value: v,
                };
                continue;
            }
            Flow::Call {
                code,
                window,
                step: next,
            } => match vm.push_frame(at, next, window, code) {
                Some(callee) => {
                    let inner = D::<H> {
                        vm,
                        pc: callee.pc,
                        base: callee.base,
                        code,
                    };
                    (code.nargs..code.nlocals).for_each(|r| inner.set_reg(r, Gc::NULL));
                    if code.count_call() {
                        vm.parked.set(callee);
                        return park::<H>(vm, vm.hot(callee));
                    }
                    callee
                }
                None => {
                    flow = Flow::Raise(H::L::recursion_error(vm));
                    continue;
                }
            },
            Flow::Enter {
                code,
                window,
                step: next,
                pc,
            } => match vm.push_frame(at, next, window, code) {
                Some(callee) => Place {
                    pc: code.at(pc as usize),
                    ..callee
                },
                None => {
                    flow = Flow::Raise(H::L::recursion_error(vm));
                    continue;
                }
            },
            Flow::Again if matches!(entry, Entry::Start) => at,
            flow => return park::<H>(vm, settle::<H, D<H>>(vm, at, step, entry, flow)),
        };
        vm.parked.set(place);
        return true;
    }
}
/// # Safety
/// As `go`.
#[inline(never)]
unsafe fn value_and_go<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
    step: <H::L as Language>::Step,
    v: Gc,
) {
    if !value_parked::<H>(pc, base, code, vm, step, v) {
        return;
    }
    let at = vm.parked.get();
    if vm.heap.wants_attention() {
        // SAFETY: a settled place is as `go` wants it.
        return unsafe { attend_and_go::<H>(at.pc, at.base, at.code, vm) };
    }
    // SAFETY: a settled place is as `go` wants it.
    unsafe { go::<H>(at.pc, at.base, at.code, vm) }
}
#[inline(never)]
fn value_parked<H: Threaded>(
    pc: *const Ins<H>,
    base: *mut Gc,
    code: &'static Code<H>,
    vm: &'static LVm<H>,
    step: <H::L as Language>::Step,
    v: Gc,
) -> bool {
    let at = Place { pc, base, code };
    vm.parked.set(at);
    let flow = H::resume(probe(D::<H> { vm, pc, base, code }), fetch(pc), step, v);
    usual::<H>(vm, at, step, Entry::Value(v), flow)
}
/// False: the run loop has ended.
fn park<H: Threaded>(vm: &'static LVm<H>, mut settled: Settled<H::L>) -> bool {
    loop {
        match settled {
            Settled::At(at) => {
                vm.parked.set(at);
                return true;
            }
            Settled::Done(end) => {
                vm.outcome.set(Some(end));
                return false;
            }
            Settled::Stopped { at, step, entry } => {
                settled = crate::driver::resume_at::<H, D<H>>(vm, at, step, entry);
            }
        }
    }
}

/// Runs a whole run loop from `at` in the fastest way this build has.
pub fn run_threaded<H: Threaded>(
    vm: &'static LVm<H>,
    at: Place<H::L>,
    step: <H::L as Language>::Step,
    entry: Entry<Gc>,
) -> Outcome {
    if cfg!(debug_assertions) {
        return crate::driver::run_plain::<H>(vm, at, step, entry);
    }
    vm.parked.set(at);
    let runs = match entry {
        _ if vm.is_watched() => {
            let settled = Settled::Stopped { at, step, entry };
            park::<H>(vm, crate::watch::run::<H>(vm, settled))
        }
        Entry::Start => {
            // A callback from Rust code is a call too.
            let hot = at.pc == at.code.entry() && at.code.count_call();
            !hot || hot_parked::<H>(at.pc, at.base, at.code, vm)
        }
        entry => park::<H>(vm, crate::driver::resume_at::<H, D<H>>(vm, at, step, entry)),
    };
    if runs {
        let at = vm.parked.get();
        // SAFETY: a settled place is as `go` wants it; whoever starts a run loop names that of a frame that was just pushed.
        unsafe { go::<H>(at.pc, at.base, at.code, vm) }
    }
    vm.outcome.take().expect("a run loop ends with an outcome")
}
