//! The plain driver: a loop that calls handlers and acts on their `Flow`. For recorders, debug builds and cold paths.

use crate::{
    Commit, Entry, Flow, Handlers, Language, Machine, Outcome, Place, Probe, ResumePoint, Settled,
    Vm,
};
use ouro_gc::Gc;

/// Only a driver starts a step: without this, a handler could turn its `Commit` back into a `Probe`.
pub struct Driver(());

#[inline(always)]
pub(crate) fn probe<M: Machine>(m: M) -> Probe<M> {
    Probe::new(m, Driver(()))
}
#[inline(always)]
fn commit<M: Machine>(m: M) -> Commit<M> {
    Commit::new(m, Driver(()))
}

type Ins<M> = <<M as Machine>::L as Language>::Ins;
type Step<M> = <<M as Machine>::L as Language>::Step;

/// The instruction at `pc`.
#[inline(always)]
pub(crate) fn fetch<I>(pc: *const I) -> &'static I {
    // SAFETY: a `Place` points into a verified code object, which is never freed and does not fall through its end.
    unsafe { &*pc }
}

/// Follows `flow`, the outcome of step `step` at `at`, until an instruction is about to start.
pub fn settle<H: Handlers, M: Machine<L = H::L>>(
    world: M::World,
    at: Place<M::L>,
    step: Step<M>,
    entry: Entry<M::Ref>,
    flow: Flow<M>,
) -> Settled<M::L> {
    settle_as::<H, M, false>(world, at, step, entry, flow)
}
/// As [`settle`]; the language is told of frames and exceptions if it is `WATCHED`, see [`crate::watch`].
pub(crate) fn settle_as<H: Handlers, M: Machine<L = H::L>, const WATCHED: bool>(
    world: M::World,
    mut at: Place<M::L>,
    mut step: Step<M>,
    mut entry: Entry<M::Ref>,
    mut flow: Flow<M>,
) -> Settled<M::L> {
    loop {
        let m = M::at(world, at);
        let ins: &'static Ins<M> = fetch(at.pc);
        // A return step may call a residual function, which has to see the frame that it belongs to.
        m.vm().parked.set(at);
        flow = match flow {
            Flow::Next => return Settled::At(at.offset(1)),
            Flow::Jump(d) => return Settled::At(at.offset(d as isize)),
            Flow::Poll => match safepoint(m, at) {
                Ok(()) => return Settled::At(at.offset(1)),
                Err(e) => Flow::Raise(m.adopt(e)),
            },
            Flow::Loop(d) => {
                let target = at.offset(d as isize);
                m.back_edge(target);
                match safepoint(m, target) {
                    Ok(()) => return Settled::At(target),
                    Err(e) => Flow::Raise(m.adopt(e)),
                }
            }
            Flow::Call {
                code,
                window,
                step: after,
            } if M::RECORDS && !m.inlines(code) => match m.call_out(code, window, after) {
                Ok(value) => Flow::Value { step: after, value },
                Err(e) => {
                    (step, entry) = (after, Entry::Raised(e));
                    if m.begin_step(at, step, entry) {
                        return Settled::Stopped {
                            at,
                            step,
                            entry: Entry::Raised(m.concrete(e)),
                        };
                    }
                    H::resume_raised(probe(m), ins, step, e)
                }
            },
            Flow::Call { code, window, step } => match m.vm().push_frame(at, step, window, code) {
                Some(callee) => {
                    m.entering(callee);
                    let inner = M::at(world, callee);
                    for r in code.nargs..code.nlocals {
                        inner.set_reg(r, inner.konst(Gc::NULL));
                    }
                    match safepoint(inner, callee).and_then(|()| enter::<M, WATCHED>(m, callee)) {
                        Ok(()) => return Settled::At(callee),
                        Err(e) => {
                            at = callee;
                            Flow::Raise(inner.adopt(e))
                        }
                    }
                }
                None => Flow::Raise(m.adopt(M::L::recursion_error(m.vm()))),
            },
            Flow::Enter {
                code,
                window,
                step,
                pc,
            } => match m.vm().push_frame(at, step, window, code) {
                Some(callee) => {
                    let callee = Place {
                        pc: code.at(pc as usize),
                        ..callee
                    };
                    m.entering(callee);
                    match enter::<M, WATCHED>(m, callee) {
                        Ok(()) => return Settled::At(callee),
                        Err(e) => {
                            at = callee;
                            Flow::Raise(m.adopt(e))
                        }
                    }
                }
                None => Flow::Raise(m.adopt(M::L::recursion_error(m.vm()))),
            },
            Flow::Return(v) => {
                m.returning(v);
                let v = match WATCHED {
                    false => v,
                    true => match M::L::watch_return(m.vm(), at, m.concrete(v)) {
                        Ok(v) => m.adopt(v),
                        Err(e) => {
                            flow = Flow::ReturnRaised(m.adopt(e));
                            continue;
                        }
                    },
                };
                let record = m.vm().pop_frame();
                if record.step == Step::<M>::EXIT {
                    return Settled::Done(Ok(m.concrete(v)));
                }
                at = record.at;
                if WATCHED {
                    m.vm().parked.set(at);
                    match M::L::watch_result(m.vm(), at, record.step, m.concrete(v)) {
                        Ok(v) => Flow::Value {
                            step: record.step,
                            value: m.adopt(v),
                        },
                        Err(e) => Flow::Raise(m.adopt(e)),
                    }
                } else {
                    Flow::Value {
                        step: record.step,
                        value: v,
                    }
                }
            }
            Flow::Value { step: next, value } if next == Step::<M>::STORE && !M::RECORDS => {
                H::store(m, ins, value);
                return Settled::At(at.offset(1));
            }
            Flow::Value { step: next, value } => {
                (step, entry) = (next, Entry::Value(value));
                if m.begin_step(at, step, entry) {
                    return Settled::Stopped {
                        at,
                        step,
                        entry: Entry::Value(m.concrete(value)),
                    };
                }
                H::resume(probe(m), ins, step, value)
            }
            Flow::Raise(e) => {
                let index = at.code.index(at.pc);
                if !M::RECORDS {
                    // Each frame that is left may allocate, and there is no safepoint on the way out.
                    m.vm().heap.refill_window();
                }
                H::unwinding(commit(m), index, e);
                let e = match WATCHED {
                    false => e,
                    true => m.adopt(M::L::watch_raise(m.vm(), at, m.concrete(e))),
                };
                match at.code.handler(index) {
                    Some((target, reg)) => {
                        m.set_reg(reg, e);
                        return Settled::At(Place {
                            pc: at.code.at(target),
                            ..at
                        });
                    }
                    None => Flow::ReturnRaised(e),
                }
            }
            Flow::ReturnRaised(e) => {
                let e = match WATCHED {
                    false => e,
                    true => m.adopt(M::L::watch_unwind(m.vm(), at, m.concrete(e))),
                };
                let record = m.vm().pop_frame();
                if record.step == Step::<M>::EXIT {
                    return Settled::Done(Err(m.concrete(e)));
                }
                at = record.at;
                let m = M::at(world, at);
                let e = match WATCHED {
                    false => e,
                    true => {
                        m.vm().parked.set(at);
                        m.adopt(M::L::watch_arrival(m.vm(), at, record.step, m.concrete(e)))
                    }
                };
                (step, entry) = (record.step, Entry::Raised(e));
                if m.begin_step(at, step, entry) {
                    return Settled::Stopped {
                        at,
                        step,
                        entry: Entry::Raised(m.concrete(e)),
                    };
                }
                H::resume_raised(probe(m), fetch(at.pc), step, e)
            }
            Flow::OutOfLine(rest) => rest(probe(m), ins),
            Flow::Again => {
                if m.begin_step(at, step, entry) {
                    return Settled::Stopped {
                        at,
                        step,
                        entry: entry.map(|v| m.concrete(v)),
                    };
                }
                match entry {
                    Entry::Start => H::dispatch(M::L::op_index(ins), probe(m), ins),
                    Entry::Value(v) => H::resume(probe(m), ins, step, v),
                    Entry::Raised(e) => H::resume_raised(probe(m), ins, step, e),
                }
            }
        }
    }
}

