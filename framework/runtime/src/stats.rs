//! What the compiler did, counted.

use ouro_recorder::Abort;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

/// Counters of one VM. Times are wall-clock nanoseconds.
#[derive(Default)]
pub struct Stats {
    pub loops: Cell<u64>,
    pub bridges: Cell<u64>,
    /// Bridges among them that begin where branches come together.
    pub joins: Cell<u64>,
    pub recorded_ops: Cell<u64>,
    pub compiled_ops: Cell<u64>,
    pub record_ns: Cell<u64>,
    pub optimize_ns: Cell<u64>,
    pub codegen_ns: Cell<u64>,
    /// Allocations that compiled code makes by itself, and bumps of the allocation pointer for them.
    pub allocations: Cell<u64>,
    pub bumps: Cell<u64>,
    pub enters: Cell<u64>,
    pub exits: Cell<u64>,
    /// Exits of code that compiled code has called.
    pub called_exits: Cell<u64>,
    pub invalidations: Cell<u64>,
    pub abandoned: Cell<u64>,
    /// Loops whose code was dropped because it inlined what is better called.
    pub remade: Cell<u64>,
    pub aborts: [Cell<u64>; Abort::ALL.len()],
    /// Reasons of optimizer and backend.
    pub given_up: std::cell::RefCell<BTreeMap<String, u64>>,
}

pub(crate) fn add(counter: &Cell<u64>, n: u64) {
    counter.set(counter.get() + n);
}

impl Stats {
    pub(crate) fn abort(&self, reason: Abort) {
        add(&self.aborts[reason as usize], 1);
    }
    pub(crate) fn give_up(&self, reason: String) {
        *self.given_up.borrow_mut().entry(reason).or_insert(0) += 1;
    }
    /// Nanoseconds per recorded operation: recording, optimizing, generating code.
    pub fn ns_per_op(&self) -> [f64; 3] {
        let ops = self.recorded_ops.get().max(1) as f64;
        [&self.record_ns, &self.optimize_ns, &self.codegen_ns].map(|ns| ns.get() as f64 / ops)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [record, optimize, codegen] = self.ns_per_op();
        writeln!(f, "loops compiled        {}", self.loops.get())?;
        writeln!(f, "bridges compiled      {}", self.bridges.get())?;
        writeln!(f, "joins compiled        {}", self.joins.get())?;
        writeln!(f, "operations recorded   {}", self.recorded_ops.get())?;
        writeln!(f, "operations compiled   {}", self.compiled_ops.get())?;
        writeln!(
            f,
            "ns per recorded op    record {record:.0}, optimize {optimize:.0}, codegen {codegen:.0}"
        )?;
        writeln!(
            f,
            "allocations in line   {} by {} bumps",
            self.allocations.get(),
            self.bumps.get()
        )?;
        writeln!(f, "entered               {}", self.enters.get())?;
        writeln!(f, "left                  {}", self.exits.get())?;
        writeln!(f, "left when called      {}", self.called_exits.get())?;
        writeln!(f, "invalidated           {}", self.invalidations.get())?;
        writeln!(f, "abandoned             {}", self.abandoned.get())?;
        writeln!(f, "made again            {}", self.remade.get())?;
        for reason in Abort::ALL {
            let n = self.aborts[reason as usize].get();
            if n > 0 {
                writeln!(f, "given up {:<12} {n}", reason.word())?;
            }
        }
        for (reason, n) in self.given_up.borrow().iter() {
            writeln!(f, "not compiled {n} times: {reason}")?;
        }
        Ok(())
    }
}
