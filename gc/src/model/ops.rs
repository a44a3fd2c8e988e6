//! What a random program may do. Numbers choose "the k-th of those there are", so that any part of a program is a program.
use proptest::prelude::*;

/// What happens when an object's finalizer runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Nothing; the object goes at the next collection.
    Nothing,
    /// The object is kept after all.
    Resurrect,
    /// A new object is made that keeps this one.
    Allocate,
    /// Collects.
    Collect,
    /// The object's first field is cleared.
    Cut,
}

/// What is stored.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    Null,
    /// The object stored into.
    Itself,
    /// An immortal static outside the heap.
    Static,
    /// The last root, most often a new object.
    Newest,
    Root(usize),
}

/// What an injected word looks like.
#[derive(Clone, Copy, Debug)]
pub enum WordKind {
    Start,
    Interior,
    /// One past the end, where the next object's header stands.
    End,
    Junk,
    /// Where an object was that was freed.
    Freed,
    /// An object that is unreachable and was not freed yet.
    Garbage,
}

/// One step of a program.
#[derive(Clone, Debug)]
pub enum Op {
    Poll,
    Collect,
    /// Collects as when the budget is spent: young objects only, if the collector keeps them apart.
    CollectBudget,
    /// Collects as under `stress`: an incremental collector goes on with its cycle by a small step, or starts one.
    Step,
    Node,
    Array(usize),
    Bytes(usize),
    LargeBytes(usize),
    LargeArray(usize),
    /// A weak reference to a root.
    Weak(usize),
    /// An object with a light destructor.
    Mortal,
    Finalizable(Behaviour),
    Register(usize, Behaviour),
    Immortal,
    ImmortalArray(usize),
    Immortalize(usize),
    /// More than the limit allows.
    TooLarge,
    /// Garbage, without a poll.
    Burst(usize),
    /// Garbage of a kilobyte each: the nursery overflows before the next poll.
    Flood(usize),
    /// A chain of nodes of which the first becomes a root.
    Chain(usize),
    /// The same of nodes with finalizers.
    FinalizableChain(usize, Behaviour),
    /// Objects that are all allocated before the first of them is written, without a barrier.
    Merged(usize, usize),
    DropRoot(usize),
    DropMany(usize),
    CopyRoot(usize),
    /// What a field holds becomes a root.
    Load(usize, usize),
    /// What a weak reference holds becomes a root.
    LoadWeak(usize),
    Store(usize, usize, Value),
    /// What lies some steps below a root is taken out of its field, and put into another object or made a root: the move
    /// that defeats a marker which does not hear of stores.
    Hide(usize, usize, usize),
    /// Without a barrier if the object is new enough.
    StoreElided(usize, usize, Value),
    /// Barrier, then allocation, then a store through a raw pointer.
    StoreLate(usize, usize, usize),
    Fill(usize, usize, Value),
    Clear(usize, usize, usize),
    /// From one array into another.
    Copy(usize, usize, usize),
    /// Inside one array, overlapping.
    Move(usize, usize, usize),
    Reverse(usize, usize),
    /// Writes plain bytes, or an object's payload.
    Scribble(usize),
    Identity(usize),
    /// The object keeps its address from now on,
    Pin(usize),
    /// or may move again.
    Unpin(usize),
    /// A longer or shorter array with the same items takes the place of one, filled without a barrier.
    Resize(usize, usize),
    /// An array allocated together with nodes, its length written last.
    MergedArray(usize, usize, usize),
    /// Two collections of the whole heap with nothing between.
    CollectTwice,
    /// Whether collections start by themselves.
    Automatic(bool),
    /// Memory outside the heap has grown.
    Pressure(usize),
    RunFinalizers,
    TakeDead,
    Word(WordKind, usize),
    ForgetWords,
}

type Make = fn(usize, usize, usize) -> Op;

fn value(n: usize) -> Value {
    match n % 10 {
        0 | 1 => Value::Null,
        2 => Value::Itself,
        3 => Value::Static,
        4..7 => Value::Newest,
        _ => Value::Root(n / 10),
    }
}
fn behaviour(n: usize) -> Behaviour {
    [
        Behaviour::Nothing,
        Behaviour::Resurrect,
        Behaviour::Allocate,
        Behaviour::Collect,
        Behaviour::Cut,
    ][n % 5]
}
fn word(n: usize) -> WordKind {
    [
        WordKind::Start,
        WordKind::Interior,
        WordKind::End,
        WordKind::Junk,
        WordKind::Freed,
        WordKind::Garbage,
    ][n % 6]
}

