//! Random programs on small register files; the checker is the oracle, and is itself tested by
//! planted bugs.

use super::*;
use crate::checker::check;
use crate::loc::RegisterSet;
use crate::program::Span;

/// A small generator, so that a seed replays everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

fn machine(size: u64) -> Machine {
    const GPRS: [&[u8]; 3] = [
        &[1, 6, 3],
        &[1, 6, 7, 3, 12],
        &[1, 6, 7, 8, 9, 10, 11, 3, 12, 13],
    ];
    const FPRS: [&[u8]; 3] = [&[2, 3, 4], &[2, 3, 4, 5], &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11]];
    let registers = RegisterFile {
        gprs: GPRS[size as usize],
        fprs: FPRS[size as usize],
        clobbered: RegisterSet::of(
            &[0, 1, 2, 6, 7, 8, 9, 10, 11],
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ),
        call_words: &[7, 6, 2, 1, 8, 9],
        call_floats: &[0, 1],
        call_result: 0,
        call_exception: 2,
    };
    Machine {
        registers,
        scratch_gpr: 0,
        scratch_fpr: 0,
    }
}

struct Builder<'r> {
    random: &'r mut Random,
    program: Program,
    alive: Vec<u32>,
}

impl Builder<'_> {
    fn value(&mut self) -> u32 {
        let class = if self.random.chance(25) {
            Class::Fpr
        } else {
            Class::Gpr
        };
        self.program.classes.push(class);
        self.program.classes.len() as u32 - 1
    }

    fn operand(&mut self, class: Option<Class>) -> Operand {
        let fitting: Vec<u32> = self
            .alive
            .iter()
            .copied()
            .filter(|v| class.is_none_or(|c| self.program.classes[*v as usize] == c))
            .collect();
        if fitting.is_empty() || self.random.chance(10) {
            return Operand::Const(self.random.below(5) as u32);
        }
        // Mostly recent values, sometimes old ones.
        let n = fitting.len() as u64;
        let back = if self.random.chance(60) { n.min(4) } else { n };
        Operand::Value(fitting[(n - 1 - self.random.below(back)) as usize])
    }

    fn operands(&mut self, n: u64) -> Span {
        let start = self.program.operands.len() as u32;
        for _ in 0..n {
            let o = self.operand(None);
            self.program.operands.push(o);
        }
        Span {
            start,
            len: n as u32,
        }
    }

    fn live(&mut self) -> Span {
        let start = self.program.live.len() as u32;
        if self.random.chance(50) {
            let mut all = Vec::new();
            for _ in 0..self.random.below(8) {
                if let Operand::Value(v) = self.operand(None)
                    && !all.contains(&v)
                {
                    all.push(v);
                }
            }
            self.program.live.extend(all);
        }
        Span {
            start,
            len: self.program.live.len() as u32 - start,
        }
    }

    fn body(&mut self, items: u64) {
        for _ in 0..items {
            let call = self.random.chance(8);
            let kind = if call {
                ItemKind::Call { floats: false }
            } else {
                let reuse = [Reuse::None, Reuse::First, Reuse::Either];
                ItemKind::Op {
                    reuse: reuse[self.random.below(3) as usize],
                }
            };
            let n = if call {
                self.random.below(5)
            } else {
                self.random.below(3)
            };
            let operands = self.operands(n);
            let live = self.live();
            let result = if self.random.chance(80) {
                Some(self.value())
            } else {
                None
            };
            self.program.items.push(Item {
                kind,
                operands,
                result,
                live,
            });
            self.alive.extend(result);
        }
    }

    fn label(&mut self) -> (u32, Span, Vec<Class>) {
        let n = self.random.below(7);
        let operands = self.operands(n);
        let start = self.program.params.len() as u32;
        let mut classes = Vec::new();
        for k in operands.indices() {
            let p = self.value();
            if let Operand::Value(v) = self.program.operands[k] {
                self.program.classes[p as usize] = self.program.classes[v as usize];
            }
            classes.push(self.program.classes[p as usize]);
            self.program.params.push(p);
            self.alive.push(p);
        }
        let params = Span {
            start,
            len: n as u32,
        };
        let kind = ItemKind::Label {
            params,
            open: false,
        };
        let live = Span {
            start: self.program.live.len() as u32,
            len: 0,
        };
        self.program.items.push(Item {
            kind,
            operands,
            result: None,
            live,
        });
        (self.program.items.len() as u32 - 1, params, classes)
    }
}

