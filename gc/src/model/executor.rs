//! Runs a program on one heap, step by step beside the oracle.
use super::coverage::Coverage;
use super::ledger::Epoch;
use super::objects::*;
use super::ops::Behaviour;
use super::oracle::{FINALIZER_BASE, Kind, Oracle, STATIC, Serial};
use super::plants::Plant;
use super::setup::Setup;
use super::stores;
use super::words::Words;
use crate::*;
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
    pub fn set(&self, n: usize, gc: Gc) {
        self.cells.borrow()[n].set(gc);
    }
    pub(crate) fn swap_remove(&self, n: usize) {
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
    /// How often objects moved.
    pub moves: HashMap<Serial, usize>,
    /// Objects allocated since the last safepoint.
    pub fresh: HashSet<Serial>,
    /// Bytes allocated without a check since the last poll.
    pub unchecked_bytes: usize,
    /// Identity numbers that were asked for.
    pub identities: BTreeMap<Serial, usize>,
    /// Pinned objects, and where they are.
    pub pinned: BTreeMap<Serial, usize>,
    /// What slots held when the epoch began, where references are counted.
    pub(crate) epoch: Epoch,
    /// The most bytes that a step may have looked at so far.
    pub(crate) most_step_bytes: u64,
    /// Bytes handed out before the last collection.
    pub(crate) handed_out_before: u64,
    /// Objects in the heap's queue of finalizers.
    pub queue: BTreeSet<Serial>,
    /// Weak references in the heap's queue of dead ones: certainly, and possibly.
    pub dead_weak: BTreeSet<Serial>,
    pub perhaps_dead_weak: BTreeSet<Serial>,
    /// Objects whose destructors ran and that are in memory still.
    pub destroyed_early: BTreeSet<Serial>,
    /// Objects whose destructors ran since the last comparison.
    pub destroyed: Vec<Serial>,
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
    /// Objects that came out of queues when the heap was last looked at.
    pub news_before: usize,
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
            moves: HashMap::new(),
            fresh: HashSet::new(),
            unchecked_bytes: 0,
            identities: BTreeMap::new(),
            pinned: BTreeMap::new(),
            epoch: Epoch::default(),
            most_step_bytes: 0,
            handed_out_before: 0,
            queue: BTreeSet::new(),
            dead_weak: BTreeSet::new(),
            perhaps_dead_weak: BTreeSet::new(),
            destroyed_early: BTreeSet::new(),
            destroyed: Vec::new(),
            kept_serials: Vec::new(),
            finalized: BTreeSet::new(),
            freed: Vec::new(),
            owed: Attention::NONE,
            owed_late: false,
            whole_collections: 0,
            news_before: 0,
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

    // ---- Allocation ---------------------------------------------------------------------------------------------------

    /// Notes a new object.
    pub(crate) fn note(&mut self, serial: Serial, gc: Gc) {
        self.places.insert(serial, gc.address());
        self.fresh.insert(serial);
    }
    /// A node through the unchecked allocator while the zone has room.
    pub(crate) fn new_node(&mut self, serial: Serial) -> Gc {
        let bytes = Node::BYTES as usize;
        let is_full = self.unchecked_bytes + bytes > ZONE_BYTES;
        if is_full && serial.is_multiple_of(2) || serial.is_multiple_of(31) {
            // As compiled code in the middle of a straight line: another window, and no safepoint.
            assert!(self.heap.refill_window());
            self.unchecked_bytes = 0;
        }
        let gc = if self.unchecked_bytes + bytes <= ZONE_BYTES {
            self.unchecked_bytes += bytes;
            self.heap.alloc(Node::id(), Node::BYTES)
        } else {
            self.heap.alloc_checked(Node::id(), Node::BYTES)
        };
        let node = gc.expect::<Node>();
        assert!(
            node.slots.iter().all(|s| s.get().is_null()),
            "A3: new memory is zero"
        );
        node.serial.set(serial);
        self.note(serial, gc);
        gc
    }
    pub(crate) fn new_array(&mut self, serial: Serial, len: usize) -> Result<Gc, OutOfMemory> {
        let gc = self.heap.alloc_var(Array::id(), len)?;
        let array = gc.expect::<Array>();
        array.serial.set(serial);
        assert!(
            array.items().iter().all(|s| s.get().is_null()),
            "A3: new memory is zero"
        );
        self.coverage.large_made += usize::from(gc.header().state() & state_bits::LARGE != 0);
        self.note(serial, gc);
        Ok(gc)
    }
    /// An array whose length is written by [`Executor::finish_late_array`], with room for `nodes` nodes behind it, as
    /// compiled code allocates several objects at once.
    pub(crate) fn new_late_array(&mut self, serial: Serial, len: usize, nodes: usize) -> Gc {
        let bytes = (24 + 8 * len).max(32).next_multiple_of(16);
        let all = bytes + nodes * Node::BYTES as usize;
        if self.unchecked_bytes + all > ZONE_BYTES {
            assert!(self.heap.refill_window());
            self.unchecked_bytes = 0;
        }
        self.unchecked_bytes += bytes;
        let gc = self.heap.alloc(Array::id(), bytes as u32);
        self.note(serial, gc);
        gc
    }
    /// Writes what [`Executor::new_late_array`] left out; no safepoint was passed since.
    pub(crate) fn finish_late_array(&mut self, gc: Gc, serial: Serial, len: usize) {
        if self.plant == Some(Plant::LengthAfterSafepoint) {
            self.heap.collect(Reason::Budget);
        }
        stores::write_len(gc, len);
        gc.expect::<Array>().serial.set(serial);
    }
    pub(crate) fn new_bytes(&mut self, serial: Serial, len: usize) -> Result<Gc, OutOfMemory> {
        let gc = self.heap.alloc_var(Blob::id(), len)?;
        let blob = gc.expect::<Blob>();
        blob.serial.set(serial);
        stores::write_bytes(gc, len, serial, 0);
        self.coverage.large_made += usize::from(gc.header().state() & state_bits::LARGE != 0);
        self.note(serial, gc);
        Ok(gc)
    }
    pub(crate) fn register_finalizer(&mut self, serial: Serial, gc: Gc) {
        let thing = self.oracle.thing(serial);
        if !thing.had_finalizer && !matches!(thing.kind, Kind::Mortal | Kind::Static) {
            self.heap.register_finalizer(gc);
        }
    }

    // ---- Identity -----------------------------------------------------------------------------------------------------

    /// Asks for an identity and compares it with what it was before.
    pub fn check_identity(&mut self, serial: Serial, gc: Gc) {
        // What a collection in steps has judged dead has no number any more.
        if self.heap.space().borrow().is_judged_dead(gc.address()) {
            return;
        }
        let identity = match self.plant {
            Some(Plant::IdentityIsAddress) => gc.address(),
            _ => self.heap.identity(gc),
        };
        let before = *self.identities.entry(serial).or_insert(identity);
        assert_eq!(
            identity, before,
            "A7: the identity of object {serial} is stable"
        );
    }

    // ---- Finalizers and weak references -------------------------------------------------------------------------------

    /// Takes the queue and runs what is in it.
    pub fn run_finalizers(&mut self) {
        let first = self.running.len();
        let queue = self.heap.take_finalizable();
        let serials: Vec<Serial> = queue.iter().map(|&gc| serial(gc)).collect();
        let taken: BTreeSet<Serial> = serials.iter().copied().collect();
        assert_eq!(taken.len(), serials.len(), "A12: an object is queued once");
        assert_eq!(taken, self.queue, "A12: the queue of finalizers");
        for (n, &s) in serials.iter().enumerate() {
            let from_s = self.oracle.reach([s]);
            for &earlier in &serials[..n] {
                assert!(
                    !self.oracle.is_in(&from_s, earlier)
                        || self.oracle.is_in(&self.oracle.reach([earlier]), s),
                    "A12: object {earlier} is finalized before {s}, which reaches it"
                );
            }
        }
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
                "A12: object {s} is finalized at most once"
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
    pub(crate) fn finalize(&mut self, n: usize, s: Serial, behaviour: Behaviour) {
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
            "A12: a weak reference is reported once"
        );
        assert!(
            self.dead_weak.is_subset(&serials),
            "A12: {:?} are reported, {:?} must be",
            serials,
            self.dead_weak
        );
        assert!(
            serials
                .iter()
                .all(|s| self.dead_weak.contains(s) || self.perhaps_dead_weak.contains(s)),
            "A12: only dead weak references are reported, not {serials:?}"
        );
        self.coverage.weak_reported += serials.len();
        self.dead_weak.clear();
        self.perhaps_dead_weak.clear();
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
                "A12: a poll reports {:?}, not {seen:?}",
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
    /// A14: two collections with nothing between.
    pub(crate) fn collect_twice(&mut self) {
        self.collect();
        let first = self.places.clone();
        self.collect();
        if self.capabilities.collects {
            let gone: Vec<&Serial> = first
                .keys()
                .filter(|s| !self.places.contains_key(s))
                .collect();
            assert!(
                gone.is_empty(),
                "A14: a second collection in a row freed the objects {gone:?}"
            );
            let moved = first.iter().find(|(s, at)| self.places[s] != **at);
            assert!(
                moved.is_none() || self.capabilities.moves_old,
                "A14: a second collection in a row moved an object"
            );
            self.coverage.collected_twice += 1;
        }
    }
    pub fn verify(&self, when: &str) -> VerifyReport {
        match self.heap.verify() {
            Ok(report) => report,
            Err(error) => {
                let label = match error {
                    VerifyError::UnknownType { .. } | VerifyError::Overlap { .. } => "A9",
                    VerifyError::NotRemembered { .. } => "A5",
                    VerifyError::NotMarked { .. } => "A4",
                    VerifyError::BadLink { .. } => "R3",
                    VerifyError::BadReference { .. } => "A3",
                };
                panic!("{label}: {}, {when}: {error}", self.name())
            }
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
