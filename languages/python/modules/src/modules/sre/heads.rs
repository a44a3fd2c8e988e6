//! What may begin where: sets of first bytes, from which come the forks of choices, what must follow a run, and how a
//! search finds the places worth trying.
//!
//! Every set errs on the large side. A path that is not followed to its end cuts the number of places that are known.

use super::program::*;

/// Places that are looked at from the start of a match.
const PLACES: usize = 3;
/// Instructions that are looked at for one set: paths multiply.
const STEPS: u32 = 300;

/// The bytes at the first places from an instruction on.
struct Places {
    sets: [[bool; 256]; PLACES],
    known: usize,
    steps: u32,
}
struct Walk<'a> {
    program: &'a Program,
    wide: bool,
}
impl Walk<'_> {
    fn from(&self, pc: u32, known: usize) -> Places {
        let mut out = Places {
            sets: [[false; 256]; PLACES],
            known,
            steps: STEPS,
        };
        self.go(pc as usize, 0, &mut out);
        out
    }
    /// Adds what a test accepts at a place. False: characters of several bytes end what is known.
    fn add(&self, test: &Test, place: usize, out: &mut Places) -> bool {
        if place >= out.known {
            return false;
        }
        for c in 0..256 {
            out.sets[place][c] |= match self.wide && c >= 128 {
                true => test.may_be_wide,
                false => test.table[c],
            };
        }
        let several = self.wide && test.may_be_wide;
        if several {
            out.known = out.known.min(place + 1);
        }
        !several
    }
    fn go(&self, mut pc: usize, mut place: usize, out: &mut Places) {
        loop {
            if place >= out.known {
                return;
            }
            if out.steps == 0 {
                out.known = place;
                return;
            }
            out.steps -= 1;
            match self.program.code[pc] {
                Ins::Byte(b) => {
                    out.sets[place][b as usize] = true;
                    (pc, place) = (pc + 1, place + 1);
                }
                Ins::Literal(number) => {
                    let literal = &self.program.literals[number as usize];
                    let bytes = match self.wide {
                        true => &literal.wide,
                        false => match &literal.narrow {
                            Some(bytes) => bytes,
                            None => return,
                        },
                    };
                    for &b in bytes {
                        if place < out.known {
                            out.sets[place][b as usize] = true;
                        }
                        place += 1;
                    }
                    pc += 1;
                }
                Ins::Test(number) => {
                    if !self.add(&self.program.tests[number as usize], place, out) {
                        return;
                    }
                    (pc, place) = (pc + 1, place + 1);
                }
                Ins::Run(number) => {
                    let run = &self.program.runs[number as usize];
                    let test = &self.program.tests[run.test];
                    for n in 0..run.max {
                        if n >= run.min {
                            self.go(pc + 1, place, out);
                        }
                        if !self.add(test, place, out) {
                            return;
                        }
                        place += 1;
                    }
                    pc += 1;
                }
                // A position only restricts.
                Ins::At(_) | Ins::Mark(_) | Ins::LoopStart(_) => pc += 1,
                Ins::Look { exit, .. } => pc = exit as usize,
                Ins::Jump(to) => pc = to as usize,
                Ins::Split { first, second, .. } => {
                    self.go(first as usize, place, out);
                    pc = second as usize;
                }
                Ins::IfGroup(_, other) => {
                    self.go(other as usize, place, out);
                    pc += 1;
                }
                // Which turn this is does not show: both ways.
                Ins::Loop(number) => {
                    self.go(pc + 1, place, out);
                    pc = self.program.loops[number as usize].exit as usize;
                }
                Ins::Atomic { .. } => pc += 1,
                Ins::AtomicLoop(number) if self.program.loops[number as usize].min > 0 => pc += 1,
                Ins::Fail => return,
                Ins::Accept | Ins::Done | Ins::AtomicLoop(_) | Ins::Group(..) => {
                    out.known = place;
                    return;
                }
            }
        }
    }
    fn first(&self, pc: u32) -> Option<[bool; 256]> {
        let places = self.from(pc, 1);
        (places.known == 1).then_some(places.sets[0])
    }
}
/// The first bytes from instruction `pc` on, for both kinds of text. None: there may be none.
fn first(program: &Program, pc: u32) -> Option<Bytes> {
    let of = |wide| Walk { program, wide }.first(pc);
    Some([of(false)?, of(true)?])
}

