//! A running trace.

use super::pure::{NoResult, evaluate};
use super::{Fault, Memory};
use crate::descr::{DescrId, LabelTarget, Width};
use crate::exit::ExitId;
use crate::ops::Opcode;
use crate::trace::{Arg, ArgKind, Op, Trace, Ty};

/// The values of a running trace. Constants are copied at the start, so that a moving collector updates them like any
/// other value while the trace runs.
#[derive(Clone, Debug, Default)]
pub struct State {
    values: Vec<u64>,
    types: Vec<Ty>,
    consts: Vec<u64>,
    const_types: Vec<Ty>,
    /// The operation to begin with.
    first: usize,
}

/// What one operation did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Go on with the next operation.
    Next,
    /// The operation left by its exit; `pending` is the value or exception that a call returned, else 0.
    Leave {
        /// Bits of the pending value.
        pending: u64,
    },
    /// Go on behind this label, parameters are set.
    Label(DescrId),
    /// Go on at the start, inputs are set.
    Start,
    /// Enter another trace with these guest registers.
    Enter {
        /// The other trace.
        token: u64,
        /// (word above the base of the loop's frame, bits).
        registers: Vec<(u32, u64)>,
    },
    /// Go on behind the open label of another trace.
    EnterLabel {
        /// The other trace.
        token: u64,
        /// The bits of the label's parameters.
        params: Vec<u64>,
    },
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// By an exit.
    Exit {
        /// Index of the operation that left.
        op: usize,
        /// Its exit.
        exit: ExitId,
        /// The value or exception that a call returned, else 0.
        pending: u64,
    },
    /// By a jump to another trace.
    Enter {
        /// The other trace.
        token: u64,
        /// (word above the base of the loop's frame, bits).
        registers: Vec<(u32, u64)>,
    },
    /// By a jump to the open label of another trace: [`State::at_open_label`].
    EnterLabel {
        /// The other trace.
        token: u64,
        /// The bits of the label's parameters.
        params: Vec<u64>,
    },
}

impl State {
    /// The state at the entry; `inputs` has the bits of each input.
    pub fn new(trace: &Trace, inputs: &[u64]) -> State {
        let mut state = State::default();
        state.grow(trace);
        assert_eq!(inputs.len(), trace.inputs.len(), "one value per input");
        trace
            .inputs
            .iter()
            .zip(inputs)
            .for_each(|(input, bits)| state.set(input.value, *bits));
        state
    }
    /// The state behind the trace's open label; `params` has the bits of each parameter. Panics if there is none.
    pub fn at_open_label(trace: &Trace, params: &[u64]) -> State {
        let (at, _) = trace.open_label().expect("the trace has an open label");
        let label = &trace.ops[at];
        let mut state = State {
            first: at + 1,
            ..State::default()
        };
        state.grow(trace);
        let names = trace.label_params(label);
        assert_eq!(params.len(), names.len(), "one value per parameter");
        names
            .iter()
            .zip(params)
            .for_each(|(name, bits)| state.set(*name, *bits));
        state
    }
    /// Makes room for values and constants that were added to the trace since.
    pub fn grow(&mut self, trace: &Trace) {
        self.values.resize(trace.value_types.len(), 0);
        let known = self.types.len().min(trace.value_types.len());
        self.types.truncate(known);
        self.types.extend_from_slice(&trace.value_types[known..]);
        let new = &trace.consts.entries()[self.consts.len()..];
        self.consts.extend(new.iter().map(|c| c.bits));
        self.const_types.extend(new.iter().map(|c| c.ty));
    }
    /// The bits of a value or constant. Panics for others.
    pub fn get(&self, arg: Arg) -> u64 {
        match arg.kind() {
            ArgKind::Var(n) => self.values[n as usize],
            ArgKind::Const(n) => self.consts[n as usize],
            ArgKind::Virtual(_) | ArgKind::None => panic!("{arg:?} has no bits"),
        }
    }
    /// Sets a value.
    pub fn set(&mut self, value: Arg, bits: u64) {
        let number = value.as_var().expect("only values are set");
        self.values[number as usize] = bits;
    }
    /// Visits all references, dead values included; whoever calls may change them.
    pub fn visit_refs(&mut self, visit: &mut dyn FnMut(&mut u64)) {
        let values = self.values.iter_mut().zip(&self.types);
        let consts = self.consts.iter_mut().zip(&self.const_types);
        values
            .chain(consts)
            .filter(|(bits, ty)| **ty == Ty::Ref && **bits != 0)
            .for_each(|(bits, _)| visit(bits));
    }

