//! The invariants, by the names that failures and tests show.
//!
//! A: every heap. B: collectors that count references. R: pairs with structures outside the heap (`raw`). Each row says
//! what holds, to which collectors it applies, which operations bring it to the fore, and which counters prove that programs
//! came across it: a suite that never met the case has tested nothing.
use super::setup::Setup;
use crate::Capabilities;
use std::fmt;

/// Which programs check an invariant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Programs {
    /// Those over a heap alone, [`super::Suite::run`].
    Heap,
    /// Those over pairs, [`super::Suite::run_pairs`].
    Pairs,
    /// A scene of its own, [`super::scenes`].
    Scene,
}

/// One of the invariants.
pub struct Invariant {
    /// The name that starts the messages of failures, such as `A8`.
    pub label: &'static str,
    /// The name of its test.
    pub name: &'static str,
    /// What holds.
    pub says: &'static str,
    /// What checks it.
    pub programs: Programs,
    /// Whether it says anything about such a collector.
    pub applies: fn(&Capabilities) -> bool,
    /// Counters that are not zero once the case was met.
    pub evidence: &'static [&'static str],
    /// Operations that programs about this invariant have eight times as often.
    pub focus: &'static [&'static str],
    /// Options that bring it to the fore.
    pub prepare: fn(&mut Setup),
}

impl fmt::Debug for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.label, self.says)
    }
}

impl Invariant {
    /// The invariant with this label or test name.
    pub fn named(name: &str) -> Option<&'static Invariant> {
        let is_it = |row: &&Invariant| row.label.eq_ignore_ascii_case(name) || row.name == name;
        INVARIANTS.iter().find(is_it)
    }
    /// The invariant that a failure's message names first.
    pub fn of_message(message: &str) -> Option<&'static Invariant> {
        let words = message.split(|c: char| !c.is_ascii_alphanumeric());
        let labelled = |word| INVARIANTS.iter().find(|row| row.label == word);
        let by_phrase = || {
            let found = PHRASES.iter().find(|(phrase, _)| message.contains(phrase));
            found.and_then(|(_, label)| Invariant::named(label))
        };
        words.into_iter().find_map(labelled).or_else(by_phrase)
    }
}

const ALL: fn(&Capabilities) -> bool = |_| true;
const COLLECTS: fn(&Capabilities) -> bool = |c| c.collects;
const MOVES: fn(&Capabilities) -> bool = |c| c.moves;
const YOUNG: fn(&Capabilities) -> bool = |c| c.generational;
const STEPS: fn(&Capabilities) -> bool = |c| c.incremental;
const COUNTS: fn(&Capabilities) -> bool = |c| c.counts;
const ANY: fn(&mut Setup) = |_| {};

