//! Which stores of references have their write barrier: the rule that every finished trace keeps.
//!
//! A store of a reference, whatever the value, needs one of these since the last point where the collector may have run:
//! the object was allocated, its barrier ran, or (for an item) the barrier of this very item ran. The collector may run in
//! every call that [may allocate](crate::Effects::ends_barriers). It does not run at a `poll` that stays in the trace: one
//! that wants it leaves. At a label what held above it holds if the way round keeps it; at an open label nothing is known.

use crate::descr::{LabelTarget, Width};
use crate::ops::Opcode;
use crate::trace::{Arg, Op, Trace};
use crate::verify::VerifyError;
use std::collections::{HashMap, HashSet};

impl Trace {
    /// Checks the barriers of a finished trace.
    ///
    /// # Errors
    /// The first store without one, as rule 13.
    pub fn verify_barriers(&self) -> Result<(), VerifyError> {
        let mut objects: HashSet<Arg> = HashSet::new();
        let mut items: HashSet<(Arg, Arg)> = HashSet::new();
        let mut names = Names::default();
        for (n, op) in self.ops.iter().enumerate() {
            let [object, index, _] = op.args.map(|a| names.of(a));
            let missing = match op.code {
                Opcode::New | Opcode::NewArray => {
                    objects.insert(op.result);
                    false
                }
                Opcode::Barrier => {
                    objects.insert(object);
                    false
                }
                Opcode::BarrierItem => {
                    items.insert((object, index));
                    false
                }
                // From here on two names of one object or index.
                Opcode::GuardPtrEq | Opcode::GuardIntEq => {
                    let (from, to) = (names.of(object), names.of(index));
                    names.0.insert(from, to);
                    objects = objects.iter().map(|a| names.of(*a)).collect();
                    let of = |(a, i): &(Arg, Arg)| (names.of(*a), names.of(*i));
                    items = items.iter().map(of).collect();
                    false
                }
                Opcode::Setfield => {
                    self.field(op.descr).width == Width::Ref && !objects.contains(&object)
                }
                Opcode::Setitem => {
                    self.array(op.descr).item == Width::Ref
                        && !objects.contains(&object)
                        && !items.contains(&(object, index))
                }
                Opcode::Call | Opcode::CallRaises => {
                    self.forget(&mut objects, &mut items, std::slice::from_ref(op));
                    false
                }
                Opcode::Label => {
                    let way_round = match self.label(op.descr).target {
                        LabelTarget::Open { .. } => {
                            objects.clear();
                            items.clear();
                            &[]
                        }
                        _ => &self.ops[n..],
                    };
                    self.forget(&mut objects, &mut items, way_round);
                    false
                }
                _ => false,
            };
            if missing {
                return Err(VerifyError {
                    op: Some(n),
                    rule: 13,
                    message: format!("a reference is stored into {object:?} without barrier"),
                });
            }
        }
        Ok(())
    }

    /// Forgets everything if one of the operations may collect.
    fn forget(&self, objects: &mut HashSet<Arg>, items: &mut HashSet<(Arg, Arg)>, ops: &[Op]) {
        let collects = |op: &Op| {
            matches!(op.code, Opcode::Call | Opcode::CallRaises)
                && self.call(op.descr).effects.ends_barriers()
        };
        if ops.iter().any(collects) {
            objects.clear();
            items.clear();
        }
    }
}

/// One name for values that a guard found equal, which they are for ever.
#[derive(Default)]
struct Names(HashMap<Arg, Arg>);

impl Names {
    fn of(&self, mut name: Arg) -> Arg {
        while let Some(other) = self.0.get(&name).filter(|other| **other != name) {
            name = *other;
        }
        name
    }
}