    /// Runs until the trace is left. Before a guard or checked arithmetic is executed, `must_leave` is asked with the
    /// operation's index whether it leaves whatever its condition says.
    ///
    /// # Errors
    /// A fault, or `OutOfFuel` after `fuel` operations.
    pub fn run(
        &mut self,
        trace: &Trace,
        memory: &mut dyn Memory,
        must_leave: &mut dyn FnMut(usize) -> bool,
        fuel: u64,
    ) -> Result<End, Fault> {
        self.grow(trace);
        let mut at = self.first;
        for _ in 0..fuel {
            let op = &trace.ops[at];
            let forced = op.code.may_leave_needlessly() && must_leave(at);
            let step = if forced {
                Step::Leave { pending: 0 }
            } else {
                self.step(trace, op, memory)?
            };
            match step {
                Step::Next => at += 1,
                Step::Leave { pending } => {
                    return Ok(End::Exit {
                        op: at,
                        exit: op.exit,
                        pending,
                    });
                }
                Step::Start => at = 0,
                Step::Enter { token, registers } => return Ok(End::Enter { token, registers }),
                Step::EnterLabel { token, params } => {
                    return Ok(End::EnterLabel { token, params });
                }
                Step::Label(label) => {
                    let found = trace
                        .ops
                        .iter()
                        .position(|o| o.code == Opcode::Label && o.descr == label);
                    at = found.expect("the verifier checks that the label exists") + 1;
                }
            }
        }
        Err(Fault::OutOfFuel)
    }

