//! The loop's label: which values go round in registers, and how the back jump restores that.
//!
//! At the label each parameter gets a place, and each value that lives through the loop keeps one:
//! those that are used soonest get registers, except that across calls only registers that survive
//! calls help. Values that only exits need wait in slots. The back jump moves the next values of the
//! parameters, and reloads invariants that lost their register, all in one parallel move.

use super::{AllocationError, Allocator};
use crate::live::NEVER;
use crate::loc::{Loc, RegisterSet};
use crate::moves::{Move, Source};
use crate::program::{Class, Item, ItemKind, Operand, Span};

/// Registers of each class that the label leaves to the body's temporaries.
const LEFT_TO_BODY: usize = 2;

/// What the back jump must restore.
pub struct LabelState {
    /// Where the body finds each invariant.
    invariants: Vec<(u32, Loc)>,
    wanted: RegisterSet,
}

impl LabelState {
    /// Whether `v` is defined before the label and used behind it.
    pub fn is_invariant(&self, v: u32) -> bool {
        self.invariants.iter().any(|(i, _)| *i == v)
    }

    /// The registers that the back jump fills.
    pub fn wanted(&self) -> RegisterSet {
        self.wanted
    }
}

impl Allocator<'_> {
    pub(super) fn enter_label(&mut self, item: &Item, params: Span) -> Result<(), AllocationError> {
        let program = self.program;
        let is_loop = self.loop_label == Some(self.at as usize);
        let entry: Vec<(u32, Source)> = {
            let params = program.params[params.indices()].iter().copied();
            let operands = program.operands(item).iter();
            params.zip(operands.map(|o| self.source(*o))).collect()
        };
        // Who lives on: all that are anywhere and are used behind the label.
        let mut through = Vec::new();
        let mut dying = Vec::new();
        for v in 0..program.classes.len() as u32 {
            if self.state.exists(v) {
                if self.live.lives_after(v, self.at) {
                    through.push(v);
                } else {
                    dying.push(v);
                }
            }
        }
        let mut moves = Vec::new();
        // Invariants that stay in slots, or that the body would store every time.
        let chosen = self.choose_for_registers(&entry, &through, is_loop);
        for v in &through {
            let stays = chosen[*v as usize] || !is_loop;
            let store = !stays || self.at_label[*v as usize];
            if store && self.state.slot(*v).is_none() {
                let from = self.state.place(*v);
                let to = self.state.new_slot()?;
                self.state.put(*v, to);
                moves.push(Move::new(from, to));
                self.out.spills += 1;
            }
            if !stays && self.state.register(*v).is_some() {
                self.state.evict(*v);
            }
        }
        let mut slots = Vec::new();
        for (p, _) in &entry {
            let needed = self.live.lives_after(*p, self.at);
            if needed && is_loop && !chosen[*p as usize] {
                slots.push((*p, self.state.new_slot()?));
            }
        }
        for v in dying {
            self.state.forget(v);
        }
        // Registers: who has one keeps it, unless calls in the loop would take it every time.
        for v in &through {
            if !chosen[*v as usize] {
                continue;
            }
            let class = program.classes[*v as usize];
            let clobbered = self.machine.registers.clobbered;
            let crosses = self.live.crosses_call(*v, self.at);
            let from = self.state.place(*v);
            let unsuited = match self.state.register(*v) {
                None => true,
                Some(register) => crosses && clobbered.contains(register),
            };
            if unsuited && let Some(to) = self.choose_free(*v, class, self.at) {
                let better = !from.is_register() || !clobbered.contains(to);
                if better {
                    self.state.put(*v, to);
                    moves.push(Move::new(from, to));
                }
            }
        }
        let mut wanted = RegisterSet::EMPTY;
        for (p, from) in &entry {
            if !self.live.lives_after(*p, self.at) {
                continue;
            }
            let class = program.classes[*p as usize];
            let slot = slots.iter().find(|(v, _)| v == p).map(|(_, slot)| *slot);
            let to = match slot {
                Some(slot) => slot,
                None => self.register_for_param(*p, class, *from)?,
            };
            self.state.put(*p, to);
            moves.push(Move { from: *from, to });
            wanted.insert(to);
        }
        for (n, p) in program.params[params.indices()].iter().enumerate() {
            let place = self.state.exists(*p).then(|| self.state.place(*p));
            self.out.params[params.start as usize + n] = place;
        }
        self.parallel(&moves);
        if is_loop {
            // A value that is in both stays in both: the body may rely on either.
            let mut invariants: Vec<(u32, Loc)> = Vec::new();
            for v in &through {
                let slot = self.state.slot(*v).map(Loc::Stack);
                let places = self.state.register(*v).into_iter().chain(slot);
                invariants.extend(places.map(|loc| (*v, loc)));
            }
            invariants.iter().for_each(|(_, loc)| wanted.insert(*loc));
            self.out.invariants.clone_from(&invariants);
            self.label = Some(LabelState { invariants, wanted });
            self.hint_next_values(params);
        }
        Ok(())
    }

    fn register_for_param(
        &mut self,
        p: u32,
        class: Class,
        from: Source,
    ) -> Result<Loc, AllocationError> {
        let crosses = self.live.crosses_call(p, self.at);
        if let Source::Loc(from) = from
            && self.state.is_free(from)
            && (!crosses || !self.machine.registers.clobbered.contains(from))
        {
            return Ok(from);
        }
        match self.choose_free(p, class, self.at) {
            Some(to) => Ok(to),
            None => self.state.new_slot(),
        }
    }

    /// By value, whether it goes round in a register; at most as many as there are.
    fn choose_for_registers(
        &mut self,
        entry: &[(u32, Source)],
        through: &[u32],
        is_loop: bool,
    ) -> Vec<bool> {
        let mut ranked = Vec::new();
        for (n, v) in entry.iter().map(|(p, _)| p).chain(through).enumerate() {
            let next = self.live.next_real(*v, self.at);
            let param = n < entry.len();
            // An exit's value that changes every time would be stored every time.
            if self.live.lives_after(*v, self.at) && (next != NEVER || param) {
                ranked.push((next, *v));
            }
        }
        ranked.sort_unstable();
        let file = &self.machine.registers;
        let survives = |r: &&u8| !file.clobbered.contains(Loc::Gpr(**r));
        let mut safe_gprs = file.gprs.iter().filter(survives).count();
        let (mut gprs, mut fprs) = (file.gprs.len(), file.fprs.len());
        if is_loop {
            gprs -= LEFT_TO_BODY;
            fprs -= LEFT_TO_BODY;
        }
        let mut chosen = vec![false; self.program.classes.len()];
        for (_, v) in ranked {
            let crosses = is_loop && self.live.crosses_call(v, self.at);
            let room = match self.program.classes[v as usize] {
                Class::Gpr if crosses => gprs.min(safe_gprs),
                Class::Gpr => gprs,
                Class::Fpr if crosses => 0,
                Class::Fpr => fprs,
            };
            if room == 0 {
                continue;
            }
            match self.program.classes[v as usize] {
                Class::Gpr => {
                    gprs -= 1;
                    safe_gprs -= crosses as usize;
                }
                Class::Fpr => fprs -= 1,
            }
            chosen[v as usize] = true;
        }
        chosen
    }

    /// The next value of a parameter likes to be computed in its register.
    fn hint_next_values(&mut self, params: Span) {
        let Some(item) = self.program.items.last() else {
            return;
        };
        debug_assert!(matches!(item.kind, ItemKind::Jump { .. }));
        for (n, operand) in self.program.operands(item).iter().enumerate() {
            let place = self.out.params[params.start as usize + n];
            if let (Operand::Value(v), Some(loc)) = (operand, place)
                && loc.is_register()
                && self.live.defined(*v) > self.at
            {
                self.hints[*v as usize] = Some(loc);
            }
        }
    }

    pub(super) fn jump_back(&mut self, item: &Item) {
        let ItemKind::Jump { label } = item.kind else {
            unreachable!("called for jumps")
        };
        let ItemKind::Label { params, .. } = self.program.items[label as usize].kind else {
            unreachable!("jumps go to labels")
        };
        let mut moves = Vec::new();
        for (n, operand) in self.program.operands(item).iter().enumerate() {
            if let Some(to) = self.out.params[params.start as usize + n] {
                let from = self.source(*operand);
                moves.push(Move { from, to });
            }
        }
        let invariants = std::mem::take(&mut self.out.invariants);
        for (v, to) in &invariants {
            let holds = match to {
                Loc::Stack(slot) => self.state.slot(*v) == Some(*slot),
                register => self.state.register(*v) == Some(*register),
            };
            if !holds {
                moves.push(Move::new(self.state.place(*v), *to));
            }
        }
        self.out.invariants = invariants;
        self.parallel(&moves);
    }
}
