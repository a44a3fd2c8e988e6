//! The state of one forward walk: what has been emitted and what is known.
//!
//! Everything that is asked often is dense: indexed by value, constant, descriptor or object.
//!
//! Invariant S1: output values are numbered in the order in which they come to exist. A value with a
//! smaller number than an allocation can therefore not be that allocation.

use crate::facts::{Fact, Facts, NO_PLACE};
use crate::ints::Int64;
use crate::known::{Known, NOWHERE};
use crate::objects::Objects;
use crate::options::Options;
use ahash::AHashMap;
use ouro_ir::{
    Arg, ArgKind, Args, Consts, Descr, DescrId, Effects, Exit, ExitId, Mutability, Op, Opcode,
    ResultType, Trace, Ty, Width,
};
use std::borrow::Cow;

/// What does not change during a walk.
pub struct Input<'t> {
    /// The recorded trace.
    pub trace: &'t Trace,
    /// What may be done.
    pub options: &'t Options,
    /// Descriptors of the output: those of the trace, and for bridges more.
    pub descrs: Cow<'t, [Descr]>,
    /// By descriptor: the type id, for types and arrays.
    pub type_ids: Vec<u32>,
}

impl<'t> Input<'t> {
    /// Tables for `trace`; `more` are descriptors of a bridge's parent that the trace lacks.
    pub fn new(trace: &'t Trace, options: &'t Options, more: Vec<Descr>) -> Self {
        let mut descrs = Cow::Borrowed(trace.descrs.as_slice());
        if !more.is_empty() {
            descrs.to_mut().extend(more);
        }
        let type_id = |d: &Descr| match d {
            Descr::Type(t) => t.type_id,
            Descr::Array(a) => a.type_id,
            Descr::Field(_) | Descr::Call(_) | Descr::Label(_) => u32::MAX,
        };
        let type_ids = descrs.iter().map(type_id).collect();
        Input {
            trace,
            options,
            descrs,
            type_ids,
        }
    }
    /// A descriptor.
    pub fn descr(&self, id: DescrId) -> &Descr {
        &self.descrs[id.0 as usize]
    }
    fn result_type(&self, code: Opcode, descr: DescrId) -> Option<Ty> {
        match code.info().result {
            ResultType::None => None,
            ResultType::Is(ty) => Some(ty),
            ResultType::ByDescr => match self.descr(descr) {
                Descr::Field(f) => Some(f.width.ty()),
                Descr::Array(a) => Some(a.item.ty()),
                Descr::Call(c) => c.result,
                Descr::Type(_) | Descr::Label(_) => None,
            },
        }
    }
    /// How the field or item is stored.
    pub fn width(&self, descr: DescrId) -> Width {
        match self.descr(descr) {
            Descr::Field(f) => f.width,
            Descr::Array(a) => a.item,
            Descr::Type(_) | Descr::Call(_) | Descr::Label(_) => {
                unreachable!("a field or an array")
            }
        }
    }
    /// The ints that fit the field or item, or none if all do.
    pub fn narrow_range(&self, descr: DescrId) -> Option<Int64> {
        match self.width(descr) {
            Width::I64 | Width::F64 | Width::Ref | Width::Host => None,
            Width::U32 => Some(Int64::range(0, u32::MAX.into())),
            Width::I32 => Some(Int64::range(i32::MIN.into(), i32::MAX.into())),
            Width::U16 => Some(Int64::range(0, u16::MAX.into())),
            Width::U8 => Some(Int64::range(0, u8::MAX.into())),
        }
    }
    /// Whether the field or item never changes once it was initialised.
    pub fn is_immutable(&self, descr: DescrId) -> bool {
        match self.descr(descr) {
            Descr::Field(f) => f.mutability == Mutability::Immutable,
            Descr::Array(a) => a.immutable,
            Descr::Type(_) | Descr::Call(_) | Descr::Label(_) => false,
        }
    }
    /// The field that is the whole value of a value class, or none.
    pub fn leaf_of(&self, class: DescrId) -> DescrId {
        match self.descrs.get(class.0 as usize) {
            Some(Descr::Type(t)) => t.leaf,
            _ => DescrId::NONE,
        }
    }
}

/// A recorded operation on its way through the passes, with its operands already in output terms.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub code: Opcode,
    /// Fixed operands; those of a call are in [`State::call_args`].
    pub args: [Arg; 3],
    pub descr: DescrId,
    /// The recorded exit.
    pub exit: ExitId,
    /// Position in the recorded trace.
    pub at: usize,
}

