//! The machine that records. Never inlined into handlers, never hot.

use crate::recording::Recording;
use crate::symbol::{Condition, Sym};
use ouro_gc::{FieldInfo, FieldKind, FieldMutability, Gc};
use ouro_ir::{Arg, DescrId, Entry as ExitEntry, ExitId, Opcode};
use ouro_machine::{
    ArrayInfo, Code, Direct, Effects, Entry, FloatCmp, FloatOp, FloatUnary, IntCmp, IntOp, Key,
    Language, Machine, OvfOp, Place, Quasi, Residual, ResumePoint, Vm, Writes,
};

/// A handle on a recording, positioned at a frame.
pub struct Recorder<'r, L: Language> {
    pub(crate) rec: &'r Recording<'r, L>,
    pub(crate) direct: Direct<L>,
}
impl<L: Language> Clone for Recorder<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Language> Copy for Recorder<'_, L> {}

/// A word of a residual call: its bits and its operand.
#[derive(Clone, Copy)]
pub struct WordSym {
    bits: u64,
    arg: Arg,
    constant: bool,
}

impl<L: Language> Recorder<'_, L> {
    fn pure<T>(self, code: Opcode, args: &[Arg], v: T) -> Sym<T> {
        if !self.rec.is_active() {
            return Sym::constant(v);
        }
        Sym {
            v,
            arg: self.rec.trace.borrow_mut().pure(code, args),
        }
    }
    fn int_binary(self, code: Opcode, a: Sym<i64>, b: Sym<i64>, v: i64) -> Sym<i64> {
        if a.is_constant() && b.is_constant() {
            return Sym::constant(v);
        }
        let args = [self.rec.operand_int(a), self.rec.operand_int(b)];
        self.pure(code, &args, v)
    }
    #[inline(never)]
    pub(crate) fn record_guard(self, code: Opcode, args: &[Arg], descr: DescrId) {
        if !self.rec.is_active() {
            return;
        }
        assert!(!self.rec.effect.get(), "K1: a guard after an effect");
        let exit = self.rec.exit();
        self.rec.trace.borrow_mut().push(code, args, descr, exit);
    }
    /// A field whose value is known, or a load.
    #[inline(never)]
    pub(crate) fn load<T>(self, r: Sym<Gc>, f: FieldInfo, v: T) -> Sym<T> {
        let rec = self.rec;
        let immutable = f.mutability == FieldMutability::Immutable;
        if !rec.is_active() || (r.is_constant() && immutable) {
            return Sym::constant(v);
        }
        let object = rec.operand_ref(r);
        if let Some(arg) = rec.cache.borrow().field(object, f.offset, immutable) {
            return Sym::named(v, arg);
        }
        let descr = rec.field_descr(f);
        let arg = rec
            .trace
            .borrow_mut()
            .heap(Opcode::Getfield, &[object], descr);
        rec.cache
            .borrow_mut()
            .loaded(object, f.offset, immutable, arg);
        Sym { v, arg }
    }
    #[inline(never)]
    fn store(self, r: Sym<Gc>, f: FieldInfo, value: Arg) {
        let rec = self.rec;
        if !rec.is_active() {
            return;
        }
        let object = rec.operand_ref(r);
        let descr = rec.field_descr(f);
        rec.trace
            .borrow_mut()
            .heap(Opcode::Setfield, &[object, value], descr);
        let immutable = f.mutability == FieldMutability::Immutable;
        // Narrow fields truncate, constants are re-read: neither is remembered.
        let whole = matches!(
            f.kind,
            FieldKind::Int | FieldKind::Float | FieldKind::Ref | FieldKind::Host
        );
        let known = (whole && value.as_var().is_some()).then_some(value);
        match known {
            Some(value) if immutable => {
                rec.cache.borrow_mut().loaded(object, f.offset, true, value)
            }
            known => rec.cache.borrow_mut().stored(object, f.offset, known),
        }
    }
    #[inline(never)]
    fn item<T>(self, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>, v: T) -> Sym<T> {
        let rec = self.rec;
        if !rec.is_active() || (a.immutable && r.is_constant() && i.is_constant()) {
            return Sym::constant(v);
        }
        let (object, index) = (rec.operand_ref(r), rec.operand_int(i));
        let stays = a.immutable && i.is_constant();
        if stays && let Some(arg) = rec.cache.borrow().item(object, i.v) {
            return Sym::named(v, arg);
        }
        let descr = rec.array_descr(a);
        let arg = rec
            .trace
            .borrow_mut()
            .heap(Opcode::Getitem, &[object, index], descr);
        if stays {
            rec.cache.borrow_mut().loaded_item(object, i.v, arg);
        }
        Sym { v, arg }
    }
    #[inline(never)]
    fn set_item(self, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>, value: Arg) {
        let rec = self.rec;
        if !rec.is_active() {
            return;
        }
        let (object, index) = (rec.operand_ref(r), rec.operand_int(i));
        let descr = rec.array_descr(a);
        rec.trace
            .borrow_mut()
            .heap(Opcode::Setitem, &[object, index, value], descr);
    }
    fn is_fresh(self, r: Sym<Gc>) -> bool {
        r.arg
            .as_var()
            .is_some_and(|n| n >= self.rec.fresh_from.get())
            && self.rec.is_fresh_object(r.arg)
    }
    pub(crate) fn before_effect(self) {
        self.rec.effect.set(true);
    }
    /// What a callee may have changed is no longer known.
    pub(crate) fn after_call(self, effects: Effects) {
        if effects.writes != Writes::None {
            self.rec.cache.borrow_mut().forget_mutable();
        }
        if effects.can_collect || effects.writes == Writes::All {
            self.rec.unchecked.set(true);
            self.rec.may_be_watched.set(true);
        }
    }
    #[inline(never)]
    fn record_call(self, f: &'static Residual, words: &[WordSym]) -> Arg {
        let args: Vec<Arg> = words.iter().map(|w| w.arg).collect();
        let descr = self.rec.call_descr(f);
        self.rec
            .trace
            .borrow_mut()
            .push_pool(Opcode::Call, &args, descr, ExitId::NONE)
    }
    /// Records a call that gave an object of a value class as one that gives what such an object holds, followed by the
    /// object. None: the function has no such form, or the object is of another class.
    fn record_unboxed(
        self,
        f: &'static Residual,
        args: &[Arg],
        value: Gc,
        step: L::Step,
    ) -> Option<Arg> {
        let form = f
            .unboxed
            .iter()
            .find(|form| !value.is_null() && form.type_id == value.type_id().0)?;
        let leaf = self.rec.leaf_of(form.type_id)?;
        let descr = self.rec.unboxed_descr(f, form);
        let exit = self.rec.call_exit(ExitEntry::PendingRaise, Some(step));
        let held = {
            let mut trace = self.rec.trace.borrow_mut();
            trace.push_pool(Opcode::Call, args, descr, exit)
        };
        self.after_call(f.effects);
        Some(self.boxed(held, form.type_id, leaf))
    }
    /// Records the object of a value class that holds a leaf.
    pub(crate) fn boxed(self, held: Arg, type_id: u32, leaf: FieldInfo) -> Arg {
        let (class, field) = (self.rec.type_descr(type_id), self.rec.field_descr(leaf));
        let mut trace = self.rec.trace.borrow_mut();
        let object = trace.heap(Opcode::New, &[], class);
        trace.heap(Opcode::Setfield, &[object, held], field);
        self.rec.note_fresh(object, type_id);
        let mut cache = self.rec.cache.borrow_mut();
        cache.loaded(object, leaf.offset, true, held);
        object
    }
    /// A call while probing: its value bits and its name.
    #[inline(never)]
    fn call_probe<const N: usize>(self, f: &'static Residual, words: [WordSym; N]) -> (u64, Arg) {
        debug_assert!(
            f.effects.probe && !f.effects.can_raise,
            "{} is not a probing call",
            f.name
        );
        let value = f.invoke(self.rec.vm, words.map(|w| w.bits)).value;
        if !self.rec.is_active() || (f.effects.pure && words.iter().all(|w| w.constant)) {
            return (value, Arg::NONE);
        }
        (value, self.record_call(f, &words))
    }
}

