//! Why a trace is not compiled. The caller counts these; none of them is a bug.

/// The optimizer cannot make code of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum GiveUp {
    /// A guard can never pass: the recorded path cannot be run again.
    ContradictoryGuard,
    /// A bridge's input names a value that its parent's exit does not hold.
    UnknownInput,
}

impl GiveUp {
    /// Every reason, for tables of counters.
    pub const ALL: &[GiveUp] = &[GiveUp::ContradictoryGuard, GiveUp::UnknownInput];

    /// Short name for statistics.
    pub fn name(self) -> &'static str {
        match self {
            GiveUp::ContradictoryGuard => "contradictory guard",
            GiveUp::UnknownInput => "unknown input of a bridge",
        }
    }
}
