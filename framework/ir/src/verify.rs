//! The verifier: what every well-formed trace satisfies.
//!
//! | rule | |
//! |---|---|
//! | V1 | an operand is a constant, or a value that was defined above: in an input, an operation or a label |
//! | V2 | a value is defined once |
//! | V3 | operands have the types of the op table or of the descriptor |
//! | V4 | an operation has a descriptor exactly if the table says so, of the kind the table says |
//! | V5 | an operation has a result exactly if the table or its descriptor says so, of that type |
//! | V6 | an operation has an exit exactly if it may leave |
//! | V7 | an exit names only values defined before the operation that leaves, its own virtual objects, and constants; registers and entry values are Refs; pending values only where a call leaves |
//! | V8 | only the last operation is a jump, a finish or a return, and it is one |
//! | V9 | a jump's operands match the label's parameters in number and types; the label is above it; one label per descriptor; a jump to the start matches the inputs; at most one label is open, each of its parameters has the type of its class's leaf, and what was defined above it is not used behind it |
//! | V10 | inputs: registers are Refs; only bridges have inputs from an exit; classes seen are value classes |
//! | V11 | virtual objects: fields and items have their types, structs have fields inside their size |
//! | V12 | callees: at most `MAX_CALL_ARGS`, and what the calling convention allows |

use crate::descr::{
    CallAbi, CallDescr, Descr, DescrId, LabelTarget, MAX_CALL_ARGS, MAX_GUEST_ARGS, OpenParam,
};
use crate::exit::{Entry, Exit, ExitId, VirtualObject};
use crate::ops::{ArgType, Args, DescrKind, ExitRule, Opcode};
use crate::trace::{Arg, ArgKind, Op, Source, Trace, TraceKind, Ty};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// A broken rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// Index of the operation; none for descriptors, inputs and the entry.
    pub op: Option<usize>,
    /// The number of the rule in the module's table.
    pub rule: u8,
    /// For people.
    pub message: String,
}
impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.op {
            Some(op) => write!(f, "V{} at op {op}: {}", self.rule, self.message),
            None => write!(f, "V{}: {}", self.rule, self.message),
        }
    }
}
impl std::error::Error for VerifyError {}

type Checked<T = ()> = Result<T, (u8, String)>;

impl Trace {
    /// Checks all rules.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn verify(&self) -> Result<(), VerifyError> {
        let at = |op: Option<usize>| move |(rule, message)| VerifyError { op, rule, message };
        let mut verifier = Verifier {
            trace: self,
            defined: vec![false; self.value_types.len()],
            hidden: vec![false; self.value_types.len()],
            has_open_label: false,
            labels: HashMap::new(),
            checked_exits: HashMap::new(),
        };
        verifier.descrs().map_err(at(None))?;
        verifier.inputs().map_err(at(None))?;
        verifier.seen().map_err(at(None))?;
        if self.entry.is_some() {
            verifier.exit(self.entry, None).map_err(at(None))?;
        }
        for (n, op) in self.ops.iter().enumerate() {
            let last = n + 1 == self.ops.len();
            verifier
                .op(op, last)
                .map_err(at(Some(n)))
                .map_err(|mut e| {
                    e.message += &format!(": {}", self.safe_op_text(op));
                    e
                })?;
        }
        if self.ops.is_empty() {
            return Err(VerifyError {
                op: None,
                rule: 8,
                message: "no operations".into(),
            });
        }
        Ok(())
    }

    /// The text of an operation that may be broken.
    fn safe_op_text(&self, op: &Op) -> String {
        let (start, len) = op.pool();
        let factor = if op.code == Opcode::Label { 2 } else { 1 };
        let pooled = op.code.info().args == Args::Pool;
        if pooled && start.saturating_add(len * factor) > self.arg_pool.len() {
            return format!("{op:?}");
        }
        self.op_text(op)
    }
}

struct Verifier<'a> {
    trace: &'a Trace,
    defined: Vec<bool>,
    /// Values that an open label has put out of reach.
    hidden: Vec<bool>,
    has_open_label: bool,
    labels: HashMap<DescrId, Vec<Ty>>,
    /// Exits that were found right, with the number of definitions at that point: later ones see more.
    checked_exits: HashMap<(ExitId, Pending), ()>,
}

