//! From a trace to the allocator's program: one item per operation.
//!
//! The one thing that is not one to one: a recorded loop jumps back to its implicit start, so it
//! gets a label in front whose parameters are the inputs. What enters it from outside are fresh
//! values behind those of the trace.

use crate::backend::{CompileError, ExitInfo, Form};
use crate::env::CompileEnv;
use crate::loc::Loc;
use crate::program::{Class, Item, ItemKind, Operand, Program, Reuse, Span, Start};
use ouro_ir::{Arg, ArgKind, CallAbi, Const, LabelTarget, Op, Opcode, Source, Trace, Ty};

/// A trace, lowered. It may be used for one trace after the other, see [`lower_into`].
#[derive(Debug, Default)]
pub struct Lowered {
    /// What the allocator sees.
    pub program: Program,
    /// Item index of the trace's first operation: 1 if there is an implicit label in front.
    pub first: usize,
    /// Constants of the program that are not constants of the trace, by index beyond its own.
    pub extra_consts: Vec<Const>,
    /// Last operation whose exit was seen to need each value.
    seen: Vec<u32>,
    /// The values of each exit that was seen, in the program's pool.
    exit_values: Vec<Option<Span>>,
    /// Item of the label with each descriptor.
    labels: Vec<Option<u32>>,
}

impl Lowered {
    /// Empties it for a trace, keeping the memory.
    fn restart(&mut self, trace: &Trace) {
        let class = |ty: &Ty| match ty {
            Ty::Int | Ty::Ref => Class::Gpr,
            Ty::Float => Class::Fpr,
        };
        let program = &mut self.program;
        program.clear();
        program.classes.extend(trace.value_types.iter().map(class));
        self.first = 0;
        self.extra_consts.clear();
        crate::refill(&mut self.seen, program.classes.len(), u32::MAX);
        crate::refill(&mut self.labels, trace.descrs.len(), None);
        crate::refill(&mut self.exit_values, trace.exits.len(), None);
    }
}

/// How many bytes an operation allocates inline, if it does.
pub fn inline_bytes(trace: &Trace, op: &Op, env: &CompileEnv) -> Option<u32> {
    let limit = env.heap.max_inline_bytes.min(env.heap.zone_bytes / 2);
    let bytes = match op.code {
        Opcode::New => u64::from(trace.type_descr(op.descr).size_bytes),
        Opcode::NewArray => {
            let array = trace.array(op.descr);
            let items = u64::try_from(trace.as_int(op.args[0])?).ok()?;
            array.bytes_for(items)?
        }
        _ => return None,
    };
    (bytes <= u64::from(limit)).then_some(bytes as u32)
}

/// Lowers a trace. `label` are the places of the parameters of the open label that it jumps to, if it does.
///
/// # Errors
/// `CompileError::UnknownCallee` if a callee has no address.
pub fn lower(
    trace: &Trace,
    form: Form<'_>,
    parent_exit: Option<&ExitInfo>,
    label: Option<&[Option<Loc>]>,
    env: &CompileEnv,
) -> Result<Lowered, CompileError> {
    let mut lowered = Lowered::default();
    lower_into(&mut lowered, trace, form, parent_exit, label, env)?;
    Ok(lowered)
}

/// Lowers a trace into the memory that an earlier one has left.
///
/// # Errors
/// As [`lower`].
pub fn lower_into(
    lowered: &mut Lowered,
    trace: &Trace,
    form: Form<'_>,
    parent_exit: Option<&ExitInfo>,
    label: Option<&[Option<Loc>]>,
    env: &CompileEnv,
) -> Result<(), CompileError> {
    lowered.restart(trace);
    let mut lowering = Lowering {
        trace,
        env,
        label,
        lowered,
    };
    lowering.inputs(form, parent_exit);
    if let Some(last) = trace.ops.last()
        && last.code == Opcode::Jump
        && trace.label(last.descr).target == LabelTarget::Start
    {
        lowering.implicit_label();
    }
    for (n, op) in trace.ops.iter().enumerate() {
        lowering.op(n, op)?;
    }
    Ok(())
}

struct Lowering<'a> {
    trace: &'a Trace,
    env: &'a CompileEnv,
    /// Places of the parameters of the label that the trace jumps to.
    label: Option<&'a [Option<Loc>]>,
    lowered: &'a mut Lowered,
}

