//! Random traces: compiled code must do what the reference backend does, to the last object.
//!
//! `OURO_SEED=n` replays one case and prints its trace; `OURO_CASES=n` runs more of them.
#![cfg(target_arch = "x86_64")]

mod support;

use ouro_codegen::{Backend, Form, Request};
use ouro_codegen_x64::X64Backend;
use ouro_ir::random::{Case, Form as CaseForm};
use ouro_ir::{Opcode, Trace};
use std::collections::BTreeMap;
use support::*;

#[derive(Default)]
struct Counters {
    cases: u64,
    ops: u64,
    by_op: BTreeMap<Opcode, u64>,
    spills: u64,
    collecting_calls: u64,
    virtuals: u64,
    bridges: u64,
    left_bridges: u64,
    barriers: u64,
    taken: BTreeMap<Opcode, u64>,
}

impl Counters {
    fn trace(&mut self, trace: &Trace) {
        self.ops += trace.ops.len() as u64;
        for op in &trace.ops {
            *self.by_op.entry(op.code).or_default() += 1;
        }
    }
}

fn plans(seed: u64) -> [Plan; 6] {
    let run = |run, leave_at| Plan {
        run,
        leave_at,
        ..Plan::default()
    };
    [
        run(0, 0),
        run(1 + (seed % 3) as u32, 0),
        run(0, 1 + seed % 7),
        run(0, 1 + seed % 61),
        Plan {
            attention: true,
            ..Plan::default()
        },
        Plan {
            invalidated: true,
            ..Plan::default()
        },
    ]
}

fn run_case(backend: &X64Backend, seed: u64, counters: &mut Counters, verbose: bool) {
    let form = if seed.is_multiple_of(3) {
        CaseForm::Recorded
    } else {
        CaseForm::Compiled
    };
    let case = Case::new(seed, form);
    let trace = with_hostile_callees(&case.trace);
    if verbose {
        println!("{trace}");
    }
    let mut env = env(1024);
    env.guard_stress = true;
    let spilled = backend.stats().spills;
    let compiled = compile(backend, &trace, Form::Loop, &env);
    counters.cases += 1;
    counters.trace(&trace);
    counters.spills += (backend.stats().spills > spilled) as u64;
    let collects = trace.ops.iter().any(|op| {
        matches!(op.code, Opcode::Call | Opcode::CallRaises)
            && trace.call(op.descr).effects.can_collect
    });
    counters.collecting_calls += collects as u64;
    counters.virtuals += trace.exits.iter().any(|e| !e.virtuals.is_empty()) as u64;
    for plan in plans(seed) {
        let wanted = run_irexec(&case, &trace, plan, None);
        let (found, effort) = run_x64(backend, &case, &compiled, &trace, (&compiled, &trace), plan);
        assert_eq!(
            wanted, found,
            "OURO_SEED={seed} differs with {plan:?} (wanted, found)"
        );
        counters.barriers += effort.barriers;
        if let Some(op) = wanted.op {
            *counters.taken.entry(trace.ops[op].code).or_default() += 1;
        }
    }
    if seed % 4 != 1 {
        return;
    }
    let n = (seed / 4 % 12) as usize;
    if let Some(bridge) = case.bridge(n) {
        let bridge_trace = with_hostile_callees(&bridge.trace);
        if verbose {
            println!("{bridge_trace}");
        }
        // The first compilation was invalidated.
        let parent = compile(backend, &trace, Form::Loop, &env);
        let exit = exit_of(backend, parent.code, bridge.parent_op);
        let form = Form::Bridge {
            parent: &trace,
            exit,
        };
        env.guard_stress = false;
        let code = compile(backend, &bridge_trace, form, &env);
        backend.patch_exit(exit, Some(code.code));
        counters.bridges += 1;
        counters.trace(&bridge_trace);
        let plan = Plan {
            leave_at: u64::from(bridge.visits) + 1,
            ..Plan::default()
        };
        let wanted = run_irexec(&case, &trace, plan, Some(&bridge_trace));
        let observed = (&code, &bridge_trace);
        let (found, _) = run_x64(backend, &case, &parent, &trace, observed, plan);
        assert_eq!(
            wanted, found,
            "OURO_SEED={seed}: bridge differs (wanted, found)"
        );
        // The bridge's own exits read what it has made of its parent's places.
        let invalidated = Plan {
            invalidated_bridge: true,
            ..plan
        };
        let wanted = run_irexec(&case, &trace, invalidated, Some(&bridge_trace));
        backend.invalidate(code.code);
        let (found, _) = run_x64(backend, &case, &parent, &trace, observed, plan);
        assert_eq!(
            wanted, found,
            "OURO_SEED={seed}: invalidated bridge differs (wanted, found)"
        );
        counters.left_bridges += wanted
            .op
            .is_some_and(|op| bridge_trace.ops[op].code == Opcode::GuardNotInvalidated)
            as u64;
        // Without the bridge the parent's exit is taken again.
        backend.patch_exit(exit, None);
        let wanted = run_irexec(&case, &trace, plan, None);
        let observed = (&parent, &trace);
        let (found, _) = run_x64(backend, &case, &parent, &trace, observed, plan);
        assert_eq!(
            wanted, found,
            "OURO_SEED={seed}: unpatched exit differs (wanted, found)"
        );
        backend.free(code.code);
        backend.free(parent.code);
        free_landing(backend, &code);
        free_landing(backend, &parent);
    }
    backend.free(compiled.code);
    free_landing(backend, &compiled);
}

