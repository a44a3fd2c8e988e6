//! Delayed stores: an object that is stored somewhere stays virtual until somebody may look there.
//!
//! A store of a virtual object into a mutable field of a real one is put aside. A later store into the same field takes
//! its place, and one that puts back what was there before leaves nothing to do at all. Exits describe what was
//! put aside as [`VirtualObject::Existing`](ouro_ir::VirtualObject), so whoever leaves finds memory as it should be.
//!
//! Invariant D1: at any time memory and the delayed stores together are what the recorded operations have made so far.
//! Invariant D2: no two delayed stores can be to the same place, and no load, call, label or jump comes after one that it
//! could notice.
//!
//! Source: the lazy sets of PyPy's heap optimization.

use crate::passes::heap::store;
use crate::pipeline::Flow;
use crate::state::State;
use ouro_ir::{Arg, Descr, DescrId, ExitId, Mutability, Opcode, Width};

/// More than this are not kept: each exit describes them all.
const MOST: usize = 8;

/// A store that was put aside.
#[derive(Clone, Copy, Debug)]
pub struct Delayed {
    pub object: Arg,
    pub field: DescrId,
    pub value: Arg,
    /// What the field holds as long as the store is not done, or none if that is not known.
    pub before: Arg,
}

impl State<'_> {
    /// A store into a field of a real object: put aside, not needed, or to be done after those that it must not overtake.
    pub fn store_or_delay(&mut self, object: Arg, field: DescrId, value: Arg) -> Flow {
        self.settle_aliases(object, field);
        let same = |d: &Delayed| d.field == field && self.resolve(d.object) == object;
        let mine = self.delayed.iter().position(same);
        if value.as_virtual().is_some() && self.may_delay(field) {
            match mine {
                Some(n) => self.delayed[n].value = value,
                None => {
                    if self.delayed.len() == MOST {
                        let oldest = self.delayed.remove(0);
                        self.settle(oldest);
                    }
                    let before = self.find_fact(object, field, Arg::NONE);
                    self.delayed.push(Delayed {
                        object,
                        field,
                        value,
                        before: before.unwrap_or(Arg::NONE),
                    });
                }
            }
            self.objects.generation += 1;
            store(self, object, field, Arg::NONE, value);
            return Flow::Gone;
        }
        let Some(n) = mine else { return Flow::Next };
        let delayed = self.delayed.remove(n);
        self.objects.generation += 1;
        if delayed.before.is_some() && self.resolve(delayed.before) == value {
            store(self, object, field, Arg::NONE, value);
            return Flow::Gone;
        }
        Flow::Next
    }
    fn may_delay(&self, field: DescrId) -> bool {
        let mutable = |d: &Descr| matches!(d, Descr::Field(f) if f.mutability == Mutability::Mutable && f.width == Width::Ref);
        self.input.options.delay && mutable(self.input.descr(field))
    }
    /// Does the stores that a look at this field could notice, but for one into this very object.
    pub fn settle_aliases(&mut self, object: Arg, field: DescrId) {
        let mut n = 0;
        while n < self.delayed.len() {
            let delayed = self.delayed[n];
            let other = self.resolve(delayed.object);
            if delayed.field == field && other != object && self.may_alias(object, other) {
                self.delayed.remove(n);
                self.settle(delayed);
            } else {
                n += 1;
            }
        }
    }
    /// Does all stores that were put aside.
    pub fn settle_stores(&mut self) {
        for delayed in std::mem::take(&mut self.delayed) {
            self.settle(delayed);
        }
    }
    fn settle(&mut self, delayed: Delayed) {
        let object = self.resolve(delayed.object);
        let value = self.force(delayed.value);
        let epoch = self.epoch;
        if self.known(object).barrier != epoch {
            let args = [object, Arg::NONE, Arg::NONE];
            self.emit(Opcode::Barrier, args, DescrId::NONE, ExitId::NONE);
            self.known_mut(object).barrier = epoch;
        }
        let args = [object, value, Arg::NONE];
        self.emit(Opcode::Setfield, args, delayed.field, ExitId::NONE);
        self.objects.generation += 1;
    }
    /// A bridge begins with a store that its parent has put aside.
    pub fn begin_delayed(&mut self, object: Arg, field: DescrId, value: Arg) {
        self.delayed.push(Delayed {
            object,
            field,
            value,
            before: Arg::NONE,
        });
        if self.input.options.heap {
            self.add_fact(object, field, Arg::NONE, value, true);
        } else {
            self.settle_stores();
        }
    }
}