/// Whether the instructions from `body` up to `end` take a character on every path.
pub fn takes(program: &Program, body: u32, end: u32) -> bool {
    fn go(program: &Program, mut pc: u32, end: u32, steps: &mut u32) -> bool {
        loop {
            if *steps == 0 || pc == end {
                return false;
            }
            *steps -= 1;
            match program.code[pc as usize] {
                Ins::Byte(_) | Ins::Literal(_) | Ins::Test(_) | Ins::Fail => return true,
                Ins::Run(number) if program.runs[number as usize].min > 0 => return true,
                Ins::Split { first, second, .. } => {
                    if !go(program, first, end, steps) {
                        return false;
                    }
                    pc = second;
                }
                Ins::IfGroup(_, other) => {
                    if !go(program, other, end, steps) {
                        return false;
                    }
                    pc += 1;
                }
                Ins::Jump(to) => pc = to,
                Ins::Look { exit, .. } => pc = exit,
                Ins::Loop(number) => {
                    let inner = &program.loops[number as usize];
                    pc = if inner.min > 0 { pc + 1 } else { inner.exit };
                }
                Ins::AtomicLoop(number) => pc = program.loops[number as usize].exit,
                Ins::Atomic { .. }
                | Ins::At(_)
                | Ins::Mark(_)
                | Ins::LoopStart(_)
                | Ins::Group(..)
                | Ins::Run(_) => pc += 1,
                Ins::Accept | Ins::Done => return false,
            }
        }
    }
    go(program, body, end, &mut 200)
}

/// Completes a decoded program with what its instructions tell.
pub fn refine(program: &mut Program) {
    for pc in 0..program.code.len() {
        match program.code[pc] {
            Ins::Split { first, second, .. } => {
                let fork = fork(program, first, second);
                program.forks.push(fork);
                program.code[pc] = Ins::Split {
                    first,
                    second,
                    fork: program.forks.len() as u32 - 1,
                };
            }
            Ins::Run(number) => {
                let next = first(program, pc as u32 + 1);
                let run = &program.runs[number as usize];
                let test = &program.tests[run.test];
                let (mut follow, mut kind) = (Follow::Any, run.kind);
                if let Some(next) = next {
                    // What may follow cannot be part of the run: giving back is in vain.
                    let apart = (0..256).all(|c| {
                        let wide = if c < 128 {
                            test.table[c]
                        } else {
                            test.may_be_wide
                        };
                        !(next[0][c] && test.table[c] || next[1][c] && wide)
                    });
                    if apart && kind == RunKind::Greedy {
                        kind = RunKind::Possessive;
                    }
                    follow = follow_of(next);
                }
                let run = &mut program.runs[number as usize];
                (run.follow, run.kind) = (follow, kind);
            }
            _ => {}
        }
    }
    program.start = Start {
        anchored: is_anchored(program),
        heads: [false, true].map(|wide| heads(program, wide)),
    };
}
fn fork(program: &Program, a: u32, b: u32) -> Fork {
    let (a, b) = (first(program, a), first(program, b));
    let bits = |wide: usize, c: usize| {
        let may = |set: &Option<Bytes>| set.as_ref().is_none_or(|s| s[wide][c]);
        u8::from(may(&a)) | u8::from(may(&b)) << 1
    };
    Fork {
        table: [0, 1].map(|wide| std::array::from_fn(|c| bits(wide, c))),
        at_end: u8::from(a.is_none()) | u8::from(b.is_none()) << 1,
    }
}
fn follow_of(next: Bytes) -> Follow {
    let mut all = (0..256).filter(|&c| next[0][c] || next[1][c]);
    match (all.next(), all.next()) {
        (Some(c @ 0..128), None) if next[0][c] && next[1][c] => Follow::Byte(c as u8),
        _ => Follow::Table(Box::new(next)),
    }
}
fn is_anchored(program: &Program) -> bool {
    let first = program.code.iter().find(|i| !matches!(i, Ins::Mark(_)));
    matches!(first, Some(Ins::At(0 | 2)))
}
fn heads(program: &Program, wide: bool) -> Heads {
    let places = Walk { program, wide }.from(0, PLACES);
    if places.known == 0 {
        return Heads::default();
    }
    let table = std::array::from_fn(|c| {
        (0..places.known).fold(0, |bits, i| bits | u8::from(places.sets[i][c]) << i)
    });
    let mut rare: Vec<u8> = (0..=255).filter(|&c| places.sets[0][c as usize]).collect();
    if rare.len() > 3 {
        rare.clear();
    }
    let first = program.code.iter().find(|i| !matches!(i, Ins::Mark(_)));
    let prefix = match first {
        Some(&Ins::Literal(number)) => {
            let literal = &program.literals[number as usize];
            match wide {
                true => Some(&literal.wide),
                false => literal.narrow.as_ref(),
            }
        }
        _ => None,
    };
    Heads {
        table: Some(Box::new(table)),
        known: places.known,
        rare,
        prefix: prefix
            .filter(|p| p.len() > 1)
            .map(|p| memchr::memmem::Finder::new(p).into_owned()),
    }
}
