//! Traces: operands, operations, inputs, and the builder.
//!
//! A trace has two forms. *As recorded*: the inputs are guest registers (Refs) and the last operation jumps back to the
//! implicit start, or finishes. *As compiled*: the optimizer's output, with labels inside and one closing jump.
//! Both are the same data, so every tool reads both.

use crate::descr::{
    ArrayDescr, CallDescr, Descr, DescrId, FieldDescr, LabelDescr, LabelTarget, Mutability, Name,
    OpenParam, TypeDescr,
};
use crate::exit::{Exit, ExitId};
use crate::ops::{Args, Effect, Opcode, ResultType};

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Ty {
    /// 64-bit integer.
    Int,
    /// Double.
    Float,
    /// Reference to an object, or null.
    Ref,
}

/// An operand: a value, a constant, a virtual object (inside exits only), or nothing. One word, two tag bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arg(u32);

/// An operand, taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ArgKind {
    /// Value number.
    Var(u32),
    /// Index into the constants.
    Const(u32),
    /// Index into the virtual objects of the exit.
    Virtual(u32),
    /// No operand.
    None,
}

const CONST: u32 = 1 << 30;
const VIRTUAL: u32 = 2 << 30;
const INDEX: u32 = CONST - 1;

impl Arg {
    /// No operand.
    pub const NONE: Arg = Arg(u32::MAX);
    /// A value.
    #[inline]
    pub const fn var(number: u32) -> Arg {
        debug_assert!(number <= INDEX);
        Arg(number)
    }
    /// A constant, by its index.
    #[inline]
    pub const fn constant(index: u32) -> Arg {
        debug_assert!(index <= INDEX);
        Arg(CONST | index)
    }
    /// A virtual object of the exit that the operand stands in.
    #[inline]
    pub const fn virtual_(index: u32) -> Arg {
        debug_assert!(index <= INDEX);
        Arg(VIRTUAL | index)
    }
    /// Whether there is an operand.
    #[inline]
    pub fn is_some(self) -> bool {
        self != Arg::NONE
    }
    /// Taken apart.
    #[inline]
    pub fn kind(self) -> ArgKind {
        match self.0 >> 30 {
            0 => ArgKind::Var(self.0),
            1 => ArgKind::Const(self.0 & INDEX),
            2 => ArgKind::Virtual(self.0 & INDEX),
            _ => ArgKind::None,
        }
    }
    /// The value number, if it is a value.
    #[inline]
    pub fn as_var(self) -> Option<u32> {
        (self.0 < CONST).then_some(self.0)
    }
    /// The index of the constant, if it is one.
    #[inline]
    pub fn as_const(self) -> Option<u32> {
        (self.0 >> 30 == 1).then_some(self.0 & INDEX)
    }
    /// The index of the virtual object, if it is one.
    #[inline]
    pub fn as_virtual(self) -> Option<u32> {
        (self.0 >> 30 == 2).then_some(self.0 & INDEX)
    }
}
impl std::fmt::Debug for Arg {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self.kind() {
            ArgKind::Var(n) => write!(f, "v{n}"),
            ArgKind::Const(n) => write!(f, "const{n}"),
            ArgKind::Virtual(n) => write!(f, "virtual{n}"),
            ArgKind::None => write!(f, "none"),
        }
    }
}

/// A constant: its type and its 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Const {
    /// The type.
    pub ty: Ty,
    /// The integer, the bits of the double, or the address.
    pub bits: u64,
}