/// Operations emitted since the walk or the label began, with all they refer to.
///
/// Exits and operand pools are numbered through, so segments are simply put one after the other.
#[derive(Default)]
pub struct Segment {
    pub ops: Vec<Op>,
    pub exits: Vec<Exit>,
    pub pool: Vec<Arg>,
    pub first_op: u32,
    pub first_exit: u32,
    pub first_pool: u32,
}
impl Segment {
    /// An empty one with room.
    pub fn with_capacity(ops: usize, exits: usize) -> Segment {
        let (ops, exits) = (Vec::with_capacity(ops), Vec::with_capacity(exits));
        Segment {
            ops,
            exits,
            ..Segment::default()
        }
    }
    /// An empty one that follows this one.
    pub fn after(&self) -> Segment {
        Segment {
            first_op: self.first_op + self.ops.len() as u32,
            first_exit: self.first_exit + self.exits.len() as u32,
            first_pool: self.first_pool + self.pool.len() as u32,
            ..Segment::with_capacity(self.ops.len(), self.exits.len())
        }
    }
}

/// The walk.
pub struct State<'t> {
    pub input: &'t Input<'t>,
    pub segment: Segment,
    pub const_pool: Consts,
    pub value_types: Vec<Ty>,
    /// By recorded value.
    pub subst: Vec<Arg>,
    pub values: Vec<Known>,
    pub constants: Vec<Known>,
    pub objects: Objects,
    pub facts: Facts,
    /// Pure operations that have a value; the key of a call is in `pure_calls`.
    pub pure: AHashMap<(Opcode, Arg, Arg), Arg>,
    pub pure_calls: AHashMap<(DescrId, Vec<Arg>), Arg>,
    /// Comparisons that a guard has proved.
    pub truths: AHashMap<(Opcode, Arg, Arg), ()>,
    /// Safepoints passed, from 1.
    pub epoch: u32,
    /// Items whose barrier ran in this epoch.
    pub item_barriers: Vec<(Arg, Arg)>,
    /// A `guard_not_invalidated` has passed and nothing since can have invalidated the trace.
    pub validated: bool,
    /// Fields and arrays a callee may write, found when it is first met.
    written: AHashMap<DescrId, Vec<DescrId>>,
    /// Operands of the call on its way.
    pub call_args: Vec<Arg>,
    pub exit_cache: crate::exits::ExitCache,
    /// Stores that were put aside, oldest first.
    pub delayed: Vec<crate::delay::Delayed>,
}

impl<'t> State<'t> {
    /// The state at the start of the trace; inputs are not bound.
    pub fn new(input: &'t Input<'t>) -> Self {
        let trace = input.trace;
        let values = trace.value_types.len();
        let mut state = State {
            input,
            // Divisions by constants become several operations, and each guard gets an exit of its own.
            segment: Segment::with_capacity(trace.ops.len() * 3 / 2 + 16, trace.ops.len() / 2 + 8),
            const_pool: trace.consts.clone(),
            value_types: Vec::with_capacity(values * 2),
            subst: vec![Arg::NONE; values],
            values: Vec::with_capacity(values * 2),
            constants: Vec::with_capacity(trace.consts.entries().len() + 16),
            objects: Objects::default(),
            facts: Facts::default(),
            pure: AHashMap::with_capacity(values),
            pure_calls: AHashMap::default(),
            truths: AHashMap::with_capacity(trace.exits.len()),
            epoch: 1,
            item_barriers: Vec::new(),
            validated: false,
            written: AHashMap::default(),
            call_args: Vec::new(),
            exit_cache: Default::default(),
            delayed: Vec::new(),
        };
        state.describe_constants();
        state
    }
    fn describe_constants(&mut self) {
        let described = self.constants.len();
        for c in &self.const_pool.entries()[described..] {
            let mut known = Known::NOTHING;
            match c.ty {
                Ty::Int => known.ints = Int64::exact(c.bits as i64),
                Ty::Float => {}
                Ty::Ref => known.nonnull = c.bits != 0,
            }
            self.constants.push(known);
        }
    }
    /// A constant.
    pub fn constant(&mut self, ty: Ty, bits: u64) -> Arg {
        let a = self.const_pool.intern(ty, bits);
        self.describe_constants();
        a
    }
    pub fn int(&mut self, v: i64) -> Arg {
        self.constant(Ty::Int, v as u64)
    }
    pub fn float(&mut self, v: f64) -> Arg {
        self.constant(Ty::Float, v.to_bits())
    }
    /// What fresh memory of this type holds.
    pub fn zero(&mut self, ty: Ty) -> Arg {
        self.constant(ty, 0)
    }
    /// The bits of a constant.
    pub fn bits(&self, a: Arg) -> Option<u64> {
        a.as_const().map(|n| self.const_pool.get(n).bits)
    }
    pub fn int_of(&self, a: Arg) -> Option<i64> {
        self.bits(a).map(|b| b as i64)
    }
    pub fn float_of(&self, a: Arg) -> Option<f64> {
        self.bits(a).map(f64::from_bits)
    }

