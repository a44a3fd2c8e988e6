//! What a program may ask of its own compiler while it runs.

use crate::events::{ATTENTION, Event, Happened, Spot};
use crate::jit::{Jit, LoopState};
use crate::options::{BadOption, JitOptions, Parameters, Value};
use ouro_machine::{Code, Language, Vm};

impl Jit {
    /// When and how much is compiled, as it is now.
    pub fn parameters(&self) -> Parameters {
        self.parameters.get()
    }
    /// All parameters and the passes of the optimizer.
    pub fn options(&self) -> JitOptions {
        JitOptions {
            parameters: self.parameters.get(),
            optimizer: self.optimizer.borrow().clone(),
        }
    }
    /// Changes a parameter by its name; what is recorded from now on follows it. A new threshold starts all counters again.
    ///
    /// # Errors
    /// For an unknown name, a value out of range, and what cannot be changed any more.
    pub fn change<L: Language>(
        &self,
        vm: &Vm<L>,
        name: &str,
        value: Value,
    ) -> Result<(), BadOption> {
        let mut options = self.options();
        options.change(name, value)?;
        let before = self.parameters.replace(options.parameters);
        *self.optimizer.borrow_mut() = options.optimizer;
        let threshold = options.parameters.threshold_loops;
        if threshold != before.threshold_loops && self.is_on() {
            vm.set_threshold(threshold);
        }
        Ok(())
    }
    /// Whether hot loops are recorded, and compiled code is entered.
    pub fn is_on(&self) -> bool {
        !self.off.get() && !self.resting.get()
    }
    /// Records nothing and enters nothing any more, or does so again. Code that runs goes on until it is left.
    pub fn set_on<L: Language>(&self, vm: &Vm<L>, on: bool) {
        let was_on = self.is_on();
        self.resting.set(!on);
        if self.is_on() && !was_on {
            vm.set_threshold(self.parameters.get().threshold_loops);
        }
    }
    /// From now on `code` is interpreted: it is neither recorded nor inlined. Code that inlined it is left and not entered
    /// again.
    pub fn never_trace<L: Language>(&self, code: &'static Code<L>) {
        let address = std::ptr::from_ref(code) as usize;
        if !self.never.borrow_mut().insert(address) {
            return;
        }
        let own = code.instructions().as_ptr_range();
        let own = own.start as usize..own.end as usize;
        let traces: Vec<_> = self
            .traces
            .borrow()
            .iter()
            .map(|(c, t)| (*c, t.clone()))
            .collect();
        for (handle, trace) in traces {
            if own.contains(&trace.home) || trace.inlined.contains(&address) {
                self.drop_loop(trace.home);
                trace.valid.set(false);
                self.backend.invalidate(handle);
            }
        }
    }
    /// The loop at a header is not entered any more; it may become hot again. Its code stays for those who jump there.
    pub(crate) fn drop_loop(&self, header: usize) {
        let mut loops = self.loops.borrow_mut();
        if matches!(loops.get(&header), Some(LoopState::Compiled { .. })) {
            loops.remove(&header);
            self.backend.set_callee(header as u64, None);
        }
    }
    /// Tells those who watch, at the next safepoint.
    pub(crate) fn tell<L: Language>(&self, vm: &Vm<L>, spot: &Spot, happened: Happened) {
        if self.events.are_wanted() {
            let spot = spot.clone();
            self.events.push(Event { spot, happened });
            vm.heap.request_attention(ATTENTION);
        }
    }
}
