//! What each operation does to a heap, and the barriers it runs first.
use super::executor::{Executor, OUTSIDE, serial_of};
use super::objects::*;
use super::ops::{Op, Value};
use super::oracle::{Oracle, STATIC};
use super::plants::Plant;
use super::stores;
use crate::*;

impl Executor {
    /// Runs one operation on the heap and in the oracle.
    pub fn step(&mut self, op: &Op) {
        if self.run(op).is_ok() {
            self.oracle.apply(op);
        } else {
            self.coverage.out_of_memory += 1;
        }
        assert_eq!(
            self.roots.to_vec().len(),
            self.oracle.roots.len(),
            "after {op:?}: the program runs beside its model"
        );
    }
    /// The heap's half of an operation; the oracle is still in the state before it. An error means that nothing was done.
    pub(crate) fn run(&mut self, op: &Op) -> Result<(), OutOfMemory> {
        let next = self.oracle.next;
        match *op {
            Op::Poll => self.poll(),
            Op::Collect => self.collect(),
            Op::CollectBudget => self.safepoint(|heap| heap.collect(Reason::Budget)),
            Op::Step => self.safepoint(|heap| heap.collect(Reason::Stress)),
            Op::Node => {
                let gc = self.new_node(next);
                self.roots.push(gc);
            }
            Op::Array(len) | Op::LargeArray(len) => {
                let gc = self.new_array(next, len)?;
                self.roots.push(gc);
            }
            Op::Bytes(len) | Op::LargeBytes(len) => {
                let gc = self.new_bytes(next, len)?;
                self.roots.push(gc);
            }
            Op::Weak(k) => {
                if let Some((n, _)) = self.oracle.referent(k) {
                    let gc = self.heap.alloc_checked(WeakNode::id(), WeakNode::BYTES);
                    let weak = gc.expect::<WeakNode>();
                    weak.serial.set(next);
                    weak.referent.set(self.root(n));
                    self.heap.register_weak(gc);
                    self.note(next, gc);
                    self.roots.push(gc);
                }
            }
            Op::Mortal => {
                let gc = mortal(&self.heap, next).gc();
                self.note(next, gc);
                self.roots.push(gc);
            }
            Op::Finalizable(_) => {
                let gc = self.new_node(next);
                self.heap.register_finalizer(gc);
                self.roots.push(gc);
            }
            Op::Register(k, _) => {
                if let Some((n, s)) = self.oracle.root(k) {
                    self.register_finalizer(s, self.root(n));
                }
            }
            Op::Immortal => {
                let gc = self.heap.alloc_immortal(Node::id(), Node::BYTES);
                gc.expect::<Node>().serial.set(next);
                self.note(next, gc);
                self.roots.push(gc);
            }
            Op::ImmortalArray(len) => {
                let gc = self.heap.alloc_var_immortal(Array::id(), len)?;
                gc.expect::<Array>().serial.set(next);
                self.note(next, gc);
                self.roots.push(gc);
            }
            Op::Immortalize(k) => {
                if let Some((n, s)) = self.oracle.root(k)
                    && s != STATIC
                {
                    self.heap.immortalize(self.root(n));
                }
            }
            Op::TooLarge => {
                // A sixteenth beyond the limit is given until the next poll.
                let max_bytes = self.heap.config().max_bytes;
                let items = max_bytes / 8 + max_bytes / 8 / 16 + 1;
                assert_eq!(self.heap.alloc_var(Array::id(), items), Err(OutOfMemory));
                assert_eq!(
                    self.heap.alloc_var(Array::id(), usize::MAX),
                    Err(OutOfMemory)
                );
                self.verify("after a refused allocation");
                self.coverage.refused += 1;
            }
            Op::Burst(n) => (0..n as u64).for_each(|i| _ = self.new_node(next + i)),
            Op::Flood(n) => {
                for i in 0..n as u64 {
                    self.new_bytes(next + i, 1_000)?;
                }
            }
            Op::Chain(n) => {
                let mut last = Gc::NULL;
                for i in 0..=n as u64 {
                    let gc = self.new_node(next + i);
                    gc.expect::<Node>().slots[0].init(last);
                    last = gc;
                }
                self.roots.push(last);
            }
            Op::MergedArray(n, len, k) => {
                let value = self.oracle.root(k).map_or(Gc::NULL, |(n, _)| self.root(n));
                let array = self.new_late_array(next, len, n);
                let mut nodes = Vec::new();
                for item in 0..n {
                    let node = self.new_node(next + 1 + item as u64);
                    node.expect::<Node>().slots[0].init(array);
                    node.expect::<Node>().slots[1].init(value);
                    nodes.push(node);
                }
                self.finish_late_array(array, next, len);
                for (item, node) in nodes.into_iter().enumerate().take(len) {
                    array.expect::<Array>().items()[item].init(node);
                }
                self.roots.push(array);
            }
            Op::Resize(k, len) => {
                if let Some((n, _, old_len)) = self.oracle.array(k) {
                    let len = Oracle::new_len(old_len, len);
                    let new = self.new_array(next, len)?;
                    // The new array needs no barrier: under precise roots nothing collects in an allocation.
                    stores::copy(self.root(n), new, 0..len.min(old_len));
                    self.roots.set(n, new);
                    self.coverage.grown += usize::from(len > old_len);
                }
            }
            Op::Pin(k) => {
                if let Some((n, s)) = self.oracle.root(k)
                    && s != STATIC
                {
                    let gc = self.root(n);
                    gc.header().add_state(state_bits::PINNED);
                    self.pinned.insert(s, gc.address());
                }
            }
            Op::Unpin(k) => {
                let nth = k.checked_rem(self.pinned.len());
                let s = nth.and_then(|n| self.pinned.keys().nth(n).copied());
                if let Some(s) = s {
                    self.pinned.remove(&s);
                    let gc = stores::believe(self.places[&s]);
                    gc.header().remove_state(state_bits::PINNED);
                }
            }
            Op::CollectTwice => self.collect_twice(),
            Op::Automatic(on) => self.heap.set_automatic(on),
            Op::Pressure(bytes) => _ = self.heap.ask_for_raw_memory(bytes),
            Op::FinalizableChain(n, _) => {
                let mut last = Gc::NULL;
                for i in 0..=n as u64 {
                    let gc = self.new_node(next + i);
                    gc.expect::<Node>().slots[0].init(last);
                    self.heap.register_finalizer(gc);
                    last = gc;
                }
                self.roots.push(last);
            }
            Op::Merged(n, k) => {
                let value = self.oracle.root(k).map_or(Gc::NULL, |(n, _)| self.root(n));
                let nodes: Vec<Gc> = (0..=n as u64).map(|i| self.new_node(next + i)).collect();
                for pair in nodes.windows(2) {
                    pair[0].expect::<Node>().slots[0].init(pair[1]);
                    pair[0].expect::<Node>().slots[1].init(value);
                }
                self.roots.push(nodes[0]);
            }
            Op::DropRoot(k) => {
                if let Some((n, _)) = self.oracle.root(k) {
                    self.roots.swap_remove(n);
                }
            }
            Op::DropMany(k) => {
                if let Some((n, _)) = self.oracle.root(k) {
                    self.roots.truncate(n);
                }
            }
            Op::CopyRoot(k) => {
                if let Some((n, _)) = self.oracle.root(k) {
                    self.roots.push(self.root(n));
                }
            }
            Op::Load(k, slot) => {
                if let Some((n, s, slot)) = self.oracle.holder(k, slot) {
                    let value = stores::read(self.root(n), slot);
                    assert_eq!(
                        serial_of(value),
                        self.oracle.slot(s, slot),
                        "A1: slot {slot} of object {s}"
                    );
                    if !value.is_null() {
                        self.roots.push(value);
                    }
                }
            }
            Op::LoadWeak(k) => self.load_weak(k),
            Op::Store(k, slot, value) => {
                if let Some((n, _, slot)) = self.oracle.holder(k, slot) {
                    self.store(n, slot, |it| it.value(it.root(n), value));
                }
            }
            Op::StoreElided(k, slot, value) => {
                if let Some((n, s, slot)) = self.oracle.holder(k, slot) {
                    let elided = self.fresh.contains(&s) || self.plant == Some(Plant::ElideAlways);
                    match elided {
                        true => {
                            self.coverage.elided += 1;
                            stores::write(self.root(n), slot, self.value(self.root(n), value));
                        }
                        false => self.store(n, slot, |it| it.value(it.root(n), value)),
                    }
                }
            }
            Op::Hide(k, depth, to) => {
                if let Some(deep) = self.oracle.deep(k, depth) {
                    let (last, way) = deep.slots.split_last().expect("a way has a step");
                    let down = |gc, &slot| stores::read(gc, slot);
                    let holder = way.iter().fold(self.root(deep.root), down);
                    let target = stores::read(holder, *last);
                    let place = self.oracle.hiding_place(to);
                    match place {
                        Some((n, _, slot)) => self.store(n, slot, |_| target),
                        None => self.roots.push(target),
                    }
                    if place.is_none_or(|(_, s, slot)| (s, slot) != (deep.holder, *last)) {
                        with_slots(holder, |slots| {
                            slots[*last].set(&self.heap, holder, Gc::NULL)
                        });
                    }
                }
            }
            Op::StoreLate(k, slot, count) => {
                if let Some((n, _, slot)) = self.oracle.holder(k, slot) {
                    let owner = self.root(n);
                    if self.plant != Some(Plant::LateStoreWithoutBarrier) {
                        self.heap.write(owner);
                    }
                    let place = stores::place(owner, slot);
                    let last = (0..=count as u64)
                        .map(|i| self.new_node(next + i))
                        .last()
                        .expect("one at least");
                    stores::write_at(place, last);
                }
            }
            Op::Fill(k, start, value) => {
                if let Some((n, _, len)) = self.oracle.array(k) {
                    let range = Oracle::range(len, start, start / 7);
                    let owner = self.root(n);
                    self.write_range(owner, range.clone(), start);
                    stores::fill(owner, range, self.value(owner, value));
                }
            }
            Op::Clear(k, start, count) => {
                if let Some((n, _, len)) = self.oracle.array(k) {
                    let range = Oracle::range(len, start, count);
                    let owner = self.root(n);
                    if self.plant != Some(Plant::ClearWithoutBarrier) {
                        self.write_range(owner, range.clone(), start);
                    }
                    stores::clear(owner, range);
                }
            }
            Op::Copy(from, to, start) => {
                if let (Some((from, _, from_len)), Some((to, _, to_len))) =
                    (self.oracle.array(from), self.oracle.array(to))
                {
                    let range = Oracle::range(from_len.min(to_len), start, start / 3);
                    let (from, to) = (self.root(from), self.root(to));
                    if self.plant != Some(Plant::CopyWithoutBarrier) {
                        self.write_range(to, range.clone(), start);
                    }
                    stores::copy(from, to, range);
                }
            }
            Op::Move(k, from, to) => {
                if let Some((n, _, len)) = self.oracle.array(k) {
                    let range = Oracle::range(len, from, to);
                    let to = to % (len - range.len() + 1);
                    let owner = self.root(n);
                    self.write_range(owner, to..to + range.len(), from);
                    stores::shift(owner, range, to);
                }
            }
            Op::Reverse(k, start) => {
                if let Some((n, _, len)) = self.oracle.array(k) {
                    let range = Oracle::range(len, start, start / 5);
                    let owner = self.root(n);
                    self.write_range(owner, range.clone(), start);
                    stores::reverse(owner, range);
                }
            }
            Op::Scribble(k) => {
                if let Some((n, s)) = self.oracle.scribbled(k) {
                    let thing = self.oracle.thing(s);
                    stores::write_bytes(self.root(n), thing.len, s, thing.version + 1);
                }
            }
            Op::Identity(k) => {
                if let Some((n, s)) = self.oracle.root(k) {
                    self.check_identity(s, self.root(n));
                    self.coverage.identities_asked += 1;
                }
            }
            Op::RunFinalizers => self.run_finalizers(),
            Op::TakeDead => self.take_dead(),
            Op::Word(kind, k) => self.inject(kind, k),
            Op::ForgetWords => {
                self.forget_words();
            }
        }
        Ok(())
    }
    pub(crate) fn load_weak(&mut self, k: usize) {
        let Some((n, s)) = self.oracle.weak(k) else {
            return;
        };
        let value = self.root(n).expect::<WeakNode>().referent.get();
        assert_eq!(
            serial_of(value),
            self.oracle.thing(s).weak,
            "A12: weak reference {s}"
        );
        // An object that nobody else reaches lives as long as its collector pleases: all programs leave it alone.
        if let Some(target) = serial_of(value)
            && self.oracle.is_in(&self.oracle.reachable(), target)
        {
            self.roots.push(value);
        }
    }