    // ---- values

    /// A new value about which nothing is known.
    pub fn value(&mut self, ty: Ty) -> Arg {
        self.value_types.push(ty);
        self.values.push(Known::NOTHING);
        Arg::var(self.value_types.len() as u32 - 1)
    }
    pub fn type_of(&self, a: Arg) -> Ty {
        match a.kind() {
            ArgKind::Var(n) => self.value_types[n as usize],
            ArgKind::Const(n) => self.const_pool.get(n).ty,
            ArgKind::Virtual(_) => Ty::Ref,
            ArgKind::None => unreachable!("an operand"),
        }
    }
    /// Knowledge about a value or a constant; nothing for a virtual.
    pub fn known(&self, a: Arg) -> &Known {
        match a.kind() {
            ArgKind::Var(n) => &self.values[n as usize],
            ArgKind::Const(n) => &self.constants[n as usize],
            ArgKind::Virtual(_) | ArgKind::None => &Known::NOTHING,
        }
    }
    /// Knowledge about a value or a constant. Panics for a virtual.
    pub fn known_mut(&mut self, a: Arg) -> &mut Known {
        match a.kind() {
            ArgKind::Var(n) => &mut self.values[n as usize],
            ArgKind::Const(n) => &mut self.constants[n as usize],
            ArgKind::Virtual(_) | ArgKind::None => unreachable!("a value or a constant"),
        }
    }
    /// The best name of an output operand: the real reference of a forced object, the constant a value
    /// was found to be.
    pub fn resolve(&self, a: Arg) -> Arg {
        let a = match a.as_virtual() {
            Some(n) => {
                let forced = self.objects.get(n).forced;
                if forced.is_some() { forced } else { return a }
            }
            None => a,
        };
        match a.as_var() {
            Some(n) if self.values[n as usize].same.is_some() => self.values[n as usize].same,
            _ => a,
        }
    }
    /// The output operand for a recorded one.
    pub fn get(&self, recorded: Arg) -> Arg {
        match recorded.as_var() {
            Some(v) => self.resolve(self.subst[v as usize]),
            None => recorded,
        }
    }
    /// The value has been found to be this constant.
    pub fn equate(&mut self, a: Arg, constant: Arg) {
        let Some(n) = a.as_var() else { return };
        let known = self.values[n as usize];
        self.values[n as usize].same = constant;
        let target = self.known_mut(constant);
        target.nonnull |= known.nonnull;
        target.barrier = target.barrier.max(known.barrier);
        if !target.class.is_some() {
            target.class = known.class;
        }
        if target.facts == crate::facts::NO_FACT {
            target.facts = known.facts;
        }
    }
    /// The class of an object: its `Descr::Type` or `Descr::Array`, or none.
    pub fn class_of(&self, a: Arg) -> DescrId {
        match a.as_virtual() {
            Some(n) => self.objects.get(n).descr,
            None => self.known(a).class,
        }
    }
    /// The type id of a class, or none.
    pub fn type_id(&self, class: DescrId) -> Option<u32> {
        self.input
            .type_ids
            .get(class.0 as usize)
            .copied()
            .filter(|_| class.is_some())
    }
    pub fn is_nonnull(&self, a: Arg) -> bool {
        a.as_virtual().is_some() || self.known(a).nonnull
    }
    pub fn ints(&self, a: Arg) -> Int64 {
        self.known(a).ints
    }
    /// Can the two be one object? Virtuals are not asked about.
    pub fn may_alias(&self, a: Arg, b: Arg) -> bool {
        if a == b {
            return true;
        }
        if a.as_const().is_some() && b.as_const().is_some() {
            return false;
        }
        let (ka, kb) = (self.known(a), self.known(b));
        if let (Some(x), Some(y)) = (self.type_id(ka.class), self.type_id(kb.class))
            && x != y
        {
            return false;
        }
        // Invariant S1; constants are older than everything.
        let age = |x: Arg| x.as_var().map_or(0, |n| n + 1);
        !(ka.fresh && age(b) < age(a) || kb.fresh && age(a) < age(b))
    }