/// Calls `callback!` with all invariants, one row each: label, name of the test, what checks it, to whom it applies, what it
/// says, evidence, operations in focus, options.
#[doc(hidden)]
#[macro_export]
macro_rules! each_invariant {
    ($callback:ident!($($first:tt)*)) => { $crate::$callback! { ($($first)*)
        A1 a1_what_roots_reach_is_there_with_its_contents Heap ALL
            "what the program reaches exists, with its contents and its references"
            [survived, stores, range_stores] [Store, Load, Copy, Move] ANY;
        A2 a2_a_whole_collection_leaves_nothing_unreachable Heap COLLECTS
            "after a collection of the whole heap nothing else is in memory"
            [whole, freed, large_freed, destroyed] [DropRoot, Collect, LargeArray, Mortal] ANY;
        A3 a3_no_reference_leads_to_freed_memory Heap COLLECTS
            "no slot of any object or root names anything but an object"
            [slots_followed, freed] [DropRoot, Store, CollectBudget] (|s| s.poison = true);
        A4 a4_nothing_looked_at_refers_to_something_unmarked Heap STEPS
            "while the heap is marked in steps, what was looked at refers to what is marked or noted"
            [heap_steps, heap_regrayed] [Step, Store, Fill, Hide, Chain] (|s| s.step_bytes = 1);
        A5 a5_old_objects_refer_to_young_ones_only_if_logged Heap YOUNG
            "an old object that refers to a young one was logged, or its part was"
            [heap_logged_objects, heap_logged_chunks, young] [Store, Fill, LargeArray, CollectBudget] ANY;
        A6 a6_the_barrier_of_old_objects_is_armed_again Heap YOUNG
            "after a collection each old object has its barrier armed, or refers to a young one"
            [armed_again] [Store, CollectBudget] ANY;
        A7 a7_identity_is_stable_and_unique Heap ALL
            "identity numbers stay the same, and no two living objects share one"
            [identities_asked, identities_kept] [Identity, CollectBudget] ANY;
        A8 a8_pinned_address_is_constant Heap COLLECTS
            "an object keeps its address while it is pinned"
            [pinned_stayed] [Pin, Identity, CollectBudget] ANY;
        A9 a9_the_heap_can_be_walked Heap ALL
            "walking memory finds each object once, and nothing else"
            [walked] [Flood, Burst, DropRoot, Collect] ANY;
        A10 a10_accounts_are_the_sum_of_sizes Heap COLLECTS
            "the bytes that live are the sum of the sizes of what lives"
            [accounted, large_made] [Array, LargeArray, Bytes, Collect] ANY;
        A11 a11_a_step_keeps_its_budget Heap STEPS
            "a step looks at no more than its budget and one part of an array"
            [heap_steps, heap_cycles] [Step, CollectBudget, LargeArray] (|s| s.step_bytes = 1);
        A12 a12_finalizers_run_once_in_order_after_weak_references_are_cleared Heap COLLECTS
            "a finalizer runs once, after those of the objects that reach its own, and weak references to it are cleared by then"
            [finalized, waited_for_finalizer, resurrected, weak_cleared]
            [Finalizable, FinalizableChain, Register, Weak, RunFinalizers, DropRoot] ANY;
        A13 a13_ambiguous_words_only_keep_and_never_move Heap COLLECTS
            "an ambiguous word keeps what it may name, where it is, and what that reaches, and does nothing else"
            [kept_by_words, hit_and_stayed, dead_words] [Word, DropRoot, CollectBudget] ANY;
        A14 a14_collecting_twice_changes_nothing Heap COLLECTS
            "a collection right after one of the whole heap frees nothing"
            [collected_twice] [CollectTwice, DropRoot] ANY;
        A15 a15_a_refused_allocation_leaves_the_heap_whole Heap ALL
            "a request that is refused changes nothing"
            [refused, out_of_memory] [TooLarge, LargeArray] (|s| s.tight = true);
        A16 a16_stores_of_null_and_constants_are_stores Heap ALL
            "stores of NULL, of static objects and of the object itself are stores as others"
            [stores_of_null, stores_of_statics, stores_of_itself] [Store, Clear] ANY;
        B1 b1_counts_are_the_references_of_old_objects_and_roots Heap COUNTS
            "after an epoch a count that is not stuck is the number of references from old objects and of temporary ones"
            [counted, temporary] [Store, Fill, CollectBudget] ANY;
        B2 b2_what_is_referred_to_is_not_freed Heap COUNTS
            "no object with a reference is freed, and none without one is left"
            [counted, heap_unreferenced] [Store, DropRoot, CollectBudget] ANY;
        B3 b3_the_log_holds_each_first_value_once Heap COUNTS
            "the log of an epoch holds what each logged object or part held when the epoch began, once"
            [noted] [Store, Fill, Clear, LargeArray] ANY;
        B4 b4_trial_deletion_frees_dead_cycles_and_restores_counts Heap COUNTS
            "trial deletion frees the dead cycles and what hangs on them; the counts and colours of the rest are as before"
            [heap_cyclic, counted] [Store, DropRoot, Step] (|s| s.counting = ("trial", 12));
        B5 b5_acyclic_garbage_needs_no_search Heap COUNTS
            "what is dead after an epoch hangs on a dead cycle or on a stuck count"
            [freed_by_counts] [Chain, DropRoot, CollectBudget] (|s| s.stress = 0);
        B6 b6_trial_deletion_and_trace_agree Heap COUNTS
            "the same program leaves the same objects whether cycles are found by trial deletion or by a trace"
            [compared_policies] [Store, DropRoot, Collect] (|s| s.tight = false);
        B7 b7_a_trace_repairs_stuck_counts Heap COUNTS
            "after an explicit collection counts are stuck only where so many references exist"
            [heap_stuck, repaired] [Store, Fill, Collect] (|s| s.counting.1 = 2);
        B8 b8_long_chains_die_without_recursion Scene COLLECTS
            "a chain of a million objects is followed and freed on a small stack"
            [] [] ANY;
        R1 r1_a_link_is_in_one_list_and_its_count_has_the_bias Pairs COLLECTS
            "a structure's link is set exactly if it stands in one list, and then its count is at least the bias"
            ["links made", "unlinked"] [] ANY;
        R2 r2_each_side_of_a_pair_finds_the_other Pairs COLLECTS
            "the object of an object's structure is the object"
            ["links made", "major collections"] [] ANY;
        R3 r3_links_follow_objects_that_move Pairs MOVES
            "when an object moved, its link names the new place before the program goes on"
            ["objects moved", "links moved"] [] ANY;
        R4 r4_what_the_raw_side_holds_keeps_its_object Pairs COLLECTS
            "an object whose twin the raw side holds is not unlinked"
            ["held", "left"] [] ANY;
        R5 r5_unlinking_ends_in_one_of_three_ways Pairs COLLECTS
            "a structure whose object died is freed, pending, or left to the raw side"
            ["freed", "pending", "left"] [] ANY;
        R6 r6_what_is_pending_has_a_reference Pairs COLLECTS
            "what is pending has a count of at least one, and no link unless it was linked again"
            ["pending", "linked after pending"] [] ANY;
        R7 r7_the_count_is_the_references_and_the_bias Pairs COLLECTS
            "at each step a count is the number of references plus the bias of the link"
            ["links made", "unlinked", "resurrected"] [] ANY;
        R8 r8_a_dead_proxy_gives_its_structure_up_once Pairs COLLECTS
            "the end of an object is told to its structure exactly once"
            ["pending", "freed"] [] ANY;
        R9 r9_what_is_light_is_never_pending Pairs COLLECTS
            "a structure that needs no destructor is never handed out as pending"
            ["freed", "pending"] [] ANY;
        R10 r10_a_dead_address_leads_to_no_structure Pairs COLLECTS
            "the address of a dead object leads to no structure, also when another object gets it"
            ["address of a dead object used again"] [] ANY;
        R11 r11_cycles_over_the_border_are_settled_whole Pairs COLLECTS
            "garbage that refers to itself through both sides is freed as a whole, or kept as a whole"
            ["cycles over both sides"] [] ANY;
        R12 r12_what_either_side_holds_survives_on_both Pairs COLLECTS
            "what roots, finalizers or the raw side hold lives on both sides"
            ["held", "resurrected", "pairs kept by finalizers"] [] ANY;
        R13 r13_light_structures_go_at_once_and_heavy_ones_when_drained Pairs COLLECTS
            "light structures are freed in the collection that finds their objects dead, others by who drains the queue"
            ["freed", "pending", "collected while draining"] [] ANY;
        R14 r14_links_may_be_made_in_any_phase Pairs COLLECTS
            "links made between any two steps of a collection, or while structures wait, are as others"
            ["linked while pending", "linked after pending"] [] ANY;
        R15 r15_every_collector_gives_the_same_result Pairs COLLECTS
            "collections at the same points of a program have the same results under every collector"
            ["same results"] [] ANY;
    } };
}