/// Constants, each kept once. Equal operands are equal constants.
#[derive(Clone, Debug, Default)]
pub struct Consts {
    entries: Vec<Const>,
    /// Open addressing, a power of two, at most half full; `0` is free, else index + 1.
    table: Vec<u32>,
}
impl Consts {
    /// All constants in the order of their indices. A collector that moves objects updates Refs by `set_ref`.
    pub fn entries(&self) -> &[Const] {
        &self.entries
    }
    /// The constant with this index.
    #[inline]
    pub fn get(&self, index: u32) -> Const {
        self.entries[index as usize]
    }
    fn slot(&self, constant: Const) -> usize {
        let mixed = (constant.bits ^ constant.ty as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize & (self.table.len() - 1)
    }
    /// The operand for this constant.
    #[inline]
    pub fn intern(&mut self, ty: Ty, bits: u64) -> Arg {
        if self.entries.len() * 2 >= self.table.len() {
            self.rehash((self.table.len() * 2).max(16));
        }
        let constant = Const { ty, bits };
        let mut at = self.slot(constant);
        loop {
            match self.table[at] {
                0 => break,
                n if self.entries[n as usize - 1] == constant => return Arg::constant(n - 1),
                _ => at = (at + 1) & (self.table.len() - 1),
            }
        }
        self.entries.push(constant);
        self.table[at] = self.entries.len() as u32;
        Arg::constant(self.entries.len() as u32 - 1)
    }
    /// Visits the address of every Ref constant that is not null, which may be changed: a moving collector's roots.
    pub fn visit_refs(&mut self, mut visit: impl FnMut(&mut u64)) {
        let refs = self
            .entries
            .iter_mut()
            .filter(|c| c.ty == Ty::Ref && c.bits != 0);
        let mut moved = false;
        for constant in refs {
            let before = constant.bits;
            visit(&mut constant.bits);
            moved |= constant.bits != before;
        }
        if moved {
            self.rehash(self.table.len());
        }
    }
    fn rehash(&mut self, size: usize) {
        self.table.clear();
        self.table.resize(size, 0);
        for (n, constant) in self.entries.iter().enumerate() {
            let mut at = self.slot(*constant);
            while self.table[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            self.table[at] = n as u32 + 1;
        }
    }
}

/// One operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Op {
    /// What it does.
    pub code: Opcode,
    /// The value it defines, or `Arg::NONE`.
    pub result: Arg,
    /// Fixed operands, unused ones `Arg::NONE`. Operations with operands in the pool keep (start, length) here;
    /// read operands with `Trace::args`.
    pub args: [Arg; 3],
    /// What it refers to, or `DescrId::NONE`.
    pub descr: DescrId,
    /// Where it leaves, or `ExitId::NONE`.
    pub exit: ExitId,
}
impl Op {
    /// Operands in the pool: (start, length). A label's parameters follow its operands: the same length again.
    #[inline]
    pub fn pool(&self) -> (usize, usize) {
        (self.args[0].0 as usize, self.args[1].0 as usize)
    }
    /// Sets the place of the operands in the pool.
    #[inline]
    pub fn set_pool(&mut self, start: usize, len: usize) {
        self.args = [Arg(start as u32), Arg(len as u32), Arg::NONE];
    }
}

/// Where an input comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// A guest register, in words above the base of the loop's frame; a Ref.
    Register(u32),
    /// An operand of the parent's exit: a value of the parent, in the location where the parent left it.
    ParentExit(Arg),
    /// The value or exception that the parent's leaving call returned.
    Pending,
}

/// An input of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Input {
    /// The value it defines.
    pub value: Arg,
    /// Where it comes from.
    pub source: Source,
}

/// What kind of trace it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceKind {
    /// Entered from the interpreter at a merge point.
    Loop,
    /// Entered from an exit of another trace.
    Bridge {
        /// The other trace's token.
        parent: u64,
        /// The exit, in the parent's numbering.
        exit: ExitId,
    },
}

/// A trace.
#[derive(Clone, Debug)]
pub struct Trace {
    /// For people; one line.
    pub name: String,
    /// Loop or bridge.
    pub kind: TraceKind,
    /// Values that come from outside, in order.
    pub inputs: Vec<Input>,
    /// Straight-line code with labels; the last operation is a jump or a finish.
    pub ops: Vec<Op>,
    /// Interned constants.
    pub consts: Consts,
    /// By value number.
    pub value_types: Vec<Ty>,
    /// By `DescrId`.
    pub descrs: Vec<Descr>,
    /// By `ExitId`.
    pub exits: Vec<Exit>,
    /// Operands of operations with many of them.
    pub arg_pool: Vec<Arg>,
    /// The interpreter's state at the entry (an exit), or `ExitId::NONE`.
    pub entry: ExitId,
    /// Inputs that held objects of a value class (a type with a leaf) when the trace was recorded. A hint.
    pub seen: Vec<(Arg, DescrId)>,
}

impl Trace {
    /// An empty trace.
    pub fn new(name: impl Into<String>, kind: TraceKind) -> Trace {
        Trace {
            name: name.into(),
            kind,
            inputs: Vec::new(),
            ops: Vec::new(),
            consts: Consts::default(),
            value_types: Vec::new(),
            descrs: Vec::new(),
            exits: Vec::new(),
            arg_pool: Vec::new(),
            entry: ExitId::NONE,
            seen: Vec::new(),
        }
    }

    // ---- reading

