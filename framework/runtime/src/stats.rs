//! What the compiler did, counted.

use crate::jit::Jit;
use crate::shares::Executed;
use ouro_optimizer::times::Times;
use ouro_recorder::Abort;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

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
    /// Traces whose code was given back.
    pub freed: Cell<u64>,
    /// Loops whose code was dropped because it inlined what is better called.
    pub remade: Cell<u64>,
    /// What code that was given back executed.
    pub(crate) executed: std::cell::RefCell<Executed>,
    /// What each pass of the optimizer took, if that is measured.
    pub(crate) times: std::cell::OnceCell<Arc<Times>>,
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
    /// The counters and times by name.
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        [
            ("loops", &self.loops),
            ("bridges", &self.bridges),
            ("recorded_ops", &self.recorded_ops),
            ("compiled_ops", &self.compiled_ops),
            ("allocations_in_line", &self.allocations),
            ("allocation_bumps", &self.bumps),
            ("entered", &self.enters),
            ("left", &self.exits),
            ("left_when_called", &self.called_exits),
            ("invalidated", &self.invalidations),
            ("abandoned", &self.abandoned),
            ("made_again", &self.remade),
            ("freed", &self.freed),
            ("record_ns", &self.record_ns),
            ("optimize_ns", &self.optimize_ns),
            ("codegen_ns", &self.codegen_ns),
        ]
        .map(|(name, counter)| (name, counter.get()))
        .to_vec()
    }
    /// What is counted by reason or by pass.
    pub fn tables(&self) -> Vec<(&'static str, Vec<(String, u64)>)> {
        let aborts = Abort::ALL.map(|reason| {
            let times = self.aborts[reason as usize].get();
            (reason.word().to_owned(), times)
        });
        let given_up = self.given_up.borrow();
        let given_up = given_up.iter().map(|(why, n)| (why.clone(), *n));
        vec![
            ("aborts", aborts.to_vec()),
            ("not_compiled", given_up.collect()),
            ("optimize_ns_by_pass", self.passes()),
        ]
    }
    /// Nanoseconds by pass of the optimizer; empty if they are not measured.
    fn passes(&self) -> Vec<(String, u64)> {
        let all = self
            .times
            .get()
            .map(|times| times.all())
            .unwrap_or_default();
        all.into_iter()
            .map(|(name, ns)| (name.to_owned(), ns))
            .collect()
    }
}

impl Jit {
    /// What compiled code takes now, and what the parts of the backend took, by name; zeroes without a compiler.
    pub fn sizes_of(jit: Option<&Jit>) -> Vec<(&'static str, u64)> {
        let sizes = jit.map(|jit| jit.backend().stats()).unwrap_or_default();
        vec![
            ("traces", sizes.traces.into()),
            ("exits", sizes.exits.into()),
            ("code_bytes", sizes.code_bytes as u64),
            ("data_bytes", sizes.data_bytes as u64),
            ("lower_ns", sizes.lower_ns),
            ("allocate_ns", sizes.allocate_ns),
            ("emit_ns", sizes.emit_ns),
        ]
    }
    /// `-X jit-stats`.
    pub fn stats_text(&self) -> String {
        let sizes = self.backend().stats();
        let mut text = format!(
            "{}code now              {} traces, {} exits, {} bytes of code, {} of constants\n",
            self.stats, sizes.traces, sizes.exits, sizes.code_bytes, sizes.data_bytes
        );
        text += &self.phases_text();
        if self.parameters().count {
            text += &self.executed().to_string();
        }
        text
    }
    /// Nanoseconds per recorded operation by part.
    fn phases_text(&self) -> String {
        let ops = self.stats.recorded_ops.get().max(1);
        let per_op = |(name, ns): (&str, u64)| format!("{name} {}", ns / ops);
        let line = |parts: Vec<String>| parts.join(", ");
        let sizes = self.backend().stats();
        let parts = [
            ("lower", sizes.lower_ns),
            ("allocate", sizes.allocate_ns),
            ("emit", sizes.emit_ns),
        ];
        let backend = line(parts.into_iter().map(per_op).collect());
        let mut text = format!("codegen by part       {backend}\n");
        let passes = self.stats.passes();
        if !passes.is_empty() {
            let passes = passes.iter().map(|(name, ns)| per_op((name, *ns)));
            text += &format!("optimize by pass      {}\n", line(passes.collect()));
        }
        text
    }
}

impl fmt::Display for Executed {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "executed operations   {}", self.operations)?;
        writeln!(f, "executed allocations  {}", self.allocations)?;
        writeln!(f, "executed guest calls  {}", self.guest_calls)?;
        writeln!(f, "executed calls        {}", self.residual_calls)?;
        writeln!(f, "calls per 100 ops     {:.2}", self.residual_percent())?;
        for (name, times) in self.callees().into_iter().take(12) {
            writeln!(f, "  {times} {name}")?;
        }
        Ok(())
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
        writeln!(f, "freed                 {}", self.freed.get())?;
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
