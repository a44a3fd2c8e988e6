//! Quasi-immutable facts: constants in a trace until somebody changes them.

use std::cell::{Cell, RefCell};

/// The version of a fact that rarely changes, and the compiled code that depends on it.
///
/// A version is never used twice within a VM, so equal versions mean equal facts. Inline caches compare versions;
/// traces register as dependents and are invalidated by [`Quasi::change`].
pub struct Quasi {
    version: Cell<u64>,
    dependents: RefCell<Vec<u32>>,
}

impl Quasi {
    /// `version` must be fresh: take it from [`crate::Vm::fresh_version`].
    pub const fn new(version: u64) -> Quasi {
        Quasi {
            version: Cell::new(version),
            dependents: RefCell::new(Vec::new()),
        }
    }
    #[inline(always)]
    pub fn version(&self) -> u64 {
        self.version.get()
    }
    /// The compiled trace with this number is to be told of a change.
    pub fn add_dependent(&self, trace: u32) {
        let mut dependents = self.dependents.borrow_mut();
        if dependents.last() != Some(&trace) {
            dependents.push(trace);
        }
    }
    /// Gives the fact a new version and invalidates what depended on the old one.
    pub fn change<L: crate::Language>(&self, vm: &crate::Vm<L>) {
        self.version.set(vm.fresh_version());
        let dependents = std::mem::take(&mut *self.dependents.borrow_mut());
        if !dependents.is_empty() {
            vm.invalidate(&dependents);
        }
    }
}
