//! The order of finalizers: an object's comes before those of the objects that it reaches.
//!
//! Seen are the objects of one collection that nothing but finalizers keeps, here called lost. A search in depth (Gabow,
//! "Path-based depth-first search for strong and biconnected components", 2000) finds the groups of lost objects that
//! reach each other; a second pass, from the sources on, tells of each group how many groups with finalizers lie above
//! it: its depth. Then the objects are told apart. All passes are loops with stacks of their own and can stop after so many slots.
//!
//! Rules:
//! - F1: objects of depth 0 are finalized after this collection, those of one group all of them. The others wait: a
//!   finalizer may make what it reaches reachable again, and then it must not be finalized.
//! - F2: where more than [`EXACT_DEPTH`] finalizers follow one another, everything that hangs together with them is finalized
//!   after this collection, by depth. One collection for each would take for ever, say for a long linked list.
use crate::object::{Gc, state_bits};
use crate::pairing::AddressMap;
use crate::scan;
use crate::shards::Shards;
use crate::types::TypeTable;
use std::collections::BTreeMap;
use std::ops::Range;

/// So many finalizers that follow one another are told in so many collections.
pub const EXACT_DEPTH: u32 = 8;

/// No number.
const NONE: u32 = u32::MAX;
/// Arrays of references are looked at in parts of so many items.
const SLICE_ITEMS: usize = 4096;

/// Who is finalized now.
#[derive(Default, Debug)]
pub(crate) struct Verdict {
    /// To be finalized after this collection, in this order, with their depths.
    pub now: Vec<(Gc, u32)>,
    /// To be kept until those have run, in order of registration.
    pub later: Vec<Gc>,
}

/// A lost object that was seen, in the order in which the search came to it.
struct Seen {
    object: Gc,
    /// Number of its group, or `NONE` while the search is still below it.
    group: u32,
    /// The part of the search that came to it.
    part: u32,
}

enum Task {
    /// A reference is to be followed.
    Enter(Gc),
    /// So are these items of an array.
    Items(Gc, Range<usize>),
    /// Everything below the object with this number was seen.
    Leave(u32),
}

/// A search for the order, see the module's documentation.
#[derive(Default)]
pub(crate) struct Topology {
    /// The lost objects with finalizers, in order of registration.
    dead: Vec<Gc>,
    /// What lost objects reach through structures outside the heap.
    beyond: AddressMap<Vec<Gc>>,
    /// How many of them the search started from.
    started: usize,
    seen: Vec<Seen>,
    numbers: Shards<u32>,
    tasks: Vec<Task>,
    /// Objects without a group yet, and where among them those begin that may still be of different groups.
    path: Vec<u32>,
    bounds: Vec<u32>,
    /// The number of each lost object that the search started from, or would have.
    start_numbers: Vec<u32>,
    /// Which parts of the search hang together: a forest whose roots stand for all.
    part_parents: Vec<u32>,
    /// Numbers of the objects by group; a group comes before those that reach it.
    by_group: Vec<u32>,
    group_starts: Vec<u32>,
    group_depths: Vec<u32>,
    /// Whether somebody in the group has a finalizer.
    group_weights: Vec<u32>,
    /// Place in `by_group` up to which the second pass is to come from the end, and items of that object that it has
    /// seen. `None` before it starts.
    second: Option<(usize, usize)>,
    /// In the passes that tell objects apart, how many of `dead` were looked at.
    last: Telling,
    /// The greatest depth among parts that hang together, by the part that stands for them.
    deepest: Vec<u32>,
    verdict: Verdict,
    /// Those to be finalized now that come after others, by depth.
    deep: BTreeMap<u32, Vec<Gc>>,
}

/// Who is finalized now: the last passes.
#[derive(Default, Clone, Copy)]
enum Telling {
    /// How deep what hangs together is.
    #[default]
    NotBegun,
    Deepest(usize),
    Apart(usize),
    /// The deep ones follow the others.
    Deep,
    Done,
}