    /// The operands of an operation; for a label, the values at its first entry.
    #[inline]
    pub fn args<'a>(&'a self, op: &'a Op) -> &'a [Arg] {
        match op.code.info().args {
            Args::Fixed(types) => &op.args[..types.len()],
            Args::Pool => {
                let (start, len) = op.pool();
                &self.arg_pool[start..start + len]
            }
        }
    }
    /// The parameters of a label: fresh values, one per operand.
    pub fn label_params(&self, label: &Op) -> &[Arg] {
        assert_eq!(label.code, Opcode::Label);
        let (start, len) = label.pool();
        &self.arg_pool[start + len..start + 2 * len]
    }
    /// The type of a value or constant. Panics for others.
    #[inline]
    pub fn type_of(&self, arg: Arg) -> Ty {
        match arg.kind() {
            ArgKind::Var(n) => self.value_types[n as usize],
            ArgKind::Const(n) => self.consts.get(n).ty,
            ArgKind::Virtual(_) => Ty::Ref,
            ArgKind::None => panic!("no operand"),
        }
    }
    /// The constant, if the operand is one.
    #[inline]
    pub fn constant(&self, arg: Arg) -> Option<Const> {
        arg.as_const().map(|n| self.consts.get(n))
    }
    /// The integer, if the operand is an Int constant.
    #[inline]
    pub fn as_int(&self, arg: Arg) -> Option<i64> {
        self.constant(arg)
            .filter(|c| c.ty == Ty::Int)
            .map(|c| c.bits as i64)
    }
    /// A descriptor.
    #[inline]
    pub fn descr(&self, id: DescrId) -> &Descr {
        &self.descrs[id.0 as usize]
    }
    /// A type descriptor. Panics if it is another kind.
    pub fn type_descr(&self, id: DescrId) -> &TypeDescr {
        self.descr(id)
            .as_type()
            .expect("the verifier checks that it is a type")
    }
    /// A field descriptor. Panics if it is another kind.
    pub fn field(&self, id: DescrId) -> &FieldDescr {
        self.descr(id)
            .as_field()
            .expect("the verifier checks that it is a field")
    }
    /// An array descriptor. Panics if it is another kind.
    pub fn array(&self, id: DescrId) -> &ArrayDescr {
        self.descr(id)
            .as_array()
            .expect("the verifier checks that it is an array")
    }
    /// A call descriptor. Panics if it is another kind.
    pub fn call(&self, id: DescrId) -> &CallDescr {
        self.descr(id)
            .as_call()
            .expect("the verifier checks that it is a callee")
    }
    /// A label descriptor. Panics if it is another kind.
    pub fn label(&self, id: DescrId) -> &LabelDescr {
        self.descr(id)
            .as_label()
            .expect("the verifier checks that it is a label")
    }
    /// The index of the label that other traces may jump to, and what its parameters stand for.
    pub fn open_label(&self) -> Option<(usize, &[OpenParam])> {
        let label = |(n, op): (usize, &Op)| match (op.code, self.descrs.get(op.descr.0 as usize)) {
            (Opcode::Label, Some(Descr::Label(l))) => match &l.target {
                LabelTarget::Open { params } => Some((n, params)),
                _ => None,
            },
            _ => None,
        };
        let found = self.ops.iter().enumerate().find_map(label);
        found.map(|(n, params)| (n, params.as_slice()))
    }
    /// An exit.
    #[inline]
    pub fn exit(&self, id: ExitId) -> &Exit {
        &self.exits[id.0 as usize]
    }
    /// What the operation does; reads of immutable fields and items are `ReadImmutable`.
    pub fn effect_of(&self, op: &Op) -> Effect {
        let immutable = match op.code {
            Opcode::Getfield => self.field(op.descr).mutability == Mutability::Immutable,
            Opcode::Getitem => self.array(op.descr).immutable,
            _ => false,
        };
        if immutable {
            Effect::ReadImmutable
        } else {
            op.code.info().effect
        }
    }
    /// The type of the result that the operation with this descriptor has.
    pub fn result_type(&self, code: Opcode, descr: DescrId) -> Option<Ty> {
        match code.info().result {
            ResultType::None => None,
            ResultType::Is(ty) => Some(ty),
            ResultType::ByDescr => match self.descr(descr) {
                Descr::Field(field) => Some(field.width.ty()),
                Descr::Array(array) => Some(array.item.ty()),
                Descr::Call(call) => call.result,
                Descr::Type(_) | Descr::Label(_) => {
                    panic!("{code:?} has the wrong kind of descriptor")
                }
            },
        }
    }

    // ---- building

