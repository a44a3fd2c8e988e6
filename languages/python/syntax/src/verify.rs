//! The verifier: what must hold of every code object.
//!
//! V1 operands are in range (registers, constants, names, sites, jump targets); V2 only `Loop` jumps back and control never
//! runs off the end; V3 every temporary is written before it is read on every path; V4 the liveness table covers exactly what
//! is needed and never a temporary that may be unwritten; V5 no way without a safepoint is longer than the limit.

use crate::code::{CodeData, Const};
use crate::compiler::{MAX_STRAIGHT, innermost_handlers};
use crate::opcode::{Flags, Op};

/// Checks a code object and all inside of it.
///
/// # Errors
/// The first rule that is broken, as a text.
pub fn verify(code: &CodeData) -> Result<(), String> {
    Verifier { code }
        .run()
        .map_err(|e| format!("{} line {}: {e}", code.qualname, code.firstlineno))?;
    code.consts.iter().try_for_each(verify_const)
}

fn verify_const(value: &Const) -> Result<(), String> {
    match value {
        Const::Code(code) => verify(code),
        Const::Tuple(items) | Const::FrozenSet(items) => items.iter().try_for_each(verify_const),
        _ => Ok(()),
    }
}

struct Verifier<'a> {
    code: &'a CodeData,
}

