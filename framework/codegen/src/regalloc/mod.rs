//! Register allocation: one forward walk that decides and splits as it goes.
//!
//! Each value has at most one register and at most one spill slot at a time; both may hold it,
//! since values never change. A register is taken from the value whose next use by an operation is
//! furthest away; values that only exits need count as infinitely far and so go first. A value is
//! stored at most once in its life unless its slot is needed by the loop's label (see `label.rs`).
//!
//! Rules that the emitter relies on, proved for each result by `checker.rs`:
//! - R1: operands are read before the result is written, and an item's exit is decided before its
//!   result is written. So a result may share the register of an operand or of a value that the
//!   exit still needs; the emitter then computes elsewhere or undoes.
//! - R2: no operand is required to be in a register. The machine has scratch registers for that.
//! - R3: what a call clobbers holds nothing afterwards; exits of calls read what is left.

mod label;
mod state;
#[cfg(test)]
mod tests;

use crate::live::{Liveness, NEVER};
use crate::loc::{Loc, RegisterFile, RegisterSet, SPILL_WORDS};
use crate::moves::{Move, Source, sequence};
use crate::program::{Class, Item, ItemKind, Operand, Program, Reuse, Start};
use label::LabelState;
use state::State;

/// Why a program got no registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AllocationError {
    /// More values live at once than the spill area holds.
    TooManySpills,
}

/// The machine-dependent part of the allocator's input.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Registers that may be handed out.
    pub registers: RegisterFile,
    /// Never handed out; parallel moves and the emitter use it between two items.
    pub scratch_gpr: u8,
    /// The same for floats.
    pub scratch_fpr: u8,
}

/// Where everything is.
#[derive(Clone, Debug, Default)]
pub struct Allocation {
    /// Place of each operand when its item runs, parallel to `Program::operands`; `None` for constants.
    pub operands: Vec<Option<Loc>>,
    /// Place of each item's result; `None` if nobody uses it.
    pub results: Vec<Option<Loc>>,
    /// Place of each value that an exit needs, parallel to `Program::live`.
    pub live: Vec<Loc>,
    /// Place of each label parameter, parallel to `Program::params`.
    pub params: Vec<Option<Loc>>,
    /// Moves to do one after the other, with the item before which they stand, ascending.
    pub edits: Vec<(u32, Move)>,
    /// The invariants of the label that the back jump goes to, and where the loop finds them.
    pub invariants: Vec<(u32, Loc)>,
    /// Number of words of the spill area in use.
    pub spill_words: u16,
    /// How many stores to the spill area were made.
    pub spills: u32,
}

/// What allocation fills. It serves one program after the other, and keeps the memory.
#[derive(Default)]
pub struct Workspace {
    live: Liveness,
    state: State,
    out: Allocation,
    hints: Vec<Option<Loc>>,
    at_label: Vec<bool>,
    stored_in_loop: Vec<u32>,
    moves: Vec<Move>,
}

impl Workspace {
    /// The result for the last program.
    pub fn allocation(&self) -> &Allocation {
        &self.out
    }
}

/// Allocates registers for a program.
///
/// # Errors
/// `AllocationError::TooManySpills` if the spill area is too small.
pub fn allocate(program: &Program, machine: &Machine) -> Result<Allocation, AllocationError> {
    let mut workspace = Workspace::default();
    allocate_in(&mut workspace, program, machine)?;
    Ok(workspace.out)
}

/// Allocates registers for a program in the memory of an earlier one: [`Workspace::allocation`] gives the result.
///
/// # Errors
/// As [`allocate`].
pub fn allocate_in(
    workspace: &mut Workspace,
    program: &Program,
    machine: &Machine,
) -> Result<(), AllocationError> {
    workspace.live.compute(program);
    crate::refill(&mut workspace.at_label, program.classes.len(), false);
    Allocator::new(program, machine, workspace).run()?;
    // Invariants that the body had to store every time round are better stored once, at the label.
    if workspace.stored_in_loop.is_empty() {
        return Ok(());
    }
    for v in &workspace.stored_in_loop {
        workspace.at_label[*v as usize] = true;
    }
    workspace.live.rewind();
    Allocator::new(program, machine, workspace).run()
}

struct Allocator<'a> {
    program: &'a Program,
    machine: &'a Machine,
    live: &'a mut Liveness,
    state: &'a mut State,
    out: &'a mut Allocation,
    /// Register that each value would like, because its future needs it there.
    hints: &'a mut [Option<Loc>],
    /// Invariants to store at the label because the body would have to.
    at_label: &'a [bool],
    stored_in_loop: &'a mut Vec<u32>,
    /// A list of moves, empty between two uses.
    moves: &'a mut Vec<Move>,
    label: Option<LabelState>,
    /// The label's item, if a back jump goes there.
    loop_label: Option<usize>,
    /// The item at hand.
    at: u32,
}

