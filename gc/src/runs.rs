//! Runs of equal units (blocks or pages) in a part of the reserved address range.
use crate::memory::HUGE_PAGE_BYTES;
use std::ops::Range;

/// State of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Free and all bytes are zero.
    FreeZeroed,
    /// Free; old contents are still there.
    FreeDirty,
    /// First unit of a run in use.
    Head,
    /// Further unit of a run in use.
    Body,
}

impl Unit {
    /// Whether the unit can be handed out.
    pub fn is_free(self) -> bool {
        matches!(self, Unit::FreeZeroed | Unit::FreeDirty)
    }
}

/// A run handed out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Number of the first unit.
    pub first: usize,
    /// Number of units.
    pub units: usize,
}

/// Allocates runs of units, lowest address first within what is in use, growing upwards when nothing fits.
pub struct Runs {
    base: usize,
    unit_bytes: usize,
    limit_units: usize,
    states: Vec<Unit>,
    /// At heads: the number of units of the run.
    lengths: Vec<u32>,
    /// No unit below is free; only a hint for the search.
    lowest_free: usize,
    used_units: usize,
}

impl Runs {
    /// No unit in use; units may be taken from `range`, which starts at a huge page.
    pub fn new(range: Range<usize>, unit_bytes: usize) -> Runs {
        let limit_units = range.len() / unit_bytes;
        Runs {
            base: range.start,
            unit_bytes,
            limit_units,
            states: Vec::new(),
            lengths: Vec::new(),
            lowest_free: 0,
            used_units: 0,
        }
    }
    /// Address of a unit.
    pub fn address(&self, unit: usize) -> usize {
        self.base + unit * self.unit_bytes
    }
    /// Addresses of a run.
    pub fn range(&self, run: Run) -> Range<usize> {
        self.address(run.first)..self.address(run.first + run.units)
    }
    /// The unit that contains `address`, if it was ever handed out.
    pub fn unit_of(&self, address: usize) -> Option<usize> {
        let unit = address.checked_sub(self.base)? / self.unit_bytes;
        (unit < self.states.len()).then_some(unit)
    }
    /// State of a unit.
    pub fn state(&self, unit: usize) -> Unit {
        self.states[unit]
    }
    /// Number of units that were ever handed out.
    pub fn high_units(&self) -> usize {
        self.states.len()
    }
    /// Number of units in use.
    pub fn used_units(&self) -> usize {
        self.used_units
    }
    /// Finds `units` adjacent free units among those handed out before.
    pub fn take_recycled(&mut self, units: usize) -> Option<Run> {
        while self
            .states
            .get(self.lowest_free)
            .is_some_and(|s| !s.is_free())
        {
            self.lowest_free += 1;
        }
        let mut first = self.lowest_free;
        let mut at = first;
        while at < self.states.len() {
            if !self.states[at].is_free() {
                first = at + 1;
            } else if at + 1 - first == units {
                return Some(Run { first, units });
            }
            at += 1;
        }
        None
    }
    /// Makes `units` new units at the upper end, joined with free ones below it.
    pub fn take_fresh(&mut self, units: usize) -> Option<Run> {
        let free_tail = self
            .states
            .iter()
            .rev()
            .take_while(|s| s.is_free())
            .count()
            .min(units);
        let first = self.states.len() - free_tail;
        if first + units > self.limit_units {
            return None;
        }
        self.states.resize(first + units, Unit::FreeZeroed);
        self.lengths.resize(first + units, 0);
        Some(Run { first, units })
    }
    /// Whether any unit that was handed out before is free.
    pub fn has_free(&self) -> bool {
        self.used_units < self.states.len()
    }
    /// Whether the unit exists and is free.
    pub fn is_free(&self, unit: usize) -> bool {
        self.states.get(unit).is_some_and(|s| s.is_free())
    }
    /// Marks a found run as used; true if all its memory is zero.
    pub fn occupy(&mut self, run: Run) -> bool {
        let states = &mut self.states[run.first..run.first + run.units];
        debug_assert!(states.iter().all(|s| s.is_free()));
        let zeroed = states.iter().all(|&s| s == Unit::FreeZeroed);
        states.fill(Unit::Body);
        states[0] = Unit::Head;
        self.lengths[run.first] = u32::try_from(run.units).expect("a run has less than 2^32 units");
        self.used_units += run.units;
        zeroed
    }
    /// The run whose head is `head`.
    pub fn run_at(&self, head: usize) -> Run {
        debug_assert_eq!(self.states[head], Unit::Head);
        Run {
            first: head,
            units: self.lengths[head] as usize,
        }
    }
    /// The head of the run that contains `unit`, which is in use.
    pub fn head_of(&self, unit: usize) -> usize {
        let above = self.states[..=unit]
            .iter()
            .rev()
            .position(|&s| s == Unit::Head);
        unit - above.expect("each used unit follows its head")
    }
    /// Frees a run.
    pub fn free(&mut self, run: Run, zeroed: bool) {
        let states = &mut self.states[run.first..run.first + run.units];
        debug_assert!(states.iter().all(|s| !s.is_free()));
        states.fill(if zeroed {
            Unit::FreeZeroed
        } else {
            Unit::FreeDirty
        });
        self.lowest_free = self.lowest_free.min(run.first);
        self.used_units -= run.units;
    }
    /// The free units that are not zeroed were given back to the system and read as zero now.
    pub fn set_zeroed(&mut self, run: Run) {
        self.states[run.first..run.first + run.units].fill(Unit::FreeZeroed);
    }
    /// The part of a run that is made of whole huge pages, or all of a run that contains none. To give a part of a huge page
    /// back makes small ones of it for good.
    pub fn whole_huge_pages(&self, run: Run) -> Run {
        let huge_units = HUGE_PAGE_BYTES / self.unit_bytes;
        let first = run.first.next_multiple_of(huge_units);
        let end = (run.first + run.units) / huge_units * huge_units;
        match first < end {
            true => Run {
                first,
                units: end - first,
            },
            false => run,
        }
    }
    /// Maximal runs of free units with old contents.
    pub fn dirty_runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (unit, _) in self
            .states
            .iter()
            .enumerate()
            .filter(|(_, s)| **s == Unit::FreeDirty)
        {
            match runs.last_mut() {
                Some(run) if run.first + run.units == unit => run.units += 1,
                _ => runs.push(Run {
                    first: unit,
                    units: 1,
                }),
            }
        }
        runs
    }
}
