//! The 22 mutants, and the hunt for each: which invariant does not hold any more, after how many programs.
//!
//! The list follows the bugs that collectors of this kind have had. Most stand in the code of this crate
//! ([`crate::mutants`]); what programs and compilers may do wrong is planted in the programs ([`Plant`]).
use super::invariants::Invariant;
use super::machine::{self, Bench};
use super::pairs;
use super::plants::Plant;
use super::setup::Setup;
use crate::mutants::{Mutant, plant};
use crate::{COLLECTORS, Capabilities, CollectorInfo};

/// Where a bug is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// In this crate, met by programs over a heap alone.
    Heap(Mutant),
    /// In this crate, met by programs over pairs.
    Pairs(Mutant),
    /// In the programs.
    Program(Plant),
}

/// A bug, and what must find it.
pub struct Prey {
    /// Where it is.
    pub planted: Planted,
    /// What is wrong.
    pub says: &'static str,
    /// Collectors that have the code.
    pub meets: fn(&Capabilities) -> bool,
    /// Labels of the invariants of which one must fail.
    pub killers: &'static [&'static str],
    /// Operations that come more often.
    focus: &'static [&'static str],
    /// Options under which the code runs.
    prepare: fn(&mut Setup),
}

const COLLECTS: fn(&Capabilities) -> bool = |c| c.collects;
const MOVES: fn(&Capabilities) -> bool = |c| c.moves;
const YOUNG: fn(&Capabilities) -> bool = |c| c.generational;
const STEPS: fn(&Capabilities) -> bool = |c| c.incremental;
const COUNTS: fn(&Capabilities) -> bool = |c| c.counts;

macro_rules! prey {
    ($($planted:ident $name:ident $meets:ident [$($killer:ident),*] [$($focus:ident),*] $prepare:expr, $says:literal;)*) => {
        /// All of them; their numbers are their places, from 1 on.
        pub const PREY: &[Prey] = &[$(Prey {
            planted: prey!(@ $planted $name),
            says: $says,
            meets: $meets,
            killers: &[$(stringify!($killer)),*],
            focus: &[$(stringify!($focus)),*],
            prepare: $prepare,
        }),*];
    };
    (@ Program $name:ident) => { Planted::Program(Plant::$name) };
    (@ $where:ident $name:ident) => { Planted::$where(Mutant::$name) };
}

prey! {
    Heap BarrierAfterStore COUNTS [A2, B1, B3, B5] [Store] |_| {},
        "the barrier runs after the store";
    Heap NoBarrierForNull COUNTS [A2, B1, B3, B5] [Store] |_| {},
        "no barrier when NULL is stored";
    Heap FirstChunkOnly YOUNG [A1, A3, A5, B1, B3, B5] [Fill, Copy, LargeArray] |_| {},
        "of a range of items only the first chunk is logged";
    Program ClearWithoutBarrier COUNTS [A2, B1, B3, B5] [Clear, LargeArray] |_| {},
        "an array is cleared without a barrier";
    Heap NotArmedAgain YOUNG [A6] [Store] |_| {},
        "the barrier is not armed again after a collection";
    Heap NotLookedAtAgain STEPS [A1, A3, A4] [Hide, Chain, Step, CollectBudget] |s| s.step_bytes = 1,
        "a marked object that is stored into is not looked at again";
    Heap RootsReadOnce STEPS [A1, A3, A12] [Hide, Chain, Step] |s| s.step_bytes = 1,
        "roots are not read again when marking ends";
    Heap DecrementsFirst COUNTS [A1, A3, B1, B2] [Store, Load, DropRoot] |_| {},
        "counts go down before they go up";
    Heap InPlaceNotFollowed YOUNG [A1, A3, A5] [Word, Pin] |_| {},
        "what becomes old in its place is not followed";
    Heap PinnedWithIdentityMoves YOUNG [A8] [Pin, Identity] |_| {},
        "a pinned object whose identity has a place reserved moves there";
    Heap ZombieAccepted STEPS [A1, A2, A3, A9, A12, A13] [Step, Word] |s| s.step_bytes = 1,
        "what is known dead is taken for an object while it waits to be swept";
    Heap EndIgnored COLLECTS [A1, A12, A13] [Word] |_| {},
        "a word one past the end of an object does not keep it";
    Pairs TwinsNotRehashed MOVES [R2, R10] [] |_| {},
        "the table of twins keeps the old address of an object that moved";
    Pairs PendingAtZero COLLECTS [R5, R6, R7] [] |_| {},
        "what is pending has a count of 0";
    Pairs LightIsHeavy COLLECTS [R5, R9] [] |_| {},
        "a light structure is handed out as pending";
    Heap TrialForgetsRoots COUNTS [A1, A3, B1, B2] [Store, CollectBudget, Step] |s| s.counting.0 = "trial",
        "trial deletion takes no notice of roots";
    Heap WeakAfterFinalizers COLLECTS [A12] [Weak, Register, DropRoot] |_| {},
        "weak references are cleared after finalizers have kept their objects";
    Heap ChainsAtOnce COLLECTS [A12] [Finalizable, FinalizableChain, Register, Store, DropRoot] |_| {},
        "a chain of objects with finalizers is finalized at once, in order of registration";
    Heap StartBitKept COUNTS [A3, A9, A2] [DropRoot] |_| {},
        "a freed object keeps its start bit";
    Heap StuckCountsDown COUNTS [A1, A3, B1, B2, B7] [Store, DropRoot] |s| s.counting.1 = 2,
        "a stuck count is counted down";
    Program ElideAlways YOUNG [A1, A2, A3, A5, B1, B3, B5] [StoreElided, CollectBudget] |_| {},
        "a barrier is left out though a safepoint was passed since the object was new";
    Program LengthAfterSafepoint COLLECTS [A1, A3, A9] [MergedArray] |_| {},
        "the length of an array that was allocated with others is written after a safepoint";
}

