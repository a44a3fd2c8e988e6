//! Injected words: what a scan of a native stack would report.
use super::executor::Executor;
use super::ops::WordKind;
use super::oracle::{STATIC, Serial};
use super::plants::Plant;
use super::stores;
use crate::*;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;

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

impl Executor {
    pub(crate) fn inject(&mut self, kind: WordKind, k: usize) {
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
        // What a collection in steps has judged dead no word revives, unless the collection is broken off.
        let word = word.filter(|&word| !self.names_judged(word));
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
    fn names_judged(&self, word: usize) -> bool {
        if !self.heap.space().borrow().judged {
            return false;
        }
        // Finalizers may have kept it since: then it is marked, and yet it is to be finalized.
        let reachable = self.oracle.reachable();
        let mut places = self.places.iter();
        places.any(|(&s, &at)| {
            let end = at + self.oracle.thing(s).bytes();
            (at..=end).contains(&word) && !self.oracle.is_in(&reachable, s)
        })
    }
    pub fn forget_words(&mut self) {
        self.words.words.borrow_mut().clear();
        self.words.dropped.borrow_mut().clear();
        self.words.believed.borrow_mut().clear();
    }
    pub(crate) fn root_or_zero(&self, root: Option<(usize, Serial)>) -> usize {
        root.map_or(0, |(n, _)| self.root(n).address())
    }
    /// Address and size of the `k`-th object that the program cannot reach.
    pub(crate) fn garbage(&self, k: usize) -> Option<(usize, usize)> {
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
}
