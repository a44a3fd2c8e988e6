//! The test of the tests: each planted bug must be found, and the same programs without it must pass.
use ouro_gc::model::pairs::settings::collecting_rows;
use ouro_gc::model::pairs::suite::run;
use ouro_gc::model::pairs::toys::{Fault, set_fault};
use ouro_gc::*;
use std::cell::Cell;

/// Programs after which a bug counts as not found. Most are found by the first few.
const PROGRAMS: u64 = 1500;
const SEED: u64 = 11;

fn assert_found(row: &CollectorInfo, what: &str, signs: &[&str]) {
    match run(row, SEED, PROGRAMS, true) {
        Ok(_) => panic!(
            "{what} on {} was not found by {PROGRAMS} programs",
            row.name
        ),
        Err(failure) => {
            let line = failure.reason.replace('\n', " ");
            let program = failure.before + 1;
            println!("{what}: found by program {program}: {line}");
            assert!(
                signs.iter().any(|sign| line.contains(sign)),
                "{what} was found for another reason than {signs:?}: {line}"
            );
        }
    }
}
fn assert_clean(row: &CollectorInfo) {
    if let Err(failure) = run(row, SEED, PROGRAMS / 15, true) {
        panic!("without a planted bug: {}", failure.message);
    }
}

// ---- A raw side with bugs ---------------------------------------------------------------------------------------------

#[test]
fn bugs_of_the_raw_side_are_found() {
    for row in collecting_rows() {
        let mut faults = vec![
            (Fault::WrongBias, "R7"),
            (Fault::PendingAtZero, "R6"),
            (Fault::LinkNotCleared, "R"),
            (Fault::NeverFreed, "R"),
        ];
        if row.capabilities.moves {
            faults.push((Fault::LinkStays, ""));
        }
        for (fault, sign) in faults {
            set_fault(fault);
            assert_found(row, &format!("{fault:?}"), &[sign]);
        }
        set_fault(Fault::None);
        assert_clean(row);
    }
}

// ---- Collectors with bugs ---------------------------------------------------------------------------------------------

/// What a collector may do wrong with pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    None,
    /// References of the raw side keep nothing.
    NotTraced,
    /// They are looked at when weak references were cleared already,
    TracedAfterWeak,
    /// or when finalizers were queued already.
    TracedAfterFinalizers,
    /// What objects reach that only the raw side holds is followed too late.
    NoFixpoint,
    /// Links are undone before finalizers keep their objects.
    FinishedBeforeFinalizers,
    /// Links are never undone.
    NotFinished,
    /// Pairing is told that nothing moved.
    MovesHidden,
    /// Pairing is told that all survivors became old.
    AgesHidden,
    /// Pairing looks at old links only if the whole heap is collected, and is told that it never is.
    AlwaysYoung,
}

thread_local!(static SLIP: Cell<Slip> = const { Cell::new(Slip::None) });

/// Passes everything on but what the slip says.
struct Lying<'l>(&'l mut dyn Liveness);

impl Liveness for Lying<'_> {
    fn keep(&mut self, gc: Gc) {
        self.0.keep(gc);
    }
    fn fixpoint(&mut self) {
        if SLIP.get() != Slip::NoFixpoint {
            self.0.fixpoint();
        }
    }
    fn survivor(&self, gc: Gc) -> Option<Gc> {
        let now = self.0.survivor(gc);
        match SLIP.get() {
            Slip::MovesHidden => now.map(|_| gc),
            _ => now,
        }
    }
    fn stays_young(&self, gc: Gc) -> bool {
        SLIP.get() != Slip::AgesHidden && self.0.stays_young(gc)
    }
}

/// Does what all collectors do once roots were followed, with a slip.
fn after_roots<L: Liveness>(heap: &Heap, scope: Scope, live: &mut L) {
    let slip = SLIP.get();
    let pairing = heap.pairing();
    let seen = match slip {
        Slip::AlwaysYoung => Scope::Young,
        _ => scope,
    };
    let trace = |live: &mut L| pairing.trace(seen, &mut Lying(live));
    let finish = |live: &mut L| pairing.finish(seen, &Lying(live));
    let late = [
        Slip::NotTraced,
        Slip::TracedAfterWeak,
        Slip::TracedAfterFinalizers,
    ];
    if !late.contains(&slip) {
        trace(live);
    }
    heap.weak()
        .clear_dead(heap.types(), scope, |gc| live.survivor(gc));
    if slip == Slip::TracedAfterWeak {
        trace(live);
    }
    if slip == Slip::FinishedBeforeFinalizers {
        finish(live);
    }
    for gc in heap
        .finalizers()
        .queue_dead(heap.types(), scope, |gc| live.survivor(gc))
    {
        live.keep(gc);
    }
    live.fixpoint();
    if slip == Slip::TracedAfterFinalizers {
        trace(live);
    }
    let (survivor, is_young) = (|gc| live.survivor(gc), |gc| live.stays_young(gc));
    heap.weak().update(heap.types(), scope, survivor, is_young);
    heap.finalizers().update(survivor, is_young);
    heap.run_destructors(scope, survivor, is_young);
    if slip != Slip::NotFinished && slip != Slip::FinishedBeforeFinalizers {
        finish(live);
    }
}

