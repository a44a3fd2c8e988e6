//! Phases of a step. `Probe` may guard, branch and promote; `Commit` may have effects and has no guards.
//!
//! Only a driver starts a step (it holds the private [`crate::driver::Driver`] key), so a handler cannot turn its `Commit`
//! back into a `Probe`: a guard after an effect does not compile (P1).

use crate::typed::{Array, ArrayInfo, G, Kind, Plain, R};
use crate::{
    Code, Flow, Handler, IntCmp, Key, Language, Machine, OvfOp, Quasi, Residual, ResumePoint,
};
use ouro_gc::{Field, Gc, Immutable, Mutable, Object};
use std::ops::Deref;

/// First phase of a step: may guard, branch and promote; has no effects.
pub struct Probe<M>(M);
/// Second phase: effects, and no guards.
pub struct Commit<M>(M);

impl<M> Deref for Probe<M> {
    type Target = M;
    #[inline(always)]
    fn deref(&self) -> &M {
        &self.0
    }
}
impl<M> Deref for Commit<M> {
    type Target = M;
    #[inline(always)]
    fn deref(&self) -> &M {
        &self.0
    }
}

/// An object allocated in this step. Writing its fields is no effect.
pub struct Fresh<M: Machine, T>(M, R<M, T>);
impl<M: Machine, T> Fresh<M, T> {
    #[inline(always)]
    pub fn with<F: Kind, K>(self, field: Field<T, F, K>, v: F::In<M>) -> Self {
        F::store(self.0, Key(()), self.1.raw, field.info, v);
        self
    }
    #[inline(always)]
    pub fn any(self) -> M::Ref {
        self.1.raw
    }
    #[inline(always)]
    pub fn typed(self) -> R<M, T> {
        self.1
    }
}
/// An array allocated in this step.
pub struct FreshArray<M: Machine, O: 'static, T: Kind>(M, R<M, O>, &'static Array<O, T>);
impl<M: Machine, O: 'static, T: Kind> FreshArray<M, O, T> {
    #[inline(always)]
    pub fn with(self, i: M::Int, v: T::In<M>) -> Self {
        T::set_item(self.0, Key(()), self.1.raw, &self.2.info, i, v);
        self
    }
    /// Writes a field of the array object that is not an item.
    #[inline(always)]
    pub fn with_field<F: Kind, K>(self, field: Field<O, F, K>, v: F::In<M>) -> Self {
        F::store(self.0, Key(()), self.1.raw, field.info, v);
        self
    }
    #[inline(always)]
    pub fn any(self) -> M::Ref {
        self.1.raw
    }
    #[inline(always)]
    pub fn typed(self) -> R<M, O> {
        self.1
    }
}

/// What both phases can do: look and make new objects.
macro_rules! common {
    ($phase:ident) => {
        impl<M: Machine> $phase<M> {
            #[inline(always)]
            pub fn get<O, T: Kind, K>(&self, r: R<M, O>, f: Field<O, T, K>) -> T::In<M> {
                T::load(self.0, r.raw, f.info)
            }
            #[inline(always)]
            pub fn item<O: 'static, T: Kind>(
                &self,
                r: R<M, O>,
                a: &'static Array<O, T>,
                i: M::Int,
            ) -> T::In<M> {
                T::item(self.0, r.raw, &a.info, i)
            }
            /// The number of items; it never changes.
            #[inline(always)]
            pub fn array_len<O: 'static, T: Kind>(
                &self,
                r: R<M, O>,
                a: &'static Array<O, T>,
            ) -> M::Int {
                self.0.load_int(r.raw, len_field(&a.info))
            }
            #[inline(always)]
            pub fn host<T>(&self, p: &'static T) -> G<M, T> {
                G::new(self.0.host_ptr((&raw const *p).cast()))
            }
            #[inline(always)]
            pub fn new_object<T: Object>(&self) -> Fresh<M, T> {
                Fresh(self.0, R::assume(self.0.alloc(T::TYPE_ID, T::BYTES)))
            }
            /// Items are zero. `len` is not negative.
            #[inline(always)]
            pub fn new_array<O: 'static, T: Kind>(
                &self,
                a: &'static Array<O, T>,
                len: M::Int,
            ) -> FreshArray<M, O, T> {
                FreshArray(self.0, R::assume(self.0.alloc_array(&a.info, len)), a)
            }
        }
    };
}
common!(Probe);
common!(Commit);

