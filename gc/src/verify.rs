//! The verifier: checks the heap without trusting the collector.
//!
//! It enumerates all objects by walking memory (start bits, windows, large runs), never by marking, and then follows every
//! slot that the roots reach: each must hold NULL, the start of an enumerated object, or an immortal outside the heap.
use crate::heap::Heap;
use crate::object::{GRANULE_BYTES, Gc, Header, barrier_bits, state_bits};
use crate::remembered::{CHUNK_ITEMS, chunk_bits, chunk_table};
use crate::roots::RootVisitor;
use crate::scan;
use crate::space::Place;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a successful verification saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VerifyReport {
    /// Objects in memory, dead ones included.
    pub objects: usize,
    /// Objects that precise roots reach.
    pub reachable: usize,
    /// Bytes of the objects in memory.
    pub bytes: usize,
}

/// What is wrong with a heap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VerifyError {
    /// An object's type id is not registered.
    UnknownType { object: usize, type_id: u32 },
    /// An object reaches over the start of the next one, or over the end of its window.
    Overlap {
        object: usize,
        end: usize,
        next: usize,
    },
    /// An old object that no store was logged for refers to a young one.
    NotRemembered {
        holder: usize,
        slot: usize,
        value: usize,
    },
    /// A marked object whose references were looked at refers to one that is not marked, and no store was logged.
    NotMarked {
        holder: usize,
        slot: usize,
        value: usize,
    },
    /// A raw structure is linked to something that is not the start of an object.
    BadLink { value: usize },
    /// A slot holds something that is not the start of an object.
    BadReference {
        holder: Option<usize>,
        slot: usize,
        value: usize,
    },
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifyError::UnknownType { object, type_id } => write!(
                f,
                "object {object:#x} has the unregistered type id {type_id}"
            ),
            VerifyError::Overlap { object, end, next } => {
                write!(f, "object {object:#x} ends at {end:#x}, past {next:#x}")
            }
            VerifyError::NotRemembered {
                holder,
                slot,
                value,
            } => write!(
                f,
                "old object {holder:#x} refers to the young {value:#x} at offset {}, and no store was logged",
                slot - holder
            ),
            VerifyError::NotMarked {
                holder,
                slot,
                value,
            } => write!(
                f,
                "object {holder:#x} was marked and looked at, and refers to {value:#x} at offset {}, which is not marked",
                slot - holder
            ),
            VerifyError::BadLink { value } => write!(
                f,
                "a raw structure is linked to {value:#x}, which is no object"
            ),
            VerifyError::BadReference {
                holder: None,
                value,
                ..
            } => write!(f, "a root holds {value:#x}, which is no object"),
            VerifyError::BadReference {
                holder: Some(holder),
                slot,
                value,
            } => {
                write!(
                    f,
                    "object {holder:#x} holds {value:#x} at offset {}, which is no object",
                    slot - holder
                )
            }
        }
    }
}
impl std::error::Error for VerifyError {}

struct PreciseRoots(Vec<Gc>);
impl RootVisitor for PreciseRoots {
    fn slot(&mut self, slot: &Cell<Gc>) {
        self.0.push(slot.get());
    }
    fn ambiguous(&mut self, _word: usize) {}
}

