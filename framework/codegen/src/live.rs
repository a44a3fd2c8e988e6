//! Where each value is used next.
//!
//! Uses by an operation count fully; uses by an exit only keep the value alive, because exits are
//! rarely taken and read from anywhere. A value that is defined before the loop's label and used
//! inside the loop lives until the back jump; its next use after the last one in the body is its
//! first one of the next iteration.

use crate::program::{ItemKind, Operand, Program};

/// No use.
pub const NEVER: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Use {
    at: u32,
    /// Position of the next use by an operation, this one included; may lie beyond the end for the
    /// next iteration.
    next_real: u32,
}

/// The uses of all values, and the calls.
#[derive(Debug, Default)]
pub struct Liveness {
    uses: Vec<Use>,
    /// First use of each value, in `uses`; one more entry than values.
    starts: Vec<u32>,
    /// How far each value's uses lie behind.
    cursors: Vec<u32>,
    /// Position of the next call at or after each item.
    next_call: Vec<u32>,
    /// Item that defines each value; 0 for inputs.
    defined: Vec<u32>,
    /// While computing, by value: how many uses were filled in, and what is known of it.
    filled: Vec<u32>,
    kinds: Vec<Kind>,
}

/// What matters of a value in a program with a loop.
#[derive(Clone, Copy, Default, Debug)]
struct Kind {
    /// It is defined before the label.
    before_label: bool,
    /// It is used behind the label, too.
    carried: bool,
}

impl Liveness {
    /// Computes all uses of a program.
    pub fn of(program: &Program) -> Liveness {
        let mut live = Liveness::default();
        live.compute(program);
        live
    }

    /// Computes all uses of a program, in the memory of an earlier one.
    pub fn compute(&mut self, program: &Program) {
        let values = program.classes.len();
        let back = program.back_jump();
        let Liveness {
            uses,
            starts,
            cursors,
            next_call,
            defined,
            filled,
            kinds,
        } = self;
        crate::refill(defined, values, 0);
        for (at, item) in program.items.iter().enumerate() {
            if let Some(result) = item.result {
                defined[result as usize] = at as u32;
            }
            if let ItemKind::Label { params, .. } = item.kind {
                for p in &program.params[params.indices()] {
                    defined[*p as usize] = at as u32;
                }
            }
        }
        // Count, then fill; a value that is carried around the loop has one more use at the jump.
        crate::refill(kinds, values, Kind::default());
        if let Some((_, label)) = back {
            for (kind, at) in kinds.iter_mut().zip(&*defined) {
                kind.before_label = (*at as usize) < label;
            }
            for (v, _) in &program.inputs {
                kinds[*v as usize].before_label = true;
            }
        }
        crate::refill(starts, values + 1, 0);
        each_use(program, |v, at, _| {
            starts[v as usize] += 1;
            if let Some((_, label)) = back
                && at as usize > label
                && kinds[v as usize].before_label
            {
                kinds[v as usize].carried = true;
            }
        });
        let mut total = 0;
        for (start, kind) in starts.iter_mut().zip(&*kinds) {
            let count = *start + kind.carried as u32;
            *start = total;
            total += count;
        }
        starts[values] = total;
        filled.clear();
        filled.extend_from_slice(&starts[..values]);
        let blank = Use {
            at: NEVER,
            next_real: NEVER,
        };
        crate::refill(uses, total as usize, blank);
        each_use(program, |v, at, real| {
            let next_real = if real { at } else { NEVER };
            uses[filled[v as usize] as usize] = Use { at, next_real };
            filled[v as usize] += 1;
        });
        for v in 0..values {
            let own = starts[v] as usize..starts[v + 1] as usize;
            let mut next = NEVER;
            if let (true, Some((jump, label))) = (kinds[v].carried, back) {
                let in_body =
                    |u: &&Use| u.at as usize > label && u.next_real == u.at && u.at != NEVER;
                let again = uses[own.clone()].iter().find(in_body);
                next = again.map_or(NEVER, |u| u.at - label as u32 + jump as u32);
                uses[own.end - 1] = Use {
                    at: jump as u32,
                    next_real: next,
                };
            }
            for u in uses[own].iter_mut().rev() {
                if u.next_real == u.at {
                    next = u.at;
                } else {
                    u.next_real = next;
                }
            }
        }
        crate::refill(next_call, program.items.len() + 1, NEVER);
        for (at, item) in program.items.iter().enumerate().rev() {
            next_call[at] = match item.kind {
                ItemKind::Call { .. } => at as u32,
                ItemKind::Op { .. }
                | ItemKind::Label { .. }
                | ItemKind::Jump { .. }
                | ItemKind::Leave { .. } => next_call[at + 1],
            };
        }
        cursors.clear();
        cursors.extend_from_slice(&starts[..values]);
    }

    /// Forgets progress, for another run over the same program.
    pub fn rewind(&mut self) {
        let values = self.cursors.len();
        self.cursors.copy_from_slice(&self.starts[..values]);
    }

    /// The first use of `v` after item `at`, of any kind.
    fn next(&mut self, v: u32, at: u32) -> Option<Use> {
        let end = self.starts[v as usize + 1];
        let cursor = &mut self.cursors[v as usize];
        while *cursor < end && self.uses[*cursor as usize].at <= at {
            *cursor += 1;
        }
        (*cursor < end).then(|| self.uses[*cursor as usize])
    }

    /// Whether `v` is used after item `at`.
    pub fn lives_after(&self, v: u32, at: u32) -> bool {
        self.last(v) > at
    }

    /// Position of the next use by an operation after item `at`, or [`NEVER`]. Positions asked for must not go back.
    pub fn next_real(&mut self, v: u32, at: u32) -> u32 {
        self.next(v, at).map_or(NEVER, |u| u.next_real)
    }

    /// Position of the last use, 0 without any.
    pub fn last(&self, v: u32) -> u32 {
        let (start, end) = (self.starts[v as usize], self.starts[v as usize + 1]);
        if start == end {
            return 0;
        }
        self.uses[end as usize - 1].at
    }

    /// Whether `v` is needed after a call that comes after item `at`.
    pub fn crosses_call(&self, v: u32, at: u32) -> bool {
        let call = self.next_call[(at as usize + 1).min(self.next_call.len() - 1)];
        call < self.last(v)
    }

    /// Position of the next call after item `at`, or [`NEVER`].
    pub fn next_call(&self, at: u32) -> u32 {
        self.next_call[(at as usize + 1).min(self.next_call.len() - 1)]
    }

    /// Position of the first use by an operation, or [`NEVER`].
    pub fn first_real(&self, v: u32) -> u32 {
        let (start, end) = (self.starts[v as usize], self.starts[v as usize + 1]);
        if start == end {
            return NEVER;
        }
        self.uses[start as usize].next_real
    }

    /// The item that defines `v`.
    pub fn defined(&self, v: u32) -> u32 {
        self.defined[v as usize]
    }
}

/// Calls `f(value, position, by an operation)` for each use, positions ascending.
fn each_use(program: &Program, mut f: impl FnMut(u32, u32, bool)) {
    for (at, item) in program.items.iter().enumerate() {
        for operand in program.operands(item) {
            if let Operand::Value(v) = operand {
                f(*v, at as u32, true);
            }
        }
        for v in program.live(item) {
            f(*v, at as u32, false);
        }
    }
}