fn len_field(a: &ArrayInfo) -> ouro_gc::FieldInfo {
    ouro_gc::FieldInfo {
        offset: a.len_offset,
        name: a.name,
        kind: ouro_gc::FieldKind::Int,
        mutability: ouro_gc::FieldMutability::Immutable,
    }
}

impl<M: Machine> Probe<M> {
    #[inline(always)]
    pub(crate) fn new(m: M, _: crate::driver::Driver) -> Self {
        Probe(m)
    }
    #[inline(always)]
    pub fn commit(self) -> Commit<M> {
        Commit(self.0)
    }
    /// The truth of `c`; a trace leaves where it is otherwise.
    #[inline(always)]
    pub fn guard(&self, c: M::Bool) -> bool {
        self.0.guard(Key(()), c)
    }
    /// Some if the class of `r` is `T`. Records one guard on the class that `r` has, whatever is asked for.
    #[inline(always)]
    pub fn cast<T: Object>(&self, r: M::Ref) -> Option<R<M, T>> {
        (self.type_id(r) == T::TYPE_ID).then(|| R::assume(r))
    }
    /// The type id of `r`, promoted. `r` is not null.
    #[inline(always)]
    pub fn type_id(&self, r: M::Ref) -> u32 {
        self.0.guard_class(Key(()), r)
    }
    /// Whether a frame of `code` that this step would enter ([`crate::Flow::Enter`]) is to be entered in place. A recorder
    /// says no where code is inlined into itself too often: then the step does the same by a residual call.
    #[inline(always)]
    pub fn enters(&self, code: &'static Code<M::L>) -> bool {
        !M::RECORDS || self.0.enters(code)
    }
    /// Host data as plain Rust data: constant in the trace.
    #[inline(always)]
    pub fn promote<T>(&self, g: G<M, T>) -> &'static T {
        crate::direct::host_ref(self.0.guard_int(Key(()), g.0))
    }
    #[inline(always)]
    pub fn promote_int(&self, v: M::Int) -> i64 {
        self.0.guard_int(Key(()), v)
    }
    #[inline(always)]
    pub fn promote_ref(&self, v: M::Ref) -> Gc {
        self.0.guard_ref(Key(()), v)
    }
    /// Is `v` the object `constant`?
    #[inline(always)]
    pub fn is(&self, v: M::Ref, constant: Gc) -> bool {
        self.guard(self.0.same(v, self.0.konst(constant)))
    }
    #[inline(always)]
    pub fn is_null_ref(&self, v: M::Ref) -> bool {
        self.guard(self.0.is_null(v))
    }
    #[inline(always)]
    pub fn int_ovf(&self, op: OvfOp, a: M::Int, b: M::Int) -> Option<M::Int> {
        self.0.int_ovf(Key(()), op, a, b)
    }
    /// `0 <= i < len`
    #[inline(always)]
    pub fn in_bounds(&self, i: M::Int, len: M::Int) -> bool {
        self.guard(self.0.int_cmp(IntCmp::Ult, i, len))
    }
    /// `f()`, which must be a pure function of the version of `key` and of the instruction. None on a miss of the inline
    /// cache `site`: leave the line, [`Probe::refill`], and return `Flow::Again`.
    #[inline(always)]
    pub fn memo(
        &self,
        site: u32,
        key: &'static Quasi,
        f: impl FnOnce() -> <M::L as Language>::Answer,
    ) -> Option<<M::L as Language>::Answer> {
        self.0.memo(Key(()), site, key, f)
    }
    /// Fills an inline cache.
    pub fn refill(&self, site: u32, key: &'static Quasi, answer: <M::L as Language>::Answer) {
        self.0.refill(site, key, answer)
    }
    /// The trace is valid as long as the fact does not change.
    #[inline(always)]
    pub fn depend_on(&self, fact: &'static Quasi) {
        self.0.depend_on(Key(()), fact)
    }
    /// The field holds `v`, which the handler knows without looking.
    #[inline(always)]
    pub fn know<O>(&self, r: R<M, O>, f: Field<O, i64, Immutable>, v: M::Int) {
        self.0.known_int(r.raw, f.info, v);
    }
    /// Item `i` is `v`, which the handler knows without looking. The items of the array never change.
    #[inline(always)]
    pub fn know_item<O: 'static>(&self, r: R<M, O>, a: &'static Array<O, u8>, i: i64, v: M::Int) {
        debug_assert!(a.info.immutable);
        self.0.known_item(r.raw, &a.info, i, v);
    }
    /// A residual call without effects (`f.effects.probe`).
    #[inline(always)]
    pub fn call_ref<const N: usize>(&self, f: &'static Residual, words: [M::Word; N]) -> M::Ref {
        self.0.call_probe_ref(Key(()), f, words)
    }
    #[inline(always)]
    pub fn call_int<const N: usize>(&self, f: &'static Residual, words: [M::Word; N]) -> M::Int {
        self.0.call_probe_int(Key(()), f, words)
    }
    #[inline(always)]
    pub fn call_float<const N: usize>(
        &self,
        f: &'static Residual,
        words: [M::Word; N],
    ) -> M::Float {
        self.0.call_probe_float(Key(()), f, words)
    }
    #[inline(always)]
    pub fn out_of_line(self, rest: Handler<M>) -> Flow<M> {
        Flow::OutOfLine(rest)
    }
}

