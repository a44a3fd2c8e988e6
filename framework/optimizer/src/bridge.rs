//! Bridges: a trace from an exit of another trace to a loop, inside or at its entry (`open.rs`).
//!
//! A bridge begins where the exit left: the exit's virtual objects are virtual, and what the parent had
//! proved of the exit's values is known. Nothing is written into the parent for that: the classes are
//! found again by reading it.

use crate::assemble::assemble_with;
use crate::give_up::GiveUp;
use crate::open::{Goal, jump_away};
use crate::options::Options;
use crate::pipeline::walk;
use crate::state::{Input, State};
use ouro_ir::{
    Arg, ArgKind, Descr, DescrId, Effect, ExitId, Opcode, Source, Trace, TypeDescr, VirtualObject,
};

/// Compiles a bridge from exit `exit` of the compiled trace `parent`. `target` is the compiled trace that it jumps to:
/// its open label is used if there is one.
///
/// # Errors
/// [`GiveUp::ContradictoryGuard`] if the recorded path cannot be run; [`GiveUp::UnknownInput`] if an input is
/// no operand of the exit.
pub fn compile_bridge(
    trace: &Trace,
    parent: &Trace,
    exit: ExitId,
    target: Option<&Trace>,
    options: &Options,
) -> Result<Trace, GiveUp> {
    let mut descrs = Translation::of(trace);
    let objects = parent
        .exit(exit)
        .virtuals
        .iter()
        .map(|v| descrs.object(parent, v))
        .collect();
    let goal = target
        .filter(|_| options.open)
        .and_then(|t| Goal::of(t, |d| descrs.descr(t, d)));
    let input = Input::new(trace, options, descrs.more);
    let mut start = Start {
        parent,
        values: vec![Arg::NONE; parent.value_types.len()],
        inputs: Vec::new(),
    };
    let mut state = State::new(&input);
    start.make_objects(&mut state, objects);
    for recorded in &trace.inputs {
        let value = match recorded.source {
            Source::ParentExit(a) => start.operand(&mut state, a)?,
            source @ (Source::Pending | Source::Register(_)) => {
                let value = state.value(trace.type_of(recorded.value));
                start.inputs.push(ouro_ir::Input { value, source });
                value
            }
        };
        let number = recorded.value.as_var().expect("an input is a value");
        state.subst[number as usize] = value;
    }
    if options.guards {
        start.classes_of_parent(&mut state, exit);
    }
    walk(&mut state)?;
    let last = trace.ops.last().expect("a trace ends");
    let mut more = Vec::new();
    if last.code == Opcode::Jump {
        more.extend(jump_away(&mut state, goal.as_ref(), 0));
    }
    Ok(assemble_with(state, None, start.inputs, more))
}

/// An object of the exit with descriptors of the bridge and operands of the parent.
struct ParentObject {
    descr: DescrId,
    is_array: bool,
    /// The parent's operand for an object that exists: the contents are still to be stored.
    exists: Arg,
    contents: Vec<(DescrId, Arg)>,
}

/// Finds the descriptors of another trace among those of one that continues or enters it.
pub struct Translation<'t> {
    trace: &'t Trace,
    /// Those that it lacks.
    pub more: Vec<Descr>,
}
impl<'t> Translation<'t> {
    /// For this trace.
    pub fn of(trace: &'t Trace) -> Self {
        let more = Vec::new();
        Translation { trace, more }
    }
    fn object(&mut self, parent: &Trace, object: &VirtualObject) -> ParentObject {
        let mut fields_of = |fields: &[(DescrId, Arg)]| {
            let field = |(f, a): &(DescrId, Arg)| (self.descr(parent, *f), *a);
            fields.iter().map(field).collect()
        };
        match object {
            VirtualObject::Struct { ty, fields } => ParentObject {
                contents: fields_of(fields),
                descr: self.descr(parent, *ty),
                is_array: false,
                exists: Arg::NONE,
            },
            VirtualObject::Existing { object, fields } => ParentObject {
                contents: fields_of(fields),
                descr: DescrId::NONE,
                is_array: false,
                exists: *object,
            },
            VirtualObject::Array { descr, items } => ParentObject {
                descr: self.descr(parent, *descr),
                is_array: true,
                exists: Arg::NONE,
                contents: items.iter().map(|a| (DescrId::NONE, *a)).collect(),
            },
        }
    }
    /// The trace's descriptor for one of `parent`.
    pub fn descr(&mut self, parent: &Trace, id: DescrId) -> DescrId {
        let wanted = parent.descr(id);
        // The leaf of a type is an id of its own trace, so types are compared by their type id.
        let same = |d: &Descr| match (d, wanted) {
            (Descr::Type(a), Descr::Type(b)) => a.type_id == b.type_id,
            _ => d == wanted,
        };
        let known = self.trace.descrs.iter().chain(&self.more).position(same);
        if let Some(n) = known {
            return DescrId(n as u32);
        }
        let copy = match wanted {
            Descr::Type(t) => {
                let leaf = if t.leaf.is_some() {
                    self.descr(parent, t.leaf)
                } else {
                    DescrId::NONE
                };
                Descr::Type(TypeDescr { leaf, ..t.clone() })
            }
            // The form without result is an id of its own trace, too.
            Descr::Call(c) => Descr::Call(ouro_ir::CallDescr {
                unused: DescrId::NONE,
                ..c.clone()
            }),
            other => other.clone(),
        };
        self.more.push(copy);
        DescrId((self.trace.descrs.len() + self.more.len()) as u32 - 1)
    }
}