impl<'r, L: Language> Machine for Recorder<'r, L> {
    const RECORDS: bool = true;
    type L = L;
    type World = &'r Recording<'r, L>;
    type Int = Sym<i64>;
    type Float = Sym<f64>;
    type Bool = Condition;
    type Ref = Sym<Gc>;
    type Word = WordSym;

    fn at(rec: &'r Recording<'r, L>, at: Place<L>) -> Self {
        Recorder {
            rec,
            direct: Direct::at(rec.vm, at),
        }
    }
    fn vm(self) -> &'static Vm<L> {
        self.rec.vm
    }
    fn code(self) -> &'static Code<L> {
        self.direct.code()
    }
    #[inline(never)]
    fn begin_step(self, at: Place<L>, step: L::Step, entry: Entry<Sym<Gc>>) -> bool {
        self.rec.vm.parked.set(at);
        self.rec
            .begin_step(at, step, entry.map(|s| self.rec.operand_ref(s)))
    }
    #[inline(never)]
    fn entering(self, callee: Place<L>) {
        self.rec.entering(callee.code);
    }
    #[inline(never)]
    fn returning(self, value: Sym<Gc>) {
        self.rec.returning(value);
    }
    #[inline(never)]
    fn back_edge(self, _: Place<L>) {
        self.rec.mark_back_edge();
    }
    fn inlines(self, code: &'static Code<L>) -> bool {
        !self.rec.is_active() || self.rec.inlines(code)
    }
    fn enters(self, code: &'static Code<L>) -> bool {
        !self.rec.is_active() || self.rec.recurs_little(code)
    }
    #[inline(never)]
    fn call_out(
        self,
        code: &'static Code<L>,
        window: u32,
        after: L::Step,
    ) -> Result<Sym<Gc>, Sym<Gc>> {
        self.record_call_out(code, window, after)
    }
    fn concrete(self, r: Sym<Gc>) -> Gc {
        r.v
    }
    fn adopt(self, v: Gc) -> Sym<Gc> {
        Sym {
            v,
            arg: self.rec.take_entry_name(),
        }
    }
    #[inline(never)]
    fn reg(self, i: u32) -> Sym<Gc> {
        let v = self.direct.reg(i);
        if !self.rec.is_active() {
            return Sym::constant(v);
        }
        let word = self.rec.word(self.direct.base(), i);
        Sym {
            v,
            arg: self.rec.shadow.borrow().name(word),
        }
    }
    #[inline(never)]
    fn set_reg(self, i: u32, v: Sym<Gc>) {
        if self.rec.is_active() {
            let word = self.rec.word(self.direct.base(), i);
            let before = self.rec.held_before(word, self.reg(i));
            self.rec.shadow.borrow_mut().write(word, before, v.arg);
        }
        self.direct.set_reg(i, v.v);
    }
    fn konst(self, v: Gc) -> Sym<Gc> {
        Sym::constant(v)
    }
    fn const_int(self, v: i64) -> Sym<i64> {
        Sym::constant(v)
    }
    fn const_float(self, v: f64) -> Sym<f64> {
        Sym::constant(v)
    }
    fn host_ptr(self, p: *const ()) -> Sym<i64> {
        Sym::constant(p as i64)
    }
    #[inline(never)]
    fn int_op(self, op: IntOp, a: Sym<i64>, b: Sym<i64>) -> Sym<i64> {
        let code = match op {
            IntOp::Add => Opcode::IntAdd,
            IntOp::Sub => Opcode::IntSub,
            IntOp::Mul => Opcode::IntMul,
            IntOp::And => Opcode::IntAnd,
            IntOp::Or => Opcode::IntOr,
            IntOp::Xor => Opcode::IntXor,
            IntOp::Shl => Opcode::IntShl,
            IntOp::Shr => Opcode::IntShr,
            IntOp::Ushr => Opcode::IntUshr,
            IntOp::FloorDiv => Opcode::IntFloordiv,
            IntOp::Mod => Opcode::IntMod,
        };
        self.int_binary(code, a, b, self.direct.int_op(op, a.v, b.v))
    }
    #[inline(never)]
    fn int_neg(self, a: Sym<i64>) -> Sym<i64> {
        let v = self.direct.int_neg(a.v);
        if a.is_constant() {
            Sym::constant(v)
        } else {
            self.pure(Opcode::IntNeg, &[a.arg], v)
        }
    }
    #[inline(never)]
    fn int_invert(self, a: Sym<i64>) -> Sym<i64> {
        if a.is_constant() {
            Sym::constant(!a.v)
        } else {
            self.pure(Opcode::IntInvert, &[a.arg], !a.v)
        }
    }
    #[inline(never)]
    fn int_cmp(self, op: IntCmp, a: Sym<i64>, b: Sym<i64>) -> Condition {
        let v = self.direct.int_cmp(op, a.v, b.v);
        if a.is_constant() && b.is_constant() {
            return Condition::known(v);
        }
        let guard = match op {
            IntCmp::Eq => Opcode::GuardIntEq,
            IntCmp::Ne => Opcode::GuardIntNe,
            IntCmp::Lt => Opcode::GuardIntLt,
            IntCmp::Le => Opcode::GuardIntLe,
            IntCmp::Gt => Opcode::GuardIntGt,
            IntCmp::Ge => Opcode::GuardIntGe,
            IntCmp::Ult => Opcode::GuardIntUlt,
            IntCmp::Uge => Opcode::GuardIntUge,
        };
        Condition {
            v,
            guard: Some(guard),
            a: self.rec.operand_int(a),
            b: self.rec.operand_int(b),
        }
    }
    #[inline(never)]
    fn int_to_float(self, a: Sym<i64>) -> Sym<f64> {
        let v = a.v as f64;
        if a.is_constant() {
            Sym::constant(v)
        } else {
            self.pure(Opcode::IntToFloat, &[a.arg], v)
        }
    }
    #[inline(never)]
    fn float_to_int(self, a: Sym<f64>) -> Sym<i64> {
        let v = a.v as i64;
        if a.is_constant() {
            Sym::constant(v)
        } else {
            self.pure(Opcode::FloatToInt, &[a.arg], v)
        }
    }
    #[inline(never)]
    fn float_op(self, op: FloatOp, a: Sym<f64>, b: Sym<f64>) -> Sym<f64> {
        let v = self.direct.float_op(op, a.v, b.v);
        if a.is_constant() && b.is_constant() {
            return Sym::constant(v);
        }
        let code = match op {
            FloatOp::Add => Opcode::FloatAdd,
            FloatOp::Sub => Opcode::FloatSub,
            FloatOp::Mul => Opcode::FloatMul,
            FloatOp::Div => Opcode::FloatDiv,
        };
        let args = [self.rec.operand_float(a), self.rec.operand_float(b)];
        self.pure(code, &args, v)
    }
    #[inline(never)]
    fn float_unary(self, op: FloatUnary, a: Sym<f64>) -> Sym<f64> {
        let v = self.direct.float_unary(op, a.v);
        if a.is_constant() {
            return Sym::constant(v);
        }
        let code = match op {
            FloatUnary::Neg => Opcode::FloatNeg,
            FloatUnary::Abs => Opcode::FloatAbs,
            FloatUnary::Sqrt => Opcode::FloatSqrt,
        };
        self.pure(code, &[a.arg], v)
    }
    #[inline(never)]
    fn float_cmp(self, op: FloatCmp, a: Sym<f64>, b: Sym<f64>) -> Condition {
        let v = self.direct.float_cmp(op, a.v, b.v);
        if a.is_constant() && b.is_constant() {
            return Condition::known(v);
        }
        let (x, y) = (self.rec.operand_float(a), self.rec.operand_float(b));
        let (guard, a, b) = match op {
            FloatCmp::Eq => (Opcode::GuardFloatEq, x, y),
            FloatCmp::Ne => (Opcode::GuardFloatNe, x, y),
            FloatCmp::Lt => (Opcode::GuardFloatLt, x, y),
            FloatCmp::Le => (Opcode::GuardFloatLe, x, y),
            FloatCmp::Gt => (Opcode::GuardFloatLt, y, x),
            FloatCmp::Ge => (Opcode::GuardFloatLe, y, x),
        };
        Condition {
            v,
            guard: Some(guard),
            a,
            b,
        }
    }
    #[inline(never)]
    fn same(self, a: Sym<Gc>, b: Sym<Gc>) -> Condition {
        let v = a.v == b.v;
        if a.arg == b.arg {
            // Two constants, or twice the same value.
            return Condition::known(v);
        }
        Condition {
            v,
            guard: Some(Opcode::GuardPtrEq),
            a: self.rec.operand_ref(a),
            b: self.rec.operand_ref(b),
        }
    }
    #[inline(never)]
    fn is_null(self, a: Sym<Gc>) -> Condition {
        let v = a.v.is_null();
        if a.is_constant() || self.rec.cache.borrow_mut().class_known(a.arg) {
            return Condition::known(v);
        }
        Condition {
            v,
            guard: Some(Opcode::GuardNull),
            a: a.arg,
            b: Arg::NONE,
        }
    }
    fn word_int(self, v: Sym<i64>) -> WordSym {
        WordSym {
            bits: v.v as u64,
            arg: self.rec.operand_int(v),
            constant: v.is_constant(),
        }
    }
    fn word_float(self, v: Sym<f64>) -> WordSym {
        WordSym {
            bits: v.v.to_bits(),
            arg: self.rec.operand_float(v),
            constant: v.is_constant(),
        }
    }
    fn word_ref(self, v: Sym<Gc>) -> WordSym {
        WordSym {
            bits: v.v.address() as u64,
            arg: self.rec.operand_ref(v),
            constant: v.is_constant(),
        }
    }
    #[inline(never)]
    fn alloc(self, type_id: u32, bytes: u32) -> Sym<Gc> {
        let v = self.rec.alloc_concrete(type_id, bytes);
        if !self.rec.is_active() {
            return Sym::constant(v);
        }
        let descr = self.rec.type_descr(type_id);
        let arg = self.rec.trace.borrow_mut().heap(Opcode::New, &[], descr);
        self.rec.note_fresh(arg, type_id);
        Sym { v, arg }
    }
    #[inline(never)]
    fn alloc_array(self, info: &'static ArrayInfo, len: Sym<i64>) -> Sym<Gc> {
        let v = self.direct.alloc_array(info, len.v);
        if !self.rec.is_active() {
            return Sym::constant(v);
        }
        let descr = self.rec.array_descr(info);
        let len_arg = self.rec.operand_int(len);
        let arg = self
            .rec
            .trace
            .borrow_mut()
            .heap(Opcode::NewArray, &[len_arg], descr);
        self.rec.note_fresh(arg, info.type_id);
        if len.arg.is_some() {
            self.rec
                .cache
                .borrow_mut()
                .loaded(arg, info.len_offset, true, len.arg);
        }
        Sym { v, arg }
    }
    fn load_int(self, r: Sym<Gc>, f: FieldInfo) -> Sym<i64> {
        self.load(r, f, self.direct.load_int(r.v, f))
    }
    fn load_float(self, r: Sym<Gc>, f: FieldInfo) -> Sym<f64> {
        self.load(r, f, self.direct.load_float(r.v, f))
    }
    fn load_ref(self, r: Sym<Gc>, f: FieldInfo) -> Sym<Gc> {
        self.load(r, f, self.direct.load_ref(r.v, f))
    }
    fn item_int(self, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>) -> Sym<i64> {
        self.item(r, a, i, self.direct.item_int(r.v, a, i.v))
    }
    fn item_float(self, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>) -> Sym<f64> {
        self.item(r, a, i, self.direct.item_float(r.v, a, i.v))
    }
    fn item_ref(self, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>) -> Sym<Gc> {
        self.item(r, a, i, self.direct.item_ref(r.v, a, i.v))
    }
    fn literal(self, r: Sym<Gc>) -> Option<Gc> {
        r.is_constant().then_some(r.v)
    }
    #[inline(never)]
    fn known_int(self, r: Sym<Gc>, f: FieldInfo, v: Sym<i64>) {
        if self.rec.is_active() && !r.is_constant() {
            let held = self.rec.operand_int(v);
            let mut cache = self.rec.cache.borrow_mut();
            cache.loaded(r.arg, f.offset, true, held);
        }
    }
    #[inline(never)]
    fn known_item(self, r: Sym<Gc>, _: &'static ArrayInfo, i: i64, v: Sym<i64>) {
        if self.rec.is_active() && !r.is_constant() {
            let held = self.rec.operand_int(v);
            self.rec.cache.borrow_mut().loaded_item(r.arg, i, held);
        }
    }
    fn store_int(self, k: Key, r: Sym<Gc>, f: FieldInfo, v: Sym<i64>) {
        self.direct.store_int(k, r.v, f, v.v);
        self.store(r, f, self.rec.operand_int(v));
    }
    fn store_float(self, k: Key, r: Sym<Gc>, f: FieldInfo, v: Sym<f64>) {
        self.direct.store_float(k, r.v, f, v.v);
        self.store(r, f, self.rec.operand_float(v));
    }
    fn store_ref(self, k: Key, r: Sym<Gc>, f: FieldInfo, v: Sym<Gc>) {
        self.direct.store_ref(k, r.v, f, v.v);
        self.store(r, f, self.rec.operand_ref(v));
    }
    fn set_item_int(self, k: Key, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>, v: Sym<i64>) {
        self.direct.set_item_int(k, r.v, a, i.v, v.v);
        self.set_item(r, a, i, self.rec.operand_int(v));
    }
    fn set_item_float(self, k: Key, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>, v: Sym<f64>) {
        self.direct.set_item_float(k, r.v, a, i.v, v.v);
        self.set_item(r, a, i, self.rec.operand_float(v));
    }
    fn set_item_ref(self, k: Key, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>, v: Sym<Gc>) {
        self.direct.set_item_ref(k, r.v, a, i.v, v.v);
        self.set_item(r, a, i, self.rec.operand_ref(v));
    }
    /// Runs once per `Commit::write`, so this is where an effect begins, unless the object is of this step.
    #[inline(never)]
    fn barrier(self, k: Key, r: Sym<Gc>) {
        self.direct.barrier(k, r.v);
        if self.rec.is_active() && !self.is_fresh(r) {
            self.before_effect();
            let object = self.rec.operand_ref(r);
            self.rec.trace.borrow_mut().pure(Opcode::Barrier, &[object]);
        }
    }
    fn plain_effect(self, _: Key, r: Sym<Gc>) {
        if self.rec.is_active() && !self.is_fresh(r) {
            self.before_effect();
        }
    }
    fn must_log(self, _: Sym<Gc>) -> bool {
        false
    }
    #[inline(never)]
    fn barrier_item(self, k: Key, r: Sym<Gc>, a: &'static ArrayInfo, i: Sym<i64>) {
        self.direct.barrier_item(k, r.v, a, i.v);
        if self.rec.is_active() && !self.is_fresh(r) {
            self.before_effect();
            let args = [self.rec.operand_ref(r), self.rec.operand_int(i)];
            let descr = self.rec.array_descr(a);
            self.rec
                .trace
                .borrow_mut()
                .heap(Opcode::BarrierItem, &args, descr);
        }
    }
    #[inline(never)]
    fn guard(self, _: Key, c: Condition) -> bool {
        if let Some(holds) = c.guard {
            let code = if c.v {
                holds
            } else {
                holds.negated().expect("each condition has a negation")
            };
            let args = [c.a, c.b];
            let used = if c.b.is_some() { 2 } else { 1 };
            self.record_guard(code, &args[..used], DescrId::NONE);
        }
        c.v
    }
    #[inline(never)]
    fn guard_class(self, _: Key, r: Sym<Gc>) -> u32 {
        let type_id = r.v.type_id().0;
        if self.rec.is_active()
            && !r.is_constant()
            && self.rec.cache.borrow_mut().learn_class(r.arg, type_id)
        {
            let descr = self.rec.type_descr(type_id);
            self.record_guard(Opcode::GuardClass, &[r.arg], descr);
        }
        type_id
    }
    #[inline(never)]
    fn guard_int(self, _: Key, v: Sym<i64>) -> i64 {
        if self.rec.is_active() && !v.is_constant() && self.rec.cache.borrow_mut().promote(v.arg) {
            let constant = self.rec.operand_int(Sym::constant(v.v));
            self.record_guard(Opcode::GuardIntEq, &[v.arg, constant], DescrId::NONE);
        }
        v.v
    }
    #[inline(never)]
    fn guard_ref(self, _: Key, v: Sym<Gc>) -> Gc {
        if self.rec.is_active() && !v.is_constant() && self.rec.cache.borrow_mut().promote(v.arg) {
            let constant = self.rec.operand_ref(Sym::constant(v.v));
            self.record_guard(Opcode::GuardPtrEq, &[v.arg, constant], DescrId::NONE);
        }
        v.v
    }
    #[inline(never)]
    fn int_ovf(self, k: Key, op: OvfOp, a: Sym<i64>, b: Sym<i64>) -> Option<Sym<i64>> {
        let result = self.direct.int_ovf(k, op, a.v, b.v);
        if !self.rec.is_active() || (a.is_constant() && b.is_constant()) {
            return result.map(Sym::constant);
        }
        assert!(!self.rec.effect.get(), "K1: a guard after an effect");
        let args = [self.rec.operand_int(a), self.rec.operand_int(b)];
        let exit = self.rec.exit();
        let (stays, overflows) = match op {
            OvfOp::Add => (Opcode::IntAddOvf, Opcode::GuardAddOverflows),
            OvfOp::Sub => (Opcode::IntSubOvf, Opcode::GuardSubOverflows),
            OvfOp::Mul => (Opcode::IntMulOvf, Opcode::GuardMulOverflows),
        };
        let code = if result.is_some() { stays } else { overflows };
        let arg = self.rec.trace.borrow_mut().guard(code, &args, exit);
        result.map(|v| Sym { v, arg })
    }
    #[inline(never)]
    fn memo(
        self,
        _: Key,
        _: u32,
        key: &'static Quasi,
        f: impl FnOnce() -> L::Answer,
    ) -> Option<L::Answer> {
        self.rec.depend_on(key);
        Some(f())
    }
    fn refill(self, site: u32, key: &'static Quasi, answer: L::Answer) {
        self.direct.refill(site, key, answer)
    }
    #[inline(never)]
    fn depend_on(self, _: Key, fact: &'static Quasi) {
        self.rec.depend_on(fact)
    }
    fn call_probe_ref<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [WordSym; N],
    ) -> Sym<Gc> {
        let (bits, arg) = self.call_probe(f, words);
        Sym {
            v: <Gc as ouro_machine::residual::Word>::from_word(bits),
            arg,
        }
    }
    fn call_probe_int<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [WordSym; N],
    ) -> Sym<i64> {
        let (bits, arg) = self.call_probe(f, words);
        Sym {
            v: bits as i64,
            arg,
        }
    }
    fn call_probe_float<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [WordSym; N],
    ) -> Sym<f64> {
        let (bits, arg) = self.call_probe(f, words);
        Sym {
            v: f64::from_bits(bits),
            arg,
        }
    }
    #[inline(never)]
    fn call<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [WordSym; N],
        after: L::Step,
    ) -> Result<Sym<Gc>, Sym<Gc>> {
        self.rec.vm.frames_read.set(false);
        let ret = f.invoke(self.rec.vm, words.map(|w| w.bits));
        let value = <Gc as ouro_machine::residual::Word>::from_word(ret.value);
        let raised = <Gc as ouro_machine::residual::Word>::from_word(ret.exc);
        let outcome = if raised.is_null() {
            Ok(value)
        } else {
            Err(raised)
        };
        if !self.rec.is_active() {
            return outcome.map(Sym::constant).map_err(Sym::constant);
        }
        self.rec.after_residual();
        if !self.rec.is_active() {
            return outcome.map(Sym::constant).map_err(Sym::constant);
        }
        self.before_effect();
        let args: Vec<Arg> = words.iter().map(|w| w.arg).collect();
        if let Ok(value) = outcome
            && let Some(step) = after.unboxed()
            && let Some(arg) = self.record_unboxed(f, &args, value, step)
        {
            return Ok(Sym { v: value, arg });
        }
        let descr = self.rec.call_descr(f);
        let (code, exit) = match outcome {
            Err(_) => (
                Opcode::CallRaises,
                self.rec.call_exit(ExitEntry::PendingValue, Some(after)),
            ),
            Ok(_) if f.effects.can_raise => (
                Opcode::Call,
                self.rec.call_exit(ExitEntry::PendingRaise, None),
            ),
            Ok(_) => (Opcode::Call, ExitId::NONE),
        };
        let arg = self
            .rec
            .trace
            .borrow_mut()
            .push_pool(code, &args, descr, exit);
        self.after_call(f.effects);
        outcome.map(|v| Sym { v, arg }).map_err(|v| Sym { v, arg })
    }
    #[inline(never)]
    fn call_void<const N: usize>(self, _: Key, f: &'static Residual, words: [WordSym; N]) {
        f.invoke(self.rec.vm, words.map(|w| w.bits));
        if self.rec.is_active() {
            self.before_effect();
            self.record_call(f, &words);
            self.after_call(f.effects);
        }
    }
}