impl Topology {
    /// A search among what these lost objects reach.
    pub(crate) fn new(dead: Vec<Gc>) -> Topology {
        let most = dead.len();
        // Vectors that are long enough from the start are not copied when they grow.
        Topology {
            dead,
            seen: Vec::with_capacity(most),
            start_numbers: Vec::with_capacity(most),
            part_parents: Vec::with_capacity(most),
            by_group: Vec::with_capacity(most),
            group_starts: Vec::with_capacity(most),
            group_weights: Vec::with_capacity(most),
            ..Topology::default()
        }
    }
    /// The order, found in one go. `is_lost` says of an object whether nothing but finalizers keeps it.
    /// `beyond` has, by the addresses of lost objects, those that they reach through structures outside the heap.
    pub(crate) fn of(
        types: &TypeTable,
        dead: Vec<Gc>,
        is_lost: impl Fn(Gc) -> bool,
        beyond: AddressMap<Vec<Gc>>,
    ) -> Verdict {
        let mut search = Topology::new(dead);
        search.beyond = beyond;
        let done = search.step(types, is_lost, usize::MAX);
        debug_assert!(done);
        search.verdict()
    }
    /// Goes on until about so many slots were looked at. Whether the order is known.
    pub(crate) fn step(
        &mut self,
        types: &TypeTable,
        is_lost: impl Fn(Gc) -> bool,
        mut slots: usize,
    ) -> bool {
        if self.dead.len() < 2 {
            self.verdict.now = self.dead.iter().map(|&gc| (gc, 0)).collect();
            return true;
        }
        let is_lost = |gc: Gc| !gc.is_null() && is_lost(gc);
        while self.second.is_none() {
            if slots == 0 {
                return false;
            }
            let Some(task) = self.tasks.pop() else {
                self.start_part();
                continue;
            };
            let looked_at = match task {
                Task::Enter(gc) => self.enter(types, gc, &is_lost),
                Task::Items(gc, items) => self.enter_items(types, gc, items, &is_lost),
                Task::Leave(number) => self.leave(number),
            };
            slots = slots.saturating_sub(looked_at);
        }
        self.find_depths(types, &is_lost, &mut slots) && self.tell_apart(&mut slots)
    }
    /// What the search started with, if it is broken off.
    pub(crate) fn into_dead(self) -> Vec<Gc> {
        self.dead
    }
    /// Starts from the next object with a finalizer, or begins the second pass.
    fn start_part(&mut self) {
        match self.dead.get(self.started) {
            Some(&gc) => {
                self.started += 1;
                let number = match self.numbers.get(gc.address()) {
                    Some(&number) => number,
                    None => {
                        self.part_parents.push(self.part_parents.len() as u32);
                        self.tasks.push(Task::Enter(gc));
                        // It has a finalizer, so it gets the next number.
                        self.seen.len() as u32
                    }
                };
                self.start_numbers.push(number);
            }
            None => {
                // Zeros come from the system as they are.
                self.group_depths = vec![0; self.group_starts.len()];
                self.second = Some((self.by_group.len(), 0));
            }
        }
    }
    fn enter(&mut self, types: &TypeTable, gc: Gc, is_lost: &impl Fn(Gc) -> bool) -> usize {
        if let Some(&number) = self.numbers.get(gc.address()) {
            let part = self.seen[number as usize].part;
            self.join(part, self.part_parents.len() as u32 - 1);
            if self.seen[number as usize].group == NONE {
                // A way back: everything since then is one group.
                while self.bounds.last().is_some_and(|&bound| bound > number) {
                    self.bounds.pop();
                }
            }
            return 1;
        }
        let has_finalizer = gc.header().state() & state_bits::HAS_FINALIZER != 0;
        let beyond = self.beyond.get(&gc.address());
        if !has_finalizer && beyond.is_none() && !scan::has_refs(types, gc.type_id()) {
            return 1;
        }
        let number = self.seen.len() as u32;
        self.numbers.insert(gc.address(), number);
        self.seen.push(Seen {
            object: gc,
            group: NONE,
            part: self.part_parents.len() as u32 - 1,
        });
        self.path.push(number);
        self.bounds.push(number);
        self.tasks.push(Task::Leave(number));
        let tasks = &mut self.tasks;
        let beyond = beyond.into_iter().flatten().copied();
        tasks.extend(beyond.filter(|&to| is_lost(to)).map(Task::Enter));
        let mut looked_at = 1;
        // SAFETY: lost objects are intact as long as the collection runs, and slots of an object are readable.
        let items = unsafe {
            scan::visit_fixed_slots(types, gc, &mut |slot| {
                looked_at += 1;
                let to = slot.read();
                if is_lost(to) {
                    tasks.push(Task::Enter(to));
                }
            });
            scan::ref_items(types, gc)
        };
        if items != 0 {
            tasks.push(Task::Items(gc, 0..items));
        }
        looked_at
    }
    fn enter_items(
        &mut self,
        types: &TypeTable,
        gc: Gc,
        items: Range<usize>,
        is_lost: &impl Fn(Gc) -> bool,
    ) -> usize {
        let end = items.end.min(items.start + SLICE_ITEMS);
        if end < items.end {
            self.tasks.push(Task::Items(gc, end..items.end));
        }
        for n in items.start..end {
            let to = item(types, gc, n);
            if is_lost(to) {
                self.tasks.push(Task::Enter(to));
            }
        }
        end - items.start
    }
    fn leave(&mut self, number: u32) -> usize {
        if self.bounds.last() != Some(&number) {
            return 0;
        }
        self.bounds.pop();
        let group = self.group_starts.len() as u32;
        self.group_starts.push(self.by_group.len() as u32);
        let mut weight = 0;
        let mut members = 0;
        while let Some(member) = self.path.pop() {
            let seen = &mut self.seen[member as usize];
            seen.group = group;
            weight |= u32::from(seen.object.header().state() & state_bits::HAS_FINALIZER != 0);
            self.by_group.push(member);
            members += 1;
            if member == number {
                break;
            }
        }
        self.group_weights.push(weight);
        members
    }
    fn part_root(&mut self, mut part: u32) -> u32 {
        while self.part_parents[part as usize] != part {
            let above = self.part_parents[part as usize];
            self.part_parents[part as usize] = self.part_parents[above as usize];
            part = above;
        }
        part
    }
    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.part_root(one), self.part_root(other));
        self.part_parents[one.max(other) as usize] = one.min(other);
    }
    /// The second pass: groups in the order in which they reach each other.
    fn find_depths(
        &mut self,
        types: &TypeTable,
        is_lost: &impl Fn(Gc) -> bool,
        slots: &mut usize,
    ) -> bool {
        let Some((mut end, mut items_done)) = self.second else {
            return false;
        };
        while end != 0 {
            if *slots == 0 {
                self.second = Some((end, items_done));
                return false;
            }
            let number = self.by_group[end - 1];
            let Seen { object, group, .. } = self.seen[number as usize];
            let below = self.group_depths[group as usize] + self.group_weights[group as usize];
            let (numbers, seen, depths) = (&self.numbers, &self.seen, &mut self.group_depths);
            let mut follow = |to: Gc| {
                if is_lost(to)
                    && let Some(&to) = numbers.get(to.address())
                {
                    let to = seen[to as usize].group;
                    if to != group {
                        let depth = &mut depths[to as usize];
                        *depth = below.max(*depth);
                    }
                }
            };
            if items_done == 0 {
                let beyond = self.beyond.get(&object.address());
                beyond.into_iter().flatten().copied().for_each(&mut follow);
            }
            // SAFETY: as in `enter`.
            let items = unsafe {
                if items_done == 0 {
                    scan::visit_fixed_slots(types, object, &mut |slot| follow(slot.read()));
                }
                scan::ref_items(types, object)
            };
            let items_end = items.min(items_done + SLICE_ITEMS);
            for n in items_done..items_end {
                follow(item(types, object, n));
            }
            *slots = slots.saturating_sub(items_end - items_done + 1);
            (end, items_done) = match items_end == items {
                true => (end - 1, 0),
                false => (end, items_end),
            };
        }
        self.second = Some((0, 0));
        true
    }
    /// The last passes: looks at up to `slots` lost objects. Whether the order is known.
    fn tell_apart(&mut self, slots: &mut usize) -> bool {
        loop {
            if *slots == 0 {
                return false;
            }
            *slots -= 1;
            match self.last {
                Telling::NotBegun => {
                    self.deepest = vec![0; self.part_parents.len()];
                    self.last = Telling::Deepest(0);
                }
                Telling::Deepest(n) if n == self.dead.len() => self.last = Telling::Apart(0),
                Telling::Deepest(n) => {
                    let (depth, part) = self.place(n);
                    self.deepest[part] = depth.max(self.deepest[part]);
                    self.last = Telling::Deepest(n + 1);
                }
                Telling::Apart(n) if n == self.dead.len() => self.last = Telling::Deep,
                Telling::Apart(n) => {
                    let (gc, (depth, part)) = (self.dead[n], self.place(n));
                    match depth == 0 || self.deepest[part] >= EXACT_DEPTH {
                        true if depth == 0 => self.verdict.now.push((gc, 0)),
                        true => self.deep.entry(depth).or_default().push(gc),
                        false => self.verdict.later.push(gc),
                    }
                    self.last = Telling::Apart(n + 1);
                }
                Telling::Deep => match self.deep.pop_first() {
                    Some((depth, found)) => {
                        *slots = slots.saturating_sub(found.len());
                        let found = found.into_iter().map(|gc| (gc, depth));
                        self.verdict.now.extend(found);
                    }
                    None => self.last = Telling::Done,
                },
                Telling::Done => return true,
            }
        }
    }
    /// The depth of the n-th lost object, and the part that stands for all that hangs together with it.
    fn place(&mut self, n: usize) -> (u32, usize) {
        let Seen { group, part, .. } = self.seen[self.start_numbers[n] as usize];
        let depth = self.group_depths[group as usize];
        (depth, self.part_root(part) as usize)
    }
    /// Who is finalized now, when the order is known.
    pub(crate) fn verdict(self) -> Verdict {
        self.verdict
    }
}

/// The n-th item of an array of references.
fn item(types: &TypeTable, gc: Gc, n: usize) -> Gc {
    let first = gc.word::<Gc>(types.shape(gc.type_id()).items_offset);
    // SAFETY: the callers take the number of items from the array, whose length does not change.
    unsafe { first.wrapping_add(n).read() }
}
