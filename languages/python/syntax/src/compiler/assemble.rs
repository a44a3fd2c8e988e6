//! From labels to offsets: removes what cannot be reached and checks that cannot fail, inserts polls, finds live temporaries.
//!
//! Code is laid out so that only `Loop` jumps backwards. So one pass forward (definite assignment, reachability) and one
//! pass backward (liveness) settle almost everything; a loop whose back edge brings news runs the pass again.

use ahash::AHashMap;

use crate::code::{Handled, Liveness, TempSet};
use crate::opcode::{Flags, Ins, Op};

use super::unit::Unit;

/// Longest way in instructions without a safepoint.
pub const MAX_STRAIGHT: u32 = 100;

/// What `assemble` gives.
pub struct Assembled {
    /// Instructions with jump offsets.
    pub ins: Vec<Ins>,
    /// For each instruction, the number of the one in the unit that it was.
    pub origin: Vec<u32>,
    /// Exception table.
    pub handled: Vec<Handled>,
    /// Live temporaries.
    pub live: Liveness,
    /// For each instruction of the unit: its new number, or None if it left without being passed through.
    pub passed: Vec<Option<u32>>,
}

/// Assembles a finished unit. `params` = number of registers from r1 that hold values on entry.
pub fn assemble(unit: &mut Unit<'_>, params: u32) -> Assembled {
    thread_jumps(unit);
    let (keep, reached) = reachable_and_needed(unit, params);
    let (ins, origin, map) = compact(unit, &keep);
    let passed = passed(unit, &reached, &origin, &map);
    let handled: Vec<Handled> = unit
        .rows
        .iter()
        .map(|r| Handled {
            from: map[r.from as usize],
            to: map[r.to as usize],
            target: map[unit.labels[r.target.0 as usize] as usize],
            reg: r.reg,
        })
        .filter(|h| {
            h.from < h.to
                && ins[h.from as usize..h.to as usize]
                    .iter()
                    .any(|i| i.op.has(Flags::RAISES))
        })
        .collect();
    let headers: AHashMap<u32, u32> = unit
        .headers
        .iter()
        .map(|(label, top)| (map[unit.labels[*label as usize] as usize], *top))
        .collect();
    let live = liveness(&ins, &handled, &headers, unit.nlocals, unit.max_regs);
    Assembled {
        ins,
        origin,
        handled,
        live,
        passed,
    }
}

/// Which instruction stands for each old one as far as lines are concerned: itself, or the next one that stays if every way
/// there leads through the old one.
fn passed(unit: &Unit<'_>, reached: &[bool], origin: &[u32], map: &[u32]) -> Vec<Option<u32>> {
    let mut is_target = vec![false; unit.ins.len() + 1];
    for at in &unit.labels {
        if let Some(flag) = is_target.get_mut(*at as usize) {
            *flag = true;
        }
    }
    let stands_for = |pc: usize| {
        let new = map[pc];
        let stays = *origin.get(new as usize)? as usize;
        let straight = !is_target[pc + 1..=stays.max(pc)].contains(&true);
        (reached[pc] && straight).then_some(new)
    };
    (0..unit.ins.len()).map(stands_for).collect()
}

/// A jump to a jump goes where that goes. Before the search for what can be reached, so that jumps left over disappear.
fn thread_jumps(unit: &mut Unit<'_>) {
    for pc in 0..unit.ins.len() {
        let i = unit.ins[pc];
        if !i.op.has(Flags::JUMP) || i.op.has(Flags::LOOP) {
            continue;
        }
        let mut label = i.d;
        // Chains are short; a longer one is still right.
        for _ in 0..8 {
            let target = unit.labels[label as usize];
            match unit.ins.get(target as usize) {
                // One that stands for a line is passed through.
                Some(next) if next.op == Op::Jump && !unit.is_marked(target) => label = next.d,
                _ => break,
            }
        }
        unit.ins[pc].d = label;
    }
}

