//! From the code words that `re._compiler` emits to instructions that [`super::matcher`] runs.
//!
//! Structured words (with skips) become a flat list with absolute targets, once per pattern.

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
/// A test of one character.
#[derive(Clone, Debug)]
pub enum One {
    Any,
    NotNewline,
    Is(u32, Fold),
    IsNot(u32, Fold),
    Set(Box<Set>, Fold),
}
/// A set of characters. The answers for the first 128 are ready.
#[derive(Clone, Debug)]
pub struct Set {
    ascii: [bool; 128],
    items: Vec<Item>,
    negated: bool,
}
#[derive(Clone, Debug)]
enum Item {
    Range(u32, u32),
    RangeIgnoringCase(u32, u32),
    Category(u32),
    Bits([u32; 8]),
    /// Number of a block of 256 characters by its high byte, and the blocks.
    Blocks(Box<[u8; 256]>, Vec<[u32; 8]>),
}
impl Set {
    /// Whether the set has the character.
    #[inline]
    pub fn has(&self, c: u32) -> bool {
        match c < 128 {
            true => self.ascii[c as usize],
            false => self.search(c),
        }
    }
    fn search(&self, c: u32) -> bool {
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
}
impl One {
    /// Whether the character passes.
    #[inline]
    pub fn accepts(&self, c: u32) -> bool {
        match self {
            One::Any => true,
            One::NotNewline => c != 10,
            One::Is(x, fold) => fold.lower(c) == *x,
            One::IsNot(x, fold) => fold.lower(c) != *x,
            One::Set(set, fold) => set.has(fold.lower(c)),
        }
    }
}

/// An instruction.
#[derive(Clone, Debug)]
pub enum Ins {
    One(One),
    /// A position: an `AT_*` code.
    At(u32),
    /// Tries the next instruction, later the target.
    Split(usize),
    Jump(usize),
    Mark(usize),
    Fail,
    /// The end of the pattern, of an assertion or of an atomic group.
    Accept,
    /// Counter `0` starts.
    LoopStart(usize),
    /// Counter, least, most, whether greedy, instruction after the loop. The body follows.
    Loop {
        counter: usize,
        min: u32,
        max: u32,
        greedy: bool,
        exit: usize,
    },
    /// As many single characters as possible (`greedy`), or as few; `possessive`: none is given back.
    Run {
        one: One,
        min: u32,
        max: u32,
        kind: RunKind,
    },
    /// Back by so many characters, then the body up to `Accept`; goes on at `exit`.
    Look {
        negated: bool,
        back: Option<usize>,
        exit: usize,
    },
    /// The body up to `Accept` is matched in one way only; goes on at `exit`.
    Atomic {
        exit: usize,
    },
    /// As `Atomic`, repeated.
    AtomicLoop {
        min: u32,
        max: u32,
        exit: usize,
    },
    Group(usize, Fold),
    /// Goes to the target if the group has not matched.
    IfGroup(usize, usize),
}
/// How a run of single characters is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunKind {
    Greedy,
    Lazy,
    Possessive,
}
/// A pattern.
#[derive(Debug)]
pub struct Program {
    pub code: Vec<Ins>,
    pub counters: usize,
    /// What the first character must be, if that is known.
    pub first: Option<First>,
}

/// The operations by number, as `re._constants` numbers them.
mod op {
    pub const FAILURE: u32 = 0;
    pub const SUCCESS: u32 = 1;
    pub const ANY: u32 = 2;
    pub const ANY_ALL: u32 = 3;
    pub const ASSERT: u32 = 4;
    pub const ASSERT_NOT: u32 = 5;
    pub const AT: u32 = 6;
    pub const BRANCH: u32 = 7;
    pub const CATEGORY: u32 = 8;
    pub const CHARSET: u32 = 9;
    pub const BIGCHARSET: u32 = 10;
    pub const GROUPREF: u32 = 11;
    pub const GROUPREF_EXISTS: u32 = 12;
    pub const IN: u32 = 13;
    pub const INFO: u32 = 14;
    pub const JUMP: u32 = 15;
    pub const LITERAL: u32 = 16;
    pub const MARK: u32 = 17;
    pub const MAX_UNTIL: u32 = 18;
    pub const MIN_UNTIL: u32 = 19;
    pub const NOT_LITERAL: u32 = 20;
    pub const NEGATE: u32 = 21;
    pub const RANGE: u32 = 22;
    pub const REPEAT: u32 = 23;
    pub const REPEAT_ONE: u32 = 24;
    pub const MIN_REPEAT_ONE: u32 = 26;
    pub const ATOMIC_GROUP: u32 = 27;
    pub const POSSESSIVE_REPEAT: u32 = 28;
    pub const POSSESSIVE_REPEAT_ONE: u32 = 29;
    pub const GROUPREF_IGNORE: u32 = 30;
    pub const IN_IGNORE: u32 = 31;
    pub const LITERAL_IGNORE: u32 = 32;
    pub const NOT_LITERAL_IGNORE: u32 = 33;
    pub const GROUPREF_LOC_IGNORE: u32 = 34;
    pub const IN_LOC_IGNORE: u32 = 35;
    pub const LITERAL_LOC_IGNORE: u32 = 36;
    pub const NOT_LITERAL_LOC_IGNORE: u32 = 37;
    pub const GROUPREF_UNI_IGNORE: u32 = 38;
    pub const IN_UNI_IGNORE: u32 = 39;
    pub const LITERAL_UNI_IGNORE: u32 = 40;
    pub const NOT_LITERAL_UNI_IGNORE: u32 = 41;
    pub const RANGE_UNI_IGNORE: u32 = 42;
}