/// How a hunt ended.
#[derive(Clone, Debug)]
pub enum End {
    /// An invariant that was expected failed.
    Killed {
        /// Its label.
        by: &'static str,
        /// On this collector.
        collector: String,
        /// In this program, counted from 1.
        program: u64,
        /// What the check said.
        reason: String,
    },
    /// Something else failed.
    Stumbled {
        /// What it said.
        reason: String,
    },
    /// No program found it.
    Survived {
        /// So many ran.
        programs: u64,
    },
}

impl Prey {
    /// The name of the bug.
    pub fn name(&self) -> String {
        match self.planted {
            Planted::Heap(mutant) | Planted::Pairs(mutant) => format!("{mutant:?}"),
            Planted::Program(plant) => format!("{plant:?}"),
        }
    }
    fn end(&self, collector: &str, before: u64, reason: &str) -> End {
        let reason = reason.replace('\n', " ");
        match Invariant::of_message(&reason) {
            Some(by) if self.killers.contains(&by.label) => End::Killed {
                by: by.label,
                collector: collector.to_owned(),
                program: before + 1,
                reason,
            },
            _ => End::Stumbled { reason },
        }
    }
    /// Runs up to `programs` programs from `seed` on with the bug in them, or without. Heaps are verified around each
    /// collection, so that a stray reference is seen before it is followed.
    pub fn hunt(&self, seed: u64, programs: u64, with_bug: bool) -> End {
        let meets =
            |row: &&CollectorInfo| row.capabilities.collects && (self.meets)(&row.capabilities);
        let rows: Vec<CollectorInfo> = COLLECTORS.iter().filter(meets).copied().collect();
        let mut bench = Bench {
            focus: self.focus,
            prepare: self.prepare,
            careful: true,
            ..Bench::of(&rows)
        };
        match self.planted {
            Planted::Heap(mutant) | Planted::Pairs(mutant) => plant(with_bug.then_some(mutant)),
            Planted::Program(plant) => bench.plant = with_bug.then_some(plant),
        }
        let end = match self.planted {
            Planted::Pairs(_) => {
                let each = rows
                    .iter()
                    .map(|row| (row.name, pairs::suite::run(row, seed, programs, true)));
                each.filter_map(|(name, result)| Some((name, result.err()?)))
                    .map(|(name, failure)| self.end(name, failure.before, &failure.reason))
                    .next()
            }
            _ => {
                let failure = machine::run(&bench, seed, programs, false).err();
                failure.map(|f| self.end(f.collector, f.before, &f.reason))
            }
        };
        plant(None);
        end.unwrap_or(End::Survived { programs })
    }
}