/// For each instruction the innermost row of `rows` that covers it, or `u32::MAX`.
pub fn innermost_handlers(
    len: usize,
    rows: impl DoubleEndedIterator<Item = (u32, u32)> + ExactSizeIterator,
) -> Vec<u32> {
    let mut at = vec![u32::MAX; len];
    let count = rows.len();
    for (i, (from, to)) in rows.rev().enumerate() {
        at[from as usize..to as usize].fill((count - 1 - i) as u32);
    }
    at
}

/// Sets of locals that are certainly bound, one per label; None = not reached yet.
type Bound = Option<Box<[u64]>>;

fn meet(into: &mut Bound, from: &[u64]) -> bool {
    match into {
        None => {
            *into = Some(from.into());
            true
        }
        Some(set) => {
            let mut changed = false;
            for (x, y) in set.iter_mut().zip(from) {
                changed |= *x & !*y != 0;
                *x &= *y;
            }
            changed
        }
    }
}

/// Which instructions stay: the reachable ones, without `CheckBound` of locals that are certainly bound and `Flatten` of
/// those that are certainly nothing that is being built: bit `nlocals + r` of a set. Second: the reachable ones.
fn reachable_and_needed(unit: &Unit<'_>, params: u32) -> (Vec<bool>, Vec<bool>) {
    let ins = &unit.ins;
    let words = (2 * unit.nlocals as usize).div_ceil(64).max(1);
    let plain = |r: u16| {
        let bit = unit.nlocals as usize + usize::from(r);
        (bit / 64, 1u64 << (bit % 64))
    };
    let mut labels_at: AHashMap<u32, Vec<u32>> = AHashMap::new();
    for (i, at) in unit.labels.iter().enumerate() {
        labels_at.entry(*at).or_default().push(i as u32);
    }
    let mut is_target = vec![false; ins.len() + 1];
    for at in &unit.labels {
        if let Some(flag) = is_target.get_mut(*at as usize) {
            *flag = true;
        }
    }
    let handlers = innermost_handlers(ins.len(), unit.rows.iter().map(|r| (r.from, r.to)));
    let mut at_label: Vec<Bound> = vec![None; unit.labels.len()];
    let mut entry = vec![0u64; words];
    for r in 0..=params as usize {
        entry[r / 64] |= 1 << (r % 64);
    }
    for r in 0..unit.nlocals as u16 {
        entry[plain(r).0] |= plain(r).1;
    }
    loop {
        let mut keep = vec![false; ins.len()];
        let mut reached = vec![false; ins.len()];
        let mut again = false;
        let mut state: Bound = Some(entry.clone().into());
        for (pc, i) in ins.iter().enumerate() {
            if is_target[pc] {
                for label in &labels_at[&(pc as u32)] {
                    if let Some(s) = at_label[*label as usize].clone() {
                        meet(&mut state, &s);
                    }
                }
                if let Some(state) = &state {
                    for label in &labels_at[&(pc as u32)] {
                        meet(&mut at_label[*label as usize], state);
                    }
                }
            }
            let Some(bound) = &mut state else { continue };
            reached[pc] = true;
            let bit = |r: u16| (usize::from(r) / 64, 1u64 << (r % 64));
            if i.op == Op::CheckBound {
                let (w, m) = bit(i.a);
                keep[pc] = bound[w] & m == 0;
                if !keep[pc] {
                    continue;
                }
            }
            if i.op == Op::Flatten && bound[plain(i.a).0] & plain(i.a).1 != 0 {
                continue;
            }
            keep[pc] = true;
            if i.op.has(Flags::RAISES) && handlers[pc] != u32::MAX {
                let target = unit.rows[handlers[pc] as usize].target.0 as usize;
                meet(&mut at_label[target], bound);
            }
            match i.op {
                Op::CheckBound => {
                    let (w, m) = bit(i.a);
                    bound[w] |= m;
                }
                Op::DeleteLocal => {
                    let (w, m) = bit(i.a);
                    bound[w] &= !m;
                    bound[plain(i.a).0] |= plain(i.a).1;
                }
                Op::IAdd | Op::IAddK if i.e == 1 => {
                    set_written(i, bound, unit.nlocals);
                    bound[plain(i.a).0] &= !plain(i.a).1;
                }
                Op::LoadConst | Op::Move if u32::from(i.a) >= unit.nlocals => {}
                // An exhausted iterator leaves the target as it was.
                Op::ForIter => {
                    meet(&mut at_label[i.d as usize], bound);
                    set_written(i, bound, unit.nlocals);
                }
                _ => set_written(i, bound, unit.nlocals),
            }
            if i.op.has(Flags::JUMP) && i.op != Op::ForIter {
                let changed = meet(&mut at_label[i.d as usize], bound);
                again |= changed && i.op.has(Flags::LOOP);
            }
            if i.op.has(Flags::END) {
                state = None;
            }
        }
        if !again {
            return (keep, reached);
        }
    }
}

