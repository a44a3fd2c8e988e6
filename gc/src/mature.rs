//! Mark and sweep of the whole heap, without moving: the mature policy of several collectors.
//!
//! Order: mark from roots and from raw structures; clear weak references; resurrect what has a finalizer; run light
//! destructors; settle the pairs; sweep.
use crate::collector::Scope;
use crate::heap::Heap;
use crate::identities::Identities;
use crate::mark::Marker;

/// Frees the lines and large objects that roots do not reach, and returns the bytes that survived. There may be no young
/// objects. `keep_free_bytes` says of the survivors' bytes how much free memory is not given back to the system.
pub fn mark_and_sweep(
    heap: &Heap,
    identities: Option<&mut Identities>,
    keep_free_bytes: impl FnOnce(usize) -> usize,
) -> usize {
    let scope = Scope::Whole;
    let mut marker = Marker::new(heap);
    heap.visit_roots(&mut marker);
    marker.drain();
    heap.pairing().trace(scope, &mut marker);
    heap.weak()
        .clear_dead(heap.types(), scope, |gc| marker.survivor(gc));
    for gc in heap
        .finalizers()
        .queue_dead(scope, |gc| marker.survivor(gc))
    {
        marker.mark(gc);
    }
    marker.drain();
    heap.weak()
        .update(heap.types(), scope, |gc| marker.survivor(gc), |_| false);
    heap.finalizers()
        .update(|gc| marker.survivor(gc), |_| false);
    heap.run_destructors(scope, |gc| marker.survivor(gc), |_| false);
    heap.pairing().finish(scope, &marker);
    let live_bytes = marker.live_bytes();
    drop(marker);
    let mut space = heap.space().borrow_mut();
    if let Some(identities) = identities {
        identities.retain(|address| space.is_marked(address));
        identities.places().for_each(|place| space.keep_line(place));
    }
    space.sweep_large();
    space.sweep_blocks();
    space.trim(keep_free_bytes(live_bytes));
    live_bytes
}
