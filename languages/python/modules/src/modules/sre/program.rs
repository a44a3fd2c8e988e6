//! What [`super::matcher`] runs: a flat list of instructions with absolute targets, and the tests and literals they name.
//!
//! [`super::decode`] makes one from the words of the compiler, [`super::heads`] then finds what may begin where.
//! A text is either *narrow* (one byte is one character: bytes, and str that are ASCII) or *wide* (WTF-8). One program
//! serves both: what differs is kept twice, indexed by `wide as usize`.

use super::chars;

/// Which letters are equal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fold {
    None,
    Ascii,
    Unicode,
}
impl Fold {
    /// The character that stands for all that equal `c`.
    #[inline]
    pub fn lower(self, c: u32) -> u32 {
        match self {
            Fold::None => c,
            Fold::Ascii => chars::ascii_lower(c),
            Fold::Unicode => chars::lower(c),
        }
    }
}
/// What a test of one character asks.
#[derive(Clone, Debug)]
pub enum One {
    Any,
    NotNewline,
    Is(u32, Fold),
    IsNot(u32, Fold),
    Set(Set, Fold),
}
/// A set of characters.
#[derive(Clone, Debug, Default)]
pub struct Set {
    pub items: Vec<Item>,
    pub negated: bool,
}
/// A part of a set.
#[derive(Clone, Debug)]
pub enum Item {
    Range(u32, u32),
    RangeIgnoringCase(u32, u32),
    Category(u32),
    /// The characters below 256.
    Bits([u32; 8]),
    /// Number of a block of 256 characters by its high byte, and the blocks.
    Blocks(Box<[u8; 256]>, Vec<[u32; 8]>),
}
impl Set {
    fn has(&self, c: u32) -> bool {
        let bit = |bits: &[u32; 8], c: u32| bits[c as usize / 32] >> (c % 32) & 1 == 1;
        let found = self.items.iter().any(|item| match item {
            Item::Range(low, high) => (*low..=*high).contains(&c),
            Item::RangeIgnoringCase(low, high) => {
                (*low..=*high).contains(&c) || (*low..=*high).contains(&chars::upper(c))
            }
            Item::Category(which) => chars::in_category(*which, c),
            Item::Bits(bits) => c < 256 && bit(bits, c),
            Item::Blocks(index, blocks) => {
                c < 0x10000 && bit(&blocks[index[c as usize >> 8] as usize], c & 255)
            }
        });
        found != self.negated
    }
    /// Whether it may have characters beyond ASCII.
    fn may_be_wide(&self) -> bool {
        self.negated
            || self.items.iter().any(|item| match item {
                Item::Range(_, high) => *high >= 128,
                Item::Bits(bits) => bits[4..].iter().any(|&b| b != 0),
                // Digits, spaces and characters of a word by ASCII.
                Item::Category(which) => !matches!(which, 0 | 2 | 4 | 6),
                Item::RangeIgnoringCase(..) | Item::Blocks(..) => true,
            })
    }
}
impl One {
    /// Whether the character passes.
    fn accepts(&self, c: u32) -> bool {
        match self {
            One::Any => true,
            One::NotNewline => c != 10,
            One::Is(x, fold) => fold.lower(c) == *x,
            One::IsNot(x, fold) => fold.lower(c) != *x,
            One::Set(set, fold) => set.has(fold.lower(c)),
        }
    }
    fn may_be_wide(&self) -> bool {
        match self {
            One::Is(x, Fold::None | Fold::Ascii) => *x >= 128,
            One::Set(set, Fold::None | Fold::Ascii) => set.may_be_wide(),
            _ => true,
        }
    }
}

/// The test of one character, with the answers for the first 256 ready.
#[derive(Clone, Debug)]
pub struct Test {
    pub table: [bool; 256],
    /// Whether characters beyond ASCII may pass.
    pub may_be_wide: bool,
    /// How a run of characters that pass is found.
    pub scan: Scan,
    one: One,
}
/// How the end of a run of characters that pass is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scan {
    /// Every character passes.
    All,
    /// Every character but this one of ASCII.
    Until(u8),
    /// By the table.
    Table,
}
impl Test {
    pub fn new(one: One) -> Test {
        let scan = match one {
            One::Any => Scan::All,
            One::NotNewline => Scan::Until(10),
            One::IsNot(c, Fold::None) if c < 128 => Scan::Until(c as u8),
            _ => Scan::Table,
        };
        Test {
            table: std::array::from_fn(|c| one.accepts(c as u32)),
            may_be_wide: one.may_be_wide(),
            scan,
            one,
        }
    }
    /// Whether a character of any width passes.
    #[inline]
    pub fn accepts(&self, c: u32) -> bool {
        match self.table.get(c as usize) {
            Some(&known) => known,
            None => self.may_be_wide && self.one.accepts(c),
        }
    }
}

