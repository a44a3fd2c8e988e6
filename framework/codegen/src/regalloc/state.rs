//! Which value is where, at one point of the walk.

use super::AllocationError;
use crate::loc::{Loc, RegisterFile, RegisterSet, SPILL_WORDS};
use crate::program::Class;

const NOBODY: u32 = u32::MAX;

/// Registers and slots and their contents.
#[derive(Clone)]
pub struct State {
    /// Register of each value.
    registers: Vec<Option<Loc>>,
    /// Slot of each value.
    slots: Vec<Option<u16>>,
    /// Value in each register: bit numbers of `RegisterSet`.
    contents: [u32; 64],
    /// Registers that may be handed out and hold nothing.
    free: RegisterSet,
    /// Registers that may be handed out.
    allowed: RegisterSet,
    gprs: &'static [u8],
    fprs: &'static [u8],
    slot_taken: [u64; SPILL_WORDS / 64],
    /// Slots given up at the item at hand: it may still read them after its edits were made.
    leaving: Vec<u16>,
    high_water: u16,
}

/// Index of a register in `State::contents`.
fn index(loc: Loc) -> usize {
    match loc {
        Loc::Gpr(n) => usize::from(n),
        Loc::Fpr(n) => 32 + usize::from(n),
        Loc::Stack(_) | Loc::Guest(_) => panic!("{loc:?} is no register"),
    }
}

impl Default for State {
    fn default() -> State {
        State {
            registers: Vec::new(),
            slots: Vec::new(),
            contents: [NOBODY; 64],
            free: RegisterSet::EMPTY,
            allowed: RegisterSet::EMPTY,
            gprs: &[],
            fprs: &[],
            slot_taken: [0; SPILL_WORDS / 64],
            leaving: Vec::new(),
            high_water: 0,
        }
    }
}

impl State {
    /// No value is anywhere, for a program with so many values.
    pub fn restart(&mut self, values: usize, file: &RegisterFile) {
        self.allowed = RegisterSet::of(file.gprs, file.fprs);
        self.free = self.allowed;
        (self.gprs, self.fprs) = (file.gprs, file.fprs);
        crate::refill(&mut self.registers, values, None);
        crate::refill(&mut self.slots, values, None);
        self.contents = [NOBODY; 64];
        self.slot_taken = [0; SPILL_WORDS / 64];
        self.leaving.clear();
        self.high_water = 0;
    }

    /// Whether values may live in this register at all.
    pub fn may_hand_out(&self, loc: Loc) -> bool {
        self.allowed.contains(loc)
    }

    /// Whether the register may be handed out and is free.
    pub fn is_free(&self, loc: Loc) -> bool {
        self.free.contains(loc)
    }

    /// The free registers of a class.
    pub fn free_set(&self, class: Class) -> RegisterSet {
        self.free.intersection(match class {
            Class::Gpr => RegisterSet(u32::MAX as u64),
            Class::Fpr => RegisterSet(!(u32::MAX as u64)),
        })
    }

    /// The free registers of a class, in the machine's order of preference.
    pub fn free_registers(&self, class: Class) -> impl Iterator<Item = Loc> + '_ {
        self.all(class).filter(|loc| self.free.contains(*loc))
    }

    /// The registers of a class that hold values, and the values.
    pub fn occupied(&self, class: Class) -> impl Iterator<Item = (Loc, u32)> + '_ {
        let taken = self.all(class).filter(|loc| !self.free.contains(*loc));
        taken.map(|loc| (loc, self.contents[index(loc)]))
    }

    fn all(&self, class: Class) -> impl Iterator<Item = Loc> + use<> {
        let (registers, make): (&'static [u8], fn(u8) -> Loc) = match class {
            Class::Gpr => (self.gprs, Loc::Gpr),
            Class::Fpr => (self.fprs, Loc::Fpr),
        };
        registers.iter().map(move |n| make(*n))
    }

    pub fn register(&self, v: u32) -> Option<Loc> {
        self.registers[v as usize]
    }

    pub fn slot(&self, v: u32) -> Option<u16> {
        self.slots[v as usize]
    }

    /// Where to read `v`: its register if it has one.
    pub fn place(&self, v: u32) -> Loc {
        match (self.registers[v as usize], self.slots[v as usize]) {
            (Some(register), _) => register,
            (None, Some(slot)) => Loc::Stack(slot),
            (None, None) => panic!("value {v} is nowhere"),
        }
    }

    /// Whether `v` is anywhere.
    pub fn exists(&self, v: u32) -> bool {
        self.registers[v as usize].is_some() || self.slots[v as usize].is_some()
    }

    /// Says that `loc` now holds `v`. A slot must have been reserved before.
    pub fn put(&mut self, v: u32, loc: Loc) {
        match loc {
            Loc::Stack(slot) => self.slots[v as usize] = Some(slot),
            Loc::Gpr(_) | Loc::Fpr(_) => {
                self.evict_register(v);
                assert!(self.free.contains(loc), "{loc:?} is taken");
                self.free.remove(loc);
                self.contents[index(loc)] = v;
                self.registers[v as usize] = Some(loc);
            }
            Loc::Guest(_) => panic!("values do not live in the guest frame"),
        }
    }

    /// Tries to leave an input where it is.
    pub fn claim(&mut self, v: u32, loc: Loc) -> bool {
        match loc {
            Loc::Gpr(_) | Loc::Fpr(_) if self.is_free(loc) => self.put(v, loc),
            Loc::Stack(slot) if !self.is_slot_taken(slot) => {
                self.take_slot(slot);
                self.put(v, loc);
            }
            Loc::Gpr(_) | Loc::Fpr(_) | Loc::Stack(_) | Loc::Guest(_) => return false,
        }
        true
    }

    fn evict_register(&mut self, v: u32) -> Option<Loc> {
        let loc = self.registers[v as usize].take()?;
        self.free.insert(loc);
        Some(loc)
    }

    /// Takes the register away from `v`.
    pub fn evict(&mut self, v: u32) -> Loc {
        self.evict_register(v).expect("the value has a register")
    }

    /// Frees all places of `v`; its slot is handed out again from the next item on.
    pub fn forget(&mut self, v: u32) {
        self.evict_register(v);
        self.leaving.extend(self.slots[v as usize].take());
    }

    /// Begins the next item.
    pub fn release_slots(&mut self) {
        for slot in self.leaving.drain(..) {
            self.slot_taken[usize::from(slot) / 64] &= !(1 << (slot % 64));
        }
    }

    fn is_slot_taken(&self, slot: u16) -> bool {
        self.slot_taken[usize::from(slot) / 64] >> (slot % 64) & 1 != 0
    }

    fn take_slot(&mut self, slot: u16) {
        self.slot_taken[usize::from(slot) / 64] |= 1 << (slot % 64);
        self.high_water = self.high_water.max(slot + 1);
    }

    /// Reserves a free slot.
    pub fn new_slot(&mut self) -> Result<Loc, AllocationError> {
        let word = self.slot_taken.iter().position(|w| *w != u64::MAX);
        let word = word.ok_or(AllocationError::TooManySpills)?;
        let slot = (word * 64) as u16 + self.slot_taken[word].trailing_ones() as u16;
        self.take_slot(slot);
        Ok(Loc::Stack(slot))
    }

    /// Number of slots ever used: all used ones are below.
    pub fn high_water(&self) -> u16 {
        self.high_water
    }
}