/// Code words that are no pattern.
#[derive(Debug)]
pub struct BadCode;
type Result<T> = std::result::Result<T, BadCode>;

struct Decoder<'a> {
    words: &'a [u32],
    out: Vec<Ins>,
    counters: usize,
}
/// Decodes a whole pattern.
///
/// # Errors
/// If the words are not what `re._compiler` emits.
pub fn decode(words: &[u32]) -> Result<Program> {
    let mut d = Decoder {
        words,
        out: Vec::new(),
        counters: 0,
    };
    let end = d.block(0, words.len())?;
    if end != words.len() {
        return Err(BadCode);
    }
    d.out.push(Ins::Accept);
    let first = first_of(&d.out, 0, 40);
    Ok(Program {
        code: d.out,
        counters: d.counters,
        first,
    })
}
/// Characters that a match may begin with; all beyond ASCII share one answer.
#[derive(Clone, Debug)]
pub struct First {
    ascii: [bool; 128],
    beyond: bool,
}
impl First {
    /// Whether a match may begin with the character.
    #[inline]
    pub fn may_be(&self, c: u32) -> bool {
        self.ascii.get(c as usize).copied().unwrap_or(self.beyond)
    }
    fn of(one: &One) -> First {
        let plain = matches!(one, One::Is(c, Fold::None) if *c < 128);
        First {
            ascii: std::array::from_fn(|c| one.accepts(c as u32)),
            beyond: !plain,
        }
    }
    fn or(self, other: First) -> First {
        First {
            ascii: std::array::from_fn(|c| self.ascii[c] || other.ascii[c]),
            beyond: self.beyond || other.beyond,
        }
    }
}
/// What a match from instruction `pc` on must begin with. None: anything, or nothing; `depth` bounds the search.
fn first_of(code: &[Ins], pc: usize, depth: u32) -> Option<First> {
    let depth = depth.checked_sub(1)?;
    match &code[pc] {
        Ins::Mark(_) | Ins::LoopStart(_) => first_of(code, pc + 1, depth),
        Ins::Loop { min, .. } if *min > 0 => first_of(code, pc + 1, depth),
        Ins::One(one) => Some(First::of(one)),
        Ins::Run { one, min, .. } if *min > 0 => Some(First::of(one)),
        Ins::Jump(to) => first_of(code, *to, depth),
        // Behind the last alternative.
        Ins::Fail => Some(First {
            ascii: [false; 128],
            beyond: false,
        }),
        Ins::Split(other) => {
            let this = first_of(code, pc + 1, depth)?;
            Some(this.or(first_of(code, *other, depth)?))
        }
        _ => None,
    }
}

