//! Why a recording was given up. Counted, never a string.

/// A reason; the guest does not notice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Abort {
    /// More operations than the limit.
    TooLong,
    /// A function that does less than entering its code would cost.
    TooShort,
    /// The frame of the loop was left before the loop closed.
    LeftFrame,
    /// An inner loop went round too often without being compiled itself.
    InnerLoop,
    /// A function that was inlined came to a loop that has code: it is called from then on.
    CalleeLoops,
    /// The run loop ended.
    RunLoopEnded,
    /// More guest frames than the limit.
    TooDeep,
    /// A residual call looked at guest frames, which compiled code does not keep.
    NeedsFrames,
    /// Somebody began to watch what happens, see `ouro_machine::watch`.
    Watched,
    /// A fact that the trace relies on changed while it was recorded.
    FactChanged,
    /// A frame was entered that the program wants to be interpreted.
    NotTraced,
    /// A value that no trace can name came back from outside.
    ForeignValue,
    /// The loop was left while its next time round was to be recorded.
    LeftLoop,
}

impl Abort {
    pub const ALL: [Abort; 13] = [
        Abort::TooLong,
        Abort::TooShort,
        Abort::LeftFrame,
        Abort::InnerLoop,
        Abort::CalleeLoops,
        Abort::RunLoopEnded,
        Abort::TooDeep,
        Abort::NeedsFrames,
        Abort::Watched,
        Abort::FactChanged,
        Abort::NotTraced,
        Abort::ForeignValue,
        Abort::LeftLoop,
    ];
    /// One word for statistics.
    pub fn word(self) -> &'static str {
        match self {
            Abort::TooLong => "too-long",
            Abort::TooShort => "too-short",
            Abort::LeftFrame => "left-frame",
            Abort::InnerLoop => "inner-loop",
            Abort::CalleeLoops => "callee-loops",
            Abort::RunLoopEnded => "run-loop-ended",
            Abort::TooDeep => "too-deep",
            Abort::NeedsFrames => "needs-frames",
            Abort::Watched => "watched",
            Abort::FactChanged => "fact-changed",
            Abort::NotTraced => "not-traced",
            Abort::ForeignValue => "foreign-value",
            Abort::LeftLoop => "left-loop",
        }
    }
}