/// The frame of `callee` was entered.
#[inline(always)]
fn enter<M: Machine, const WATCHED: bool>(m: M, callee: Place<M::L>) -> Result<(), Gc> {
    if WATCHED {
        m.vm().parked.set(callee);
        return M::L::watch_enter(m.vm(), callee);
    }
    Ok(())
}
#[inline(always)]
fn safepoint<M: Machine>(m: M, at: Place<M::L>) -> Result<(), Gc> {
    if !M::RECORDS && m.vm().heap.wants_attention() {
        return m.vm().attention(at);
    }
    Ok(())
}

/// Runs from the start of the instruction at `at` until the machine stops or the run loop's bottom frame is left.
pub fn run<H: Handlers, M: Machine<L = H::L>>(
    world: M::World,
    mut at: Place<M::L>,
) -> Settled<M::L> {
    loop {
        let m = M::at(world, at);
        if m.begin_step(at, Step::<M>::START, Entry::Start) {
            return Settled::Stopped {
                at,
                step: Step::<M>::START,
                entry: Entry::Start,
            };
        }
        let ins: &'static Ins<M> = fetch(at.pc);
        let flow = H::dispatch(M::L::op_index(ins), probe(m), ins);
        match settle::<H, M>(world, at, Step::<M>::START, Entry::Start, flow) {
            Settled::At(next) => at = next,
            end => return end,
        }
    }
}