impl Decoder<'_> {
    fn word(&self, at: usize) -> Result<u32> {
        self.words.get(at).copied().ok_or(BadCode)
    }
    /// Where the skip word at `at` leads.
    fn skip(&self, at: usize) -> Result<usize> {
        let to = at + self.word(at)? as usize;
        if to > self.words.len() {
            Err(BadCode)
        } else {
            Ok(to)
        }
    }
    /// A set that begins at `at` and ends with FAILURE.
    fn set(&self, mut at: usize) -> Result<Set> {
        let mut set = Set {
            ascii: [false; 128],
            items: Vec::new(),
            negated: false,
        };
        loop {
            let operation = self.word(at)?;
            at += 1;
            match operation {
                op::FAILURE => break,
                op::NEGATE => set.negated = true,
                op::LITERAL => {
                    let c = self.word(at)?;
                    set.items.push(Item::Range(c, c));
                    at += 1;
                }
                op::RANGE | op::RANGE_UNI_IGNORE => {
                    let (low, high) = (self.word(at)?, self.word(at + 1)?);
                    set.items.push(match operation {
                        op::RANGE => Item::Range(low, high),
                        _ => Item::RangeIgnoringCase(low, high),
                    });
                    at += 2;
                }
                op::CATEGORY => {
                    set.items.push(Item::Category(self.word(at)?));
                    at += 1;
                }
                op::CHARSET => {
                    set.items.push(Item::Bits(self.bits(at)?));
                    at += 8;
                }
                op::BIGCHARSET => {
                    let count = self.word(at)? as usize;
                    at += 1;
                    let mut index = Box::new([0u8; 256]);
                    for i in 0..64 {
                        index[i * 4..i * 4 + 4].copy_from_slice(&self.word(at + i)?.to_ne_bytes());
                    }
                    at += 64;
                    let mut blocks = Vec::with_capacity(count);
                    for i in 0..count {
                        blocks.push(self.bits(at + 8 * i)?);
                    }
                    at += 8 * count;
                    if index.iter().any(|&b| b as usize >= count) {
                        return Err(BadCode);
                    }
                    set.items.push(Item::Blocks(index, blocks));
                }
                _ => return Err(BadCode),
            }
        }
        for c in 0..128 {
            set.ascii[c as usize] = set.search(c);
        }
        Ok(set)
    }
    fn bits(&self, at: usize) -> Result<[u32; 8]> {
        let words = self.words.get(at..at + 8).ok_or(BadCode)?;
        Ok(words.try_into().expect("eight words"))
    }
    /// A test of one character at `at`, and where the next operation is. None if there is another operation.
    fn one(&self, at: usize) -> Result<Option<(One, usize)>> {
        let operation = self.word(at)?;
        let fold = match operation {
            op::IN_IGNORE | op::LITERAL_IGNORE | op::NOT_LITERAL_IGNORE => Fold::Ascii,
            op::IN_LOC_IGNORE | op::LITERAL_LOC_IGNORE | op::NOT_LITERAL_LOC_IGNORE => Fold::Ascii,
            op::IN_UNI_IGNORE | op::LITERAL_UNI_IGNORE | op::NOT_LITERAL_UNI_IGNORE => {
                Fold::Unicode
            }
            _ => Fold::None,
        };
        Ok(Some(match operation {
            op::ANY => (One::NotNewline, at + 1),
            op::ANY_ALL => (One::Any, at + 1),
            op::LITERAL | op::LITERAL_IGNORE | op::LITERAL_UNI_IGNORE => {
                (One::Is(self.word(at + 1)?, fold), at + 2)
            }
            op::LITERAL_LOC_IGNORE => (One::Is(fold.lower(self.word(at + 1)?), fold), at + 2),
            op::NOT_LITERAL | op::NOT_LITERAL_IGNORE | op::NOT_LITERAL_UNI_IGNORE => {
                (One::IsNot(self.word(at + 1)?, fold), at + 2)
            }
            op::NOT_LITERAL_LOC_IGNORE => {
                (One::IsNot(fold.lower(self.word(at + 1)?), fold), at + 2)
            }
            op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::IN_LOC_IGNORE => (
                One::Set(Box::new(self.set(at + 2)?), fold),
                self.skip(at + 1)?,
            ),
            op::CATEGORY => {
                let which = self.word(at + 1)?;
                let mut set = Set {
                    ascii: [false; 128],
                    items: vec![Item::Category(which)],
                    negated: false,
                };
                for c in 0..128 {
                    set.ascii[c as usize] = set.search(c);
                }
                (One::Set(Box::new(set), Fold::None), at + 2)
            }
            _ => return Ok(None),
        }))
    }
    /// Decodes from `at` up to `end`, or up to the operation that ends a block; gives its place.
    fn block(&mut self, mut at: usize, end: usize) -> Result<usize> {
        while at < end {
            if let Some((one, next)) = self.one(at)? {
                self.out.push(Ins::One(one));
                at = next;
                continue;
            }
            let operation = self.word(at)?;
            match operation {
                op::SUCCESS | op::MAX_UNTIL | op::MIN_UNTIL | op::JUMP => {
                    // The pattern itself ends with SUCCESS at the end of the words.
                    return Ok(if operation == op::SUCCESS && at + 1 == self.words.len() {
                        at + 1
                    } else {
                        at
                    });
                }
                op::FAILURE => {
                    self.out.push(Ins::Fail);
                    at += 1;
                }
                op::INFO => at = self.skip(at + 1)?,
                op::MARK => {
                    self.out.push(Ins::Mark(self.word(at + 1)? as usize));
                    at += 2;
                }
                op::AT => {
                    self.out.push(Ins::At(self.word(at + 1)?));
                    at += 2;
                }
                op::GROUPREF
                | op::GROUPREF_IGNORE
                | op::GROUPREF_UNI_IGNORE
                | op::GROUPREF_LOC_IGNORE => {
                    let fold = match operation {
                        op::GROUPREF => Fold::None,
                        op::GROUPREF_UNI_IGNORE => Fold::Unicode,
                        _ => Fold::Ascii,
                    };
                    self.out.push(Ins::Group(self.word(at + 1)? as usize, fold));
                    at += 2;
                }
                op::GROUPREF_EXISTS => at = self.if_group(at)?,
                op::BRANCH => at = self.branch(at + 1)?,
                op::REPEAT => at = self.repeat(at)?,
                op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                    let kind = match operation {
                        op::REPEAT_ONE => RunKind::Greedy,
                        op::MIN_REPEAT_ONE => RunKind::Lazy,
                        _ => RunKind::Possessive,
                    };
                    let (min, max) = (self.word(at + 2)?, self.word(at + 3)?);
                    let Some((one, _)) = self.one(at + 4)? else {
                        return Err(BadCode);
                    };
                    self.out.push(Ins::Run {
                        one,
                        min,
                        max,
                        kind,
                    });
                    at = self.skip(at + 1)?;
                }
                op::ASSERT | op::ASSERT_NOT => {
                    let exit = self.skip(at + 1)?;
                    let back = self.word(at + 2)? as usize;
                    let place = self.out.len();
                    self.out.push(Ins::Fail);
                    self.block(at + 3, exit)?;
                    self.out.push(Ins::Accept);
                    let negated = operation == op::ASSERT_NOT;
                    self.out[place] = Ins::Look {
                        negated,
                        back: (back > 0).then_some(back),
                        exit: self.out.len(),
                    };
                    at = exit;
                }
                op::ATOMIC_GROUP => {
                    let exit = self.skip(at + 1)?;
                    let place = self.out.len();
                    self.out.push(Ins::Fail);
                    self.block(at + 2, exit)?;
                    self.out.push(Ins::Accept);
                    self.out[place] = Ins::Atomic {
                        exit: self.out.len(),
                    };
                    at = exit;
                }
                op::POSSESSIVE_REPEAT => {
                    let exit = self.skip(at + 1)?;
                    let (min, max) = (self.word(at + 2)?, self.word(at + 3)?);
                    let place = self.out.len();
                    self.out.push(Ins::Fail);
                    self.block(at + 4, exit)?;
                    self.out.push(Ins::Accept);
                    self.out[place] = Ins::AtomicLoop {
                        min,
                        max,
                        exit: self.out.len(),
                    };
                    // The SUCCESS that ends the body.
                    at = exit + 1;
                }
                _ => return Err(BadCode),
            }
        }
        Ok(at)
    }
    fn branch(&mut self, mut at: usize) -> Result<usize> {
        let mut ends = Vec::new();
        let mut after = at;
        while self.word(at)? != op::FAILURE {
            let next = self.skip(at)?;
            let split = self.out.len();
            self.out.push(Ins::Fail);
            let jump = self.block(at + 1, next)?;
            if self.word(jump)? != op::JUMP {
                return Err(BadCode);
            }
            after = self.skip(jump + 1)?;
            ends.push(self.out.len());
            self.out.push(Ins::Fail);
            self.out[split] = Ins::Split(self.out.len());
            at = next;
        }
        self.out.push(Ins::Fail);
        let here = self.out.len();
        ends.into_iter().for_each(|e| self.out[e] = Ins::Jump(here));
        Ok(after)
    }
    fn repeat(&mut self, at: usize) -> Result<usize> {
        let until = self.skip(at + 1)?;
        let (min, max) = (self.word(at + 2)?, self.word(at + 3)?);
        let greedy = match self.word(until)? {
            op::MAX_UNTIL => true,
            op::MIN_UNTIL => false,
            _ => return Err(BadCode),
        };
        let counter = self.counters;
        self.counters += 1;
        self.out.push(Ins::LoopStart(counter));
        let head = self.out.len();
        self.out.push(Ins::Fail);
        self.block(at + 4, until)?;
        self.out.push(Ins::Jump(head));
        self.out[head] = Ins::Loop {
            counter,
            min,
            max,
            greedy,
            exit: self.out.len(),
        };
        Ok(until + 1)
    }
    fn if_group(&mut self, at: usize) -> Result<usize> {
        let group = self.word(at + 1)? as usize;
        // This skip counts from the group's word.
        let no = at + 1 + self.word(at + 2)? as usize;
        let place = self.out.len();
        self.out.push(Ins::Fail);
        let end = self.block(at + 3, no.min(self.words.len()))?;
        if end < no && self.word(end)? == op::JUMP {
            let after = self.skip(end + 1)?;
            let jump = self.out.len();
            self.out.push(Ins::Fail);
            self.out[place] = Ins::IfGroup(group, self.out.len());
            self.block(no, after)?;
            self.out[jump] = Ins::Jump(self.out.len());
            return Ok(after);
        }
        self.out[place] = Ins::IfGroup(group, self.out.len());
        Ok(no)
    }
}