    /// Executes one operation.
    ///
    /// # Errors
    /// A fault.
    pub fn step(&mut self, trace: &Trace, op: &Op, memory: &mut dyn Memory) -> Result<Step, Fault> {
        use Opcode::*;
        let arg = |n: usize| self.get(op.args[n]);
        let left = Ok(Step::Leave { pending: 0 });
        let result = match op.code {
            IntAdd | IntSub | IntMul | IntAnd | IntOr | IntXor | IntShl | IntShr | IntUshr
            | IntNeg | IntInvert | IntFloordiv | IntMod | IntMulhi | IntAddOvf | IntSubOvf
            | IntMulOvf | FloatAdd | FloatSub | FloatMul | FloatDiv | FloatNeg | FloatAbs
            | FloatSqrt | IntToFloat | FloatToInt | GuardIntEq | GuardIntNe | GuardIntLt
            | GuardIntLe | GuardIntGt | GuardIntGe | GuardIntUlt | GuardIntUge
            | GuardAddOverflows | GuardSubOverflows | GuardMulOverflows | GuardFloatLt
            | GuardFloatNotLt | GuardFloatLe | GuardFloatNotLe | GuardFloatEq | GuardFloatNe
            | GuardPtrEq | GuardPtrNe | GuardNull | GuardNonnull => {
                let operand = |n: usize| {
                    if op.args[n].is_some() {
                        self.get(op.args[n])
                    } else {
                        0
                    }
                };
                match evaluate(op.code, operand(0), operand(1)) {
                    Ok(bits) => bits,
                    Err(NoResult::Leaves) => return left,
                    Err(NoResult::Precondition) => return Err(Fault::Precondition),
                    Err(NoResult::NotPure) => unreachable!("{:?} is pure", op.code),
                }
            }
            GuardClass => {
                let type_id = memory.load(arg(0), 0, Width::U32)?;
                if type_id != u64::from(trace.type_descr(op.descr).type_id) {
                    return left;
                }
                0
            }
            GuardNotInvalidated => {
                if memory.is_invalidated() {
                    return left;
                }
                0
            }
            Poll => {
                if memory.wants_attention() {
                    return left;
                }
                0
            }
            New => memory.alloc(trace.type_descr(op.descr))?,
            NewArray => memory.alloc_array(trace.array(op.descr), arg(0) as i64)?,
            Getfield => {
                let field = trace.field(op.descr);
                memory.load(arg(0), field.offset.into(), field.width)?
            }
            Setfield => {
                let field = trace.field(op.descr);
                memory.store(arg(0), field.offset.into(), field.width, arg(1))?;
                0
            }
            Barrier => {
                memory.barrier(arg(0))?;
                0
            }
            Getitem => {
                let offset = item_offset(trace, op, memory, arg(0), arg(1))?;
                memory.load(arg(0), offset, trace.array(op.descr).item)?
            }
            Setitem => {
                let offset = item_offset(trace, op, memory, arg(0), arg(1))?;
                memory.store(arg(0), offset, trace.array(op.descr).item, arg(2))?;
                0
            }
            BarrierItem => {
                item_offset(trace, op, memory, arg(0), arg(1))?;
                memory.barrier_item(arg(0), trace.array(op.descr), arg(1))?;
                0
            }
            Call | CallRaises => {
                let callee = trace.call(op.descr);
                let args: Vec<u64> = trace.args(op).iter().map(|a| self.get(*a)).collect();
                let ret = memory.call(callee, &args, &mut |visit| self.visit_refs(visit))?;
                let raised = ret.exc != 0;
                if raised && !callee.effects.can_raise && op.code == Call {
                    return Err(Fault::BadCall);
                }
                match (op.code == CallRaises, raised) {
                    (false, true) => return Ok(Step::Leave { pending: ret.exc }),
                    (true, false) => return Ok(Step::Leave { pending: ret.value }),
                    (false, false) => ret.value,
                    (true, true) => ret.exc,
                }
            }
            Label => {
                self.assign(trace.label_params(op), trace.args(op));
                0
            }
            Jump => return Ok(self.jump(trace, op)),
            Finish | Return | ReturnLeaf => return left,
            At | Keepalive => 0,
        };
        if op.result.is_some() {
            self.set(op.result, result);
        }
        Ok(Step::Next)
    }

    fn jump(&mut self, trace: &Trace, op: &Op) -> Step {
        let args = trace.args(op);
        match &trace.label(op.descr).target {
            LabelTarget::Here | LabelTarget::Open { .. } => {
                let is_target = |o: &&Op| o.code == Opcode::Label && o.descr == op.descr;
                let label = trace
                    .ops
                    .iter()
                    .find(is_target)
                    .expect("the verifier checks that the label exists");
                self.assign(trace.label_params(label), args);
                Step::Label(op.descr)
            }
            LabelTarget::Start => {
                let inputs: Vec<Arg> = trace.inputs.iter().map(|i| i.value).collect();
                self.assign(&inputs, args);
                Step::Start
            }
            LabelTarget::Entry { token, registers } => {
                let values = registers
                    .iter()
                    .zip(args)
                    .map(|(r, a)| (*r, self.get(*a)))
                    .collect();
                Step::Enter {
                    token: *token,
                    registers: values,
                }
            }
            LabelTarget::Label { token, .. } => Step::EnterLabel {
                token: *token,
                params: args.iter().map(|a| self.get(*a)).collect(),
            },
        }
    }

    /// All at once: an operand may be a parameter that is set as well.
    fn assign(&mut self, params: &[Arg], args: &[Arg]) {
        let bits: Vec<u64> = args.iter().map(|a| self.get(*a)).collect();
        params
            .iter()
            .zip(bits)
            .for_each(|(param, bits)| self.set(*param, bits));
    }
}

fn item_offset(
    trace: &Trace,
    op: &Op,
    memory: &dyn Memory,
    array: u64,
    index: u64,
) -> Result<u64, Fault> {
    let descr = trace.array(op.descr);
    let len = memory.load(array, descr.len_offset.into(), Width::I64)?;
    if index >= len {
        return Err(Fault::OutOfRange);
    }
    Ok(u64::from(descr.items_offset) + index * u64::from(descr.item.bytes()))
}