    /// An Int constant.
    #[inline]
    pub fn int(&mut self, value: i64) -> Arg {
        self.consts.intern(Ty::Int, value as u64)
    }
    /// A Float constant; NaNs and zeros are kept apart by their bits.
    #[inline]
    pub fn float(&mut self, value: f64) -> Arg {
        self.consts.intern(Ty::Float, value.to_bits())
    }
    /// A Ref constant. Whoever owns the trace keeps it alive and current: `Consts::visit_refs`.
    #[inline]
    pub fn reference(&mut self, address: u64) -> Arg {
        self.consts.intern(Ty::Ref, address)
    }
    /// The null constant.
    #[inline]
    pub fn null(&mut self) -> Arg {
        self.reference(0)
    }
    /// A new value number.
    #[inline]
    pub fn value(&mut self, ty: Ty) -> Arg {
        self.value_types.push(ty);
        Arg::var(self.value_types.len() as u32 - 1)
    }
    /// A new input.
    pub fn input(&mut self, ty: Ty, source: Source) -> Arg {
        let value = self.value(ty);
        self.inputs.push(Input { value, source });
        value
    }
    /// Adds a descriptor; does not look for an equal one.
    pub fn add_descr(&mut self, descr: Descr) -> DescrId {
        self.descrs.push(descr);
        DescrId(self.descrs.len() as u32 - 1)
    }
    /// Adds an exit.
    pub fn add_exit(&mut self, exit: Exit) -> ExitId {
        self.exits.push(exit);
        ExitId(self.exits.len() as u32 - 1)
    }
    /// Appends an operation with fixed operands; returns its result, or `Arg::NONE`.
    #[inline]
    pub fn push(&mut self, code: Opcode, args: &[Arg], descr: DescrId, exit: ExitId) -> Arg {
        debug_assert!(
            matches!(code.info().args, Args::Fixed(types) if types.len() == args.len()),
            "{code:?}"
        );
        let mut fixed = [Arg::NONE; 3];
        fixed[..args.len()].copy_from_slice(args);
        self.push_op(code, fixed, descr, exit)
    }
    /// `push` without descriptor and exit.
    #[inline]
    pub fn pure(&mut self, code: Opcode, args: &[Arg]) -> Arg {
        self.push(code, args, DescrId::NONE, ExitId::NONE)
    }
    /// `push` with an exit only.
    #[inline]
    pub fn guard(&mut self, code: Opcode, args: &[Arg], exit: ExitId) -> Arg {
        self.push(code, args, DescrId::NONE, exit)
    }
    /// `push` with a descriptor only.
    #[inline]
    pub fn heap(&mut self, code: Opcode, args: &[Arg], descr: DescrId) -> Arg {
        self.push(code, args, descr, ExitId::NONE)
    }
    /// Appends `call`, `call_raises` or `jump`; returns the result, or `Arg::NONE`.
    pub fn push_pool(&mut self, code: Opcode, args: &[Arg], descr: DescrId, exit: ExitId) -> Arg {
        debug_assert!(
            code.info().args == Args::Pool && code != Opcode::Label,
            "{code:?}"
        );
        let start = self.arg_pool.len();
        self.arg_pool.extend_from_slice(args);
        self.push_op(
            code,
            [Arg(start as u32), Arg(args.len() as u32), Arg::NONE],
            descr,
            exit,
        )
    }
    /// Appends a label whose parameters have the types of `args`; returns the fresh parameters.
    pub fn push_label(&mut self, args: &[Arg], descr: DescrId) -> Vec<Arg> {
        let params: Vec<Arg> = args.iter().map(|a| self.value(self.type_of(*a))).collect();
        self.push_label_with(args, &params, descr);
        params
    }
    /// Appends a label with parameters that were made before by `value`.
    pub fn push_label_with(&mut self, args: &[Arg], params: &[Arg], descr: DescrId) {
        assert_eq!(args.len(), params.len());
        let start = self.arg_pool.len();
        self.arg_pool.extend_from_slice(args);
        self.arg_pool.extend_from_slice(params);
        let pool = [Arg(start as u32), Arg(args.len() as u32), Arg::NONE];
        self.ops.push(Op {
            code: Opcode::Label,
            result: Arg::NONE,
            args: pool,
            descr,
            exit: ExitId::NONE,
        });
    }
    #[inline]
    fn push_op(&mut self, code: Opcode, args: [Arg; 3], descr: DescrId, exit: ExitId) -> Arg {
        let result = match self.result_type(code, descr) {
            Some(ty) => self.value(ty),
            None => Arg::NONE,
        };
        self.ops.push(Op {
            code,
            result,
            args,
            descr,
            exit,
        });
        result
    }
    /// Adds a target inside this trace.
    pub fn add_label(&mut self, name: impl Into<Name>) -> DescrId {
        self.add_descr(Descr::Label(LabelDescr {
            name: name.into(),
            target: LabelTarget::Here,
        }))
    }
}
