//! Mark and sweep of the whole heap, without moving: the mature policy of several collectors.
//!
//! Order: mark from roots and from raw structures; clear weak references; resurrect what has a finalizer; run light
//! destructors; settle the pairs; sweep.
use crate::collector::Scope;
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mark::Marker;
use crate::pairing::Liveness;
use crate::sweep::SweepBudget;

/// Frees the lines and large objects that roots do not reach, and returns the bytes that survived. There may be no young
/// objects. `keep_free_bytes` says of the survivors' bytes how much free memory is not given back to the system.
pub fn mark_and_sweep(
    heap: &Heap,
    identities: Option<&mut Identities>,
    keep_free_bytes: impl FnOnce(usize) -> usize,
) -> usize {
    let mut marker = Marker::new(heap);
    heap.visit_roots(&mut marker);
    marker.drain();
    heap.pairing().trace(Scope::Whole, &mut marker);
    note_deaths(heap, &mut marker);
    let live_bytes = marker.live_bytes();
    drop(marker);
    begin_sweep(heap, identities);
    let mut space = heap.space().borrow_mut();
    space.sweep_some(SweepBudget::ALL);
    space.trim(keep_free_bytes(live_bytes));
    live_bytes
}

/// When everything is kept that roots and raw structures reach: what death leads to, all in one go. Clears weak references,
/// keeps and queues what has a finalizer, runs light destructors, settles the pairs; what is not kept then may be freed.
pub fn note_deaths(heap: &Heap, live: &mut dyn Liveness) {
    clear_and_queue(heap, live);
    heap.pairing().follow(live);
    settle(heap, live);
}

/// When everything that roots reach is kept: clears weak references to the rest, and keeps those of the rest that have a
/// finalizer, on either side. What these reach is to be kept next, on both sides ([`Pairing::follow`]).
///
/// [`Pairing::follow`]: crate::pairing::Pairing::follow
pub(crate) fn clear_and_queue(heap: &Heap, live: &mut dyn Liveness) {
    let scope = Scope::Whole;
    heap.weak()
        .clear_dead(heap.types(), scope, |gc| live.survivor(gc));
    let (types, pairing) = (heap.types(), heap.pairing());
    let dead = heap.finalizers().queue_dead_beyond(
        types,
        scope,
        |gc| live.survivor(gc),
        || pairing.beyond(),
    );
    pairing.queue_finalizers();
    dead.into_iter().for_each(|gc| live.keep(gc));
}

/// When it is settled what lives: forgets what died, and tells those who want to know.
pub(crate) fn settle(heap: &Heap, live: &dyn Liveness) {
    let scope = Scope::Whole;
    let survivor = |gc| live.survivor(gc);
    heap.weak().update(heap.types(), scope, survivor, |_| false);
    heap.finalizers().update(survivor, |_| false);
    heap.run_destructors(scope, survivor, |_| false);
    heap.pairing().finish(scope, live);
}

/// Starts to sweep what is not marked; places that identity numbers hold are kept.
pub(crate) fn begin_sweep(heap: &Heap, identities: Option<&mut Identities>) {
    let mut space = heap.space().borrow_mut();
    if let Some(identities) = identities {
        identities.retain(|address| space.is_marked(address));
        identities.places().for_each(|place| space.keep_line(place));
    }
    space.begin_sweep();
}
