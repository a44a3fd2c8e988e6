//! The open label of a loop, where other traces enter it with unboxed values; and the jumps that go there.
//!
//! A loop that is entered from the interpreter finds references in guest registers. Those that the trace treats
//! as objects of a value class are checked and unboxed in front of the label, so behind it they are virtual objects
//! of parameters. A trace that ends in the loop has most of these values at hand and allocates nothing.
//!
//! Invariant O1: behind the label nothing from above it is used, and nothing is known of the parameters but
//! the classes that the label's descriptor names. Whoever jumps there need not prove more.

use crate::peel::force_jump;
use crate::state::{Input, State};
use ouro_ir::{
    Arg, Descr, DescrId, Entry, ExitId, LabelDescr, LabelTarget, Opcode, OpenParam, Source, Trace,
    Ty,
};

/// The classes of the inputs that are unboxed in front of the label; none: the reference stays.
pub struct Plan(Vec<DescrId>);

impl Plan {
    /// What the label of this recorded loop will be, if it can have one: the interpreter's state at the entry must
    /// be known.
    pub fn of(input: &Input) -> Option<Plan> {
        let trace = input.trace;
        if !input.options.open || !trace.entry.is_some() {
            return None;
        }
        if !trace.exit(trace.entry).virtuals.is_empty() {
            return None;
        }
        let mut classes = vec![DescrId::NONE; trace.value_types.len()];
        if input.options.virtuals {
            let owners = owners(input);
            for op in &trace.ops {
                // A language that knows the class of a register reads the leaf without asking.
                let class = match op.code {
                    Opcode::GuardClass if input.leaf_of(op.descr).is_some() => op.descr,
                    Opcode::Getfield => owners[op.descr.0 as usize],
                    _ => continue,
                };
                if let Some(v) = op.args[0].as_var()
                    && !classes[v as usize].is_some()
                {
                    classes[v as usize] = class;
                }
            }
        }
        // What the trace does not look at, another path may; the recorder tells what it was.
        if input.options.virtuals {
            for (value, class) in &trace.seen {
                let v = value.as_var().expect("an input is a value") as usize;
                if !classes[v].is_some() {
                    classes[v] = *class;
                }
            }
        }
        let class = |i: &ouro_ir::Input| match (i.source, i.value.as_var()) {
            (Source::Register(_), Some(v)) => Some(classes[v as usize]),
            _ => None,
        };
        trace
            .inputs
            .iter()
            .map(class)
            .collect::<Option<_>>()
            .map(Plan)
    }
    /// The same label, with references only.
    pub fn boxed(mut self) -> Plan {
        self.0.fill(DescrId::NONE);
        self
    }
    /// The label's descriptor.
    pub fn descr(&self, input: &Input) -> Descr {
        let inputs = input.trace.inputs.iter().zip(&self.0);
        let param = |(i, class): (&ouro_ir::Input, &DescrId)| match i.source {
            Source::Register(register) => OpenParam {
                register,
                class: *class,
            },
            Source::ParentExit(_) | Source::Pending => unreachable!("a loop takes registers"),
        };
        Descr::Label(LabelDescr {
            name: "open".into(),
            target: LabelTarget::Open {
                params: inputs.map(param).collect(),
            },
        })
    }
    /// Emits the way from the interpreter to the label, and the label. `inputs` are the values bound to the trace's
    /// inputs; gives what they are bound to behind the label.
    pub fn emit(&self, state: &mut State, inputs: &[Arg], label: DescrId) -> Vec<Arg> {
        let mut entries = Vec::with_capacity(inputs.len());
        for (value, class) in inputs.iter().zip(&self.0) {
            if !class.is_some() {
                entries.push(*value);
                continue;
            }
            let leaf = state.input.leaf_of(*class);
            let args = [*value, Arg::NONE, Arg::NONE];
            for (code, descr) in [
                (Opcode::GuardNonnull, DescrId::NONE),
                (Opcode::GuardClass, *class),
            ] {
                let exit = state.exit(state.input.trace.entry);
                state.emit(code, args, descr, exit);
            }
            entries.push(state.emit(Opcode::Getfield, args, leaf, ExitId::NONE));
        }
        let params: Vec<Arg> = entries
            .iter()
            .map(|a| state.value(state.type_of(*a)))
            .collect();
        state.emit_label(&entries, &params, label);
        let mut bound = Vec::with_capacity(params.len());
        for (n, (param, class)) in params.iter().zip(&self.0).enumerate() {
            let mut value = *param;
            if class.is_some() {
                let leaf = state.input.leaf_of(*class);
                let object = state.objects.add_struct(*class, leaf);
                state.objects.set_field(object, leaf, *param);
                value = Arg::virtual_(object);
            }
            let recorded = state.input.trace.inputs[n].value.as_var();
            state.subst[recorded.expect("an input is a value") as usize] = value;
            bound.push(value);
        }
        // The exits so far speak of what lies above the label.
        state.exit_cache.forget();
        bound
    }
}

/// By descriptor: the only value class whose leaf it is.
fn owners(input: &Input) -> Vec<DescrId> {
    let mut owners = vec![DescrId::NONE; input.descrs.len()];
    let mut shared = vec![false; input.descrs.len()];
    for (n, descr) in input.descrs.iter().enumerate() {
        if let Descr::Type(t) = descr
            && t.leaf.is_some()
        {
            let leaf = t.leaf.0 as usize;
            shared[leaf] |= owners[leaf].is_some();
            owners[leaf] = DescrId(n as u32);
        }
    }
    let pairs = owners.iter_mut().zip(shared);
    pairs
        .filter(|(_, shared)| *shared)
        .for_each(|(owner, _)| *owner = DescrId::NONE);
    owners
}