impl Lowering<'_> {
    fn inputs(&mut self, form: Form<'_>, parent_exit: Option<&ExitInfo>) {
        for input in &self.trace.inputs {
            let value = input.value.as_var().expect("inputs define values");
            let start = match (input.source, form) {
                (Source::Register(word), _) => Start::Loc(Loc::Guest(word)),
                (Source::ParentExit(arg), Form::Bridge { parent, .. }) => match arg.kind() {
                    ArgKind::Var(v) => {
                        let exit = parent_exit.expect("a bridge has a parent");
                        let loc = exit
                            .location(v)
                            .expect("the exit needs what its bridge takes");
                        Start::Loc(loc)
                    }
                    ArgKind::Const(c) => {
                        let constant = parent.consts.get(c);
                        let own =
                            self.trace.consts.entries().len() + self.lowered.extra_consts.len();
                        self.lowered.extra_consts.push(constant);
                        Start::Const(own as u32)
                    }
                    ArgKind::Virtual(_) | ArgKind::None => {
                        unreachable!("an input is a value of the parent")
                    }
                },
                (Source::Pending, Form::Bridge { .. }) => {
                    let pending = parent_exit.and_then(|e| e.pending);
                    Start::Loc(pending.expect("a call left the parent"))
                }
                (Source::ParentExit(_) | Source::Pending, Form::Loop) => {
                    unreachable!("a loop has no parent")
                }
            };
            self.lowered.program.inputs.push((value, start));
        }
    }

    /// Puts a label in front whose parameters are the inputs.
    fn implicit_label(&mut self) {
        let program = &mut self.lowered.program;
        let len = program.inputs.len() as u32;
        for n in 0..program.inputs.len() {
            let (value, start) = program.inputs[n];
            let fresh = program.classes.len() as u32;
            program.classes.push(program.classes[value as usize]);
            program.inputs[n] = (fresh, start);
            program.operands.push(Operand::Value(fresh));
            program.params.push(value);
        }
        let span = Span { start: 0, len };
        program.items.push(Item {
            kind: ItemKind::Label {
                params: span,
                open: false,
            },
            operands: span,
            result: None,
            live: Span::default(),
        });
        self.lowered.first = 1;
    }

    fn operand(arg: Arg) -> Operand {
        match arg.kind() {
            ArgKind::Var(v) => Operand::Value(v),
            ArgKind::Const(c) => Operand::Const(c),
            ArgKind::Virtual(_) | ArgKind::None => unreachable!("operands are values or constants"),
        }
    }

    fn op(&mut self, n: usize, op: &Op) -> Result<(), CompileError> {
        let at = self.lowered.program.items.len() as u32;
        let kind = self.kind(op, at)?;
        let Lowered {
            program,
            seen,
            exit_values,
            ..
        } = &mut *self.lowered;
        let start = program.operands.len() as u32;
        // Parameters that nobody needs over there have no place.
        let wanted = |n: usize| match kind {
            ItemKind::Leave { .. } => self.label.is_none_or(|places| places[n].is_some()),
            ItemKind::Op { .. }
            | ItemKind::Call { .. }
            | ItemKind::Label { .. }
            | ItemKind::Jump { .. } => true,
        };
        let operands = self.trace.args(op).iter().enumerate();
        let operands = operands.filter(|(n, _)| wanted(*n));
        program
            .operands
            .extend(operands.map(|(_, a)| Self::operand(*a)));
        let operands = Span {
            start,
            len: program.operands.len() as u32 - start,
        };
        let start = program.live.len() as u32;
        if op.exit.is_some() {
            let known = exit_values[op.exit.0 as usize];
            if let Some(known) = known {
                // Recorded guards of one step share an exit.
                program.live.extend_from_within(known.indices());
            } else {
                let mut add = |arg: Arg| {
                    if let ArgKind::Var(v) = arg.kind()
                        && seen[v as usize] != n as u32
                    {
                        seen[v as usize] = n as u32;
                        program.live.push(v);
                    }
                };
                let exit = self.trace.exit(op.exit);
                let frames = exit.frames.iter();
                frames.for_each(|f| f.live.iter().for_each(|l| add(l.1)));
                exit.entry.arg().into_iter().for_each(&mut add);
                let objects = exit.virtuals.iter();
                objects.for_each(|o| o.args().for_each(&mut add));
                let len = program.live.len() as u32 - start;
                exit_values[op.exit.0 as usize] = Some(Span { start, len });
            }
        }
        let live = Span {
            start,
            len: program.live.len() as u32 - start,
        };
        program.items.push(Item {
            kind,
            operands,
            result: op.result.as_var(),
            live,
        });
        Ok(())
    }

    fn kind(&mut self, op: &Op, at: u32) -> Result<ItemKind, CompileError> {
        use Opcode::*;
        let call = ItemKind::Call { floats: false };
        Ok(match op.code {
            IntAdd | IntMul | IntAnd | IntOr | IntXor | IntAddOvf | IntMulOvf | FloatAdd
            | FloatMul => ItemKind::Op {
                reuse: Reuse::Either,
            },
            IntSub | IntSubOvf | IntShl | IntShr | IntUshr | IntNeg | IntInvert | IntFloordiv
            | IntMod | FloatSub | FloatDiv | FloatNeg | FloatAbs => ItemKind::Op {
                reuse: Reuse::First,
            },
            IntMulhi | FloatSqrt | IntToFloat | FloatToInt | Getfield | Getitem => {
                ItemKind::Op { reuse: Reuse::None }
            }
            GuardIntEq | GuardIntNe | GuardIntLt | GuardIntLe | GuardIntGt | GuardIntGe
            | GuardIntUlt | GuardIntUge | GuardAddOverflows | GuardSubOverflows
            | GuardMulOverflows | GuardFloatLt | GuardFloatNotLt | GuardFloatLe
            | GuardFloatNotLe | GuardFloatEq | GuardFloatNe | GuardPtrEq | GuardPtrNe
            | GuardNull | GuardNonnull | GuardClass | GuardNotInvalidated | Poll | Setfield
            | Setitem | Barrier | BarrierItem | Finish | Return | ReturnLeaf | At | Keepalive => {
                ItemKind::Op { reuse: Reuse::None }
            }
            New | NewArray => match inline_bytes(self.trace, op, self.env) {
                Some(_) => ItemKind::Op { reuse: Reuse::None },
                None => call,
            },
            Call | CallRaises => {
                let callee = self.trace.call(op.descr);
                if callee.function == 0 {
                    return Err(CompileError::UnknownCallee);
                }
                match callee.abi {
                    CallAbi::Vm | CallAbi::Guest { .. } => call,
                    CallAbi::FloatToFloat | CallAbi::FloatFloatToFloat => {
                        ItemKind::Call { floats: true }
                    }
                }
            }
            Label => {
                self.lowered.labels[op.descr.0 as usize] = Some(at);
                let params = self.trace.label_params(op);
                let program = &mut self.lowered.program;
                let start = program.params.len() as u32;
                let values = params
                    .iter()
                    .map(|p| p.as_var().expect("parameters are values"));
                program.params.extend(values);
                let len = params.len() as u32;
                let target = &self.trace.label(op.descr).target;
                ItemKind::Label {
                    params: Span { start, len },
                    open: matches!(target, LabelTarget::Open { .. }),
                }
            }
            Jump => match &self.trace.label(op.descr).target {
                LabelTarget::Here | LabelTarget::Open { .. } => {
                    let label = self.lowered.labels[op.descr.0 as usize];
                    ItemKind::Jump {
                        label: label.expect("the verifier checks that the label is there"),
                    }
                }
                LabelTarget::Start => ItemKind::Jump { label: 0 },
                LabelTarget::Entry { registers, .. } => {
                    let program = &mut self.lowered.program;
                    let start = program.targets.len() as u32;
                    program
                        .targets
                        .extend(registers.iter().map(|r| Loc::Guest(*r)));
                    let len = registers.len() as u32;
                    ItemKind::Leave {
                        targets: Span { start, len },
                    }
                }
                LabelTarget::Label { .. } => {
                    let places = self.label.expect("the backend looked the label up");
                    let program = &mut self.lowered.program;
                    let start = program.targets.len() as u32;
                    program.targets.extend(places.iter().flatten());
                    let len = program.targets.len() as u32 - start;
                    ItemKind::Leave {
                        targets: Span { start, len },
                    }
                }
            },
        })
    }
}