/// Bytes at which something may begin, for narrow and for wide texts (there by the first byte of a character).
pub type Bytes = [[bool; 256]; 2];

/// What may come next after a choice of two: bit 0 for the first, bit 1 for the second, by the next byte.
#[derive(Clone, Debug)]
pub struct Fork {
    pub table: [[u8; 256]; 2],
    /// The same where the text ends.
    pub at_end: u8,
}
/// What must follow a run, so that only places where it does are tried.
#[derive(Clone, Debug)]
pub enum Follow {
    /// Anything.
    Any,
    /// This byte of ASCII.
    Byte(u8),
    /// A byte of these.
    Table(Box<Bytes>),
}
/// How a run of single characters is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunKind {
    Greedy,
    Lazy,
    /// Nothing is given back.
    Possessive,
}
/// As many single characters as possible, or as few.
#[derive(Clone, Debug)]
pub struct Run {
    /// Number of the test.
    pub test: usize,
    pub min: u32,
    pub max: u32,
    pub kind: RunKind,
    pub follow: Follow,
}

/// An instruction. Numbers of instructions, tests and so on index the lists of [`Program`].
#[derive(Clone, Copy, Debug)]
pub enum Ins {
    /// This character of ASCII.
    Byte(u8),
    /// The literal with this number.
    Literal(u32),
    /// A character that passes the test with this number.
    Test(u32),
    /// A position: an `AT_*` code.
    At(u32),
    /// Tries one instruction, later the other; the fork with this number tells which of them can match.
    Split {
        first: u32,
        second: u32,
        fork: u32,
    },
    Jump(u32),
    Mark(u32),
    Fail,
    /// The end of the pattern.
    Accept,
    /// The end of an assertion, of an atomic group or of a possessive loop's body.
    Done,
    /// Counter `0` starts.
    LoopStart(u32),
    /// The head of the loop with this number. The body follows.
    Loop(u32),
    /// The run with this number.
    Run(u32),
    /// Back by so many characters, then the body up to `Done`; goes on at `exit`.
    Look {
        negated: bool,
        back: u32,
        exit: u32,
    },
    /// The body up to `Done` is matched in one way only; goes on at `exit`.
    Atomic {
        exit: u32,
    },
    /// As `Atomic`, repeated as the loop with this number says.
    AtomicLoop(u32),
    Group(u32, Fold),
    /// Goes to the target if the group has not matched.
    IfGroup(u32, u32),
}
/// A loop over more than a character.
#[derive(Clone, Debug)]
pub struct Loop {
    pub counter: usize,
    pub min: u32,
    pub max: u32,
    pub greedy: bool,
    /// The instruction after the loop.
    pub exit: u32,
}
/// Characters one after another, encoded for wide texts; for narrow ones if they have them all.
#[derive(Clone, Debug)]
pub struct Literal {
    pub narrow: Option<Box<[u8]>>,
    pub wide: Box<[u8]>,
}

/// How matches are looked for.
#[derive(Debug, Default)]
pub struct Start {
    /// The pattern begins with `^` or `\A`: only the start of the text can match.
    pub anchored: bool,
    /// What the first bytes of a match must be, for narrow and wide texts.
    pub heads: [Heads; 2],
}
/// What the first bytes of a match must be.
#[derive(Debug, Default)]
pub struct Heads {
    /// Bit `i` is set if the byte may be at place `i`.
    pub table: Option<Box<[u8; 256]>>,
    /// Number of places known.
    pub known: usize,
    /// The bytes of the first place, if there are at most three.
    pub rare: Vec<u8>,
    /// The literal that each match begins with, if it has two bytes or more.
    pub prefix: Option<memchr::memmem::Finder<'static>>,
}
/// A pattern.
#[derive(Debug, Default)]
pub struct Program {
    pub code: Vec<Ins>,
    pub tests: Vec<Test>,
    pub literals: Vec<Literal>,
    pub runs: Vec<Run>,
    pub loops: Vec<Loop>,
    pub forks: Vec<Fork>,
    pub counters: usize,
    pub start: Start,
}
