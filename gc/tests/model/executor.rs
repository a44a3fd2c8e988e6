//! Runs a program on one heap, step by step beside the oracle.
use super::common::*;
use super::coverage::Coverage;
use super::ops::{Behaviour, Op, WordKind};
use super::oracle::{FINALIZER_BASE, Kind, Oracle, STATIC, Serial};
use super::plants::Plant;
use super::setup::Setup;
use super::stores;
use ouro_gc::*;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// The immortal object outside the heap.
pub static OUTSIDE: Immortal = Immortal::new(TypeId(Node::TYPE_ID));

/// The program's roots: slots that a collector may update.
#[derive(Default)]
pub struct Slots {
    cells: RefCell<Vec<Cell<Gc>>>,
    /// Planted: the last one is not reported.
    forgets_last: bool,
}

impl Slots {
    pub fn get(&self, n: usize) -> Gc {
        self.cells.borrow()[n].get()
    }
    pub fn push(&self, gc: Gc) {
        self.cells.borrow_mut().push(Cell::new(gc));
    }
    pub fn to_vec(&self) -> Vec<Gc> {
        self.cells.borrow().iter().map(Cell::get).collect()
    }
    pub fn truncate(&self, len: usize) {
        self.cells.borrow_mut().truncate(len);
    }
    fn swap_remove(&self, n: usize) {
        self.cells.borrow_mut().swap_remove(n);
    }
}
impl RootProvider for Slots {
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        let cells = self.cells.borrow();
        let reported = cells.len() - usize::from(self.forgets_last && cells.len() > 3);
        visitor.slots(&cells[..reported]);
    }
}

/// Words that may be references, as a native stack would hold them.
#[derive(Default)]
pub struct Words {
    pub words: RefCell<Vec<usize>>,
    /// Planted: these are not reported.
    pub dropped: RefCell<HashSet<usize>>,
    /// Planted: these are reported as references.
    pub believed: RefCell<Vec<Cell<Gc>>>,
}
impl RootProvider for Words {
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        for &word in &*self.words.borrow() {
            if !self.dropped.borrow().contains(&word) {
                visitor.ambiguous(word);
            }
        }
        visitor.slots(&self.believed.borrow());
    }
}

/// A heap that may be broken: while a failure unwinds, what goes wrong at its end is nobody's business.
pub struct Patient(Option<Box<Heap>>);

impl std::ops::Deref for Patient {
    type Target = Heap;
    fn deref(&self) -> &Heap {
        self.0.as_ref().expect("the heap goes last")
    }
}
impl Drop for Patient {
    fn drop(&mut self) {
        let heap = self.0.take();
        let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(heap)));
        if let Err(panic) = end
            && !std::thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// A heap, the oracle of its program, and what was seen of it.
pub struct Executor {
    pub heap: Patient,
    pub capabilities: Capabilities,
    pub roots: Rc<Slots>,
    pub words: Rc<Words>,
    pub oracle: Oracle,
    /// Where each object of the oracle is.
    pub places: HashMap<Serial, usize>,
    /// Objects allocated since the last safepoint.
    pub fresh: HashSet<Serial>,
    /// Bytes allocated without a check since the last poll.
    unchecked_bytes: usize,
    /// Identity numbers that were asked for.
    pub identities: BTreeMap<Serial, usize>,
    /// Objects in the heap's queue of finalizers.
    pub queue: BTreeSet<Serial>,
    /// Weak references in the heap's queue of dead ones: certainly, and possibly.
    pub dead_weak: BTreeSet<Serial>,
    pub perhaps_dead_weak: BTreeSet<Serial>,
    /// What finalizers kept.
    pub kept: RootVec,
    pub kept_serials: Vec<Serial>,
    /// Objects whose finalizers ran or run, each once.
    pub finalized: BTreeSet<Serial>,
    /// The objects of finalizers that run now.
    pub running: RootVec,
    /// Addresses of freed objects.
    pub freed: Vec<usize>,
    /// What the next poll must report.
    pub owed: Attention,
    /// The last poll did not report it.
    owed_late: bool,
    /// Collections of the whole heap so far.
    pub whole_collections: u64,
    /// Number of finalized objects when the heap was last looked at.
    pub finalized_before: usize,
    pub plant: Option<Plant>,
    pub coverage: Coverage,
}