/// The first row with these properties.
fn row(is_right: impl Fn(&Capabilities) -> bool) -> CollectorInfo {
    let found = COLLECTORS.iter().find(|row| is_right(&row.capabilities));
    *found.expect("a collector of this kind is in the registry")
}

/// Marks and sweeps.
struct Marking;

impl Collector for Marking {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        live_bytes + (64 << 10)
    }
    fn collect(&mut self, heap: &Heap, _reason: Reason) -> Pause {
        let mut marker = Marker::new(heap);
        heap.visit_roots(&mut marker);
        marker.drain();
        after_roots(heap, Scope::Whole, &mut marker);
        heap.set_live_bytes(marker.live_bytes());
        drop(marker);
        let mut space = heap.space().borrow_mut();
        space.sweep_all();
        Pause::Major
    }
    fn log_object(&mut self, _heap: &Heap, _object: Gc) {
        unreachable!("this collector never sets a barrier bit");
    }
}

/// Evacuates a nursery with slips, over an old space that the crate's own functions collect.
struct Evacuating {
    nursery_bytes: usize,
    tenure: u32,
    identities: Identities,
    remembered: RememberedSet,
    old_bytes: usize,
}

impl Collector for Evacuating {
    fn next_collection_bytes(&self, live_bytes: usize) -> usize {
        live_bytes + self.nursery_bytes / 2
    }
    fn nursery_bytes(&self) -> usize {
        self.nursery_bytes
    }
    fn collect(&mut self, heap: &Heap, reason: Reason) -> Pause {
        let is_whole = reason == Reason::Explicit;
        let tenure = if is_whole { 0 } else { self.tenure };
        let mut phase = YoungPhase::new(heap, &mut self.identities, Watch::Nobody, tenure);
        phase.remembered(&mut self.remembered);
        phase.drain();
        after_roots(heap, Scope::Young, &mut phase);
        let report = phase.finish(&mut self.remembered);
        heap.add_work(report.work);
        self.old_bytes += report.old_bytes;
        if is_whole {
            self.old_bytes = mark_and_sweep(heap, Some(&mut self.identities), |_| 0);
        }
        heap.set_live_bytes(self.old_bytes + report.young_bytes);
        match is_whole {
            true => Pause::Major,
            false => Pause::Minor,
        }
    }
    fn log_object(&mut self, _heap: &Heap, object: Gc) {
        self.remembered.log_object(object);
    }
    fn log_items(&mut self, heap: &Heap, object: Gc, range: std::ops::Range<usize>) {
        self.remembered.log_items(heap.types(), object, range);
    }
    fn identity(&mut self, heap: &Heap, object: Gc) -> usize {
        if let Some(number) = self.identities.get(object) {
            return number;
        }
        let mut space = heap.space().borrow_mut();
        if !space.is_young(object.address()) || object.header().state() & state_bits::LARGE != 0 {
            return object.address();
        }
        // The largest of the programs' small objects is an array of two.
        let place = space.take_old_raw(48).expect("there is memory");
        self.identities.reserve(object, place);
        place
    }
    fn take_old(&mut self, heap: &Heap, bytes: usize) -> Option<usize> {
        heap.space().borrow_mut().take_old_zeroed(bytes)
    }
}

fn marking() -> CollectorInfo {
    CollectorInfo {
        name: "marking",
        make: |_| Box::new(Marking),
        doc: "mark-sweep with slips",
        ..row(|c| c.collects && !c.moves)
    }
}
fn evacuating() -> CollectorInfo {
    CollectorInfo {
        name: "evacuating",
        make: |config| {
            Box::new(Evacuating {
                nursery_bytes: config.nursery_bytes,
                tenure: config.tenure,
                identities: Identities::default(),
                remembered: RememberedSet::default(),
                old_bytes: 0,
            })
        },
        doc: "a nursery with slips",
        ..row(|c| c.generational)
    }
}

/// What follows from a link that leads to where no object is.
const STALE: &[&str] = &[
    "no object",
    "no type has the id",
    "no test object",
    "R",
    "field",
];

#[test]
fn slips_of_collectors_are_found() {
    for row in [marking(), evacuating()] {
        assert_clean(&row);
        let mut slips = vec![
            (Slip::NotTraced, "R4"),
            (Slip::TracedAfterWeak, "R4"),
            (Slip::TracedAfterFinalizers, "R4"),
            (Slip::NoFixpoint, "R4"),
            (Slip::FinishedBeforeFinalizers, "R"),
            (Slip::NotFinished, "R"),
        ];
        match row.capabilities.moves {
            true => slips.extend([(Slip::MovesHidden, "R"), (Slip::AgesHidden, "R")]),
            false => slips.push((Slip::AlwaysYoung, "R")),
        }
        for (slip, sign) in slips {
            SLIP.set(slip);
            let signs = [&[sign], STALE].concat();
            assert_found(&row, &format!("{slip:?}"), &signs);
        }
        SLIP.set(Slip::None);
    }
}
