//! A trace as the register allocator sees it: values, items in order, and where each value is used.
//!
//! An [`Item`] is one operation reduced to what matters for allocation. Building it from a trace is
//! `lower.rs`' business; neither this module nor the allocator knows an opcode.

use crate::loc::Loc;

/// Register class of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Integers and references.
    Gpr,
    /// Floats.
    Fpr,
}

/// One operand of an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// A value, by number.
    Value(u32),
    /// A constant, by its index in the trace.
    Const(u32),
}

/// A run of a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Span {
    /// Index of the first element.
    pub start: u32,
    /// Number of elements.
    pub len: u32,
}

impl Span {
    /// The indices of the run.
    pub fn indices(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// Which operand's register the result would like to take over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reuse {
    /// None: the machine has a three-operand form, or the operands are of another class.
    None,
    /// The first operand's.
    First,
    /// Either of the first two.
    Either,
}

/// What an item does with registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ItemKind {
    /// Reads operands anywhere, writes its result after its exit is decided, clobbers nothing.
    Op {
        /// The two-operand hint.
        reuse: Reuse,
    },
    /// Reads operands anywhere, then clobbers; its exit is decided afterwards.
    Call {
        /// Whether words are passed as floats to a function of floats.
        floats: bool,
    },
    /// Parameters become values; operands are what they are at first entry.
    Label {
        /// The parameters, in `Program::params`.
        params: Span,
        /// Other programs may jump here: they bring the parameters and nothing else.
        open: bool,
    },
    /// Back to a label of the same program; operands are its parameters' next values.
    Jump {
        /// Item index of the label.
        label: u32,
    },
    /// Leaves for good with operands in given places.
    Leave {
        /// The places, in `Program::targets`, one for each operand.
        targets: Span,
    },
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// What it does with registers.
    pub kind: ItemKind,
    /// Its operands, in `Program::operands`.
    pub operands: Span,
    /// Its result.
    pub result: Option<u32>,
    /// The values that its exit needs, in `Program::live`.
    pub live: Span,
}

/// Where an input is when the program starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// In a place: a guest word at an entry, the parent's location in a bridge.
    Loc(Loc),
    /// It is this constant.
    Const(u32),
}

/// A trace reduced to what the allocator needs.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Class of each value.
    pub classes: Vec<Class>,
    /// The operations, in order.
    pub items: Vec<Item>,
    /// Values that exist at the start, and where.
    pub inputs: Vec<(u32, Start)>,
    /// Pool of operands.
    pub operands: Vec<Operand>,
    /// Pool of values needed by exits.
    pub live: Vec<u32>,
    /// Pool of label parameters.
    pub params: Vec<u32>,
    /// Pool of places for `Leave`.
    pub targets: Vec<Loc>,
}

impl Program {
    /// Empties all lists, keeping their memory.
    pub fn clear(&mut self) {
        self.classes.clear();
        self.items.clear();
        self.inputs.clear();
        self.operands.clear();
        self.live.clear();
        self.params.clear();
        self.targets.clear();
    }

    /// The operands of an item.
    pub fn operands(&self, item: &Item) -> &[Operand] {
        &self.operands[item.operands.indices()]
    }

    /// The values that an item's exit needs.
    pub fn live(&self, item: &Item) -> &[u32] {
        &self.live[item.live.indices()]
    }

    /// The item that ends the program with a back jump, and its label.
    pub fn back_jump(&self) -> Option<(usize, usize)> {
        let last = self.items.len().checked_sub(1)?;
        match self.items[last].kind {
            ItemKind::Jump { label } => Some((last, label as usize)),
            ItemKind::Op { .. }
            | ItemKind::Call { .. }
            | ItemKind::Label { .. }
            | ItemKind::Leave { .. } => None,
        }
    }
    /// The label that other programs may jump to: its item and its parameters.
    pub fn open_label(&self) -> Option<(usize, Span)> {
        let open = |(at, item): (usize, &Item)| match item.kind {
            ItemKind::Label { params, open: true } => Some((at, params)),
            ItemKind::Op { .. }
            | ItemKind::Call { .. }
            | ItemKind::Label { .. }
            | ItemKind::Jump { .. }
            | ItemKind::Leave { .. } => None,
        };
        self.items.iter().enumerate().find_map(open)
    }
}
