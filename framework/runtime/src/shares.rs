//! What compiled code executed, by kind of operation: how many of the operations were calls that stayed calls.
//!
//! The code counts how often each of its segments begins: the way in, and what follows each label. An operation ran as often
//! as its segment began, less those who left before it: exits to the interpreter are counted by their plans, exits to a
//! bridge by the bridge's own beginning. So the numbers are exact, not samples. Without the parameter `count` nothing is
//! counted.

use crate::jit::Jit;
use ahash::AHashMap;
use ouro_codegen::CodeHandle;
use ouro_ir::{CallAbi, Descr, Opcode};
use std::collections::BTreeMap;

/// Executed operations.
#[derive(Clone, Default, Debug)]
pub struct Executed {
    pub operations: u64,
    /// Calls of functions of the interpreter.
    pub residual_calls: u64,
    /// Calls of guest functions that are not inlined; most go to compiled code at once.
    pub guest_calls: u64,
    /// Objects made.
    pub allocations: u64,
    /// Residual calls by the function's name.
    pub by_callee: BTreeMap<String, u64>,
}

impl Executed {
    /// The residual calls' share of the operations, in percent.
    pub fn residual_percent(&self) -> f64 {
        100.0 * self.residual_calls as f64 / self.operations.max(1) as f64
    }
    /// The most frequent callees first.
    pub fn callees(&self) -> Vec<(&str, u64)> {
        let mut callees: Vec<_> = self
            .by_callee
            .iter()
            .map(|(n, c)| (n.as_str(), *c))
            .collect();
        callees.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        callees
    }
}

impl Jit {
    /// What compiled code executed so far, freed code included.
    pub fn executed(&self) -> Executed {
        let mut all = self.stats.executed.borrow().clone();
        let codes: Vec<CodeHandle> = self.traces.borrow().keys().copied().collect();
        self.add_runs_of(&codes, &mut all);
        all
    }
    /// Keeps what these codes executed, which go all together: whole families.
    pub(crate) fn keep_runs_of(&self, codes: &[CodeHandle]) {
        self.add_runs_of(codes, &mut self.stats.executed.borrow_mut());
    }
    fn add_runs_of(&self, codes: &[CodeHandle], all: &mut Executed) {
        let traces = self.traces.borrow();
        let mut to_bridges: AHashMap<u32, u64> = AHashMap::default();
        for code in codes {
            let begun = self.backend.runs(*code).first().map(|(_, times)| *times);
            if let (Some(exit), Some(times)) = (traces[code].parent, begun) {
                *to_bridges.entry(exit.0).or_default() += times;
            }
        }
        let plans = self.plans.borrow();
        for code in codes {
            let segments = self.backend.runs(*code);
            let mut segments = segments.iter().peekable();
            let mut exits = self.backend.exits(*code).into_iter();
            let trace = traces[code].trace.borrow();
            // How often the operation at hand runs.
            let mut times = 0u64;
            for (n, op) in trace.ops.iter().enumerate() {
                while let Some((_, begins)) = segments.next_if(|(at, _)| *at as usize <= n) {
                    times = *begins;
                }
                let exit = op.exit.is_some().then(|| exits.next()).flatten();
                match op.code {
                    Opcode::Label | Opcode::At | Opcode::Keepalive => {}
                    Opcode::Call | Opcode::CallRaises => {
                        all.operations += times;
                        let Descr::Call(call) = trace.descr(op.descr) else {
                            continue;
                        };
                        if matches!(call.abi, CallAbi::Guest { .. }) {
                            all.guest_calls += times;
                        } else {
                            all.residual_calls += times;
                            *all.by_callee.entry(call.name.to_string()).or_default() += times;
                        }
                    }
                    Opcode::New | Opcode::NewArray => {
                        all.operations += times;
                        all.allocations += times;
                    }
                    _ => all.operations += times,
                }
                if let Some(exit) = exit {
                    let left = plans.get(&exit.0).map_or(0, |plan| plan.hits.get());
                    let on = to_bridges.get(&exit.0).copied().unwrap_or(0);
                    times = times.saturating_sub(left + on);
                }
            }
        }
    }
}
