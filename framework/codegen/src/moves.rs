//! Parallel moves: all sources are read before any destination is written.
//!
//! [`sequence`] turns such a set into a list of single moves. Destinations are distinct; sources may
//! repeat. Once every move whose destination nobody waits for is out, what is left are disjoint
//! cycles; each is opened by putting one source aside in a scratch register, and resolved whole
//! before the next is opened, so that one scratch register per class is enough.

use crate::loc::Loc;

/// What a move reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A place.
    Loc(Loc),
    /// A constant, by its index in the trace.
    Const(u32),
}

/// One move of 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    /// What is read.
    pub from: Source,
    /// What is written.
    pub to: Loc,
}

impl Move {
    /// The move of `from` to `to`.
    pub fn new(from: Loc, to: Loc) -> Move {
        Move {
            from: Source::Loc(from),
            to,
        }
    }
}

/// Appends to `out` an order of `moves` that has the effect of doing all at once.
///
/// `scratch` is asked for a place of the class of a source that must be put aside; it must be
/// neither source nor destination of any move. A move from memory to memory stands as one move; it
/// is the emitter's business to pass it through another scratch register.
pub fn sequence(moves: &[Move], scratch: impl Fn(Loc) -> Loc, out: &mut Vec<Move>) {
    let mut left: Vec<Move> = moves
        .iter()
        .copied()
        .filter(|m| m.from != Source::Loc(m.to))
        .collect();
    debug_assert!(
        left.iter()
            .enumerate()
            .all(|(n, m)| left[..n].iter().all(|o| o.to != m.to)),
        "two moves to one place: {left:?}"
    );
    while !left.is_empty() {
        let mut n = 0;
        let mut progress = false;
        while n < left.len() {
            let to = Source::Loc(left[n].to);
            if left.iter().any(|m| m.from == to) {
                n += 1;
            } else {
                out.push(left.swap_remove(n));
                progress = true;
            }
        }
        if !progress {
            let Source::Loc(from) = left[0].from else {
                unreachable!("a constant blocks nobody")
            };
            let aside = scratch(from);
            out.push(Move::new(from, aside));
            for m in &mut left {
                if m.from == Source::Loc(from) {
                    m.from = Source::Loc(aside);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const ASIDE: Loc = Loc::Gpr(31);

    /// Runs the sequence on symbolic contents and compares with the parallel meaning.
    fn check(moves: &[Move]) {
        let mut out = Vec::new();
        sequence(moves, |_| ASIDE, &mut out);
        let mut state: HashMap<Loc, Source> = HashMap::new();
        for m in &out {
            let value = match m.from {
                Source::Loc(l) => *state.get(&l).unwrap_or(&Source::Loc(l)),
                constant => constant,
            };
            state.insert(m.to, value);
        }
        for m in moves {
            let found = *state.get(&m.to).unwrap_or(&Source::Loc(m.to));
            assert_eq!(found, m.from, "{moves:?} became {out:?}");
        }
        // Nothing else may be touched.
        for (loc, value) in state {
            let wanted = moves.iter().any(|m| m.to == loc);
            assert!(
                wanted || loc == ASIDE || value == Source::Loc(loc),
                "{moves:?} became {out:?}"
            );
        }
    }

    #[test]
    fn every_set_of_up_to_five_places_is_resolved() {
        // Each of n places takes from one of n places, a constant or nothing: (n + 2) ^ n sets.
        let mut sets = 0;
        for n in 1..=5u32 {
            let places = |k: u32| match k % 2 {
                0 => Loc::Gpr(k as u8),
                _ => Loc::Stack(k as u16),
            };
            for code in 0..(n + 2).pow(n) {
                let mut moves = Vec::new();
                let mut rest = code;
                for to in 0..n {
                    let choice = rest % (n + 2);
                    rest /= n + 2;
                    if choice < n {
                        moves.push(Move::new(places(choice), places(to)));
                    } else if choice == n {
                        moves.push(Move {
                            from: Source::Const(7),
                            to: places(to),
                        });
                    }
                }
                check(&moves);
                sets += 1;
            }
        }
        assert_eq!(sets, 3 + 16 + 125 + 1296 + 16807);
    }

    #[test]
    fn long_cycles_and_trees_are_resolved() {
        let ring: Vec<Move> = (0..20u16)
            .map(|n| Move::new(Loc::Stack(n), Loc::Stack((n + 1) % 20)))
            .collect();
        check(&ring);
        let mut two = ring[..10].to_vec();
        two[9].to = Loc::Stack(0);
        two.extend((0..6u8).map(|n| Move::new(Loc::Gpr(n), Loc::Gpr((n + 5) % 6))));
        two.extend((0..6u8).map(|n| Move::new(Loc::Gpr(n), Loc::Guest(n as u32))));
        check(&two);
    }

    #[test]
    fn a_cycle_costs_one_extra_move() {
        let mut out = Vec::new();
        let swap = [
            Move::new(Loc::Gpr(1), Loc::Gpr(2)),
            Move::new(Loc::Gpr(2), Loc::Gpr(1)),
        ];
        sequence(&swap, |_| ASIDE, &mut out);
        assert_eq!(out.len(), 3);
    }
}