struct Start<'t> {
    parent: &'t Trace,
    /// By value of the parent: the bridge's.
    values: Vec<Arg>,
    inputs: Vec<ouro_ir::Input>,
}
impl Start<'_> {
    /// The bridge's operand for one of the parent's exit. The exit's virtual `n` is object `n`.
    fn operand(&mut self, state: &mut State, a: Arg) -> Result<Arg, GiveUp> {
        match a.kind() {
            ArgKind::Const(_) => {
                let c = self.parent.constant(a).ok_or(GiveUp::UnknownInput)?;
                Ok(state.constant(c.ty, c.bits))
            }
            ArgKind::Virtual(n) if n < state.objects.len() => Ok(a),
            ArgKind::Var(v) if (v as usize) < self.values.len() => {
                if !self.values[v as usize].is_some() {
                    let value = state.value(self.parent.type_of(a));
                    self.values[v as usize] = value;
                    self.inputs.push(ouro_ir::Input {
                        value,
                        source: Source::ParentExit(a),
                    });
                }
                Ok(self.values[v as usize])
            }
            ArgKind::Virtual(_) | ArgKind::Var(_) | ArgKind::None => Err(GiveUp::UnknownInput),
        }
    }
    fn make_objects(&mut self, state: &mut State, objects: Vec<ParentObject>) {
        for object in &objects {
            // These come last, so the others keep their numbers.
            if object.exists.is_some() {
            } else if object.is_array {
                let zero = state.zero(state.input.width(object.descr).ty());
                state
                    .objects
                    .add_array(object.descr, object.contents.len() as u32, zero);
            } else {
                state
                    .objects
                    .add_struct(object.descr, state.input.leaf_of(object.descr));
            }
        }
        for (n, object) in objects.iter().enumerate() {
            for (at, (field, value)) in object.contents.iter().enumerate() {
                let value = self
                    .operand(state, *value)
                    .expect("the verifier checks what an exit names");
                if object.exists.is_some() {
                    let exists = self
                        .operand(state, object.exists)
                        .expect("the verifier checks what an exit names");
                    state.begin_delayed(exists, *field, value);
                } else if object.is_array {
                    state.objects.set_item(n as u32, at as u32, value);
                } else {
                    state.objects.set_field(n as u32, *field, value);
                }
            }
        }
    }
    /// What the parent had proved of its values before the exit.
    fn classes_of_parent(&self, state: &mut State, exit: ExitId) {
        let parent = self.parent;
        let mut classes: Vec<u32> = vec![u32::MAX; parent.value_types.len()];
        let type_id = |d: DescrId| match parent.descr(d) {
            Descr::Type(t) => t.type_id,
            Descr::Array(a) => a.type_id,
            Descr::Field(_) | Descr::Call(_) | Descr::Label(_) => u32::MAX,
        };
        for op in parent.ops.iter().take_while(|op| op.exit != exit) {
            let (value, class) = if op.code == Opcode::GuardClass {
                (op.args[0], type_id(op.descr))
            } else if op.code.info().effect == Effect::Alloc {
                (op.result, type_id(op.descr))
            } else {
                continue;
            };
            if let Some(v) = value.as_var() {
                classes[v as usize] = class;
            }
        }
        for (v, class) in classes.iter().enumerate().filter(|(_, c)| **c != u32::MAX) {
            let here = self.values[v];
            let descr = state.input.type_ids.iter().position(|id| id == class);
            if let (true, Some(descr)) = (here.is_some(), descr) {
                let known = state.known_mut(here);
                known.class = DescrId(descr as u32);
                known.nonnull = true;
            }
        }
    }
}