fn free_landing(backend: &X64Backend, compiled: &Compiled) {
    if let Some((landing, _, _)) = &compiled.landing {
        backend.free(*landing);
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_traces_run_as_on_the_reference_backend() {
    let backend = X64Backend::new().expect("executable memory");
    let mut counters = Counters::default();
    if let Some(seed) = number("OURO_SEED") {
        run_case(&backend, seed, &mut counters, true);
        return;
    }
    let cases = number("OURO_CASES").unwrap_or(6500);
    for seed in 0..cases {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            run_case(&backend, seed, &mut counters, false)
        }));
        if let Err(panic) = caught {
            println!("replay with OURO_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
    let c = &counters;
    println!(
        "{} cases, {:.1} ops on average; {} with spills, {} with collecting calls, {} with virtuals, {} bridges, {} barriers",
        c.cases,
        c.ops as f64 / (c.cases + c.bridges) as f64,
        c.spills,
        c.collecting_calls,
        c.virtuals,
        c.bridges,
        c.barriers
    );
    println!("ops: {:?}\nexits taken: {:?}", c.by_op, c.taken);
    if cases < 6500 {
        return;
    }
    assert!(c.ops >= 40 * (c.cases + c.bridges), "traces are too short");
    for what in [c.spills, c.collecting_calls, c.virtuals, c.bridges] {
        assert!(what * 10 >= c.cases, "each of these must be in a tenth");
    }
    // Those are in `guest_calls.rs`: random traces stand for loops.
    let returns = |op: &&Opcode| matches!(op, Opcode::Return | Opcode::ReturnLeaf);
    for op in Opcode::ALL.iter().filter(|op| !returns(op)) {
        let seen = c.by_op.get(op).copied().unwrap_or(0);
        assert!(seen >= 1000, "{op:?} was emitted only {seen} times");
    }
    assert!(c.barriers > 1000);
    assert!(c.left_bridges > 100, "{} bridges left", c.left_bridges);
}

#[test]
fn random_traces_run_with_baseline_instructions() {
    let backend = X64Backend::new().expect("executable memory");
    let backend = backend.with_baseline_instructions();
    let mut counters = Counters::default();
    for seed in 100_000..100_300 {
        run_case(&backend, seed, &mut counters, false);
    }
    let shifts = [Opcode::IntShl, Opcode::IntShr, Opcode::IntUshr];
    for shift in shifts {
        assert!(counters.by_op[&shift] > 100);
    }
}

#[test]
fn random_traces_are_entered_at_their_open_label() {
    let backend = X64Backend::new().expect("executable memory");
    let (mut spilled, mut nowhere, mut floats, mut left_inside, mut runs) = (0, 0, 0, 0, 0);
    let seeds = match number("OURO_SEED") {
        Some(seed) => seed..seed + 1,
        None => 200_000..200_000 + number("OURO_CASES").unwrap_or(1500),
    };
    for seed in seeds {
        let case = Case::new(seed, CaseForm::Compiled);
        let trace = with_hostile_callees(&case.trace);
        let (open, jumper) = opened(&case, &trace, 9);
        jumper.verify().unwrap_or_else(|e| panic!("{e}: {jumper}"));
        let mut env = env(1024);
        env.guard_stress = true;
        let target = compile(&backend, &open, Form::Loop, &env);
        let request = Request {
            trace: &jumper,
            form: Form::Loop,
            entry_of: &|token| (token == 9).then_some(target.code),
            function: None,
        };
        let code = backend
            .compile(&request, &env)
            .unwrap_or_else(|e| panic!("{e}: {jumper}\n{open}"));
        let entered = Compiled {
            code,
            landing: None,
        };
        let (_, params) = open.open_label().expect("just made");
        floats += params
            .iter()
            .filter(|p| p.class == case.world.w_float)
            .count();
        // More words than there are registers lie in the spill area; every second one is needed by nobody.
        let ints = params.iter().filter(|p| p.class == case.world.w_int);
        spilled += (ints.count() / 2 > 10) as usize;
        nowhere += (params.len() > case.classes.len()) as usize;
        for plan in plans(seed).into_iter().filter(|p| !p.invalidated) {
            let wanted = run_irexec_into(&case, &jumper, &open, plan);
            let observed = (&target, &open);
            let (found, _) = run_x64(&backend, &case, &entered, &jumper, observed, plan);
            assert_eq!(
                wanted, found,
                "OURO_SEED={seed} differs with {plan:?} (wanted, found)\n{jumper}\n{open}"
            );
            runs += 1;
            left_inside += wanted.op.is_some() as u32;
        }
        // The code that is jumped to leaves at its guards once it is invalid.
        backend.invalidate(target.code);
        let plan = Plan {
            invalidated: true,
            ..Plan::default()
        };
        let wanted = run_irexec_into(&case, &jumper, &open, plan);
        let plan = Plan::default();
        let (found, _) = run_x64(&backend, &case, &entered, &jumper, (&target, &open), plan);
        assert_eq!(wanted, found, "OURO_SEED={seed}: invalidated");
        backend.free(code);
        backend.free(target.code);
        free_landing(&backend, &target);
    }
    println!(
        "{runs} runs, {left_inside} left inside; {spilled} with spilled parameters, {nowhere} with unneeded ones, {floats} float parameters"
    );
    if number("OURO_SEED").is_none() && number("OURO_CASES").is_none() {
        assert!(
            spilled > 50 && nowhere > 500 && floats > 500,
            "{spilled} {nowhere} {floats}"
        );
        assert!(left_inside > 5000, "{left_inside}");
    }
}
