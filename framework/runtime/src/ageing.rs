//! Compiled code that is not used any more goes, and its memory is used again.
//!
//! The unit is a *family*: a loop or function with all bridges that begin at its exits or at theirs. Time is counted in
//! recordings, as in PyPy: a family that was not entered during the last so many goes, and sooner if the memory for code is
//! nearly full. Then the loop is as if it had never been hot.
//!
//! Invariants
//! - **F1** Freed code has no native frame: the backend says which code the native stack still leads back into.
//! - **F2** No code jumps into freed code: a family keeps those that it jumps to, and the present code of the functions that
//!   it calls. Whatever code a backend learns the address of was asked for by `Request::entry_of`, which notes it.
//!   A trace that begins where branches come together belongs to the family of the exit at which it was recorded.
//! - **F3** Nothing is freed but where a recording begins, when no exit is at hand but the one to which that recording
//!   belongs.
//!
//! Source: PyPy's `memmgr` (loop longevity) for the age; there the garbage collector finds what jumps keep alive.

use crate::compile::Compiled;
use crate::events::Happened;
use crate::jit::{Jit, LoopState};
use crate::stats::add;
use ahash::{AHashMap, AHashSet};
use ouro_codegen::{CodeHandle, ExitNumber};
use ouro_ir::{CallAbi, Descr};
use ouro_machine::{Language, Vm};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A loop or function with its bridges.
#[derive(Default)]
struct Family {
    codes: Vec<CodeHandle>,
    /// Roots of the families that it jumps to.
    jumps: AHashSet<CodeHandle>,
    /// Tokens of the functions that it calls.
    calls: AHashSet<u64>,
}

/// The families of a compiler, by their first code.
#[derive(Default)]
pub(crate) struct Families {
    by_root: RefCell<AHashMap<CodeHandle, Family>>,
    /// Number of recordings so far.
    now: Cell<u32>,
    /// When families were last looked through.
    looked: Cell<u32>,
}

/// Families are looked through after so many recordings, if memory does not ask for it sooner.
const LOOK_AFTER: u32 = 64;

impl Families {
    /// Number of recordings so far.
    pub(crate) fn now(&self) -> u32 {
        self.now.get()
    }
    /// A new trace belongs to its family, with the codes whose addresses it knows.
    pub(crate) fn add(
        &self,
        jit: &Jit,
        code: CodeHandle,
        compiled: &Compiled,
        known: &[CodeHandle],
    ) {
        let traces = jit.traces.borrow();
        let mut families = self.by_root.borrow_mut();
        let family = families.entry(compiled.root).or_default();
        family.codes.push(code);
        let roots = known.iter().filter_map(|code| Some(traces.get(code)?.root));
        family
            .jumps
            .extend(roots.filter(|root| *root != compiled.root));
        for descr in &compiled.trace.borrow().descrs {
            if let Descr::Call(call) = descr
                && let CallAbi::Guest { token, .. } = call.abi
            {
                family.calls.insert(token);
            }
        }
    }
}

/// A recording begins: old code goes. `at_hand` is the trace at whose exit it begins. False: there is no room for code.
pub(crate) fn before_recording<L: Language>(
    vm: &Vm<L>,
    jit: &Jit,
    at_hand: Option<&Rc<Compiled>>,
) -> bool {
    let families = &jit.families;
    let now = families.now.get() + 1;
    families.now.set(now);
    let parameters = jit.parameters.get();
    let limit = parameters.code_memory_bytes;
    let is_full = || bytes(jit) > limit / 8 * 7;
    let is_due = now - families.looked.get() >= LOOK_AFTER.min(parameters.longevity);
    if !is_due && !is_full() {
        return true;
    }
    families.looked.set(now);
    let mut longevity = parameters.longevity;
    free_unused(vm, jit, longevity, at_hand);
    if is_full() {
        // What was entered since the last recordings goes last.
        while bytes(jit) > limit / 4 * 3 && longevity > 0 {
            longevity /= 2;
            free_unused(vm, jit, longevity, at_hand);
        }
    }
    bytes(jit) < limit
}

/// Memory that compiled code takes.
pub(crate) fn bytes(jit: &Jit) -> usize {
    let sizes = jit.backend.stats();
    sizes.code_bytes + sizes.data_bytes
}

fn free_unused<L: Language>(vm: &Vm<L>, jit: &Jit, longevity: u32, at_hand: Option<&Rc<Compiled>>) {
    let now = jit.families.now.get();
    let mut kept: AHashSet<CodeHandle> = AHashSet::default();
    kept.extend(at_hand.map(|trace| trace.root));
    for state in jit.loops.borrow().values() {
        if let LoopState::Compiled { code, used, .. } = state
            && now - used <= longevity
        {
            kept.insert(*code);
        }
    }
    close(jit, &mut kept);
    let number = jit.families.by_root.borrow().len();
    if kept.len() == number {
        return;
    }
    let traces = jit.traces.borrow();
    let running = jit.backend.on_native_stack();
    kept.extend(running.iter().map(|code| traces[code].root));
    drop(traces);
    close(jit, &mut kept);
    let families = jit.families.by_root.borrow();
    let roots = families.keys().copied();
    let mut gone: Vec<CodeHandle> = roots.filter(|root| !kept.contains(root)).collect();
    drop(families);
    // In a fixed order, so that runs can be repeated.
    gone.sort_unstable();
    gone.iter().for_each(|root| free(vm, jit, *root));
}

/// Adds what the families in `kept` jump to and call (F2).
fn close(jit: &Jit, kept: &mut AHashSet<CodeHandle>) {
    let families = jit.families.by_root.borrow();
    let mut open: Vec<CodeHandle> = kept.iter().copied().collect();
    while let Some(root) = open.pop() {
        let Some(family) = families.get(&root) else {
            continue;
        };
        let called = family
            .calls
            .iter()
            .filter_map(|token| jit.code_of_token(*token));
        for next in family.jumps.iter().copied().chain(called) {
            if kept.insert(next) {
                open.push(next);
            }
        }
    }
}

/// Frees a family.
fn free<L: Language>(vm: &Vm<L>, jit: &Jit, root: CodeHandle) {
    let family = jit.families.by_root.borrow_mut().remove(&root);
    let family = family.expect("families are freed once");
    let Some(first) = jit.traces.borrow().get(&root).cloned() else {
        unreachable!("a family has its first trace")
    };
    if jit.code_of_token(first.home as u64) == Some(root) {
        jit.drop_loop(first.home);
        jit.drop_joins_of(first.home);
        jit.loops.borrow_mut().insert(first.home, LoopState::Freed);
    }
    for code in &family.codes {
        // What stops where branches come together makes a new one from now on.
        let join = jit.traces.borrow()[code].token.get();
        if join != 0 {
            jit.drop_join(join);
        }
    }
    jit.keep_runs_of(&family.codes);
    for code in family.codes {
        jit.log_exits_of::<L>(code);
        let exits = jit.backend.exits(code);
        jit.forget_jumpers(&exits);
        let mut plans = jit.plans.borrow_mut();
        for ExitNumber(n) in &exits {
            plans.remove(n);
        }
        drop(plans);
        jit.backend.free(code);
        let trace = jit.traces.borrow_mut().remove(&code);
        let trace = trace.expect("code has its trace");
        add(&jit.stats.freed, 1);
        jit.tell(vm, &trace.spot, Happened::Freed(trace.id));
    }
}
