//! What is known to be in memory: (object, field) and (array, index) -> value.
//!
//! Facts of one object form a list that starts at the object's [`Known`](crate::known::Known) entry, so
//! a look-up costs as many steps as facts are known of that object. Mutable facts are also listed by
//! descriptor, because that is how a store or a call takes them away.
//!
//! Invariant H1: a live mutable fact holds in memory at this point of the walk. A fact of an
//! immutable field holds for ever and is in no list by descriptor.

use ouro_ir::{Arg, DescrId};

/// End of a list.
pub const NO_FACT: u32 = u32::MAX;
/// The fact does not come from a label.
pub const NO_PLACE: u32 = u32::MAX;

/// One known word of memory.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    pub object: Arg,
    pub descr: DescrId,
    /// `Arg::NONE` for a field.
    pub index: Arg,
    pub value: Arg,
    /// Known from a store (else from a load): it may differ in the next iteration.
    pub stored: bool,
    pub live: bool,
    /// Which label entry assumed it, or [`NO_PLACE`].
    pub place: u32,
    pub next: u32,
}

/// All facts of one walk.
#[derive(Default)]
pub struct Facts {
    all: Vec<Fact>,
    by_descr: Vec<Vec<u32>>,
    /// Label entries whose fact was looked up, by place.
    used: Vec<bool>,
}

impl Facts {
    /// Finds a fact in the list that starts at `head`.
    pub fn find(&self, head: u32, descr: DescrId, index: Arg) -> Option<u32> {
        let mut at = head;
        while at != NO_FACT {
            let fact = &self.all[at as usize];
            if fact.live && fact.descr == descr && fact.index == index {
                return Some(at);
            }
            at = fact.next;
        }
        None
    }
    /// Reads a found fact and notes that somebody relies on it.
    pub fn read(&mut self, fact: u32) -> Fact {
        let fact = self.all[fact as usize];
        if fact.place != NO_PLACE {
            self.used[fact.place as usize] = true;
        }
        fact
    }
    /// Looks at a fact without relying on it.
    pub fn peek(&self, fact: u32) -> Fact {
        self.all[fact as usize]
    }
    /// Whether anything relied on the fact that label entry `place` assumed.
    pub fn is_used(&self, place: u32) -> bool {
        self.used.get(place as usize).copied().unwrap_or(false)
    }
    /// Adds a fact in front of the list `head`; gives the new head.
    pub fn add(&mut self, head: u32, fact: Fact, immutable: bool) -> u32 {
        let at = self.all.len() as u32;
        self.all.push(Fact {
            next: head,
            live: true,
            ..fact
        });
        if fact.place != NO_PLACE {
            let need = fact.place as usize + 1;
            self.used.resize(need.max(self.used.len()), false);
        }
        if !immutable {
            let d = fact.descr.0 as usize;
            if self.by_descr.len() <= d {
                self.by_descr.resize(d + 1, Vec::new());
            }
            self.by_descr[d].push(at);
        }
        at
    }
    /// Takes away the mutable facts of `descr` for which `keep` says no.
    pub fn retain(&mut self, descr: DescrId, mut keep: impl FnMut(&Fact) -> bool) {
        let Some(list) = self.by_descr.get_mut(descr.0 as usize) else {
            return;
        };
        let all = &mut self.all;
        list.retain(|at| {
            let fact = &mut all[*at as usize];
            fact.live = fact.live && keep(fact);
            fact.live
        });
    }
    /// Takes away all mutable facts.
    pub fn clear_mutable(&mut self) {
        for list in &mut self.by_descr {
            for at in list.drain(..) {
                self.all[at as usize].live = false;
            }
        }
    }
    /// The live mutable facts, in the order of their descriptors and then of their arrival.
    pub fn mutable(&self) -> Vec<Fact> {
        let ids = self.by_descr.iter().flatten();
        ids.map(|at| self.all[*at as usize])
            .filter(|f| f.live)
            .collect()
    }
}