/// Weight and operation, simple ones first: that is where shrinking goes.
const OPS: &[(u16, Make)] = &[
    (14, |_, _, _| Op::Poll),
    (3, |_, _, _| Op::Collect),
    (9, |_, _, _| Op::CollectBudget),
    (9, |_, _, _| Op::Step),
    (12, |_, _, _| Op::Node),
    (6, |a, b, _| {
        Op::Array(if b % 4 == 0 { a % 200 } else { a % 6 })
    }),
    (3, |a, _, _| Op::Bytes(a % 300)),
    (1, |a, _, _| Op::LargeBytes(8_200 + a * 3)),
    (4, |a, _, _| Op::LargeArray(1_030 + a % 400)),
    (4, |a, _, _| Op::Weak(a)),
    (2, |_, _, _| Op::Mortal),
    (2, |a, _, _| Op::Finalizable(behaviour(a))),
    (2, |a, b, _| Op::Register(a, behaviour(b))),
    (1, |_, _, _| Op::Immortal),
    (1, |a, _, _| Op::ImmortalArray(a % 1_200)),
    (1, |a, _, _| Op::Immortalize(a)),
    (1, |_, _, _| Op::TooLarge),
    (2, |a, _, _| Op::Burst(a % 100)),
    (1, |a, _, _| Op::Flood(a % 120)),
    (2, |a, _, _| Op::Chain(a % 20)),
    (2, |a, b, _| {
        Op::FinalizableChain(if b % 8 == 0 { a % 20 } else { a % 4 }, behaviour(b / 8))
    }),
    (3, |a, b, _| Op::Merged(a % 8, b)),
    (9, |a, _, _| Op::DropRoot(a)),
    (1, |a, _, _| Op::DropMany(a)),
    (2, |a, _, _| Op::CopyRoot(a)),
    (5, |a, b, _| Op::Load(a, b)),
    (2, |a, _, _| Op::LoadWeak(a)),
    (18, |a, b, c| Op::Store(a, b, value(c))),
    (4, |a, b, c| Op::Hide(a, b % 16, c)),
    (4, |a, b, c| Op::StoreElided(a, b, value(c))),
    (3, |a, b, c| Op::StoreLate(a, b, c % 60)),
    (5, |a, b, c| Op::Fill(a, b, value(c))),
    (3, |a, b, c| Op::Clear(a, b, c)),
    (3, |a, b, c| Op::Copy(a, b, c)),
    (2, |a, b, c| Op::Move(a, b, c)),
    (2, |a, b, _| Op::Reverse(a, b)),
    (2, |a, _, _| Op::Scribble(a)),
    (4, |a, _, _| Op::Identity(a)),
    (3, |a, _, _| Op::Pin(a)),
    (2, |a, _, _| Op::Unpin(a)),
    (2, |a, b, _| Op::Resize(a, b)),
    (1, |a, b, c| Op::MergedArray(a % 6, b % 40, c)),
    (1, |_, _, _| Op::CollectTwice),
    (1, |a, _, _| Op::Automatic(!a.is_multiple_of(3))),
    (1, |a, _, _| Op::Pressure(a << 12)),
    (3, |_, _, _| Op::RunFinalizers),
    (2, |_, _, _| Op::TakeDead),
    (5, |a, b, _| Op::Word(word(a), b)),
    (2, |_, _, _| Op::ForgetWords),
];

/// How much more often operations in focus come.
const FOCUS: u16 = 8;

/// Any operation; those whose names are in `focus` more often.
pub fn any_op(focus: &[&str]) -> impl Strategy<Value = Op> + use<> {
    let weighted = OPS.iter().map(|&(weight, make)| {
        let text = format!("{:?}", make(0, 0, 0));
        let name = text.split('(').next().unwrap_or_default();
        let more = if focus.contains(&name) { FOCUS } else { 1 };
        (weight * more, make)
    });
    let weighted: Vec<(u16, Make)> = weighted.collect();
    let total: u16 = weighted.iter().map(|(weight, _)| weight).sum();
    let n = || 0usize..4096;
    (0..total, n(), n(), n()).prop_map(move |(mut chosen, a, b, c)| {
        for &(weight, make) in &weighted {
            if chosen < weight {
                return make(a, b, c);
            }
            chosen -= weight;
        }
        unreachable!("the number is below the sum of the weights")
    })
}
