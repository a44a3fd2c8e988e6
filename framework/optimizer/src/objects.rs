//! Virtual objects: allocated in the trace, not yet in memory.
//!
//! An operand `Arg::virtual_(n)` names object `n` of the walk. All words of all objects lie in one
//! vector.
//!
//! Invariant V1: no real object and no fact refers to an object that is not forced. An object that has
//! been forced is only ever seen through its real reference.

use ouro_ir::{Arg, DescrId};

const END: u32 = u32::MAX;

/// One virtual object.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// `Descr::Type` or `Descr::Array`.
    pub descr: DescrId,
    /// The only field of a value class, or none.
    pub leaf: DescrId,
    /// First word.
    first: u32,
    /// Last word of the list of fields, or the number of items.
    extent: u32,
    /// It is an array.
    pub is_array: bool,
    /// The real reference once the object had to exist.
    pub forced: Arg,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    field: DescrId,
    value: Arg,
    next: u32,
}

/// All virtual objects of a walk.
#[derive(Default)]
pub struct Objects {
    all: Vec<Object>,
    slots: Vec<Slot>,
    /// Changes when an object changes or is forced: exits built before may not be reused.
    pub generation: u32,
}

impl Objects {
    /// Number of objects made so far.
    pub fn len(&self) -> u32 {
        self.all.len() as u32
    }
    /// An object.
    pub fn get(&self, n: u32) -> &Object {
        &self.all[n as usize]
    }
    /// A new object of fixed size; every field is zero.
    pub fn add_struct(&mut self, descr: DescrId, leaf: DescrId) -> u32 {
        self.push(Object {
            descr,
            leaf,
            first: END,
            extent: END,
            is_array: false,
            forced: Arg::NONE,
        })
    }
    /// A new array, every item `zero`.
    pub fn add_array(&mut self, descr: DescrId, items: u32, zero: Arg) -> u32 {
        let first = self.slots.len() as u32;
        let slot = Slot {
            field: DescrId::NONE,
            value: zero,
            next: END,
        };
        self.slots.resize(self.slots.len() + items as usize, slot);
        self.push(Object {
            descr,
            leaf: DescrId::NONE,
            first,
            extent: items,
            is_array: true,
            forced: Arg::NONE,
        })
    }
    fn push(&mut self, object: Object) -> u32 {
        self.generation += 1;
        self.all.push(object);
        self.all.len() as u32 - 1
    }
    /// The object now lives at `real`.
    pub fn set_forced(&mut self, n: u32, real: Arg) {
        self.generation += 1;
        self.all[n as usize].forced = real;
    }
    fn slot_of(&self, n: u32, field: DescrId) -> Option<usize> {
        let mut at = self.all[n as usize].first;
        while at != END {
            if self.slots[at as usize].field == field {
                return Some(at as usize);
            }
            at = self.slots[at as usize].next;
        }
        None
    }
    /// A field that was stored; `None` means zero.
    pub fn field(&self, n: u32, field: DescrId) -> Option<Arg> {
        self.slot_of(n, field).map(|s| self.slots[s].value)
    }
    /// Stores a field.
    pub fn set_field(&mut self, n: u32, field: DescrId, value: Arg) {
        self.generation += 1;
        if let Some(slot) = self.slot_of(n, field) {
            self.slots[slot].value = value;
            return;
        }
        let new = self.slots.len() as u32;
        self.slots.push(Slot {
            field,
            value,
            next: END,
        });
        let object = &mut self.all[n as usize];
        if object.first == END {
            object.first = new;
        } else {
            self.slots[object.extent as usize].next = new;
        }
        self.all[n as usize].extent = new;
    }
    /// Number of items of an array.
    pub fn items(&self, n: u32) -> u32 {
        self.all[n as usize].extent
    }
    /// An item of an array.
    pub fn item(&self, n: u32, index: u32) -> Arg {
        self.slots[(self.all[n as usize].first + index) as usize].value
    }
    /// Stores an item.
    pub fn set_item(&mut self, n: u32, index: u32, value: Arg) {
        self.generation += 1;
        let first = self.all[n as usize].first;
        self.slots[(first + index) as usize].value = value;
    }
    /// What the object holds: (field, value) in the order of the first stores, or (none, item).
    pub fn contents(&self, n: u32) -> Contents<'_> {
        let object = &self.all[n as usize];
        let left = if object.is_array { object.extent } else { END };
        let at = if left == 0 { END } else { object.first };
        Contents {
            slots: &self.slots,
            at,
            left,
        }
    }
    /// A copy of the objects from `first_object` on, as they are now.
    pub fn since(&self, first_object: u32, first_slot: u32) -> Frozen {
        Frozen {
            first_object,
            first_slot,
            all: self.all[first_object as usize..].to_vec(),
            slots: self.slots[first_slot as usize..].to_vec(),
        }
    }
    /// Number of words made so far, for [`Objects::since`].
    pub fn slot_count(&self) -> u32 {
        self.slots.len() as u32
    }
}

/// Iterator over what an object holds.
pub struct Contents<'a> {
    slots: &'a [Slot],
    at: u32,
    /// Items left, or `END` for a list of fields.
    left: u32,
}
impl Iterator for Contents<'_> {
    type Item = (DescrId, Arg);
    fn next(&mut self) -> Option<(DescrId, Arg)> {
        if self.at == END {
            return None;
        }
        let slot = self.slots[self.at as usize];
        if self.left == END {
            self.at = slot.next;
        } else {
            self.left -= 1;
            self.at = if self.left == 0 { END } else { self.at + 1 };
        }
        Some((slot.field, slot.value))
    }
}

/// Objects as they were at the label.
pub struct Frozen {
    first_object: u32,
    first_slot: u32,
    all: Vec<Object>,
    slots: Vec<Slot>,
}
impl Frozen {
    /// An object as it was. Panics for one made before the label's.
    pub fn get(&self, n: u32) -> &Object {
        &self.all[(n - self.first_object) as usize]
    }
    /// What it held, as (field or none, value).
    pub fn contents(&self, n: u32) -> Vec<(DescrId, Arg)> {
        let object = self.get(n);
        let slot = |at: u32| &self.slots[(at - self.first_slot) as usize];
        if object.is_array {
            return (0..object.extent)
                .map(|i| (DescrId::NONE, slot(object.first + i).value))
                .collect();
        }
        let mut contents = Vec::new();
        let mut at = object.first;
        while at != END {
            contents.push((slot(at).field, slot(at).value));
            at = slot(at).next;
        }
        contents
    }
    /// Number of items of an array.
    pub fn items(&self, n: u32) -> u32 {
        self.get(n).extent
    }
}
