//! Programs that must not compile: each is one way to break an invariant of the crate.
//!
//! The twin that compiles, so that the others fail for their reason and not for a typing error:
//! ```
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, c: M::Bool, v: M::Ref) -> Flow<M> {
//!     if p.guard(c) {
//!         return Flow::Raise(v);
//!     }
//!     let _commit = p.commit();
//!     Flow::Next
//! }
//! ```
//! P1: no guard after `commit()`, because the probe is gone:
//! ```compile_fail
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, c: M::Bool) -> Flow<M> {
//!     let _commit = p.commit();
//!     p.guard(c);
//!     Flow::Next
//! }
//! ```
//! P1: `Commit` has no guards:
//! ```compile_fail
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, c: M::Bool) -> Flow<M> {
//!     p.commit().guard(c);
//!     Flow::Next
//! }
//! ```
//! P1: a probe cannot be copied and kept:
//! ```compile_fail
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, c: M::Bool) -> Flow<M> {
//!     let kept = p.clone();
//!     let _commit = p.commit();
//!     kept.guard(c);
//!     Flow::Next
//! }
//! ```
//! P1: only a driver makes a probe; its key has no public constructor:
//! ```compile_fail
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, c: M::Bool) -> Flow<M> {
//!     let m: M = *p;
//!     let _commit = p.commit();
//!     Probe::new(m, driver::Driver(())).guard(c);
//!     Flow::Next
//! }
//! ```
//! P1: the raw guard of the machine handle needs a key that only this crate can make:
//! ```compile_fail
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, c: M::Bool) -> Flow<M> {
//!     let m: M = *p;
//!     let _commit = p.commit();
//!     m.guard(Key(()), c);
//!     Flow::Next
//! }
//! ```
//! P1: no store before `commit()`, for the same reason:
//! ```compile_fail
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, o: M::Ref, f: ouro_gc::FieldInfo, v: M::Ref) -> Flow<M> {
//!     p.store_ref(Key(()), o, f, v);
//!     Flow::Next
//! }
//! ```
//! P6: a symbolic value cannot be boxed away:
//! ```compile_fail
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, v: M::Ref) -> Flow<M> {
//!     let _kept: Box<dyn std::any::Any> = Box::new(v);
//!     Flow::Next
//! }
//! ```
//! P6: nor sent to a thread:
//! ```compile_fail
//! use ouro_machine::*;
//! fn handler<M: Machine>(p: Probe<M>, v: M::Ref) -> Flow<M> {
//!     std::thread::spawn(move || drop(v));
//!     Flow::Next
//! }
//! ```
//! A field that is immutable cannot be written after the object was made:
//! ```compile_fail
//! use ouro_machine::*;
//! struct Point;
//! const X: ouro_gc::Field<Point, i64, ouro_gc::Immutable> = ouro_gc::Field::at(8, "Point.x");
//! fn handler<M: Machine>(p: Probe<M>, o: R<M, Point>, v: M::Int) -> Flow<M> {
//!     p.commit().write(o).set(X, v);
//!     Flow::Next
//! }
//! ```