impl Verifier<'_> {
    fn run(&self) -> Result<(), String> {
        self.operands()?;
        self.straight_lines()?;
        self.temporaries()
    }

    fn operands(&self) -> Result<(), String> {
        let c = self.code;
        let len = c.ins.len();
        if c.positions.len() != len || c.live.at.len() != len {
            return Err("tables of another length".into());
        }
        if c.nlocals as usize != c.locals.len() + 1 {
            return Err(format!(
                "{} named registers, nlocals {}",
                c.locals.len(),
                c.nlocals
            ));
        }
        for (pc, i) in c.ins.iter().enumerate() {
            let fail = |what: &str| Err(format!("{pc} {i:?}: {what}"));
            let mut bad = false;
            i.for_each_read(|r| bad |= r >= c.nregs);
            i.for_each_write(|r| bad |= r >= c.nregs);
            if bad {
                return fail("register out of range");
            }
            if i.op.has(Flags::KONST_D) && i.d as usize >= c.consts.len()
                || i.op.has(Flags::KONST_E) && i.e as usize >= c.consts.len()
            {
                return fail("constant out of range");
            }
            if i.op.has(Flags::NAME_D) && i.d as usize >= c.names.len() {
                return fail("name out of range");
            }
            if i.op.has(Flags::SITE_E) && i.e >= c.sites {
                return fail("site out of range");
            }
            if let Some(target) = i.target(pc) {
                if target >= len || (target <= pc) != i.op.has(Flags::LOOP) {
                    return fail("bad jump target");
                }
            }
            if pc + 1 == len && !i.op.has(Flags::END) {
                return fail("runs off the end");
            }
            if matches!(
                i.op,
                Op::Call | Op::CallMethod | Op::CallKw | Op::CallMethodKw
            ) && u32::from(i.b) < c.nlocals
            {
                return fail("window among the locals");
            }
        }
        for h in &c.handled {
            if h.from >= h.to
                || h.to as usize > len
                || h.target as usize >= len
                || u32::from(h.reg) >= c.nregs
            {
                return Err(format!("bad handler {h:?}"));
            }
            if h.from <= h.target && h.target < h.to {
                return Err(format!("handler inside of what it covers {h:?}"));
            }
        }
        Ok(())
    }

    fn straight_lines(&self) -> Result<(), String> {
        let c = self.code;
        let mut at = vec![0u32; c.ins.len() + 1];
        for (pc, i) in c.ins.iter().enumerate() {
            let mut distance = at[pc] + 1;
            if i.op == Op::Poll {
                distance = 0;
            }
            if distance > MAX_STRAIGHT {
                return Err(format!(
                    "{pc}: no safepoint on the last {distance} instructions"
                ));
            }
            if let Some(t) = i.target(pc) {
                if t > pc {
                    at[t] = at[t].max(distance);
                }
            }
            if i.op.has(Flags::SAFEPOINT) {
                distance = 0;
            }
            if !i.op.has(Flags::END) {
                at[pc + 1] = at[pc + 1].max(distance);
            }
        }
        Ok(())
    }

    fn temporaries(&self) -> Result<(), String> {
        let c = self.code;
        let nlocals = c.nlocals;
        let words = (c.nregs.saturating_sub(nlocals) as usize)
            .div_ceil(64)
            .max(1);
        let handlers = innermost_handlers(c.ins.len(), c.handled.iter().map(|h| (h.from, h.to)));
        // Temporaries that are certainly written, before each instruction; None = not reached.
        let mut written: Vec<Option<Box<[u64]>>> = vec![None; c.ins.len()];
        written[0] = Some(vec![0u64; words].into());
        let mut work = vec![0usize];
        let meet = |written: &mut Vec<Option<Box<[u64]>>>,
                    work: &mut Vec<usize>,
                    at: usize,
                    set: &[u64]| {
            let changed = match &mut written[at] {
                None => {
                    written[at] = Some(set.into());
                    true
                }
                Some(old) => {
                    let mut changed = false;
                    for (x, y) in old.iter_mut().zip(set) {
                        changed |= *x & !*y != 0;
                        *x &= *y;
                    }
                    changed
                }
            };
            if changed {
                work.push(at);
            }
        };
        while let Some(pc) = work.pop() {
            let i = &c.ins[pc];
            let mut set = written[pc]
                .clone()
                .expect("only reached ones are in the list");
            if i.op.has(Flags::RAISES) && handlers[pc] != u32::MAX {
                let h = &c.handled[handlers[pc] as usize];
                let mut at_handler = set.clone();
                if u32::from(h.reg) >= nlocals {
                    set_bit(&mut at_handler, u32::from(h.reg) - nlocals);
                }
                meet(&mut written, &mut work, h.target as usize, &at_handler);
            }
            if i.op == Op::ForIter {
                meet(
                    &mut written,
                    &mut work,
                    i.target(pc).expect("it jumps"),
                    &set,
                );
            }
            i.for_each_write(|r| {
                if r >= nlocals {
                    set_bit(&mut set, r - nlocals);
                }
            });
            if i.op != Op::ForIter {
                if let Some(t) = i.target(pc) {
                    meet(&mut written, &mut work, t, &set);
                }
            }
            if !i.op.has(Flags::END) {
                meet(&mut written, &mut work, pc + 1, &set);
            }
        }
        for (pc, i) in c.ins.iter().enumerate() {
            let Some(set) = &written[pc] else {
                return Err(format!("{pc} {i:?}: cannot be reached"));
            };
            let live = c.live.before(pc);
            let mut bad = None;
            i.for_each_read(|r| {
                if r >= nlocals {
                    if !has_bit(set, r - nlocals) {
                        bad = Some(format!("reads r{r}, which may be unwritten"));
                    } else if !has_bit(live, r - nlocals) {
                        bad = Some(format!("reads r{r}, which is not live"));
                    }
                }
            });
            if live.iter().zip(set.iter()).any(|(l, s)| l & !s != 0) {
                bad = Some("a live temporary may be unwritten".into());
            }
            // What is live afterwards and not written here is live before.
            let mut next: Vec<usize> = i.target(pc).into_iter().collect();
            if !i.op.has(Flags::END) {
                next.push(pc + 1);
            }
            let mut killed = vec![0u64; words];
            i.for_each_write(|r| {
                if r >= nlocals {
                    set_bit(&mut killed, r - nlocals);
                }
            });
            let lacks = |after: &[u64], killed: &[u64]| {
                after
                    .iter()
                    .enumerate()
                    .any(|(w, bits)| bits & !killed[w] & !live.get(w).copied().unwrap_or(0) != 0)
            };
            if next.iter().any(|n| lacks(c.live.before(*n), &killed)) {
                bad = Some("something live afterwards is not live before".into());
            }
            if i.op.has(Flags::RAISES) && handlers[pc] != u32::MAX {
                let h = &c.handled[handlers[pc] as usize];
                let mut killed = vec![0u64; words];
                if u32::from(h.reg) >= nlocals {
                    set_bit(&mut killed, u32::from(h.reg) - nlocals);
                }
                if lacks(c.live.before(h.target as usize), &killed) {
                    bad = Some("something live in the handler is not live before".into());
                }
            }
            if matches!(
                i.op,
                Op::Call | Op::CallMethod | Op::CallKw | Op::CallMethodKw
            ) {
                // Invariant O1: apart from the arguments nothing above the window is live.
                let top = u32::from(i.b) + 3 + u32::from(i.c);
                if (top..c.nregs).any(|r| has_bit(live, r - nlocals)) {
                    bad = Some("something is live above the call window".into());
                }
            }
            if let Some(bad) = bad {
                return Err(format!("{pc} {i:?}: {bad}"));
            }
        }
        Ok(())
    }
}

fn set_bit(set: &mut [u64], bit: u32) {
    set[bit as usize / 64] |= 1 << (bit % 64);
}

fn has_bit(set: &[u64], bit: u32) -> bool {
    set.get(bit as usize / 64)
        .is_some_and(|w| w >> (bit % 64) & 1 == 1)
}
