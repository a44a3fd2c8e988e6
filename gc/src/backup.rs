//! The choice between two ways to find dead cycles where references are counted.
//!
//! Trial deletion looks at what candidates reach, several times; a trace looks at what lives, and knows all counts
//! afterwards. Neither amount is known before, but programs go on as they did: when a trial had to look at much, the next
//! searches are traces; more of them, the more often in a row that happens. While traces free a good part of the heap, they
//! go on, since a trial would have had to look at all that garbage.
use crate::config::Cycles;

/// What an object counts for when only the number of objects is known.
const TYPICAL_BYTES: usize = 48;
/// So many traces in a row come before a trial is given another chance.
const MOST_TRACES: u32 = 15;

/// See the module's documentation.
pub(crate) struct Choice {
    policy: Cycles,
    /// Traces before the next trial.
    traces_left: u32,
    /// Traces that the last trial was followed by, if it looked at much.
    streak: u32,
    /// There may be dead cycles that no candidate leads to.
    has_unexamined: bool,
}

impl Choice {
    pub(crate) fn new(policy: Cycles) -> Choice {
        Choice {
            policy,
            traces_left: 0,
            streak: 0,
            has_unexamined: false,
        }
    }
    /// How the next search is made: [`Cycles::Trial`] or [`Cycles::Trace`].
    pub(crate) fn next(&self) -> Cycles {
        match self.policy {
            Cycles::Auto if self.traces_left != 0 || self.has_unexamined => Cycles::Trace,
            Cycles::Auto => Cycles::Trial,
            given => given,
        }
    }
    /// Whether there may be dead cycles that no candidate leads to, since a trace will find them.
    pub(crate) fn allows_unexamined(&self) -> bool {
        self.policy != Cycles::Trial
    }
    /// Objects became old without being looked at, or candidates were forgotten.
    pub(crate) fn note_unexamined(&mut self) {
        self.has_unexamined = true;
    }
    /// A trial looked at so many objects, and so much is left.
    pub(crate) fn note_trial(&mut self, looked_at: usize, live_bytes: usize) {
        let much = looked_at.saturating_mul(TYPICAL_BYTES) > live_bytes / 2;
        self.streak = match much {
            true => (self.streak * 2 + 1).min(MOST_TRACES),
            false => 0,
        };
        self.traces_left = self.streak;
    }
    /// A trace freed so much, and so much is left.
    pub(crate) fn note_trace(&mut self, freed_bytes: usize, live_bytes: usize) {
        self.has_unexamined = false;
        if freed_bytes < live_bytes / 4 {
            self.traces_left = self.traces_left.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_that_looks_at_much_is_followed_by_traces_until_they_free_little() {
        let mut choice = Choice::new(Cycles::Auto);
        assert_eq!(choice.next(), Cycles::Trial);
        choice.note_trial(10, 1 << 20);
        assert_eq!(choice.next(), Cycles::Trial);
        choice.note_trial(1 << 20, 1 << 20);
        for _ in 0..100 {
            assert_eq!(choice.next(), Cycles::Trace);
            choice.note_trace(1 << 20, 1 << 20);
        }
        choice.note_trace(0, 1 << 20);
        assert_eq!(choice.next(), Cycles::Trial);
        // Again too much: a longer row of traces.
        choice.note_trial(1 << 20, 1 << 20);
        for _ in 0..3 {
            assert_eq!(choice.next(), Cycles::Trace);
            choice.note_trace(0, 1 << 20);
        }
        assert_eq!(choice.next(), Cycles::Trial);
        choice.note_unexamined();
        assert_eq!(choice.next(), Cycles::Trace);
    }
    #[test]
    fn a_given_policy_is_kept() {
        for policy in [Cycles::Trial, Cycles::Trace] {
            let mut choice = Choice::new(policy);
            choice.note_trial(1 << 20, 0);
            assert_eq!(choice.next(), policy);
            choice.note_trace(0, 1);
            assert_eq!(choice.next(), policy);
        }
    }
}