#[doc(hidden)]
#[macro_export]
macro_rules! invariant_table {
    (() $($label:ident $name:ident $programs:ident $applies:ident $says:literal
        [$($evidence:tt),*] [$($focus:ident),*] $prepare:tt;)*) => {
        /// All invariants.
        pub const INVARIANTS: &[Invariant] = &[$(Invariant {
            label: stringify!($label),
            name: stringify!($name),
            says: $says,
            programs: Programs::$programs,
            applies: $applies,
            evidence: &[$($crate::counter_name!($evidence)),*],
            focus: &[$(stringify!($focus)),*],
            prepare: $prepare,
        }),*];
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! counter_name {
    ($name:literal) => {
        $name
    };
    ($name:ident) => {
        stringify!($name)
    };
}

each_invariant! { invariant_table!() }

/// What failures say that are found below the model: by the verifier, or by a collector's own checks.
const PHRASES: &[(&str, &str)] = &[
    ("which is no object", "A3"),
    ("which is not marked", "A4"),
    ("no store was logged", "A5"),
    ("unregistered type", "A9"),
    ("past 0x", "A9"),
    ("no type has the id", "A3"),
    ("no test object has the type", "A3"),
    ("is not a ", "A3"),
    ("out of bounds", "A3"),
];

#[doc(hidden)]
#[macro_export]
macro_rules! invariant_tests {
    (($rows:expr, $wanted:ident) $($label:ident $name:ident $programs:ident $applies:ident $says:literal
        $evidence:tt $focus:tt $prepare:tt;)*) => {
        $($crate::invariant_test! { $wanted $programs $name $rows, $says })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! invariant_test {
    (Heap Pairs $name:ident $rows:expr, $says:literal) => {};
    (Pairs Heap $name:ident $rows:expr, $says:literal) => {};
    (Pairs Scene $name:ident $rows:expr, $says:literal) => {};
    ($wanted:ident $programs:ident $name:ident $rows:expr, $says:literal) => {
        #[doc = $says]
        #[test]
        fn $name() {
            $crate::model::Suite::of($rows).assert_invariant(stringify!($name));
        }
    };
}

/// One test for each of the invariants A and B, named after it, on the given `&[CollectorInfo]`.
///
/// ```no_run
/// # use ouro_gc::COLLECTORS;
/// ouro_gc::model_tests!(COLLECTORS);
/// ```
#[macro_export]
macro_rules! model_tests {
    ($rows:expr) => {
        $crate::each_invariant! { invariant_tests!($rows, Heap) }
    };
}

/// One test for each of the invariants R, named after it, on the given `&[CollectorInfo]`.
#[macro_export]
macro_rules! pair_tests {
    ($rows:expr) => {
        $crate::each_invariant! { invariant_tests!($rows, Pairs) }
    };
}