/// Goes on at `at` with the given step and entry, until an instruction is about to start.
pub fn resume_at<H: Handlers, M: Machine<L = H::L>>(
    world: M::World,
    at: Place<M::L>,
    step: Step<M>,
    entry: Entry<Gc>,
) -> Settled<M::L> {
    resume_as::<H, M, false>(world, at, step, entry)
}
/// As [`resume_at`]; see [`settle_as`].
pub(crate) fn resume_as<H: Handlers, M: Machine<L = H::L>, const WATCHED: bool>(
    world: M::World,
    at: Place<M::L>,
    step: Step<M>,
    entry: Entry<Gc>,
) -> Settled<M::L> {
    let m = M::at(world, at);
    let flow = match entry {
        Entry::Start => return Settled::At(at),
        Entry::Value(v) => Flow::Value {
            step,
            value: m.adopt(v),
        },
        // The start step has no exception entry: the exception is raised by the instruction itself.
        Entry::Raised(e) if step == Step::<M>::START => {
            let e = m.adopt(e);
            if m.begin_step(at, step, Entry::Raised(e)) {
                return Settled::Stopped {
                    at,
                    step,
                    entry: Entry::Raised(m.concrete(e)),
                };
            }
            Flow::Raise(e)
        }
        Entry::Raised(e) => {
            let e = m.adopt(e);
            if m.begin_step(at, step, Entry::Raised(e)) {
                return Settled::Stopped {
                    at,
                    step,
                    entry: Entry::Raised(m.concrete(e)),
                };
            }
            H::resume_raised(probe(m), fetch(at.pc), step, e)
        }
    };
    settle_as::<H, M, WATCHED>(world, at, step, Entry::Start, flow)
}

/// Follows [`resume_at`] by [`run`].
pub fn run_from<H: Handlers, M: Machine<L = H::L>>(
    world: M::World,
    at: Place<M::L>,
    step: Step<M>,
    entry: Entry<Gc>,
) -> Settled<M::L> {
    match resume_at::<H, M>(world, at, step, entry) {
        Settled::At(at) => run::<H, M>(world, at),
        end => end,
    }
}

/// The whole of a run loop by the plain driver, hot-loop hook included; the fast driver is [`crate::threaded`].
pub fn run_plain<H: Handlers>(
    vm: &'static Vm<H::L>,
    at: Place<H::L>,
    step: <H::L as Language>::Step,
    entry: Entry<Gc>,
) -> Outcome {
    let mut settled = match vm.is_watched() {
        true => Settled::Stopped { at, step, entry },
        false => run_from_counting::<H>(vm, at, step, entry),
    };
    // A callback from Rust code is a call too.
    if let Settled::At(at) = settled
        && !vm.is_watched()
        && at.pc == at.code.entry()
        && at.code.count_call()
    {
        settled = vm.hot(at);
    }
    loop {
        match settled {
            Settled::Done(outcome) => return outcome,
            settled_so_far if vm.is_watched() => {
                settled = crate::watch::run::<H>(vm, settled_so_far)
            }
            Settled::At(at) => settled = run_counting::<H>(vm, at),
            Settled::Stopped { at, step, entry } => {
                settled = run_from_counting::<H>(vm, at, step, entry)
            }
        }
    }
}

type Direct<H> = crate::Direct<<H as Handlers>::L>;

fn run_from_counting<H: Handlers>(
    vm: &'static Vm<H::L>,
    at: Place<H::L>,
    step: <H::L as Language>::Step,
    entry: Entry<Gc>,
) -> Settled<H::L> {
    vm.parked.set(at);
    resume_at::<H, Direct<H>>(vm, at, step, entry)
}

/// Like [`run`] with `Direct`, but counts back edges and calls the hot-loop hook.
fn run_counting<H: Handlers>(vm: &'static Vm<H::L>, mut at: Place<H::L>) -> Settled<H::L> {
    let start = <H::L as Language>::Step::START;
    loop {
        if vm.is_watched() {
            return Settled::At(at);
        }
        vm.parked.set(at);
        let ins = fetch(at.pc);
        let m = <Direct<H> as Machine>::at(vm, at);
        let flow = H::dispatch(H::L::op_index(ins), probe(m), ins);
        let back_edge = matches!(flow, Flow::Loop(_));
        let calls = matches!(flow, Flow::Call { .. });
        let polls = matches!(
            flow,
            Flow::OutOfLine(_) | Flow::Return(_) | Flow::Value { .. }
        );
        match settle::<H, Direct<H>>(vm, at, start, Entry::Start, flow) {
            Settled::At(next) => at = next,
            end => return end,
        }
        // As the threaded driver does: calls into Rust and returns are safepoints.
        if polls
            && vm.heap.wants_attention()
            && let Err(e) = vm.attention(at)
        {
            return Settled::Stopped {
                at,
                step: start,
                entry: Entry::Raised(e),
            };
        }
        let hot = match (back_edge, calls && at.pc == at.code.entry()) {
            (true, _) => vm.count_back_edge(at.pc),
            (_, true) => at.code.count_call(),
            _ => false,
        };
        if hot {
            match vm.hot(at) {
                Settled::At(next) => at = next,
                end => return end,
            }
        }
    }
}