impl<'a> Allocator<'a> {
    fn new(
        program: &'a Program,
        machine: &'a Machine,
        workspace: &'a mut Workspace,
    ) -> Allocator<'a> {
        let values = program.classes.len();
        let out = &mut workspace.out;
        crate::refill(&mut out.operands, program.operands.len(), None);
        crate::refill(&mut out.results, program.items.len(), None);
        let nowhere = Loc::Stack(u16::MAX);
        crate::refill(&mut out.live, program.live.len(), nowhere);
        crate::refill(&mut out.params, program.params.len(), None);
        out.edits.clear();
        out.invariants.clear();
        (out.spill_words, out.spills) = (0, 0);
        crate::refill(&mut workspace.hints, values, None);
        workspace.stored_in_loop.clear();
        workspace.state.restart(values, &machine.registers);
        Allocator {
            program,
            machine,
            live: &mut workspace.live,
            state: &mut workspace.state,
            out,
            hints: &mut workspace.hints,
            at_label: &workspace.at_label,
            stored_in_loop: &mut workspace.stored_in_loop,
            moves: &mut workspace.moves,
            label: None,
            loop_label: program.back_jump().map(|(_, label)| label),
            at: 0,
        }
    }

    fn run(&mut self) -> Result<(), AllocationError> {
        self.hint_call_arguments();
        self.place_inputs()?;
        for at in 0..self.program.items.len() {
            self.at = at as u32;
            self.state.release_slots();
            let item = self.program.items[at];
            match item.kind {
                ItemKind::Op { reuse } => {
                    self.bring_operands(&item)?;
                    self.record_operands(&item);
                    self.record_live(&item);
                    self.free_dead(&item);
                    self.place_result(&item, reuse)?;
                }
                ItemKind::Call { .. } => {
                    self.record_operands(&item);
                    self.survive_call(&item)?;
                    self.record_live(&item);
                    self.free_dead(&item);
                    self.place_result(&item, Reuse::None)?;
                }
                ItemKind::Label { params, .. } => self.enter_label(&item, params)?,
                ItemKind::Jump { .. } => self.jump_back(&item),
                ItemKind::Leave { targets } => {
                    let moves = self.program.operands(&item).iter();
                    let to = &self.program.targets[targets.indices()];
                    let moves = moves.zip(to).map(|(o, to)| Move {
                        from: self.source(*o),
                        to: *to,
                    });
                    let moves: Vec<Move> = moves.collect();
                    self.parallel(&moves);
                }
            }
        }
        self.out.spill_words = self.state.high_water();
        debug_assert!(usize::from(self.out.spill_words) <= SPILL_WORDS);
        Ok(())
    }

    /// A value whose last use is a word of a call likes to be computed where it is passed.
    fn hint_call_arguments(&mut self) {
        let registers = &self.machine.registers;
        for (at, item) in self.program.items.iter().enumerate() {
            let ItemKind::Call { floats } = item.kind else {
                continue;
            };
            for (n, operand) in self.program.operands(item).iter().enumerate() {
                let Operand::Value(v) = *operand else {
                    continue;
                };
                let hint = match (floats, self.program.classes[v as usize]) {
                    (true, Class::Fpr) => registers.call_floats.get(n).map(|r| Loc::Fpr(*r)),
                    // The first word is the VM pointer.
                    (false, Class::Gpr) => registers.call_words.get(n + 1).map(|r| Loc::Gpr(*r)),
                    (true, Class::Gpr) | (false, Class::Fpr) => None,
                };
                let ends_here = self.live.last(v) == at as u32;
                let free_before = self.live.next_call(self.live.defined(v)) >= at as u32;
                if ends_here && free_before && hint.is_some_and(|h| self.state.may_hand_out(h)) {
                    self.hints[v as usize] = hint;
                }
            }
        }
    }

    /// Claims the inputs' places; those that lie elsewhere than a value may are moved.
    fn place_inputs(&mut self) -> Result<(), AllocationError> {
        let mut moves = Vec::new();
        let mut homeless = Vec::new();
        for (v, start) in &self.program.inputs {
            if self.live.last(*v) == 0 && !self.used_at_start(*v) {
                continue;
            }
            match start {
                Start::Loc(loc) if self.state.claim(*v, *loc) => {}
                Start::Loc(loc) => homeless.push((*v, Source::Loc(*loc))),
                Start::Const(c) => homeless.push((*v, Source::Const(*c))),
            }
        }
        homeless.sort_by_key(|(v, _)| self.live.first_real(*v));
        for (v, from) in homeless {
            let class = self.program.classes[v as usize];
            let to = match self.choose_free(v, class, 0) {
                Some(to) => to,
                None => self.state.new_slot()?,
            };
            self.state.put(v, to);
            moves.push(Move { from, to });
        }
        // Scratch registers hold pending values of the exit that is continued; they come first,
        // because the other moves may pass through scratch registers. All destinations are fresh,
        // so any order is right.
        moves.sort_by_key(|m| !matches!(m.from, Source::Loc(l) if l.is_register()));
        let moves = moves.into_iter().map(|m| (0, m));
        self.out.edits.extend(moves);
        Ok(())
    }

    fn used_at_start(&self, v: u32) -> bool {
        // Position 0 is also "no use": look at the first item itself.
        let Some(item) = self.program.items.first() else {
            return false;
        };
        self.program.operands(item).contains(&Operand::Value(v))
            || self.program.live(item).contains(&v)
    }

    fn source(&self, operand: Operand) -> Source {
        match operand {
            Operand::Value(v) => Source::Loc(self.state.place(v)),
            Operand::Const(c) => Source::Const(c),
        }
    }

    /// Puts moves that happen at once in front of the item at hand.
    fn parallel(&mut self, moves: &[Move]) {
        let mut out = std::mem::take(self.moves);
        let (gpr, fpr) = (self.machine.scratch_gpr, self.machine.scratch_fpr);
        let scratch = |from: Loc| match from {
            Loc::Fpr(_) => Loc::Fpr(fpr),
            Loc::Gpr(_) | Loc::Stack(_) | Loc::Guest(_) => Loc::Gpr(gpr),
        };
        sequence(moves, scratch, &mut out);
        let at = self.at;
        self.out.edits.extend(out.drain(..).map(|m| (at, m)));
        *self.moves = out;
    }

    fn edit(&mut self, from: Loc, to: Loc) {
        self.out.edits.push((self.at, Move::new(from, to)));
    }

    /// Makes sure that the value in a register is also in a slot.
    fn store(&mut self, v: u32) -> Result<(), AllocationError> {
        if self.state.slot(v).is_some() {
            return Ok(());
        }
        let from = self.state.place(v);
        let to = self.state.new_slot()?;
        self.edit(from, to);
        self.state.put(v, to);
        self.out.spills += 1;
        if let Some(label) = &self.label
            && label.is_invariant(v)
        {
            self.stored_in_loop.push(v);
        }
        Ok(())
    }

    /// Loads spilled operands that are used again soon. The others are read where they are.
    fn bring_operands(&mut self, item: &Item) -> Result<(), AllocationError> {
        let program = self.program;
        for operand in program.operands(item) {
            let Operand::Value(v) = *operand else {
                continue;
            };
            if self.state.register(v).is_some() {
                continue;
            }
            let again = self.live.next_real(v, self.at);
            if again == NEVER {
                continue;
            }
            // A register would be lost at the call before the next use.
            let class = program.classes[v as usize];
            if class == Class::Fpr && self.live.next_call(self.at) < again {
                continue;
            }
            let to = match self.choose_free(v, class, self.at) {
                Some(to) => to,
                None => match self.furthest(class, program.operands(item)) {
                    Some((victim, next)) if next > again => {
                        self.store(victim)?;
                        self.state.evict(victim)
                    }
                    _ => continue,
                },
            };
            let from = self.state.place(v);
            self.edit(from, to);
            self.state.put(v, to);
        }
        Ok(())
    }

    fn record_operands(&mut self, item: &Item) {
        for n in item.operands.indices() {
            if let Operand::Value(v) = self.program.operands[n] {
                self.out.operands[n] = Some(self.state.place(v));
            }
        }
    }

    fn record_live(&mut self, item: &Item) {
        for n in item.live.indices() {
            self.out.live[n] = self.state.place(self.program.live[n]);
        }
    }

    fn free_dead(&mut self, item: &Item) {
        let program = self.program;
        for operand in program.operands(item) {
            if let Operand::Value(v) = *operand {
                self.free_if_dead(v);
            }
        }
        for v in program.live(item) {
            self.free_if_dead(*v);
        }
    }

    fn free_if_dead(&mut self, v: u32) {
        if !self.live.lives_after(v, self.at) {
            self.state.forget(v);
        }
    }

    /// Saves what the call would destroy.
    fn survive_call(&mut self, item: &Item) -> Result<(), AllocationError> {
        let clobbered = self.machine.registers.clobbered;
        let mut lost = Vec::new();
        for class in [Class::Gpr, Class::Fpr] {
            for (loc, v) in self.state.occupied(class) {
                if clobbered.contains(loc) {
                    lost.push((self.live.next_real(v, self.at), v));
                }
            }
        }
        lost.sort_unstable();
        for (next, v) in lost {
            let class = self.program.classes[v as usize];
            let needed = self.live.lives_after(v, self.at) || self.program.live(item).contains(&v);
            let kept = if needed && next != NEVER && self.state.slot(v).is_none() {
                self.state
                    .free_registers(class)
                    .find(|r| !clobbered.contains(*r))
            } else {
                None
            };
            if let Some(to) = kept {
                let from = self.state.place(v);
                self.edit(from, to);
                self.state.put(v, to);
            } else {
                if needed {
                    self.store(v)?;
                }
                self.state.evict(v);
            }
        }
        Ok(())
    }

    /// The value in a register whose next use is furthest, and that use.
    fn furthest(&mut self, class: Class, pinned: &[Operand]) -> Option<(u32, u32)> {
        let mut best = None;
        for (_, v) in self.state.occupied(class) {
            if pinned.contains(&Operand::Value(v)) {
                continue;
            }
            let next = self.live.next_real(v, self.at);
            // Of two that are equally far, the one that needs no store goes.
            let rank = (next, self.state.slot(v).is_some());
            if best.is_none_or(|(r, _)| rank > r) {
                best = Some((rank, v));
            }
        }
        best.map(|((next, _), v)| (v, next))
    }

    /// A free register for `v`, the one it likes best.
    fn choose_free(&mut self, v: u32, class: Class, at: u32) -> Option<Loc> {
        if let Some(hint) = self.hints[v as usize]
            && self.state.is_free(hint)
        {
            return Some(hint);
        }
        let free = self.state.free_set(class);
        if free == RegisterSet::EMPTY {
            return None;
        }
        // Registers that survive calls are kept for those who need it, and the other way round;
        // registers that the back jump wants are taken last.
        let crosses = self.live.crosses_call(v, at);
        let clobbered = self.machine.registers.clobbered;
        let suited = if crosses {
            free.without(clobbered)
        } else {
            free.intersection(clobbered)
        };
        let wanted = self
            .label
            .as_ref()
            .map_or(RegisterSet::EMPTY, |l| l.wanted());
        let choices = [suited.without(wanted), suited, free.without(wanted), free];
        choices.into_iter().find_map(RegisterSet::first)
    }

    fn place_result(&mut self, item: &Item, reuse: Reuse) -> Result<(), AllocationError> {
        let Some(v) = item.result else {
            return Ok(());
        };
        if !self.live.lives_after(v, self.at) {
            return Ok(());
        }
        let class = self.program.classes[v as usize];
        let to = match self.reused(item, v, reuse) {
            Some(to) => to,
            None => match self.choose_free(v, class, self.at) {
                Some(to) => to,
                None => self.make_room(v, class)?,
            },
        };
        self.state.put(v, to);
        self.out.results[self.at as usize] = Some(to);
        Ok(())
    }

    /// The register of an operand that dies here, unless the result has a better wish.
    fn reused(&mut self, item: &Item, v: u32, reuse: Reuse) -> Option<Loc> {
        if let Some(hint) = self.hints[v as usize]
            && self.state.is_free(hint)
        {
            return Some(hint);
        }
        let n = match reuse {
            Reuse::None => 0,
            Reuse::First => 1,
            Reuse::Either => 2,
        };
        let crosses = self.live.crosses_call(v, self.at);
        let range = item.operands.indices();
        let dying = self.out.operands[range].iter().take(n).flatten().copied();
        dying.into_iter().find(|loc| {
            let lost = crosses && self.machine.registers.clobbered.contains(*loc);
            loc.is_register() && self.state.is_free(*loc) && !lost
        })
    }

    /// A place for `v` when all registers are taken.
    fn make_room(&mut self, v: u32, class: Class) -> Result<Loc, AllocationError> {
        let own = self.live.next_real(v, self.at);
        match self.furthest(class, &[]) {
            Some((victim, next)) if next > own => {
                self.store(victim)?;
                Ok(self.state.evict(victim))
            }
            _ => {
                self.out.spills += 1;
                self.state.new_slot()
            }
        }
    }
}