fn set_written(i: &Ins, bound: &mut [u64], nlocals: u32) {
    i.for_each_write(|r| {
        if r < nlocals {
            for bit in [r, nlocals + r] {
                bound[bit as usize / 64] |= 1 << (bit % 64);
            }
        }
    });
}

/// Drops what does not stay and jumps to the next instruction, inserts polls, resolves labels.
/// Gives instructions, origins, and the new number of each old one (of the next that stays).
fn compact(unit: &mut Unit<'_>, keep: &[bool]) -> (Vec<Ins>, Vec<u32>, Vec<u32>) {
    let mut nothing = Vec::new();
    let old = &unit.ins;
    // A jump over nothing that stays is nothing.
    let mut next_kept = vec![old.len() as u32; old.len() + 1];
    let mut keep = keep.to_vec();
    for pc in (0..old.len()).rev() {
        if keep[pc] && old[pc].op == Op::Jump {
            let target = unit.labels[old[pc].d as usize] as usize;
            if target > pc && next_kept[target] == next_kept[pc + 1] {
                keep[pc] = unit.is_marked(pc as u32);
                if keep[pc] {
                    nothing.push(pc);
                }
            }
        }
        next_kept[pc] = if keep[pc] {
            pc as u32
        } else {
            next_kept[pc + 1]
        };
    }
    let mut ins = Vec::with_capacity(old.len());
    let mut origin = Vec::with_capacity(old.len());
    let mut map = vec![0u32; old.len() + 1];
    // Longest way since a safepoint, at each instruction that jumps go to.
    let mut distance_at = vec![0u32; old.len() + 1];
    let handlers = innermost_handlers(old.len(), unit.rows.iter().map(|r| (r.from, r.to)));
    let mut distance = 0;
    for pc in 0..old.len() {
        map[pc] = ins.len() as u32;
        if !keep[pc] {
            let next = next_kept[pc] as usize;
            distance_at[next] = distance_at[next].max(distance_at[pc]);
            continue;
        }
        let mut i = old[pc];
        if nothing.contains(&pc) {
            (i.op, i.d) = (Op::Nop, 0);
        }
        distance = distance.max(distance_at[pc]) + 1;
        if distance > MAX_STRAIGHT {
            ins.push(Ins {
                op: Op::Poll,
                a: 0,
                b: 0,
                c: 0,
                d: 0,
                e: 0,
            });
            origin.push(pc as u32);
            distance = 1;
        }
        if i.op.has(Flags::JUMP) && !i.op.has(Flags::LOOP) {
            let target = unit.labels[i.d as usize] as usize;
            i.d = target as i32;
            distance_at[target] = distance_at[target].max(distance);
        } else if i.op.has(Flags::LOOP) {
            i.d = unit.labels[i.d as usize] as i32;
        }
        if i.op.has(Flags::RAISES) && handlers[pc] != u32::MAX {
            let target = unit.labels[unit.rows[handlers[pc] as usize].target.0 as usize] as usize;
            distance_at[target] = distance_at[target].max(distance);
        }
        if i.op.has(Flags::SAFEPOINT) || i.op.has(Flags::LOOP) {
            distance = 0;
        }
        if i.op.has(Flags::END) {
            distance = 0;
        }
        ins.push(i);
        origin.push(pc as u32);
    }
    map[old.len()] = ins.len() as u32;
    for (pc, i) in ins.iter_mut().enumerate() {
        if i.op.has(Flags::JUMP) {
            i.d = map[i.d as usize] as i32 - pc as i32;
        }
    }
    (ins, origin, map)
}