    // ---- emitting

    /// Appends an operation. `exit` is an exit of the output.
    pub fn emit(&mut self, code: Opcode, args: [Arg; 3], descr: DescrId, exit: ExitId) -> Arg {
        let result = match self.input.result_type(code, descr) {
            Some(ty) => self.value(ty),
            None => Arg::NONE,
        };
        self.segment.ops.push(Op {
            code,
            result,
            args,
            descr,
            exit,
        });
        result
    }
    /// Appends an operation with its operands in the pool.
    pub fn emit_pool(&mut self, code: Opcode, args: &[Arg], descr: DescrId, exit: ExitId) -> Arg {
        let start = self.segment.first_pool as usize + self.segment.pool.len();
        self.segment.pool.extend_from_slice(args);
        let result = self.emit(code, [Arg::NONE; 3], descr, exit);
        let op = self.segment.ops.last_mut().expect("just pushed");
        op.set_pool(start, args.len());
        result
    }
    /// Appends a label with one parameter per operand.
    pub fn emit_label(&mut self, entries: &[Arg], params: &[Arg], label: DescrId) {
        debug_assert_eq!(entries.len(), params.len());
        let both: Vec<Arg> = entries.iter().chain(params).copied().collect();
        self.emit_pool(Opcode::Label, &both, label, ExitId::NONE);
        let op = self.segment.ops.last_mut().expect("just pushed");
        let start = op.pool().0;
        op.set_pool(start, params.len());
    }
    /// Index of the next operation, numbered through all segments.
    pub fn next_op(&self) -> u32 {
        self.segment.first_op + self.segment.ops.len() as u32
    }
    /// Adds an exit of the output.
    pub fn add_exit(&mut self, exit: Exit) -> ExitId {
        self.segment.exits.push(exit);
        ExitId(self.segment.first_exit + self.segment.exits.len() as u32 - 1)
    }
    /// The guard `op` if it was emitted since the label (or the start) and can still be changed.
    pub fn recent_op(&mut self, op: u32) -> Option<&mut Op> {
        let local = op.checked_sub(self.segment.first_op)?;
        self.segment
            .ops
            .get_mut(local as usize)
            .filter(|_| op != NOWHERE)
    }

    // ---- memory