fn random_program(random: &mut Random) -> Program {
    let mut b = Builder {
        random,
        program: Program::default(),
        alive: Vec::new(),
    };
    let bridge = b.random.chance(40);
    for n in 0..b.random.below(10) {
        let v = b.value();
        let class = b.program.classes[v as usize];
        let start = if !bridge {
            Start::Loc(Loc::Guest(n as u32))
        } else {
            match (b.random.below(8), class) {
                (0, _) => Start::Loc(Loc::Stack(b.random.below(6) as u16)),
                (1, _) => Start::Const(b.random.below(5) as u32),
                (2, Class::Gpr) => Start::Loc(Loc::Gpr(0)),
                (_, Class::Gpr) => Start::Loc(Loc::Gpr([1, 6, 3][b.random.below(3) as usize])),
                (_, Class::Fpr) => Start::Loc(Loc::Fpr([2, 3, 4][b.random.below(3) as usize])),
            }
        };
        b.program.inputs.push((v, start));
        b.alive.push(v);
    }
    // Two values of different class cannot start in one place.
    let mut kept: Vec<(u32, Start)> = Vec::new();
    for (v, start) in std::mem::take(&mut b.program.inputs) {
        let clash = kept.iter().any(|(o, s)| {
            *s == start && b.program.classes[*o as usize] != b.program.classes[v as usize]
        });
        let start = if clash { Start::Const(0) } else { start };
        kept.push((v, start));
    }
    b.program.inputs = kept;
    let before = b.random.below(15);
    b.body(before);
    let mut target = None;
    for _ in 0..b.random.below(3) {
        target = Some(b.label());
        let n = 5 + b.random.below(40);
        b.body(n);
    }
    let live = Span {
        start: b.program.live.len() as u32,
        len: 0,
    };
    match target {
        Some((label, _, classes)) if b.random.chance(80) => {
            let start = b.program.operands.len() as u32;
            for class in &classes {
                let o = b.operand(Some(*class));
                b.program.operands.push(o);
            }
            let operands = Span {
                start,
                len: classes.len() as u32,
            };
            let kind = ItemKind::Jump { label };
            b.program.items.push(Item {
                kind,
                operands,
                result: None,
                live,
            });
        }
        _ => {
            let n = b.random.below(8);
            let operands = b.operands(n);
            let start = b.program.targets.len() as u32;
            b.program.targets.extend((0..n as u32).map(Loc::Guest));
            let targets = Span {
                start,
                len: n as u32,
            };
            b.program.items.push(Item {
                kind: ItemKind::Leave { targets },
                operands,
                result: None,
                live,
            });
        }
    }
    b.program
}

#[test]
fn random_programs_are_allocated_right_on_small_machines() {
    let (mut spilled, mut loops, mut carried) = (0, 0, 0);
    let count = 6000u64;
    for seed in 1..=count {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let program = random_program(&mut random);
        let machine = machine(random.below(3));
        let allocation = allocate(&program, &machine).expect("small programs fit");
        if let Err(wrong) = check(&program, &machine, &allocation) {
            panic!("seed {seed}: {wrong}\n{program:#?}\n{allocation:#?}");
        }
        spilled += (allocation.spills > 0) as u64;
        loops += program.back_jump().is_some() as u64;
        carried += !allocation.invariants.is_empty() as u64;
    }
    assert!(
        spilled > count / 5 && loops > count / 5 && carried > count / 8,
        "{spilled} {loops} {carried}"
    );
}

#[test]
fn the_checker_finds_planted_bugs() {
    let (mut planted, mut found) = (0, 0);
    for seed in 1..=1500u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let program = random_program(&mut random);
        let machine = machine(random.below(3));
        let good = allocate(&program, &machine).expect("small programs fit");
        let mut bad = good.clone();
        match random.below(4) {
            0 if !bad.edits.is_empty() => {
                let n = random.below(bad.edits.len() as u64) as usize;
                bad.edits.remove(n);
            }
            1 => {
                let Some(place) = bad.operands.iter_mut().flatten().next() else {
                    continue;
                };
                *place = Loc::Stack(100);
            }
            2 if !bad.live.is_empty() => {
                let n = random.below(bad.live.len() as u64) as usize;
                bad.live[n] = Loc::Stack(100);
            }
            3 if !bad.invariants.is_empty() => {
                let n = random.below(bad.invariants.len() as u64) as usize;
                bad.invariants[n].1 = Loc::Stack(100);
            }
            _ => continue,
        }
        planted += 1;
        found += check(&program, &machine, &bad).is_err() as u64;
    }
    // A removed edit may have stored what nobody reads again.
    assert!(
        planted > 500 && found * 100 > planted * 90,
        "{found} of {planted}"
    );
}

/// `i = i + 1` until an exit that needs the old `i` and an invariant that nobody else uses.
#[test]
fn a_counter_stays_in_its_register_and_an_exit_value_in_its_slot() {
    let program = Program {
        classes: vec![Class::Gpr; 4],
        inputs: vec![
            (0, Start::Loc(Loc::Guest(0))),
            (1, Start::Loc(Loc::Guest(1))),
        ],
        operands: vec![
            Operand::Value(0),
            Operand::Value(2),
            Operand::Const(0),
            Operand::Value(3),
        ],
        live: vec![2, 1],
        params: vec![2],
        targets: vec![],
        items: vec![
            Item {
                kind: ItemKind::Label {
                    params: Span { start: 0, len: 1 },
                    open: false,
                },
                operands: Span { start: 0, len: 1 },
                result: None,
                live: Span::default(),
            },
            Item {
                kind: ItemKind::Op {
                    reuse: Reuse::Either,
                },
                operands: Span { start: 1, len: 2 },
                result: Some(3),
                live: Span { start: 0, len: 2 },
            },
            Item {
                kind: ItemKind::Jump { label: 0 },
                operands: Span { start: 3, len: 1 },
                result: None,
                live: Span { start: 2, len: 0 },
            },
        ],
    };
    let machine = machine(2);
    let allocation = allocate(&program, &machine).expect("fits");
    check(&program, &machine, &allocation).expect("right");
    assert_eq!(allocation.results[1], allocation.params[0], "in place");
    assert!(matches!(allocation.live[1], Loc::Stack(_)));
    assert!(
        allocation.edits.iter().all(|(at, _)| *at == 0),
        "nothing moves in the loop"
    );
}