/// Live temporaries before each instruction. `headers` gives for each loop header the first register that is free there:
/// everything below is assumed to be needed again by the loops around, so that one pass is mostly enough.
fn liveness(
    ins: &[Ins],
    handled: &[Handled],
    headers: &AHashMap<u32, u32>,
    nlocals: u32,
    nregs: u32,
) -> Liveness {
    let words = (nregs.saturating_sub(nlocals) as usize).div_ceil(64).max(1);
    let handlers = innermost_handlers(ins.len(), handled.iter().map(|h| (h.from, h.to)));
    let mut at_target: AHashMap<u32, Box<[u64]>> = AHashMap::new();
    for (at, top) in headers {
        let mut set = vec![0u64; words].into_boxed_slice();
        (nlocals..*top).for_each(|r| set_bit(&mut set, r - nlocals));
        at_target.insert(*at, set);
    }
    let mut is_target = vec![false; ins.len() + 1];
    for (pc, i) in ins.iter().enumerate() {
        if let Some(t) = i.target(pc) {
            is_target[t] = true;
        }
    }
    for h in handled {
        is_target[h.target as usize] = true;
    }
    let mut result = Liveness::default();
    let mut index: AHashMap<TempSet, u32> = AHashMap::new();
    loop {
        result.at = vec![0; ins.len()];
        result.sets = vec![TempSet::default()];
        index.clear();
        index.insert(TempSet::default(), 0);
        let mut again = false;
        let mut state = vec![0u64; words].into_boxed_slice();
        let mut last: (u32, Box<[u64]>) = (0, state.clone());
        for (pc, i) in ins.iter().enumerate().rev() {
            if i.op.has(Flags::END) {
                state.fill(0);
            }
            if let Some(set) = i.target(pc).and_then(|t| at_target.get(&(t as u32))) {
                union(&mut state, set);
            }
            i.for_each_write(|r| {
                if r >= nlocals {
                    state[(r - nlocals) as usize / 64] &= !(1 << ((r - nlocals) % 64));
                }
            });
            i.for_each_read(|r| {
                if r >= nlocals {
                    set_bit(&mut state, r - nlocals);
                }
            });
            if i.op.has(Flags::RAISES) && handlers[pc] != u32::MAX {
                let h = &handled[handlers[pc] as usize];
                if let Some(set) = at_target.get(&h.target) {
                    let mut set = set.clone();
                    if u32::from(h.reg) >= nlocals {
                        let r = u32::from(h.reg) - nlocals;
                        set[r as usize / 64] &= !(1 << (r % 64));
                    }
                    union(&mut state, &set);
                }
            }
            if is_target[pc] {
                let before = at_target.get(&(pc as u32));
                let is_header = headers.contains_key(&(pc as u32));
                if is_header
                    && before.is_some_and(|b| state.iter().zip(b).any(|(s, b)| s & !b != 0))
                {
                    again = true;
                    let mut wider = state.clone();
                    union(&mut wider, before.expect("just looked at"));
                    at_target.insert(pc as u32, wider);
                } else if !is_header {
                    at_target.insert(pc as u32, state.clone());
                }
            }
            if last.1 != state {
                let used = state.iter().rposition(|w| *w != 0).map_or(0, |w| w + 1);
                let key: TempSet = state[..used].into();
                let next = result.sets.len() as u32;
                let at = *index.entry(key).or_insert(next);
                if at == next {
                    result.sets.push(state[..used].into());
                }
                last = (at, state.clone());
            }
            result.at[pc] = last.0;
        }
        if !again {
            return result;
        }
    }
}

fn set_bit(set: &mut [u64], bit: u32) {
    set[bit as usize / 64] |= 1 << (bit % 64);
}

fn union(into: &mut [u64], from: &[u64]) {
    for (x, y) in into.iter_mut().zip(from) {
        *x |= *y;
    }
}
