//! From the code words that `re._compiler` emits to a [`Program`].
//!
//! Structured words (with skips) become a flat list with absolute targets, once per pattern. Choices are made without a
//! counter where none is needed: a group that may be missing, and a loop whose body always takes a character.

use super::heads;
use super::op;
use super::program::*;

/// Code words that are no pattern.
#[derive(Debug)]
pub struct BadCode;
type Result<T> = std::result::Result<T, BadCode>;

/// How deep groups may be nested: the matcher enters assertions and atomic groups on the native stack.
const DEEPEST: usize = 2000;

struct Decoder<'a> {
    words: &'a [u32],
    out: Program,
    depth: usize,
}
/// Decodes a whole pattern.
///
/// # Errors
/// If the words are not what `re._compiler` emits.
pub fn decode(words: &[u32]) -> Result<Program> {
    let mut d = Decoder {
        words,
        out: Program::default(),
        depth: 0,
    };
    let end = d.block(0, words.len())?;
    if end != words.len() {
        return Err(BadCode);
    }
    d.out.code.push(Ins::Accept);
    heads::refine(&mut d.out);
    Ok(d.out)
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
    /// The number of the next instruction.
    fn here(&self) -> u32 {
        self.out.code.len() as u32
    }
    fn push(&mut self, ins: Ins) -> usize {
        self.out.code.push(ins);
        self.out.code.len() - 1
    }
    /// Room for an instruction that is known later.
    fn hole(&mut self) -> usize {
        self.push(Ins::Fail)
    }
    fn split(first: u32, second: u32) -> Ins {
        // The fork is found when the program is whole.
        Ins::Split {
            first,
            second,
            fork: 0,
        }
    }
    fn test(&mut self, one: One) -> usize {
        self.out.tests.push(Test::new(one));
        self.out.tests.len() - 1
    }
    /// A set that begins at `at` and ends with FAILURE.
    fn set(&self, mut at: usize) -> Result<Set> {
        let mut set = Set::default();
        loop {
            let operation = self.word(at)?;
            at += 1;
            match operation {
                op::FAILURE => return Ok(set),
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
                    let mut blocks = Vec::new();
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
            op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::IN_LOC_IGNORE => {
                (One::Set(self.set(at + 2)?, fold), self.skip(at + 1)?)
            }
            op::CATEGORY => {
                let set = Set {
                    items: vec![Item::Category(self.word(at + 1)?)],
                    negated: false,
                };
                (One::Set(set, Fold::None), at + 2)
            }
            _ => return Ok(None),
        }))
    }
    /// The literals from `at` on as one instruction, and where the next operation is.
    fn literal(&mut self, mut at: usize, end: usize) -> Result<usize> {
        let mut chars = Vec::new();
        while at < end && self.word(at)? == op::LITERAL {
            chars.push(self.word(at + 1)?);
            at += 2;
        }
        if let [c @ 0..128] = chars[..] {
            self.push(Ins::Byte(c as u8));
            return Ok(at);
        }
        let mut wide = Vec::new();
        for &c in &chars {
            ouro_py_objects::str::push_code_point(&mut wide, c);
        }
        let narrow = chars.iter().map(|&c| u8::try_from(c).ok()).collect();
        self.out.literals.push(Literal {
            narrow,
            wide: wide.into(),
        });
        self.push(Ins::Literal(self.out.literals.len() as u32 - 1));
        Ok(at)
    }
    /// Decodes from `at` up to `end`, or up to the operation that ends a block; gives its place.
    fn block(&mut self, at: usize, end: usize) -> Result<usize> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(BadCode);
        }
        let stop = self.operations(at, end)?;
        self.depth -= 1;
        Ok(stop)
    }
    fn operations(&mut self, mut at: usize, end: usize) -> Result<usize> {
        while at < end {
            if self.word(at)? == op::LITERAL {
                at = self.literal(at, end)?;
                continue;
            }
            if let Some((one, next)) = self.one(at)? {
                let test = self.test(one) as u32;
                self.push(Ins::Test(test));
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
                    self.push(Ins::Fail);
                    at += 1;
                }
                op::INFO => at = self.skip(at + 1)?,
                op::MARK => {
                    let number = self.word(at + 1)?;
                    self.push(Ins::Mark(number));
                    at += 2;
                }
                op::AT => {
                    let place = self.word(at + 1)?;
                    self.push(Ins::At(place));
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
                    let group = self.word(at + 1)?;
                    self.push(Ins::Group(group, fold));
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
                    let run = Run {
                        test: self.test(one),
                        min,
                        max,
                        kind,
                        follow: Follow::Any,
                    };
                    self.out.runs.push(run);
                    self.push(Ins::Run(self.out.runs.len() as u32 - 1));
                    at = self.skip(at + 1)?;
                }
                op::ASSERT | op::ASSERT_NOT => {
                    let exit = self.skip(at + 1)?;
                    let back = self.word(at + 2)?;
                    let place = self.hole();
                    self.block(at + 3, exit)?;
                    self.push(Ins::Done);
                    self.out.code[place] = Ins::Look {
                        negated: operation == op::ASSERT_NOT,
                        back,
                        exit: self.here(),
                    };
                    at = exit;
                }
                op::ATOMIC_GROUP => {
                    let exit = self.skip(at + 1)?;
                    let place = self.hole();
                    self.block(at + 2, exit)?;
                    self.push(Ins::Done);
                    self.out.code[place] = Ins::Atomic { exit: self.here() };
                    at = exit;
                }
                op::POSSESSIVE_REPEAT => {
                    let exit = self.skip(at + 1)?;
                    let (min, max) = (self.word(at + 2)?, self.word(at + 3)?);
                    let place = self.hole();
                    self.block(at + 4, exit)?;
                    self.push(Ins::Done);
                    self.out.loops.push(Loop {
                        counter: 0,
                        min,
                        max,
                        greedy: true,
                        exit: self.here(),
                    });
                    self.out.code[place] = Ins::AtomicLoop(self.out.loops.len() as u32 - 1);
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
            // Behind the last alternative there is nothing to come back to.
            let split = match self.word(next)? {
                op::FAILURE => None,
                _ => Some(self.hole()),
            };
            let jump = self.block(at + 1, next)?;
            if self.word(jump)? != op::JUMP {
                return Err(BadCode);
            }
            after = self.skip(jump + 1)?;
            ends.push(self.hole());
            if let Some(split) = split {
                self.out.code[split] = Self::split(split as u32 + 1, self.here());
            }
            at = next;
        }
        let here = self.here();
        ends.into_iter()
            .for_each(|e| self.out.code[e] = Ins::Jump(here));
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
        let either = |body: u32, exit: u32| match greedy {
            true => Self::split(body, exit),
            false => Self::split(exit, body),
        };
        let (start, head) = (self.hole(), self.hole());
        self.block(at + 4, until)?;
        let body = head as u32 + 1;
        let last = self.hole();
        let exit = self.here();
        if (min, max) == (0, 1) {
            self.out.code[start] = Ins::Jump(head as u32);
            self.out.code[head] = either(body, exit);
            self.out.code[last] = Ins::Jump(exit);
        } else if min <= 1 && max == u32::MAX && heads::takes(&self.out, body, last as u32) {
            self.out.code[start] = Ins::Jump(if min == 0 { head as u32 } else { body });
            self.out.code[head] = either(body, exit);
            self.out.code[last] = Ins::Jump(head as u32);
        } else {
            let counter = self.out.counters;
            self.out.counters += 1;
            self.out.loops.push(Loop {
                counter,
                min,
                max,
                greedy,
                exit,
            });
            self.out.code[start] = Ins::LoopStart(counter as u32);
            self.out.code[head] = Ins::Loop(self.out.loops.len() as u32 - 1);
            self.out.code[last] = Ins::Jump(head as u32);
        }
        Ok(until + 1)
    }
    fn if_group(&mut self, at: usize) -> Result<usize> {
        let group = self.word(at + 1)?;
        // This skip counts from the group's word.
        let no = at + 1 + self.word(at + 2)? as usize;
        let place = self.hole();
        let end = self.block(at + 3, no.min(self.words.len()))?;
        if end < no && self.word(end)? == op::JUMP {
            let after = self.skip(end + 1)?;
            let jump = self.hole();
            self.out.code[place] = Ins::IfGroup(group, self.here());
            self.block(no, after)?;
            self.out.code[jump] = Ins::Jump(self.here());
            return Ok(after);
        }
        self.out.code[place] = Ins::IfGroup(group, self.here());
        Ok(no)
    }
}