    // ---- Stores -------------------------------------------------------------------------------------------------------

    /// Stores into slot `slot` of the object of root `n`.
    pub(crate) fn store(&mut self, n: usize, slot: usize, value: impl Fn(&Executor) -> Gc) {
        let owner = self.root(n);
        match self.plant {
            Some(Plant::NullWithoutBarrier) if value(self).is_null() => {
                return stores::write(owner, slot, Gc::NULL);
            }
            Some(Plant::StaticWithoutBarrier) if value(self) == OUTSIDE.gc() => {
                return stores::write(owner, slot, OUTSIDE.gc());
            }
            Some(Plant::ItselfWithoutBarrier) if value(self) == owner => {
                return stores::write(owner, slot, owner);
            }
            Some(Plant::BarrierAfterStore) => {
                stores::write(owner, slot, value(self));
                return self.heap.write(owner);
            }
            Some(Plant::SafepointAfterBarrier) => {
                self.heap.write(owner);
                self.safepoint(|heap| heap.collect(Reason::Budget));
                return stores::write(self.root(n), slot, value(self));
            }
            _ => {}
        }
        let value = value(self);
        // The three ways in which a program runs the barrier.
        match owner.cast::<Array>() {
            Some(_) if slot.is_multiple_of(2) => {
                self.heap.write_range(owner, slot..slot + 1);
                stores::write(owner, slot, value);
            }
            _ if n.is_multiple_of(3) => {
                self.heap.write(owner);
                stores::write(owner, slot, value);
            }
            _ => with_slots(owner, |slots| slots[slot].set(&self.heap, owner, value)),
        }
        self.coverage.stores += 1;
        self.coverage.stores_of_null += usize::from(value.is_null());
        self.coverage.stores_of_statics += usize::from(value == OUTSIDE.gc());
        self.coverage.stores_of_itself += usize::from(value == owner);
    }
    /// The barrier for some items: for those, for all, or for each one.
    pub(crate) fn write_range(&mut self, array: Gc, range: std::ops::Range<usize>, n: usize) {
        self.coverage.range_stores += 1;
        if self.plant == Some(Plant::RangeLogsFirstItem) {
            return self.heap.write_range(array, range.start..range.start + 1);
        }
        match n % 3 {
            0 => self.heap.write(array),
            1 => self.heap.write_range(array, range),
            _ => range.for_each(|item| self.heap.write_range(array, item..item + 1)),
        }
    }
    pub(crate) fn value(&self, owner: Gc, value: super::ops::Value) -> Gc {
        match value {
            Value::Null => Gc::NULL,
            Value::Itself => owner,
            Value::Static => OUTSIDE.gc(),
            Value::Newest => self
                .oracle
                .roots
                .len()
                .checked_sub(1)
                .map_or(Gc::NULL, |n| self.root(n)),
            Value::Root(k) => self.oracle.root(k).map_or(Gc::NULL, |(n, _)| self.root(n)),
        }
    }
}