    /// Finds what is known of a field (index none) or item.
    pub fn find_fact(&mut self, object: Arg, descr: DescrId, index: Arg) -> Option<Arg> {
        let id = self.facts.find(self.known(object).facts, descr, index)?;
        let fact = self.facts.read(id);
        Some(self.resolve(fact.value))
    }
    /// Notes what memory holds. The caller has taken away what contradicts it.
    pub fn add_fact(&mut self, object: Arg, descr: DescrId, index: Arg, value: Arg, stored: bool) {
        self.place_fact(object, descr, index, value, stored, NO_PLACE);
    }
    /// Notes what memory holds by the assumption of a label entry.
    pub fn place_fact(
        &mut self,
        object: Arg,
        descr: DescrId,
        index: Arg,
        value: Arg,
        stored: bool,
        place: u32,
    ) {
        let head = self.known(object).facts;
        let fact = Fact {
            object,
            descr,
            index,
            value,
            stored,
            live: true,
            place,
            next: head,
        };
        let immutable = self.input.is_immutable(descr);
        let head = self.facts.add(head, fact, immutable);
        self.known_mut(object).facts = head;
    }
    /// The real word of a value class; loads it if it is not known yet.
    pub fn leaf(&mut self, object: Arg, leaf: DescrId) -> Arg {
        if let Some(n) = object.as_virtual() {
            let ty = self.input.width(leaf).ty();
            return match self.objects.field(n, leaf) {
                Some(value) => self.resolve(value),
                None => self.zero(ty),
            };
        }
        if let Some(value) = self.find_fact(object, leaf, Arg::NONE) {
            return value;
        }
        let value = self.emit(
            Opcode::Getfield,
            [object, Arg::NONE, Arg::NONE],
            leaf,
            ExitId::NONE,
        );
        self.add_fact(object, leaf, Arg::NONE, value, false);
        value
    }
    /// The leaf if it costs nothing.
    pub fn known_leaf(&mut self, object: Arg, leaf: DescrId) -> Option<Arg> {
        if object.as_virtual().is_some() {
            return Some(self.leaf(object, leaf));
        }
        self.find_fact(object, leaf, Arg::NONE)
    }
    /// A real reference (or the operand itself if it is one): allocates virtual objects and all they hold.
    pub fn force(&mut self, a: Arg) -> Arg {
        let a = self.resolve(a);
        let Some(n) = a.as_virtual() else { return a };
        let real = self.force_shell(n);
        let mut work = vec![n];
        while let Some(n) = work.pop() {
            let real = self.objects.get(n).forced;
            let descr = self.objects.get(n).descr;
            let contents: Vec<_> = self.objects.contents(n).collect();
            for (index, (field, value)) in contents.into_iter().enumerate() {
                let mut value = self.resolve(value);
                if let Some(m) = value.as_virtual() {
                    value = self.force_shell(m);
                    work.push(m);
                }
                let zero = self.bits(value) == Some(0);
                let (code, descr, place) = if field.is_some() {
                    (Opcode::Setfield, field, Arg::NONE)
                } else {
                    (Opcode::Setitem, descr, self.int(index as i64))
                };
                if !zero {
                    let args = if field.is_some() {
                        [real, value, Arg::NONE]
                    } else {
                        [real, place, value]
                    };
                    self.emit(code, args, descr, ExitId::NONE);
                }
                if self.input.options.heap {
                    self.add_fact(real, descr, place, value, true);
                }
            }
        }
        real
    }
    fn force_shell(&mut self, n: u32) -> Arg {
        let object = *self.objects.get(n);
        let (code, length) = if object.is_array {
            (Opcode::NewArray, self.int(self.objects.items(n) as i64))
        } else {
            (Opcode::New, Arg::NONE)
        };
        let real = self.emit(
            code,
            [length, Arg::NONE, Arg::NONE],
            object.descr,
            ExitId::NONE,
        );
        self.objects.set_forced(n, real);
        self.note_allocation(real, object.descr, length);
        real
    }
    /// Records what is known of an object that was just allocated.
    pub fn note_allocation(&mut self, real: Arg, class: DescrId, length: Arg) {
        let small = !length.is_some()
            || self
                .int_of(length)
                .is_some_and(|n| n <= self.input.options.virtual_array_items as i64);
        let epoch = if small { self.epoch } else { 0 };
        let known = self.known_mut(real);
        known.class = class;
        known.nonnull = true;
        known.fresh = true;
        known.length = length;
        // A large array may be born old.
        known.barrier = epoch;
    }
    /// A call takes away what it may change.
    pub fn apply_effects(&mut self, callee: DescrId, effects: &Effects) {
        if effects.ends_barriers() {
            self.safepoint();
        }
        if effects.pure {
            return;
        }
        if effects.can_collect || effects.writes == ouro_ir::EffectSet::All {
            self.facts.clear_mutable();
        } else {
            let written = self
                .written
                .remove(&callee)
                .unwrap_or_else(|| written_by(self.input, effects));
            for descr in &written {
                self.facts.retain(*descr, |_| false);
            }
            self.written.insert(callee, written);
        }
        if can_invalidate(effects) {
            self.validated = false;
        }
    }
    /// Barriers must be repeated.
    pub fn safepoint(&mut self) {
        self.epoch += 1;
        self.item_barriers.clear();
    }
}

fn written_by(input: &Input, effects: &Effects) -> Vec<DescrId> {
    let hit = |descr: &Descr| match descr {
        Descr::Field(f) => effects.writes.has_field(f),
        Descr::Array(a) => effects.writes.has_array(a),
        Descr::Type(_) | Descr::Call(_) | Descr::Label(_) => false,
    };
    let all = input.descrs.iter().enumerate().filter(|(_, d)| hit(d));
    all.map(|(n, _)| DescrId(n as u32)).collect()
}

/// Whether a callee may change a quasi-immutable field.
pub fn can_invalidate(effects: &Effects) -> bool {
    !effects.pure && (effects.can_collect || effects.writes != ouro_ir::EffectSet::None)
}

/// The number of operands inside the operation; none if they are in the pool.
pub fn fixed_args(op: &Op) -> Option<usize> {
    match op.code.info().args {
        Args::Fixed(types) => Some(types.len()),
        Args::Pool => None,
    }
}

impl State<'_> {
    /// `resolve`, for an operation that may have no result.
    pub fn resolve_result(&self, a: Arg) -> Arg {
        if a.is_some() { self.resolve(a) } else { a }
    }
}