impl Executor {
    pub fn new(
        row: &CollectorInfo,
        registry: &[CollectorInfo],
        setup: &Setup,
        plant: Option<Plant>,
    ) -> Executor {
        let heap = Heap::new(setup.config(row.name), registry, types()).expect("a small heap");
        let roots = Rc::new(Slots {
            forgets_last: plant == Some(Plant::RootNotReported),
            ..Slots::default()
        });
        let words = Rc::<Words>::default();
        heap.add_root_provider(roots.clone());
        heap.add_root_provider(words.clone());
        DESTROYED.take();
        Executor {
            capabilities: row.capabilities,
            kept: heap.root_vec(),
            running: heap.root_vec(),
            heap: Patient(Some(heap)),
            roots,
            words,
            oracle: Oracle::new(),
            places: HashMap::new(),
            fresh: HashSet::new(),
            unchecked_bytes: 0,
            identities: BTreeMap::new(),
            queue: BTreeSet::new(),
            dead_weak: BTreeSet::new(),
            perhaps_dead_weak: BTreeSet::new(),
            kept_serials: Vec::new(),
            finalized: BTreeSet::new(),
            freed: Vec::new(),
            owed: Attention::NONE,
            owed_late: false,
            whole_collections: 0,
            finalized_before: 0,
            plant,
            coverage: Coverage::default(),
        }
    }
    /// The name of the collector.
    pub fn name(&self) -> &'static str {
        self.heap.collector_info().name
    }
    /// The `n`-th root.
    pub fn root(&self, n: usize) -> Gc {
        self.roots.get(n)
    }
    fn value(&self, owner: Gc, value: super::ops::Value) -> Gc {
        use super::ops::Value;
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

    // ---- Allocation ---------------------------------------------------------------------------------------------------

    /// Notes a new object.
    fn note(&mut self, serial: Serial, gc: Gc) {
        self.places.insert(serial, gc.address());
        self.fresh.insert(serial);
    }
    /// A node through the unchecked allocator while the zone has room.
    fn new_node(&mut self, serial: Serial) -> Gc {
        let bytes = Node::BYTES as usize;
        let gc = if self.unchecked_bytes + bytes <= ZONE_BYTES {
            self.unchecked_bytes += bytes;
            self.heap.alloc(Node::id(), Node::BYTES)
        } else {
            self.heap.alloc_checked(Node::id(), Node::BYTES)
        };
        let node = gc.expect::<Node>();
        assert!(
            node.slots.iter().all(|s| s.get().is_null()),
            "new memory is zero"
        );
        node.serial.set(serial);
        self.note(serial, gc);
        gc
    }
    fn new_array(&mut self, serial: Serial, len: usize) -> Result<Gc, OutOfMemory> {
        let gc = self.heap.alloc_var(Array::id(), len)?;
        let array = gc.expect::<Array>();
        array.serial.set(serial);
        assert!(
            array.items().iter().all(|s| s.get().is_null()),
            "new memory is zero"
        );
        self.coverage.large_made += usize::from(gc.header().state() & state_bits::LARGE != 0);
        self.note(serial, gc);
        Ok(gc)
    }
    fn new_bytes(&mut self, serial: Serial, len: usize) -> Result<Gc, OutOfMemory> {
        let gc = self.heap.alloc_var(Blob::id(), len)?;
        let blob = gc.expect::<Blob>();
        blob.serial.set(serial);
        stores::write_bytes(gc, len, serial, 0);
        self.coverage.large_made += usize::from(gc.header().state() & state_bits::LARGE != 0);
        self.note(serial, gc);
        Ok(gc)
    }
    fn register_finalizer(&mut self, serial: Serial, gc: Gc) {
        let thing = self.oracle.thing(serial);
        if !thing.had_finalizer && !matches!(thing.kind, Kind::Mortal | Kind::Static) {
            self.heap.register_finalizer(gc);
        }
    }

    // ---- Steps --------------------------------------------------------------------------------------------------------

    /// Runs one operation on the heap and in the oracle.
    pub fn step(&mut self, op: &Op) {
        if self.run(op).is_ok() {
            self.oracle.apply(op);
        } else {
            self.coverage.out_of_memory += 1;
        }
        assert_eq!(
            self.roots.cells.borrow().len(),
            self.oracle.roots.len(),
            "after {op:?}: the program runs beside its model"
        );
    }
    /// The heap's half of an operation; the oracle is still in the state before it. An error means that nothing was done.
    fn run(&mut self, op: &Op) -> Result<(), OutOfMemory> {
        let next = self.oracle.next;
        match *op {
            Op::Poll => self.poll(),
            Op::Collect => self.collect(),
            Op::CollectBudget => self.safepoint(|heap| heap.collect(Reason::Budget)),
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
                let items = self.heap.config().max_bytes / 8 + 1;
                assert_eq!(self.heap.alloc_var(Array::id(), items), Err(OutOfMemory));
                assert_eq!(
                    self.heap.alloc_var(Array::id(), usize::MAX),
                    Err(OutOfMemory)
                );
                self.verify("after a refused allocation");
                self.coverage.refused += 1;
            }
            Op::Burst(n) => (0..n as u64).for_each(|i| _ = self.new_node(next + i)),
            Op::Chain(n) => {
                let mut last = Gc::NULL;
                for i in 0..=n as u64 {
                    let gc = self.new_node(next + i);
                    gc.expect::<Node>().slots[0].init(last);
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
                        "slot {slot} of object {s}"
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
    fn load_weak(&mut self, k: usize) {
        let Some((n, s)) = self.oracle.weak(k) else {
            return;
        };
        let value = self.root(n).expect::<WeakNode>().referent.get();
        assert_eq!(
            serial_of(value),
            self.oracle.thing(s).weak,
            "weak reference {s}"
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
    fn store(&mut self, n: usize, slot: usize, value: impl Fn(&Executor) -> Gc) {
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
        match owner.cast::<Array>() {
            Some(_) if slot.is_multiple_of(2) => self.heap.write_range(owner, slot..slot + 1),
            _ => self.heap.write(owner),
        }
        stores::write(owner, slot, value(self));
        self.coverage.stores += 1;
    }
    /// The barrier for some items: for those, for all, or for each one.
    fn write_range(&mut self, array: Gc, range: std::ops::Range<usize>, n: usize) {
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

    // ---- Identity -----------------------------------------------------------------------------------------------------

    /// Asks for an identity and compares it with what it was before.
    pub fn check_identity(&mut self, serial: Serial, gc: Gc) {
        let identity = match self.plant {
            Some(Plant::IdentityIsAddress) => gc.address(),
            _ => self.heap.identity(gc),
        };
        let before = *self.identities.entry(serial).or_insert(identity);
        assert_eq!(
            identity, before,
            "the identity of object {serial} is stable"
        );
    }

    // ---- Finalizers and weak references -------------------------------------------------------------------------------

    /// Takes the queue and runs what is in it.
    pub fn run_finalizers(&mut self) {
        let first = self.running.len();
        let queue = self.heap.take_finalizable();
        let serials: Vec<Serial> = queue.iter().map(|&gc| serial(gc)).collect();
        let taken: BTreeSet<Serial> = serials.iter().copied().collect();
        assert_eq!(taken.len(), serials.len(), "an object is queued once");
        assert_eq!(taken, self.queue, "the queue of finalizers");
        self.queue.clear();
        queue.into_iter().for_each(|gc| _ = self.running.push(gc));
        let behaviours: Vec<Behaviour> = serials
            .iter()
            .map(|&s| {
                self.oracle
                    .thing_mut(s)
                    .finalizer
                    .take()
                    .expect("registered")
            })
            .collect();
        for (n, (s, behaviour)) in serials.into_iter().zip(behaviours).enumerate() {
            assert!(
                self.finalized.insert(s),
                "object {s} is finalized at most once"
            );
            self.coverage.finalized += 1;
            self.finalize(first + n, s, behaviour);
            if self.plant == Some(Plant::FinalizerAgain) {
                self.heap.register_finalizer(self.running.get(first + n));
                self.oracle.thing_mut(s).finalizer = Some(behaviour);
            }
        }
        self.running.truncate(first);
    }
    fn finalize(&mut self, n: usize, s: Serial, behaviour: Behaviour) {
        match behaviour {
            Behaviour::Nothing => {}
            Behaviour::Resurrect => {
                self.coverage.resurrected += 1;
                self.kept.push(self.running.get(n));
                self.kept_serials.push(s);
            }
            Behaviour::Allocate => {
                let made = FINALIZER_BASE + s;
                let gc = self.new_node(made);
                gc.expect::<Node>().slots[0].init(self.running.get(n));
                self.oracle.insert(made, Kind::Node, 0);
                self.oracle.set_slot(made, 0, Some(s));
                self.kept.push(gc);
                self.kept_serials.push(made);
            }
            Behaviour::Collect => self.collect(),
            Behaviour::Cut => {
                if self.oracle.thing(s).slots() > 0 {
                    let gc = self.running.get(n);
                    self.heap.write(gc);
                    stores::write(gc, 0, Gc::NULL);
                    self.oracle.set_slot(s, 0, None);
                }
            }
        }
    }
    /// Takes the weak references whose referents died.
    pub fn take_dead(&mut self) {
        let taken = self.heap.take_dead_weakrefs();
        let serials: BTreeSet<Serial> = taken.iter().map(|&gc| serial(gc)).collect();
        assert_eq!(
            serials.len(),
            taken.len(),
            "a weak reference is reported once"
        );
        assert!(
            self.dead_weak.is_subset(&serials),
            "{:?} are reported, {:?} must be",
            serials,
            self.dead_weak
        );
        assert!(
            serials
                .iter()
                .all(|s| self.dead_weak.contains(s) || self.perhaps_dead_weak.contains(s)),
            "only dead weak references are reported, not {serials:?}"
        );
        self.coverage.weak_reported += serials.len();
        self.dead_weak.clear();
        self.perhaps_dead_weak.clear();
    }

    // ---- Words --------------------------------------------------------------------------------------------------------

    fn inject(&mut self, kind: WordKind, k: usize) {
        let root = self.oracle.root(k).filter(|r| r.1 != STATIC);
        let of_root = |offset: fn(usize, usize) -> usize| {
            root.map(|(n, s)| self.root(n).address() + offset(k, self.oracle.thing(s).bytes()))
        };
        let word = match kind {
            WordKind::Start => of_root(|_, _| 0),
            WordKind::Interior => of_root(|k, bytes| k % bytes),
            WordKind::End => of_root(|_, bytes| bytes),
            WordKind::Junk => Some(match k % 3 {
                0 => k.wrapping_mul(0x9E37_79B9_7F4A_7C15),
                1 => k,
                _ => self.root_or_zero(root).wrapping_add(k << 8),
            }),
            WordKind::Freed => k
                .checked_rem(self.freed.len())
                .map(|n| self.freed[n] + k % 17),
            WordKind::Garbage => self.garbage(k).map(|(at, bytes)| at + k % (bytes + 1)),
        };
        match self.plant {
            Some(Plant::EndWordNotReported) if matches!(kind, WordKind::End) => {
                self.words.dropped.borrow_mut().extend(word);
            }
            Some(Plant::FreedWordRevives) if matches!(kind, WordKind::Freed) => {
                let believed = word.map(|word| Cell::new(stores::believe(word & !15)));
                self.words.believed.borrow_mut().extend(believed);
            }
            _ => {}
        }
        self.words.words.borrow_mut().extend(word);
    }
    pub fn forget_words(&mut self) {
        self.words.words.borrow_mut().clear();
        self.words.dropped.borrow_mut().clear();
        self.words.believed.borrow_mut().clear();
    }
    fn root_or_zero(&self, root: Option<(usize, Serial)>) -> usize {
        root.map_or(0, |(n, _)| self.root(n).address())
    }
    /// Address and size of the `k`-th object that the program cannot reach.
    fn garbage(&self, k: usize) -> Option<(usize, usize)> {
        let reachable = self.oracle.reachable();
        let mut garbage: Vec<Serial> = self
            .oracle
            .things()
            .map(|thing| thing.serial)
            .filter(|&s| !self.oracle.is_in(&reachable, s))
            .collect();
        garbage.sort_unstable();
        let s = garbage[k.checked_rem(garbage.len())?];
        Some((self.places[&s], self.oracle.thing(s).bytes()))
    }

    // ---- Safepoints ---------------------------------------------------------------------------------------------------

    pub fn poll(&mut self) {
        let mut seen = Attention::NONE;
        self.safepoint(|heap| seen = heap.poll());
        let missing = self.owed.without(seen);
        if missing != Attention::NONE {
            // A second collection in the same poll, at the limit, may leave its news to the next one.
            assert!(
                self.heap.wants_attention() && !self.owed_late,
                "a poll reports {:?}, not {seen:?}",
                self.owed
            );
        }
        self.owed_late = missing != Attention::NONE;
        self.owed = missing;
        self.unchecked_bytes = 0;
        self.coverage.memory_errors += usize::from(seen.has(Attention::MEMORY_ERROR));
    }
    pub fn collect(&mut self) {
        self.safepoint(|heap| heap.collect(Reason::Explicit));
    }
    pub fn verify(&self, when: &str) -> VerifyReport {
        match self.heap.verify() {
            Ok(report) => report,
            Err(error) => panic!("{}, {when}: {error}", self.name()),
        }
    }
}

/// The serial number of what a slot holds.
pub fn serial_of(gc: Gc) -> Option<Serial> {
    match gc.is_null() {
        true => None,
        false if gc == OUTSIDE.gc() => Some(STATIC),
        false => Some(serial(gc)),
    }
}
