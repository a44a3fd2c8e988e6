//! Proof that an allocation is right: runs it on names instead of numbers.
//!
//! The state says which value each place holds. Edits copy names, results write them, calls and
//! scratch registers erase them. Every read must find the name it expects; the loop's label must
//! find at the back jump what it found at first entry. It knows nothing of how the allocator
//! decides, so that a wrong decision cannot hide.

use crate::loc::Loc;
use crate::moves::{Move, Source};
use crate::program::{ItemKind, Operand, Program, Start};
use crate::regalloc::{Allocation, Machine};
use std::collections::BTreeMap;
use std::fmt;

/// A read that would find something else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The item.
    pub item: usize,
    /// What was read: operand, exit value, parameter or invariant.
    pub what: &'static str,
    /// Where.
    pub place: Option<Loc>,
    /// What should be there.
    pub wanted: Operand,
    /// What is there.
    pub found: Option<Operand>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "item {}: {} at {:?} should be {:?} and is {:?}",
            self.item, self.what, self.place, self.wanted, self.found
        )
    }
}

type Contents = BTreeMap<Loc, Operand>;

/// Checks every read of a program.
///
/// # Errors
/// The first read that would find something else.
pub fn check(
    program: &Program,
    machine: &Machine,
    allocation: &Allocation,
) -> Result<(), Mismatch> {
    let mut state = Contents::new();
    for (v, start) in &program.inputs {
        if let Start::Loc(loc) = start {
            // Two inputs may start in one place; each is moved from there on its own.
            state.entry(*loc).or_insert(Operand::Value(*v));
        }
    }
    // Names that mean the same at the start.
    let same_start = |v: u32| {
        let start = program
            .inputs
            .iter()
            .find(|(i, _)| *i == v)
            .map(|(_, s)| *s);
        match start {
            Some(Start::Const(c)) => Operand::Const(c),
            Some(start) => {
                let first = program.inputs.iter().find(|(_, s)| *s == start);
                Operand::Value(first.map_or(v, |(i, _)| *i))
            }
            None => Operand::Value(v),
        }
    };
    let canonical = |o: Operand| match o {
        Operand::Value(v) => same_start(v),
        constant => constant,
    };
    let mut loop_state: Option<Contents> = None;
    let mut edits = allocation.edits.iter().peekable();
    for (at, item) in program.items.iter().enumerate() {
        while let Some((_, m)) = edits.next_if(|(item, _)| *item as usize == at) {
            apply(&mut state, m);
        }
        let expect = |state: &Contents, what, place: Option<Loc>, wanted| {
            let found = place.and_then(|p| state.get(&p).copied());
            let wanted = canonical(wanted);
            if found.map(canonical) == Some(wanted) {
                return Ok(());
            }
            let item = at;
            Err(Mismatch {
                item,
                what,
                place,
                wanted,
                found,
            })
        };
        match item.kind {
            ItemKind::Op { .. } | ItemKind::Call { .. } => {
                for n in item.operands.indices() {
                    if let Operand::Value(_) = program.operands[n] {
                        let place = allocation.operands[n];
                        expect(&state, "operand", place, program.operands[n])?;
                    }
                }
            }
            ItemKind::Label { params, open } => {
                let mut entered = Contents::new();
                for (k, n) in params.indices().enumerate() {
                    if let Some(place) = allocation.params[n] {
                        let wanted = program.operands(item)[k];
                        expect(&state, "parameter", Some(place), wanted)?;
                        let p = Operand::Value(program.params[n]);
                        if entered.insert(place, p).is_some() {
                            expect(&Contents::new(), "shared place", Some(place), p)?;
                        }
                    }
                }
                let is_loop = program.back_jump().is_some_and(|(_, label)| label == at);
                if is_loop {
                    // A jump from elsewhere brings no invariants.
                    if let (true, Some((v, place))) = (open, allocation.invariants.first()) {
                        expect(
                            &Contents::new(),
                            "invariant",
                            Some(*place),
                            Operand::Value(*v),
                        )?;
                    }
                    for (v, place) in &allocation.invariants {
                        expect(&state, "invariant", Some(*place), Operand::Value(*v))?;
                        entered.insert(*place, Operand::Value(*v));
                    }
                    loop_state = Some(entered.clone());
                    state = entered;
                } else if open {
                    state = entered;
                } else {
                    state.extend(entered);
                }
            }
            ItemKind::Jump { label } => {
                let ItemKind::Label { params, .. } = program.items[label as usize].kind else {
                    unreachable!("jumps go to labels")
                };
                for (k, n) in params.indices().enumerate() {
                    if let Some(place) = allocation.params[n] {
                        let wanted = program.operands(item)[k];
                        expect(&state, "next value", Some(place), wanted)?;
                    }
                }
                for (v, place) in &allocation.invariants {
                    expect(&state, "kept invariant", Some(*place), Operand::Value(*v))?;
                }
                debug_assert!(loop_state.is_some());
            }
            ItemKind::Leave { targets } => {
                let places = &program.targets[targets.indices()];
                for (operand, place) in program.operands(item).iter().zip(places) {
                    expect(&state, "left value", Some(*place), *operand)?;
                }
            }
        }
        // Between two items the emitter may use its scratch registers; a call clobbers more.
        state.remove(&Loc::Gpr(machine.scratch_gpr));
        state.remove(&Loc::Fpr(machine.scratch_fpr));
        if let ItemKind::Call { .. } = item.kind {
            state.retain(|loc, _| !machine.registers.clobbered.contains(*loc));
        }
        for n in item.live.indices() {
            let wanted = Operand::Value(program.live[n]);
            expect(&state, "exit value", Some(allocation.live[n]), wanted)?;
        }
        if let (Some(v), Some(place)) = (item.result, allocation.results[at]) {
            state.insert(place, Operand::Value(v));
        }
    }
    Ok(())
}

fn apply(state: &mut Contents, m: &Move) {
    let value = match m.from {
        Source::Loc(from) => state.get(&from).copied(),
        Source::Const(c) => Some(Operand::Const(c)),
    };
    match value {
        Some(value) => state.insert(m.to, value),
        None => state.remove(&m.to),
    };
}