impl Heap {
    /// Checks the whole heap. Nothing changes.
    pub fn verify(&self) -> Result<VerifyReport, VerifyError> {
        let objects = self.all_objects()?;
        let bytes = objects.values().sum();
        let mut roots = PreciseRoots(Vec::new());
        self.visit_roots(&mut roots);
        let mut stray = None;
        self.pairing().visit_linked(|gc, is_held| {
            if is_held {
                roots.0.push(gc);
            } else if !objects.contains_key(&gc.address())
                && !self.is_foreign_immortal(gc.address())
            {
                stray = Some(gc.address());
            }
        });
        if let Some(value) = stray {
            return Err(VerifyError::BadLink { value });
        }
        self.check_marks(&objects)?;
        let mut seen = BTreeMap::new();
        let mut pending: Vec<(Option<usize>, usize, Gc)> =
            roots.0.into_iter().map(|gc| (None, 0, gc)).collect();
        while let Some((holder, slot, gc)) = pending.pop() {
            let value = gc.address();
            if gc.is_null() || seen.contains_key(&value) {
                continue;
            }
            if !objects.contains_key(&value) && !self.is_foreign_immortal(value) {
                return Err(VerifyError::BadReference {
                    holder,
                    slot,
                    value,
                });
            }
            seen.insert(value, ());
            if objects.contains_key(&value) {
                self.check_remembered(gc)?;
                // SAFETY: the object was enumerated and its type is registered; slots of an object are readable.
                unsafe {
                    scan::visit_slots(self.types(), gc, &mut |slot| {
                        pending.push((Some(value), slot as usize, slot.read()))
                    });
                }
            }
        }
        Ok(VerifyReport {
            objects: objects.len(),
            reachable: seen.len(),
            bytes,
        })
    }
    /// Between the steps of incremental marking: invariant M1 of `mark.rs`.
    fn check_marks(&self, objects: &BTreeMap<usize, usize>) -> Result<(), VerifyError> {
        let collector = self.collector.borrow();
        let Some(gray) = collector.marking() else {
            return Ok(());
        };
        let gray: BTreeSet<usize> = gray.addresses().collect();
        let space = self.space().borrow();
        let is_black =
            |&&at: &&usize| !space.is_young(at) && space.is_marked(at) && !gray.contains(&at);
        for &holder in objects.keys().filter(is_black) {
            // SAFETY: the object was enumerated.
            let gc = unsafe { Gc::from_raw(holder as *mut Header) };
            let mut error = None;
            // SAFETY: the type of an enumerated object is registered; slots of an object are readable.
            unsafe {
                scan::visit_slots(self.types(), gc, &mut |slot| {
                    let value = slot.read().address();
                    let is_white = objects.contains_key(&value)
                        && !space.is_young(value)
                        && !space.is_marked(value)
                        && !gray.contains(&value);
                    if is_white && !self.is_logged(gc, slot as usize) {
                        error = Some(VerifyError::NotMarked {
                            holder,
                            slot: slot as usize,
                            value,
                        });
                    }
                });
            }
            error.map_or(Ok(()), Err)?;
        }
        Ok(())
    }
    /// Whether the barrier noted a store into a slot of an old object since the last collection.
    fn is_logged(&self, holder: Gc, slot: usize) -> bool {
        let barrier = holder.header().barrier();
        let shape = *self.types().shape(holder.type_id());
        let items = holder.address() + shape.items_offset as usize;
        barrier == 0
            || barrier & barrier_bits::CHUNKED != 0
                && slot >= items
                && chunk_table(self.types(), holder)[(slot - items) / 8 / CHUNK_ITEMS].get()
                    & chunk_bits::LOGGED
                    != 0
    }
    /// A reference from an old object to a young one must be known to the next young collection.
    fn check_remembered(&self, holder: Gc) -> Result<(), VerifyError> {
        let space = self.space().borrow();
        if space.is_young(holder.address()) {
            return Ok(());
        }
        let types = self.types();
        let mut error = None;
        // SAFETY: the object was enumerated and its type is registered; slots of an object are readable.
        unsafe {
            scan::visit_slots(types, holder, &mut |slot| {
                let value = slot.read().address();
                if space.is_young(value) && !self.is_logged(holder, slot as usize) {
                    error = Some(VerifyError::NotRemembered {
                        holder: holder.address(),
                        slot: slot as usize,
                        value,
                    });
                }
            });
        }
        error.map_or(Ok(()), Err)
    }
    pub(crate) fn verify_or_panic(&self, when: &str) {
        if let Err(error) = self.verify() {
            panic!("heap verification {when} a collection: {error}");
        }
    }
    /// Addresses and sizes of all objects in memory, dead ones included.
    pub fn all_objects(&self) -> Result<BTreeMap<usize, usize>, VerifyError> {
        self.sync_windows();
        let space = self.space().borrow();
        let mut objects = BTreeMap::new();
        let singles = space.singles.iter().map(|(at, _)| at);
        let started = space.started_objects().chain(space.large_objects());
        for address in started.chain(singles) {
            // A place may be reserved for an object that was not copied there yet.
            // SAFETY: all these addresses are readable and aligned to a granule.
            if unsafe { scan::type_id_at(address) }.0 != 0 {
                objects.insert(address, self.checked_bytes(address)?);
            }
        }
        for window in space.windows() {
            let mut at = window.start;
            while at < window.used_end {
                let bytes = self.checked_bytes(at)?;
                objects.insert(at, bytes);
                at += bytes;
                if at > window.used_end {
                    return Err(VerifyError::Overlap {
                        object: at - bytes,
                        end: at,
                        next: window.used_end,
                    });
                }
            }
        }
        let overlap = objects
            .iter()
            .zip(objects.keys().skip(1))
            .find(|((at, bytes), next)| **at + **bytes > **next);
        match overlap {
            Some(((&object, bytes), &next)) => Err(VerifyError::Overlap {
                object,
                end: object + bytes,
                next,
            }),
            None => Ok(objects),
        }
    }
    fn checked_bytes(&self, address: usize) -> Result<usize, VerifyError> {
        // SAFETY: the callers give addresses in committed memory of this heap, aligned to a granule.
        let type_id = unsafe { scan::type_id_at(address) };
        if self.types().get(type_id).is_none() {
            return Err(VerifyError::UnknownType {
                object: address,
                type_id: type_id.0,
            });
        }
        // SAFETY: the type id is registered, so the size is computed from readable words of the object.
        Ok(unsafe { scan::object_bytes(self.types(), Gc::from_raw(address as *mut Header)) })
    }
    /// Whether the address is a header outside this heap that says it is immortal.
    fn is_foreign_immortal(&self, address: usize) -> bool {
        if !address.is_multiple_of(GRANULE_BYTES)
            || self.space().borrow().place(address) != Place::Outside
            || self.space().borrow().singles.find(address).is_some()
        {
            return false;
        }
        // SAFETY: a reference that leaves the heap names an immortal static by the contract of `Gc::from_raw`; a stray one
        // ends the process here, which is what a verifier is for.
        let gc = unsafe { Gc::from_raw(address as *mut Header) };
        gc.header().state() & state_bits::IMMORTAL != 0 && self.types().get(gc.type_id()).is_some()
    }
}