/// Which pending value an exit may use.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Pending {
    Nothing,
    Value,
    Raise,
}

fn require(rule: u8, condition: bool, message: impl FnOnce() -> String) -> Checked {
    if condition {
        Ok(())
    } else {
        Err((rule, message()))
    }
}

impl Verifier<'_> {
    // ---- values

    fn define(&mut self, value: Arg) -> Checked {
        let number = value
            .as_var()
            .ok_or_else(|| (2, format!("{value:?} cannot be defined")))?
            as usize;
        require(2, number < self.defined.len(), || {
            format!("{value:?} has no type")
        })?;
        require(2, !self.defined[number], || {
            format!("{value:?} is defined twice")
        })?;
        self.defined[number] = true;
        Ok(())
    }
    /// The type of an operand that is a value or a constant.
    fn arg(&self, arg: Arg, rule: u8) -> Checked<Ty> {
        match arg.kind() {
            ArgKind::Var(n) if self.hidden.get(n as usize) == Some(&true) => {
                Err((rule, format!("{arg:?} is defined above the open label")))
            }
            ArgKind::Var(n) if self.defined.get(n as usize) == Some(&true) => {
                Ok(self.trace.value_types[n as usize])
            }
            ArgKind::Var(_) => Err((rule, format!("{arg:?} is used before it is defined"))),
            ArgKind::Const(n) => {
                let constant = self.trace.consts.entries().get(n as usize);
                constant
                    .map(|c| c.ty)
                    .ok_or_else(|| (rule, format!("no constant {n}")))
            }
            ArgKind::Virtual(_) => Err((rule, format!("{arg:?} outside of its exit"))),
            ArgKind::None => Err((rule, "an operand is missing".into())),
        }
    }
    fn typed(&self, arg: Arg, expected: Ty) -> Checked {
        let ty = self.arg(arg, 1)?;
        require(3, ty == expected, || {
            format!("{arg:?} is {ty}, not {expected}")
        })
    }

    // ---- outside of operations

    fn descrs(&self) -> Checked {
        for descr in &self.trace.descrs {
            match descr {
                Descr::Type(d) if d.leaf.is_some() => {
                    let leaf = self.descr(d.leaf, DescrKind::Field)?.as_field();
                    let inside = leaf.is_some_and(|f| f.offset + f.width.bytes() <= d.size_bytes);
                    require(11, inside, || {
                        format!("the leaf of {} is outside of it", d.name)
                    })?;
                }
                Descr::Call(d) => {
                    callee(d)?;
                    if d.unused.is_some() {
                        self.form_without_result(d)?;
                    }
                }
                Descr::Label(_) | Descr::Type(_) | Descr::Field(_) | Descr::Array(_) => {}
            }
        }
        Ok(())
    }
    fn form_without_result(&self, d: &CallDescr) -> Checked {
        let form = self.descr(d.unused, DescrKind::Call)?.as_call();
        let fits = form.is_some_and(|form| {
            form.result.is_none()
                && (form.abi, &form.params, &form.effects) == (d.abi, &d.params, &d.effects)
        });
        require(12, fits, || {
            format!("the form of {} without result is another callee", d.name)
        })
    }
    fn descr(&self, id: DescrId, kind: DescrKind) -> Checked<&Descr> {
        match self.trace.descrs.get(id.0 as usize) {
            None => Err((4, "the descriptor is missing".into())),
            Some(descr) if descr.kind() == kind => Ok(descr),
            Some(descr) => Err((
                4,
                format!("{:?} is not a descriptor of kind {kind:?}", descr.kind()),
            )),
        }
    }
    fn inputs(&mut self) -> Checked {
        for input in &self.trace.inputs {
            self.define(input.value)?;
            let ty = self.trace.type_of(input.value);
            let bridge = matches!(self.trace.kind, TraceKind::Bridge { .. });
            match input.source {
                Source::Register(r) => {
                    require(10, ty == Ty::Ref, || format!("register {r} is not a Ref"))?
                }
                Source::ParentExit(_) | Source::Pending => {
                    require(10, bridge, || {
                        "a loop has no parent to take an input from".into()
                    })?;
                }
            }
        }
        Ok(())
    }

    fn seen(&self) -> Checked {
        for (value, class) in &self.trace.seen {
            self.typed(*value, Ty::Ref)?;
            let class = self.descr(*class, DescrKind::Type)?.as_type();
            let has_leaf = class.is_some_and(|c| c.leaf.is_some());
            require(10, has_leaf, || {
                format!("{value:?} was seen with a class that is no value class")
            })?;
        }
        Ok(())
    }

    // ---- operations

    fn op(&mut self, op: &Op, last: bool) -> Checked {
        let info = op.code.info();
        if info.descr == DescrKind::None {
            require(4, !op.descr.is_some(), || "has a descriptor".into())?;
        } else {
            self.descr(op.descr, info.descr)?;
        }
        self.operands(op)?;
        let has_exit = match info.exit {
            ExitRule::Never => false,
            ExitRule::Always => true,
            ExitRule::IfCalleeRaises => self.trace.call(op.descr).effects.can_raise,
        };
        require(6, op.exit.is_some() == has_exit, || {
            if has_exit {
                "has no exit"
            } else {
                "has an exit"
            }
            .into()
        })?;
        if has_exit {
            self.exit(op.exit, Some(op))?;
        }
        match self.trace.result_type(op.code, op.descr) {
            None => require(5, !op.result.is_some(), || "has a result".into())?,
            Some(ty) => {
                require(5, op.result.is_some(), || "has no result".into())?;
                self.define(op.result)?;
                let declared = self.trace.type_of(op.result);
                require(5, declared == ty, || {
                    format!("the result is {ty}, not {declared}")
                })?;
            }
        }
        match op.code {
            Opcode::Label => self.label(op)?,
            Opcode::Jump => self.jump(op)?,
            _ => {}
        }
        let ends = op.code.ends_trace();
        require(8, ends == last, || {
            if last {
                "the trace does not end"
            } else {
                "code after the end"
            }
            .into()
        })
    }

    fn operands(&self, op: &Op) -> Checked {
        let info = op.code.info();
        match info.args {
            Args::Fixed(types) => {
                for (n, arg) in op.args.iter().enumerate() {
                    let Some(kind) = types.get(n) else {
                        require(3, !arg.is_some(), || "too many operands".into())?;
                        continue;
                    };
                    let ty = match kind {
                        ArgType::Int => Ty::Int,
                        ArgType::Float => Ty::Float,
                        ArgType::Ref => Ty::Ref,
                        ArgType::ByDescr => match self.trace.descr(op.descr) {
                            Descr::Field(d) => d.width.ty(),
                            Descr::Array(d) => d.item.ty(),
                            Descr::Type(d) => {
                                require(12, d.leaf.is_some(), || {
                                    format!("{} is no value class", d.name)
                                })?;
                                self.trace.field(d.leaf).width.ty()
                            }
                            _ => unreachable!("only heap operations have such operands"),
                        },
                    };
                    self.typed(*arg, ty)?;
                    if op.code == Opcode::At {
                        require(3, arg.as_const().is_some(), || {
                            "a marker has constants only".into()
                        })?;
                    }
                }
            }
            Args::Pool => {
                let (start, len) = op.pool();
                let words = if op.code == Opcode::Label {
                    2 * len
                } else {
                    len
                };
                let inside = start.saturating_add(words) <= self.trace.arg_pool.len();
                require(3, inside, || "operands outside of the pool".into())?;
                let args = self.trace.args(op);
                if let Descr::Call(callee) = self.trace.descr(op.descr) {
                    require(3, args.len() == callee.params.len(), || {
                        "wrong number of operands".into()
                    })?;
                    args.iter()
                        .zip(&callee.params)
                        .try_for_each(|(a, ty)| self.typed(*a, *ty))?;
                } else {
                    args.iter().try_for_each(|a| self.arg(*a, 1).map(|_| ()))?;
                }
            }
        }
        Ok(())
    }

    fn label(&mut self, op: &Op) -> Checked {
        let open = match &self.trace.label(op.descr).target {
            LabelTarget::Here => None,
            LabelTarget::Open { params } => Some(params),
            LabelTarget::Start | LabelTarget::Entry { .. } | LabelTarget::Label { .. } => {
                return Err((9, "the descriptor is of a label elsewhere".into()));
            }
        };
        let args = self.trace.args(op);
        let params = self.trace.label_params(op);
        let mut types = Vec::new();
        for (arg, param) in args.iter().zip(params) {
            types.push(self.arg(*arg, 1)?);
            self.define(*param)?;
            let ty = self.trace.type_of(*param);
            require(9, types.last() == Some(&ty), || {
                format!("{param:?} and {arg:?} differ in type")
            })?;
        }
        if let Some(stands_for) = open {
            self.open_label(stands_for, params)?;
        }
        let old = self.labels.insert(op.descr, types);
        require(9, old.is_none(), || {
            "a second label for this descriptor".into()
        })
    }

    /// Whoever jumps here from elsewhere brings the parameters and nothing else.
    fn open_label(&mut self, stands_for: &[OpenParam], params: &[Arg]) -> Checked {
        require(9, !self.has_open_label, || "a second open label".into())?;
        self.has_open_label = true;
        require(9, stands_for.len() == params.len(), || {
            "the open label describes another number of parameters".into()
        })?;
        for (what, param) in stands_for.iter().zip(params) {
            let mut expected = Ty::Ref;
            if what.class.is_some() {
                let class = self.descr(what.class, DescrKind::Type)?.as_type();
                let leaf = class.map_or(DescrId::NONE, |c| c.leaf);
                self.descr(leaf, DescrKind::Field)?;
                expected = self.trace.field(leaf).width.ty();
            }
            let ty = self.trace.type_of(*param);
            require(9, ty == expected, || {
                format!("{param:?} is {ty}, the open label says {expected}")
            })?;
        }
        self.hidden.clone_from(&self.defined);
        for param in params {
            self.hidden[param.as_var().expect("it was defined") as usize] = false;
        }
        self.checked_exits.clear();
        Ok(())
    }

    fn jump(&self, op: &Op) -> Checked {
        let args = self.trace.args(op);
        let types: Vec<Ty> = match &self.trace.label(op.descr).target {
            LabelTarget::Here | LabelTarget::Open { .. } => {
                let types = self.labels.get(&op.descr).cloned();
                types.ok_or_else(|| (9, "no such label above".into()))?
            }
            LabelTarget::Start => {
                let is_loop = self.trace.kind == TraceKind::Loop;
                require(9, is_loop, || "only a loop can jump to its start".into())?;
                self.trace
                    .inputs
                    .iter()
                    .map(|i| self.trace.type_of(i.value))
                    .collect()
            }
            LabelTarget::Entry { registers, .. } => {
                let distinct: HashSet<u32> = registers.iter().copied().collect();
                require(9, distinct.len() == registers.len(), || {
                    "a register is stored twice".into()
                })?;
                vec![Ty::Ref; registers.len()]
            }
            LabelTarget::Label { params, .. } => params.clone(),
        };
        require(9, args.len() == types.len(), || {
            format!("{} operands for {} parameters", args.len(), types.len())
        })?;
        for (arg, expected) in args.iter().zip(types) {
            let ty = self.arg(*arg, 1)?;
            require(9, ty == expected, || {
                format!("{arg:?} is {ty}, the parameter is {expected}")
            })?;
        }
        Ok(())
    }

    // ---- exits

    fn exit(&mut self, id: ExitId, op: Option<&Op>) -> Checked {
        let pending = match op.map(|op| op.code) {
            Some(Opcode::Call) => Pending::Raise,
            Some(Opcode::CallRaises) => Pending::Value,
            _ => Pending::Nothing,
        };
        // A value once defined stays defined, so an exit that was right once stays right.
        if self.checked_exits.contains_key(&(id, pending)) {
            return Ok(());
        }
        let exit = self
            .trace
            .exits
            .get(id.0 as usize)
            .ok_or_else(|| (7, format!("no exit {}", id.0)))?;
        let right = match exit.entry {
            Entry::PendingRaise => pending == Pending::Raise,
            Entry::PendingValue => pending == Pending::Value,
            // A call has happened when it leaves, so its step must not run again.
            Entry::Start | Entry::Value(_) | Entry::Raise(_) => pending == Pending::Nothing,
        };
        require(7, right, || {
            format!("the exit's entry {:?} does not fit", exit.entry)
        })?;
        require(7, !exit.frames.is_empty(), || {
            "the exit has no frame".into()
        })?;
        for frame in &exit.frames {
            for (register, arg) in &frame.live {
                self.exit_arg(exit, *arg, Some(Ty::Ref))
                    .map_err(|(r, m)| (r, format!("register {register}: {m}")))?;
            }
        }
        if let Some(arg) = exit.entry.arg() {
            self.exit_arg(exit, arg, Some(Ty::Ref))?;
        }
        for object in &exit.virtuals {
            self.virtual_object(exit, object)?;
        }
        let exists = |o: &VirtualObject| matches!(o, VirtualObject::Existing { .. });
        let made = exit.virtuals.iter().position(exists);
        let made = made.unwrap_or(exit.virtuals.len());
        require(11, exit.virtuals[made..].iter().all(exists), || {
            "objects that exist come last".into()
        })?;
        let names_existing = |a: Arg| a.as_virtual().is_some_and(|n| n as usize >= made);
        require(11, !exit.args().any(names_existing), || {
            "a virtual object is named that is none".into()
        })?;
        self.checked_exits.insert((id, pending), ());
        Ok(())
    }
    fn exit_arg(&self, exit: &Exit, arg: Arg, expected: Option<Ty>) -> Checked {
        let ty = match arg.as_virtual() {
            Some(n) if (n as usize) < exit.virtuals.len() => Ty::Ref,
            _ => self.arg(arg, 7)?,
        };
        match expected {
            Some(expected) => require(7, ty == expected, || {
                format!("{arg:?} is {ty}, not {expected}")
            }),
            None => Ok(()),
        }
    }
    fn virtual_object(&self, exit: &Exit, object: &VirtualObject) -> Checked {
        match object {
            VirtualObject::Struct { ty, fields } => {
                self.descr(*ty, DescrKind::Type)?;
                let size = self.trace.type_descr(*ty).size_bytes;
                for (field, value) in fields {
                    self.descr(*field, DescrKind::Field)?;
                    let field = self.trace.field(*field);
                    let inside = field.offset + field.width.bytes() <= size;
                    require(11, inside, || {
                        format!("{} is outside of the object", field.name)
                    })?;
                    self.virtual_value(exit, *value, field.width.ty())?;
                }
            }
            VirtualObject::Existing { object, fields } => {
                require(11, object.as_virtual().is_none(), || {
                    "a delayed store is into an object that exists".into()
                })?;
                self.exit_arg(exit, *object, Some(Ty::Ref))?;
                for (field, value) in fields {
                    self.descr(*field, DescrKind::Field)?;
                    let width = self.trace.field(*field).width;
                    self.virtual_value(exit, *value, width.ty())?;
                }
            }
            VirtualObject::Array { descr, items } => {
                self.descr(*descr, DescrKind::Array)?;
                let ty = self.trace.array(*descr).item.ty();
                items
                    .iter()
                    .try_for_each(|i| self.virtual_value(exit, *i, ty))?;
            }
        }
        Ok(())
    }
    fn virtual_value(&self, exit: &Exit, value: Arg, expected: Ty) -> Checked {
        self.exit_arg(exit, value, None)?;
        let ty = self.trace.type_of(value);
        require(11, ty == expected, || {
            format!("{value:?} is {ty}, the field is {expected}")
        })
    }
}

fn callee(d: &CallDescr) -> Checked {
    let floats = |n: usize| d.params == vec![Ty::Float; n] && d.result == Some(Ty::Float);
    let fits = match d.abi {
        CallAbi::Vm => d.params.len() <= MAX_CALL_ARGS,
        CallAbi::Guest { .. } => {
            (1..=1 + MAX_GUEST_ARGS).contains(&d.params.len()) && d.params[0] == Ty::Int
        }
        CallAbi::FloatToFloat => floats(1) && d.effects.pure,
        CallAbi::FloatFloatToFloat => floats(2) && d.effects.pure,
    };
    require(12, fits, || {
        format!("{}: operands do not fit the calling convention", d.name)
    })?;
    let e = &d.effects;
    let quiet =
        !e.reads && !e.can_raise && !e.can_collect && e.writes == crate::descr::EffectSet::None;
    require(12, !e.pure || quiet, || {
        format!("{}: pure callees have no effects", d.name)
    })
}
