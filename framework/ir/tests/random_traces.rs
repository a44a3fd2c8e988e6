//! Random traces: they verify, print and parse, run without faults, cover everything, and shrink.

use ouro_ir::random::{Case, Form, Rng, every, resolve, shrink};
use ouro_ir::{Entry, ExitId, Opcode, Trace, VirtualObject, parse, parse_with};
use std::collections::HashMap;

const SEEDS: u64 = 300;
const FORMS: [Form; 2] = [Form::Recorded, Form::Compiled];

fn cases() -> impl Iterator<Item = Case> {
    (0..SEEDS).flat_map(|seed| FORMS.map(|form| Case::new(seed, form)))
}

#[test]
fn the_verifier_accepts_them() {
    for case in cases() {
        if let Err(error) = case.trace.verify() {
            panic!(
                "seed {} {:?}: {error}\n{}",
                case.seed, case.form, case.trace
            );
        }
    }
}

#[test]
fn printing_and_parsing_gives_the_same_trace() {
    for case in cases() {
        let text = case.trace.to_string();
        let parsed = parse(&text).unwrap_or_else(|e| panic!("seed {}: {e}", case.seed));
        assert_eq!(parsed.to_string(), text, "seed {}", case.seed);
        parsed
            .verify()
            .unwrap_or_else(|e| panic!("seed {}: {e}", case.seed));
        assert_eq!(parsed.ops.len(), case.trace.ops.len());
        assert_eq!(parsed.descrs, case.trace.descrs, "seed {}", case.seed);
        let without = case.trace.print_without_addresses();
        let resolved = parse_with(&without, &resolve).expect("it is the same text");
        assert_eq!(resolved.to_string(), text, "seed {}", case.seed);
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_the_same_outcome() {
    for seed in 0..60 {
        for form in FORMS {
            let (a, b) = (Case::new(seed, form), Case::new(seed, form));
            assert_eq!(a.trace.to_string(), b.trace.to_string());
            let run = |c: &Case| {
                c.run_on_irexec(&c.trace, 1, &mut |_| false)
                    .expect("no faults")
                    .text
            };
            assert_eq!(run(&a), run(&b));
        }
    }
}

#[test]
fn a_parsed_trace_runs_like_the_printed_one() {
    for case in cases().take(200) {
        let parsed = parse(&case.trace.to_string()).expect("printed traces parse");
        for run in 0..3 {
            let one = case
                .run_on_irexec(&case.trace, run, &mut every(37))
                .expect("no faults");
            let two = case
                .run_on_irexec(&parsed, run, &mut every(37))
                .expect("no faults");
            assert_eq!(one.text, two.text, "seed {}", case.seed);
        }
    }
}

#[test]
fn they_run_without_faults_and_take_many_exits() {
    let (mut iterations, mut exits, mut ends) = (0usize, 0usize, HashMap::<&str, usize>::new());
    for case in cases() {
        let mut taken = std::collections::HashSet::new();
        for run in 0..4 {
            for k in [u64::MAX, 3, 17, 40] {
                let mut guards = 0;
                let mut must_leave = every(k);
                let outcome = case.run_on_irexec(&case.trace, run, &mut |op| {
                    guards += 1;
                    must_leave(op)
                });
                let outcome = outcome.unwrap_or_else(|f| {
                    panic!("{f:?} at seed {} run {run}\n{}", case.seed, case.trace)
                });
                iterations += usize::from(run == 0 && k == u64::MAX) * guards;
                let end = match outcome.end {
                    ouro_ir::irexec::End::Exit { op, .. } => {
                        taken.insert(op);
                        case.trace.ops[op].code.info().text
                    }
                    ouro_ir::irexec::End::Enter { .. } => "enter",
                    ouro_ir::irexec::End::EnterLabel { .. } => "enter label",
                };
                *ends.entry(end).or_default() += 1;
            }
        }
        exits += taken.len();
    }
    assert!(
        exits > 3 * SEEDS as usize,
        "only {exits} different exits were taken"
    );
    assert!(
        iterations > 20 * SEEDS as usize,
        "the loops end too soon: {iterations} guards in all"
    );
    for end in [
        "enter",
        "finish",
        "call",
        "call_raises",
        "guard_int_gt",
        "int_add_ovf",
        "guard_nonnull",
    ] {
        assert!(ends.contains_key(end), "nothing ended by {end}: {ends:?}");
    }
}

#[test]
fn every_guard_of_run_0_can_be_made_to_leave() {
    for seed in 0..40 {
        for form in FORMS {
            let case = Case::new(seed, form);
            for (n, op) in case
                .trace
                .ops
                .iter()
                .enumerate()
                .filter(|(_, op)| op.code.may_leave_needlessly())
            {
                let outcome = case
                    .run_on_irexec(&case.trace, 0, &mut |at| at == n)
                    .expect("no faults");
                match outcome.end {
                    ouro_ir::irexec::End::Exit { op: left, exit, .. } => {
                        assert_eq!(
                            (left, exit),
                            (n, op.exit),
                            "seed {seed}: every operation is reached in run 0"
                        );
                    }
                    end => panic!("seed {seed}: {end:?}"),
                }
            }
        }
    }
}

#[test]
fn they_cover_every_operation_and_are_long() {
    let (mut counts, mut length, mut traces) = (HashMap::<Opcode, usize>::new(), 0, 0);
    let (mut with_virtuals, mut with_collect, mut crowded, mut loops) = (0, 0, 0, 0);
    for case in cases() {
        case.trace
            .ops
            .iter()
            .for_each(|op| *counts.entry(op.code).or_default() += 1);
        length += case.trace.ops.len();
        traces += 1;
        with_virtuals += usize::from(case.trace.exits.iter().any(|e| !e.virtuals.is_empty()));
        with_collect += usize::from(case.trace.print_without_addresses().contains(", collect)"));
        crowded += usize::from(most_live(&case.trace) > 16);
        loops += usize::from(case.trace.ops.iter().any(|op| op.code == Opcode::Label));
    }
    assert!(
        length >= 40 * traces,
        "{length} operations in {traces} traces"
    );
    // Random traces stand for loops: they return nothing.
    let returns = |code: &&Opcode| matches!(code, Opcode::Return | Opcode::ReturnLeaf);
    for code in Opcode::ALL.iter().filter(|code| !returns(code)) {
        let least = if *code == Opcode::Finish { 10 } else { 150 };
        let count = counts.get(code).copied().unwrap_or(0);
        assert!(count >= least, "{code:?} occurs {count} times only");
    }
    for (what, count) in [
        ("virtuals", with_virtuals),
        ("collecting calls", with_collect),
        ("pressure", crowded),
    ] {
        assert!(count * 10 >= traces, "{what}: {count} of {traces}");
    }
    assert!(loops * 3 >= traces, "loops: {loops} of {traces}");
}

/// The most values that are alive at once.
fn most_live(trace: &Trace) -> usize {
    let mut live = std::collections::HashSet::new();
    let mut most = 0;
    for op in trace.ops.iter().rev() {
        live.remove(&op.result);
        live.extend(trace.args(op).iter().filter(|a| a.as_var().is_some()));
        if op.exit.is_some() {
            live.extend(trace.exit(op.exit).args().filter(|a| a.as_var().is_some()));
        }
        most = most.max(live.len());
    }
    most
}

#[test]
fn exits_have_every_entry_and_cyclic_virtuals() {
    let mut entries = [0; 5];
    let mut cycles = 0;
    for case in cases() {
        for exit in &case.trace.exits {
            let n = match exit.entry {
                Entry::Start => 0,
                Entry::Value(_) => 1,
                Entry::Raise(_) => 2,
                Entry::PendingValue => 3,
                Entry::PendingRaise => 4,
            };
            entries[n] += 1;
            for (n, object) in exit.virtuals.iter().enumerate() {
                let own = ouro_ir::Arg::virtual_(n as u32);
                cycles += usize::from(
                    matches!(object, VirtualObject::Struct { .. })
                        && object.args().any(|a| a == own),
                );
            }
        }
    }
    assert!(
        entries.iter().all(|n| *n > 100) && cycles > 100,
        "{entries:?} {cycles}"
    );
}

#[test]
fn bridges_verify_and_begin_where_the_parent_left() {
    let (mut bridges, mut ops) = (0, 0);
    for seed in 0..200 {
        let case = Case::new(seed, Form::Compiled);
        for n in [0, 3, 9] {
            let Some(bridge) = case.bridge(n) else {
                continue;
            };
            bridge
                .trace
                .verify()
                .unwrap_or_else(|e| panic!("seed {seed} bridge {n}: {e}\n{}", bridge.trace));
            let text = bridge.trace.to_string();
            assert_eq!(
                parse(&text).expect("printed traces parse").to_string(),
                text
            );
            assert_eq!(case.trace.ops[bridge.parent_op].exit, bridge.parent_exit);
            bridges += 1;
            ops += bridge.trace.ops.len();
        }
    }
    assert!(
        bridges > 300 && ops > 10 * bridges,
        "{bridges} bridges, {ops} operations"
    );
}

#[test]
fn shrinking_keeps_only_what_fails() {
    // The planted bug: a backend that cannot multiply by 3 modulo something.
    let has_mod = |t: &Trace| t.ops.iter().any(|op| op.code == Opcode::IntMod);
    let case = cases()
        .find(|c| c.form == Form::Compiled && has_mod(&c.trace))
        .expect("some trace has one");
    let mut tried = 0;
    let small = shrink(&case.trace, &mut |t| {
        tried += 1;
        has_mod(t) && case.run_on_irexec(t, 0, &mut |_| false).is_ok()
    });
    assert!(has_mod(&small));
    assert!(
        small.ops.len() <= 8,
        "after {tried} tries there remains\n{small}"
    );
    assert!(small.ops.len() < case.trace.ops.len());
    small.verify().expect("shrinking keeps traces right");
}

/// A wrong transformation; false if it does not apply to this operation.
type Bug = (&'static str, fn(&mut Trace, usize) -> bool);

/// What optimizers and code generators get wrong. The comparison of outcomes must see each of them.
const BUGS: &[Bug] = &[
    ("operands swapped", |t, at| {
        let swapped = matches!(
            t.ops[at].code,
            Opcode::IntSub | Opcode::IntSubOvf | Opcode::FloatSub
        );
        t.ops[at].args.swap(0, usize::from(swapped));
        swapped
    }),
    ("store lost", |t, at| {
        remove(t, at, &[Opcode::Setfield, Opcode::Setitem])
    }),
    ("call lost", |t, at| {
        let writes = t.ops[at].code == Opcode::Call && t.call(t.ops[at].descr).name == "bump";
        if writes {
            let zero = t.int(0);
            let result = t.ops[at].result;
            t.ops[at] = ouro_ir::Op {
                code: Opcode::IntAdd,
                result,
                args: [zero, zero, ouro_ir::Arg::NONE],
                descr: ouro_ir::DescrId::NONE,
                exit: ouro_ir::ExitId::NONE,
            };
        }
        writes
    }),
    ("guard lost", |t, at| {
        t.ops[at].code != Opcode::Poll && t.ops[at].code.is_guard() && remove_any(t, at)
    }),
    ("guard turned", |t, at| match t.ops[at].code.negated() {
        Some(negated) => {
            t.ops[at].code = negated;
            true
        }
        None => false,
    }),
    ("overflow missed", |t, at| {
        let code = match t.ops[at].code {
            Opcode::IntAddOvf => Opcode::IntAdd,
            Opcode::IntMulOvf => Opcode::IntMul,
            _ => return false,
        };
        t.ops[at].code = code;
        t.ops[at].exit = ouro_ir::ExitId::NONE;
        true
    }),
    ("exit of another guard", |t, at| {
        let others = t
            .ops
            .iter()
            .map(|op| op.exit)
            .find(|e| e.is_some() && *e != t.ops[at].exit);
        match others {
            Some(other) if t.ops[at].code.may_leave_needlessly() => {
                t.ops[at].exit = other;
                true
            }
            _ => false,
        }
    }),
    ("jump operands mixed up", |t, at| {
        if t.ops[at].code != Opcode::Jump {
            return false;
        }
        let (start, len) = t.ops[at].pool();
        let refs: Vec<usize> = (start..start + len)
            .filter(|n| t.type_of(t.arg_pool[*n]) == ouro_ir::Ty::Int)
            .collect();
        match refs[..] {
            [.., a, b] if t.arg_pool[a] != t.arg_pool[b] => {
                t.arg_pool.swap(a, b);
                true
            }
            _ => false,
        }
    }),
];
fn remove_any(t: &mut Trace, at: usize) -> bool {
    t.ops.remove(at);
    true
}
fn remove(t: &mut Trace, at: usize, codes: &[Opcode]) -> bool {
    codes.contains(&t.ops[at].code) && remove_any(t, at)
}

#[test]
fn planted_bugs_change_an_outcome() {
    let mut rng = Rng::new(5);
    for (name, plant) in BUGS {
        let (mut planted, mut seen) = (0, 0);
        for seed in 0..60 {
            let case = Case::new(seed, Form::Compiled);
            let mut wrong = case.trace.clone();
            let first = rng.index(wrong.ops.len());
            let places = (0..wrong.ops.len()).map(|n| (first + n) % case.trace.ops.len());
            let Some(at) = places.into_iter().find(|at| plant(&mut wrong, *at)) else {
                continue;
            };
            planted += 1;
            // All runs to their end, and one to the exit of the operation that is wrong now.
            let outcome = |t: &Trace, run: u32, exit: ExitId| {
                let mut must_leave = |n: usize| exit.is_some() && t.ops[n].exit == exit;
                case.run_on_irexec(t, run, &mut must_leave).map(|o| o.text)
            };
            let differs = |run: u32, exit: ExitId| {
                outcome(&wrong, run, exit) != outcome(&case.trace, run, exit)
            };
            let exit = case.trace.ops[at].exit;
            seen += usize::from((0..8).any(|run| differs(run, ExitId::NONE)) || differs(0, exit));
        }
        assert!(
            planted >= 5 && seen * 4 >= planted,
            "{name}: {seen} of {planted} seen"
        );
    }
}
