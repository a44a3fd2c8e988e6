//! Objects that a collector which counts references keeps for their finalizers.
use crate::counts::{Counts, colour, set_colour};
use crate::finalizers::Finalizers;
use crate::object::{Gc, state_bits};
use crate::pairing::{AddressMap, Pairing};
use crate::scan;
use crate::topology::{EXACT_DEPTH, Verdict};
use crate::types::TypeTable;

/// Objects to be queued in this collection, and the depths (see `topology.rs`) of those that come after others.
#[derive(Default)]
pub(crate) struct LastRites {
    pub objects: Vec<Gc>,
    pub depths: AddressMap<u32>,
}

impl LastRites {
    /// What was found out about the members of dead cycles.
    pub(crate) fn of(order: Verdict, finalizers: &Finalizers) -> LastRites {
        finalizers.count_waiting(order.later.len());
        let deep = order.now.iter().filter(|&&(_, depth)| depth != 0);
        let last = LastRites {
            depths: deep.map(|&(gc, depth)| (gc.address(), depth)).collect(),
            objects: order.now.into_iter().map(|(gc, _)| gc).collect(),
        };
        last.mark();
        last
    }
    /// Of objects whose counts are zero: where so many finalizers follow one another that waiting for each of them would
    /// take for ever, all are told now. To find them, the references of what would be freed are taken off the counts, and
    /// given back in the end.
    pub(crate) fn follow(
        types: &TypeTable,
        counts: &mut Counts,
        unreferenced: Vec<Gc>,
        finalizers: &Finalizers,
        pairing: &Pairing,
    ) -> LastRites {
        let mut last = LastRites::default();
        let (mut gone, mut zero) = (Vec::new(), Vec::new());
        for gc in unreferenced {
            let (mut found, mut level) = (Vec::new(), vec![gc]);
            for depth in 0.. {
                for gc in std::mem::take(&mut level) {
                    found.push((gc, depth));
                    take_off_children(types, counts, pairing, gc, &mut zero);
                    gone.push(gc);
                }
                while let Some(gc) = zero.pop() {
                    if gc.header().state() & state_bits::HAS_FINALIZER != 0 {
                        level.push(gc);
                    } else {
                        take_off_children(types, counts, pairing, gc, &mut zero);
                        gone.push(gc);
                    }
                }
                if level.is_empty() {
                    break;
                }
            }
            if found.last().is_some_and(|&(_, depth)| depth >= EXACT_DEPTH) {
                let depths = found.iter().map(|&(gc, depth)| (gc.address(), depth));
                last.depths.extend(depths);
            } else {
                finalizers.count_waiting(found.len() - 1);
                found.truncate(1);
            }
            last.objects.extend(found.into_iter().map(|(gc, _)| gc));
        }
        for gc in gone {
            // SAFETY: nothing was freed, and slots of an object are readable.
            unsafe { scan::visit_slots(types, gc, &mut |slot| counts.add(slot.read())) };
        }
        last.mark();
        last
    }
    fn mark(&self) {
        for &gc in &self.objects {
            set_colour(gc, colour::LAST_RITES);
        }
    }
}

/// Takes the references that an object holds off the counts of what they name; `zero` gets those that have none left, and
/// that the raw side does not hold.
fn take_off_children(
    types: &TypeTable,
    counts: &Counts,
    pairing: &Pairing,
    gc: Gc,
    zero: &mut Vec<Gc>,
) {
    // SAFETY: nothing was freed, and slots of an object are readable.
    unsafe {
        scan::visit_slots(types, gc, &mut |slot| {
            let child = slot.read();
            if Counts::is_counted(child) && counts.remove(child) && !pairing.holds(child) {
                zero.push(child);
            }
        });
    }
}