impl<M: Machine> Commit<M> {
    #[inline(always)]
    pub(crate) fn new(m: M, _: crate::driver::Driver) -> Self {
        Commit(m)
    }
    /// One object to be written: the barrier runs once, before the stores.
    #[inline(always)]
    pub fn write<O>(&self, r: R<M, O>) -> Writer<M, O> {
        self.0.barrier(Key(()), r.raw);
        Writer(self.0, r)
    }
    /// Stores one item, barrier first.
    #[inline(always)]
    pub fn set_item<O: 'static, T: Kind>(
        &self,
        r: R<M, O>,
        a: &'static Array<O, T>,
        i: M::Int,
        v: T::In<M>,
    ) {
        self.0.barrier_item(Key(()), r.raw, &a.info, i);
        T::set_item(self.0, Key(()), r.raw, &a.info, i, v);
    }
    /// Stores plain data into a field: an effect without barrier.
    #[inline(always)]
    pub fn set_plain<O, T: Plain>(&self, r: R<M, O>, f: Field<O, T, Mutable>, v: T::In<M>) {
        self.0.plain_effect(Key(()), r.raw);
        T::store(self.0, Key(()), r.raw, f.info, v);
    }
    /// Stores plain data into an item: an effect without barrier.
    #[inline(always)]
    pub fn set_item_plain<O: 'static, T: Plain>(
        &self,
        r: R<M, O>,
        a: &'static Array<O, T>,
        i: M::Int,
        v: T::In<M>,
    ) {
        self.0.plain_effect(Key(()), r.raw);
        T::set_item(self.0, Key(()), r.raw, &a.info, i, v);
    }
    /// A residual call; its value or exception goes to return step `after`.
    #[inline(always)]
    pub fn call<const N: usize>(
        self,
        f: &'static Residual,
        words: [M::Word; N],
        after: <M::L as Language>::Step,
    ) -> Flow<M> {
        match self.0.call(Key(()), f, words, after) {
            Ok(value) => Flow::Value { step: after, value },
            Err(e) => Flow::Raise(e),
        }
    }
    /// A residual call whose value goes to the instruction's destination.
    #[inline(always)]
    pub fn call_store<const N: usize>(self, f: &'static Residual, words: [M::Word; N]) -> Flow<M> {
        self.call(f, words, <<M::L as Language>::Step as ResumePoint>::STORE)
    }
    /// A residual call that cannot raise and gives nothing.
    #[inline(always)]
    pub fn call_void<const N: usize>(&self, f: &'static Residual, words: [M::Word; N]) {
        self.0.call_void(Key(()), f, words)
    }
}

/// An object being written; the barrier has run.
pub struct Writer<M: Machine, O>(M, R<M, O>);
impl<M: Machine, O> Writer<M, O> {
    #[inline(always)]
    pub fn set<T: Kind>(self, f: Field<O, T, Mutable>, v: T::In<M>) -> Self {
        T::store(self.0, Key(()), self.1.raw, f.info, v);
        self
    }
    #[inline(always)]
    pub fn next(self) -> Flow<M> {
        Flow::Next
    }
}
