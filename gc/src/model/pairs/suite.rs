//! Runs random programs from seeds.
use super::super::machine::{caught, runner};
use super::super::suite::Report;
use super::mirror::Mirror;
use super::ops::{Op, Setup, any_program};
use super::program::{Coverage, Program};
use crate::*;
use proptest::test_runner::{TestCaseError, TestError};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A program that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Number of programs before it.
    pub before: u64,
    /// What the check said.
    pub reason: String,
    /// How to repeat it, the reason, and the smallest program.
    pub message: String,
    /// The smallest program that was found.
    pub setup: Setup,
    /// Its operations.
    pub ops: Vec<Op>,
}

/// Runs `cases` programs on a collector, the n-th of them from seed `seed + n`. With `careful` failures are not made small,
/// and the heap is verified around each collection, so that a stray link is seen before it is followed.
pub fn run(
    row: &CollectorInfo,
    seed: u64,
    cases: u64,
    careful: bool,
) -> Result<Coverage, Box<Failure>> {
    let coverage = RefCell::new(Coverage::default());
    for case in 0..cases {
        let result = runner(seed, case, !careful).run(&any_program(), |(mut setup, ops)| {
            setup.verify |= careful;
            let seen = caught(|| run_one(row, &setup, &ops)).map_err(TestCaseError::fail)?;
            coverage.borrow_mut().add(&seen);
            Ok(())
        });
        let (reason, (setup, ops)) = match result {
            Ok(()) => continue,
            Err(TestError::Fail(reason, program)) => (reason.message().to_owned(), program),
            Err(TestError::Abort(reason)) => panic!("{reason}"),
        };
        let seed = seed.wrapping_add(case);
        let mut message = format!(
            "on {}: {reason}\nto repeat: OURO_PAIRING_SEED={seed} OURO_PAIRING_CASES=1\n\
             smallest program found: {setup:?}\n",
            row.name
        );
        ops.iter()
            .for_each(|op| message += &format!("    {op:?}\n"));
        return Err(Box::new(Failure {
            before: case,
            reason,
            message,
            setup,
            ops,
        }));
    }
    Ok(coverage.into_inner())
}

fn run_one(row: &CollectorInfo, setup: &Setup, ops: &[Op]) -> Coverage {
    let mut program = Program::new(row, setup);
    ops.iter().for_each(|op| program.step(op));
    program.finish()
}

/// Runs one program. The error is the collector, and what the check said.
pub fn replay(row: &CollectorInfo, setup: &Setup, ops: &[Op]) -> Result<(), String> {
    let result = caught(|| run_one(row, setup, ops));
    let _ = result.map_err(|reason| format!("on {}: {reason}", row.name))?;
    Ok(())
}

/// What a program knows of both sides, without addresses.
fn picture(mirror: &Mirror) -> String {
    let mut text = String::new();
    for (serial, object) in &mirror.objects {
        let (slots, link) = (object.slots, object.link);
        text += &format!(
            "object {serial}: {slots:?} {link:?} {}\n",
            object.has_finalizer
        );
    }
    for (serial, s) in &mirror.structures {
        let (held, edges, link) = (s.held, &s.edges, s.link);
        text += &format!(
            "structure {serial}: {held} {edges:?} {link:?} {}\n",
            s.is_pending
        );
    }
    text
}

/// R15: programs in which all collections are of the whole heap and stand at fixed points know the same after each step,
/// whatever the collector.
pub fn compare(rows: &[CollectorInfo], seed: u64, cases: u64) -> Report {
    let mut report = Report::new();
    for case in 0..cases {
        let result = runner(seed, case, true).run(&any_program(), |(mut setup, ops)| {
            setup.stress = 0;
            let mut first: Option<(&str, Vec<String>)> = None;
            for row in rows {
                let mut program = Program::new(row, &setup);
                let mut pictures = Vec::new();
                for op in &ops {
                    match op {
                        // Young collections, and those that start by themselves, are the collector's own business.
                        Op::CollectYoung => program.step(&Op::Collect),
                        Op::Flood(_) | Op::Poll => continue,
                        op => program.step(op),
                    }
                    pictures.push(picture(&program.mirror));
                }
                let (name, wanted) = first.get_or_insert((row.name, pictures.clone()));
                for (n, (has, wants)) in pictures.iter().zip(wanted.iter()).enumerate() {
                    if has != wants {
                        return Err(TestCaseError::fail(format!(
                            "R15: after step {n} {} knows\n{has}and {name}\n{wants}",
                            row.name
                        )));
                    }
                }
            }
            Ok(())
        });
        if let Err(error) = result {
            panic!("OURO_PAIRING_SEED={}\n{error}", seed.wrapping_add(case));
        }
    }
    for row in rows {
        report.insert(row.name, BTreeMap::from([("same results", cases)]));
    }
    report
}
