//! What a random program may do. Numbers choose "the k-th of those there are", so that any part of a program is a program.
use proptest::prelude::*;

/// What the owner of a pending structure does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Drops the reference: the destructor runs, and drops the structures it holds.
    Drop,
    /// Keeps it.
    Resurrect,
    /// Links it to a new object, rooted or not, and then drops the reference.
    Link { rooted: bool, twin: bool },
    /// Collects, and then drops it.
    Collect,
    /// Makes a proxy for the time of the destructor.
    Proxy,
}

#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Node,
    Array,
    LargeArray,
    /// Must keep its address.
    Pinned,
    Immortal,
}

/// One step of a program.
#[derive(Clone, Debug)]
pub enum Op {
    Poll,
    Collect,
    CollectYoung,
    /// Garbage of a kilobyte each.
    Flood(usize),
    Object(Shape),
    DropRoot(usize),
    /// What a field holds becomes a root.
    Load(usize, usize),
    /// Stores the second root, or NULL, into the first.
    Store(usize, usize, Option<usize>),
    Weak(usize),
    Finalizer(usize),
    Identity(usize),
    /// A structure that the raw side holds.
    Structure,
    Incref(usize),
    Decref(usize),
    /// The first structure holds the second.
    Edge(usize, usize),
    Cut(usize, usize),
    /// A root gets a new structure with this many references.
    LinkNew(usize, isize, bool, bool),
    /// A root and a structure that are not linked yet.
    Link(usize, usize, bool),
    /// New objects with new structures, without roots, where nothing collects.
    Batch(usize, bool),
    Unlink(usize),
    /// The object of a structure becomes a root.
    LoadObject(usize),
    Drain(Vec<Script>),
}

type Make = fn(usize, usize, usize) -> Op;

fn script(n: usize) -> Script {
    match n % 9 {
        0..4 => Script::Drop,
        4 => Script::Resurrect,
        5 | 6 => Script::Link {
            rooted: n & 16 != 0,
            twin: n & 32 != 0,
        },
        7 => Script::Collect,
        _ => Script::Proxy,
    }
}
fn shape(n: usize) -> Shape {
    match n % 12 {
        0..7 => Shape::Node,
        7 | 8 => Shape::Array,
        9 => Shape::LargeArray,
        10 => Shape::Pinned,
        _ if n.is_multiple_of(5) => Shape::Immortal,
        _ => Shape::Node,
    }
}

/// Weight and operation, simple ones first: that is where shrinking goes.
const OPS: &[(u16, Make)] = &[
    (6, |_, _, _| Op::Poll),
    (4, |_, _, _| Op::Collect),
    (9, |_, _, _| Op::CollectYoung),
    (2, |a, _, _| Op::Flood(a % 100)),
    (14, |a, _, _| Op::Object(shape(a))),
    (14, |a, _, _| Op::DropRoot(a)),
    (4, |a, b, _| Op::Load(a, b)),
    (10, |a, b, c| {
        Op::Store(a, b, (!c.is_multiple_of(5)).then_some(c / 5))
    }),
    (4, |a, _, _| Op::Weak(a)),
    (3, |a, _, _| Op::Finalizer(a)),
    (2, |a, _, _| Op::Identity(a)),
    (3, |_, _, _| Op::Structure),
    (6, |a, _, _| Op::Incref(a)),
    (12, |a, _, _| Op::Decref(a)),
    (6, |a, b, _| Op::Edge(a, b)),
    (3, |a, b, _| Op::Cut(a, b)),
    (16, |a, b, c| {
        Op::LinkNew(a, (b % 5 / 3) as isize, c & 1 != 0, c % 6 > 1)
    }),
    (6, |a, b, c| Op::Link(a, b, c & 1 != 0)),
    (2, |a, b, _| Op::Batch(a % 6, b & 1 != 0)),
    (3, |a, _, _| Op::Unlink(a)),
    (5, |a, _, _| Op::LoadObject(a)),
    (8, |a, b, c| {
        Op::Drain([a, b, c].map(script)[..1 + a / 7 % 3].to_vec())
    }),
];

/// Any operation.
pub fn any_op() -> impl Strategy<Value = Op> {
    let total: u16 = OPS.iter().map(|(weight, _)| weight).sum();
    let n = || 0usize..4096;
    (0..total, n(), n(), n()).prop_map(|(mut chosen, a, b, c)| {
        for (weight, make) in OPS {
            if chosen < *weight {
                return make(a, b, c);
            }
            chosen -= weight;
        }
        unreachable!("the number is below the sum of the weights")
    })
}

/// Options of one program.
#[derive(Clone, Debug)]
pub struct Setup {
    pub tenure: u32,
    pub stress: u32,
    pub verify: bool,
}

impl Setup {
    pub fn text(&self) -> String {
        let Setup {
            tenure,
            stress,
            verify,
        } = self;
        format!(
            ",tenure={tenure},stress={stress},verify={},poison",
            u8::from(*verify)
        )
    }
}

pub fn any_program() -> impl Strategy<Value = (Setup, Vec<Op>)> {
    let setup = (
        0u32..4,
        prop_oneof![4 => Just(0u32), 1 => Just(2), 1 => Just(1)],
        prop::bool::weighted(0.1),
    );
    let setup = setup.prop_map(|(tenure, stress, verify)| Setup {
        tenure,
        stress,
        verify,
    });
    (setup, prop::collection::vec(any_op(), 60..120))
}