/// Where a trace that ends in another one would like to arrive.
pub struct Goal {
    params: Vec<GoalParam>,
}

struct GoalParam {
    register: u32,
    /// In descriptors of the trace that jumps.
    class: DescrId,
    ty: Ty,
}

impl Goal {
    /// The open label of `target`; `descr` finds a descriptor of the target among those of the trace that jumps.
    pub fn of(target: &Trace, mut descr: impl FnMut(DescrId) -> DescrId) -> Option<Goal> {
        let (at, params) = target.open_label()?;
        let values = target.label_params(&target.ops[at]);
        let param = |(p, value): (&OpenParam, &Arg)| GoalParam {
            register: p.register,
            class: if p.class.is_some() {
                descr(p.class)
            } else {
                DescrId::NONE
            },
            ty: target.type_of(*value),
        };
        let params = params.iter().zip(values).map(param).collect();
        Some(Goal { params })
    }
    /// For each parameter its value, not unboxed yet, and whether its class must be checked first. None if a value
    /// has another class or is not there.
    fn values(&self, state: &State, registers: &[u32]) -> Option<Vec<(Arg, bool)>> {
        let trace = state.input.trace;
        let jump = trace.args(trace.ops.last().expect("a trace ends"));
        let value = |p: &GoalParam| {
            let at = registers.iter().position(|r| *r == p.register)?;
            let value = state.get(jump[at]);
            if !p.class.is_some() {
                return Some((value, false));
            }
            match state.type_id(state.class_of(value)) {
                Some(class) => (state.type_id(p.class) == Some(class)).then_some((value, false)),
                None if state.bits(value) == Some(0) => None,
                None => Some((value, true)),
            }
        };
        let values: Vec<(Arg, bool)> = self.params.iter().map(value).collect::<Option<_>>()?;
        // One object in two registers cannot be of the two classes that they want.
        let checked = |(n, v): &(usize, &(Arg, bool))| {
            let again = values[..*n].iter().position(|w| w.0 == v.0 && w.1);
            v.1 && again.is_some_and(|m| {
                state.type_id(self.params[m].class) != state.type_id(self.params[*n].class)
            })
        };
        let torn = values.iter().enumerate().any(|v| checked(&v));
        (!torn).then_some(values)
    }
}

/// Ends the trace with a jump into another one: to its open label if the values fit, else to its entry. Gives the
/// descriptor to be added, if there is one; `more` are added before it, behind that of the loop's label.
pub fn jump_away(state: &mut State, goal: Option<&Goal>, more: usize) -> Option<Descr> {
    state.settle_stores();
    let input = state.input;
    let last = input.trace.ops.last().expect("a trace ends");
    let target = match input.descr(last.descr) {
        Descr::Label(l) => &l.target,
        _ => unreachable!("the verifier checks that it is a label"),
    };
    if let (Some(goal), LabelTarget::Entry { token, registers }) = (goal, target)
        && let Some(values) = goal.values(state, registers)
        && let Some(args) = unbox(state, goal, &values)
    {
        let params = goal.params.iter().map(|p| p.ty).collect();
        let label = DescrId((input.descrs.len() + 1 + more) as u32);
        state.emit_pool(Opcode::Jump, &args, label, ExitId::NONE);
        let target = LabelTarget::Label {
            token: *token,
            params,
        };
        return Some(Descr::Label(LabelDescr {
            name: "inside".into(),
            target,
        }));
    }
    let jump = force_jump(state);
    state.emit_pool(Opcode::Jump, &jump, last.descr, ExitId::NONE);
    None
}

/// The operands of the jump. Classes are checked where the poll in front of the jump leaves; none if there is none.
fn unbox(state: &mut State, goal: &Goal, values: &[(Arg, bool)]) -> Option<Vec<Arg>> {
    let trace = state.input.trace;
    let poll = trace.ops.iter().rev().nth(1);
    let poll = poll
        .filter(|op| op.code == Opcode::Poll && matches!(trace.exit(op.exit).entry, Entry::Start));
    if poll.is_none() && values.iter().any(|(_, check)| *check) {
        return None;
    }
    for ((value, check), param) in values.iter().zip(&goal.params) {
        // The same value may stand in two registers.
        if let (true, false, Some(poll)) = (*check, state.class_of(*value).is_some(), poll) {
            let args = [*value, Arg::NONE, Arg::NONE];
            if !state.is_nonnull(*value) {
                let exit = state.exit(poll.exit);
                state.emit(Opcode::GuardNonnull, args, DescrId::NONE, exit);
            }
            let exit = state.exit(poll.exit);
            state.emit(Opcode::GuardClass, args, param.class, exit);
            let known = state.known_mut(*value);
            known.class = param.class;
            known.nonnull = true;
        }
    }
    let pairs = values.iter().zip(&goal.params);
    let word = |((value, _), param): (&(Arg, bool), &GoalParam)| {
        if param.class.is_some() {
            let leaf = state.input.leaf_of(param.class);
            state.leaf(*value, leaf)
        } else {
            state.force(*value)
        }
    };
    Some(pairs.map(word).collect())
}
