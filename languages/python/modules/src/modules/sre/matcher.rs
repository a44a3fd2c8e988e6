//! Runs a [`Program`] over a text by backtracking, with a stack of its own: no text is too long, no nesting too deep.
//!
//! Invariant B1: everything that changes while matching (marks, counters) is written to the stack before, so that going
//! back to a choice restores the state it was made in.

use super::chars;
use super::program::{Fold, Ins, One, Program, RunKind, Set};

/// A text by character number.
pub trait Text {
    /// Character `i`, which is below the length.
    fn at(&self, i: usize) -> u32;
}
impl Text for [u8] {
    #[inline(always)]
    fn at(&self, i: usize) -> u32 {
        u32::from(self[i])
    }
}
impl Text for [u32] {
    #[inline(always)]
    fn at(&self, i: usize) -> u32 {
        self[i]
    }
}
const UNSET: usize = usize::MAX;

/// A choice to come back to, or an old value.
enum Saved {
    Choice {
        pc: usize,
        at: usize,
    },
    /// A greedy run over `from..at`: one less is tried next, not below `least`.
    Shorter {
        pc: usize,
        least: usize,
        at: usize,
    },
    /// A lazy run that reached `at`: one more is tried next, by instruction `pc`, not beyond `most` in number.
    Longer {
        pc: usize,
        at: usize,
        left: u32,
    },
    Mark {
        number: usize,
        old: usize,
        old_last: usize,
    },
    Counter {
        number: usize,
        count: u32,
        last: usize,
    },
}

/// A finished match.
#[derive(Clone, Debug)]
pub struct Found {
    /// Start and end of the match and of each group; -1 where a group has not matched.
    pub spans: Vec<i64>,
    /// Number of the last closed group; 0 if there is none.
    pub last_group: usize,
}

/// One matching.
pub struct Matcher<'a, T: Text + ?Sized> {
    program: &'a Program,
    text: &'a T,
    end: usize,
    marks: Vec<usize>,
    last_group: usize,
    counters: Vec<(u32, usize)>,
    stack: Vec<Saved>,
    /// The match must end at the end of the text.
    whole: bool,
    /// The match must not end here: where the last one ended.
    not_at: usize,
}

impl<'a, T: Text + ?Sized> Matcher<'a, T> {
    /// A matcher over the characters before `end`.
    pub fn new(program: &'a Program, text: &'a T, groups: usize, end: usize, whole: bool) -> Self {
        Matcher {
            program,
            text,
            end,
            marks: vec![UNSET; 2 * groups],
            last_group: 0,
            counters: vec![(0, UNSET); program.counters],
            stack: Vec::new(),
            whole,
            not_at: UNSET,
        }
    }
    /// The match that begins at `start`. `not_empty`: it has at least one character.
    pub fn match_at(&mut self, start: usize, not_empty: bool) -> Option<Found> {
        self.reset();
        self.not_at = if not_empty { start } else { UNSET };
        let stop = self.run(0, start, true)?;
        Some(self.found(start, stop))
    }
    /// The first match that begins at `start` or later. `not_empty` concerns only a match at `start`.
    pub fn search(&mut self, start: usize, not_empty: bool) -> Option<Found> {
        for at in start..=self.end {
            if let Some(first) = &self.program.first
                && !(at < self.end && first.may_be(self.text.at(at)))
            {
                continue;
            }
            if let Some(found) = self.match_at(at, not_empty && at == start) {
                return Some(found);
            }
        }
        None
    }
    fn reset(&mut self) {
        self.marks.fill(UNSET);
        self.last_group = 0;
        self.stack.clear();
    }
    fn found(&self, start: usize, stop: usize) -> Found {
        let mut spans = vec![start as i64, stop as i64];
        for pair in self.marks.chunks(2) {
            let matched = pair[0] != UNSET && pair[1] != UNSET;
            spans.extend(if matched {
                [pair[0] as i64, pair[1] as i64]
            } else {
                [-1, -1]
            });
        }
        Found {
            spans,
            last_group: self.last_group,
        }
    }
    /// Undoes everything above `base`, choices included.
    fn unwind(&mut self, base: usize) {
        while self.stack.len() > base {
            match self.stack.pop().expect("the stack is longer than its base") {
                Saved::Mark {
                    number,
                    old,
                    old_last,
                } => {
                    self.marks[number] = old;
                    self.last_group = old_last;
                }
                Saved::Counter {
                    number,
                    count,
                    last,
                } => self.counters[number] = (count, last),
                _ => {}
            }
        }
    }
    /// Forgets the choices above `base` but keeps what undoes changes.
    fn commit(&mut self, base: usize) {
        let mut kept = base;
        for i in base..self.stack.len() {
            if matches!(self.stack[i], Saved::Mark { .. } | Saved::Counter { .. }) {
                self.stack.swap(kept, i);
                kept += 1;
            }
        }
        self.stack.truncate(kept);
    }
    /// Goes back to the newest choice above `base`: where to go on. None if there is none left.
    fn back(&mut self, base: usize) -> Option<(usize, usize)> {
        while self.stack.len() > base {
            match self.stack.pop().expect("the stack is longer than its base") {
                Saved::Choice { pc, at } => return Some((pc, at)),
                Saved::Shorter { pc, least, at } => {
                    let Some(at) = self.tail(pc, least, at) else {
                        continue;
                    };
                    if at > least {
                        self.stack.push(Saved::Shorter {
                            pc,
                            least,
                            at: at - 1,
                        });
                    }
                    return Some((pc, at));
                }
                Saved::Longer { pc, at, left } => {
                    let Ins::Run { one, .. } = &self.program.code[pc] else {
                        unreachable!("a run saved it")
                    };
                    if left > 0 && at < self.end && one.accepts(self.text.at(at)) {
                        self.stack.push(Saved::Longer {
                            pc,
                            at: at + 1,
                            left: left - 1,
                        });
                        return Some((pc + 1, at + 1));
                    }
                }
                Saved::Mark {
                    number,
                    old,
                    old_last,
                } => {
                    self.marks[number] = old;
                    self.last_group = old_last;
                }
                Saved::Counter {
                    number,
                    count,
                    last,
                } => self.counters[number] = (count, last),
            }
        }
        None
    }
    /// Where the run of characters that pass ends, from `at` up to `most`. The usual tests have loops of their own.
    fn span(&self, one: &One, at: usize, most: usize) -> usize {
        match one {
            One::Any => most.max(at),
            One::Set(set, Fold::None) => self.while_in(set, at, most),
            One::NotNewline => (at..most)
                .find(|&i| self.text.at(i) == 10)
                .unwrap_or(most.max(at)),
            one => (at..most)
                .find(|&i| !one.accepts(self.text.at(i)))
                .unwrap_or(most.max(at)),
        }
    }
    #[inline(never)]
    fn while_in(&self, set: &Set, at: usize, most: usize) -> usize {
        let mut stop = at;
        while stop < most && set.has(self.text.at(stop)) {
            stop += 1;
        }
        stop
    }
    /// The last place in `least..=at` at which the instructions from `pc` on do not fail at once.
    fn tail(&self, mut pc: usize, least: usize, mut at: usize) -> Option<usize> {
        while let Ins::Mark(_) = &self.program.code[pc] {
            pc += 1;
        }
        let Ins::One(one) = &self.program.code[pc] else {
            return Some(at);
        };
        while at >= self.end || !one.accepts(self.text.at(at)) {
            if at == least {
                return None;
            }
            at -= 1;
        }
        Some(at)
    }
    fn set_counter(&mut self, number: usize, value: (u32, usize)) {
        let (count, last) = self.counters[number];
        self.stack.push(Saved::Counter {
            number,
            count,
            last,
        });
        self.counters[number] = value;
    }
    /// Runs from `pc` to an `Accept`: where it was reached. `top`: this is the pattern itself, whose end has conditions.
    fn run(&mut self, mut pc: usize, mut at: usize, top: bool) -> Option<usize> {
        let base = self.stack.len();
        let program = self.program;
        loop {
            let ok = match &program.code[pc] {
                Ins::One(one) => {
                    let ok = at < self.end && one.accepts(self.text.at(at));
                    (pc, at) = (pc + 1, at + usize::from(ok));
                    ok
                }
                Ins::At(where_) => {
                    pc += 1;
                    self.is_at(*where_, at)
                }
                Ins::Split(other) => {
                    self.stack.push(Saved::Choice { pc: *other, at });
                    pc += 1;
                    true
                }
                Ins::Jump(to) => {
                    pc = *to;
                    true
                }
                Ins::Mark(number) => {
                    let number = *number;
                    self.stack.push(Saved::Mark {
                        number,
                        old: self.marks[number],
                        old_last: self.last_group,
                    });
                    self.marks[number] = at;
                    if number % 2 == 1 {
                        self.last_group = number / 2 + 1;
                    }
                    pc += 1;
                    true
                }
                Ins::Fail => false,
                Ins::Accept => {
                    if !top || !(self.whole && at != self.end || at == self.not_at) {
                        return Some(at);
                    }
                    false
                }
                Ins::LoopStart(counter) => {
                    self.set_counter(*counter, (0, UNSET));
                    pc += 1;
                    true
                }
                Ins::Loop {
                    counter,
                    min,
                    max,
                    greedy,
                    exit,
                } => {
                    let (count, last) = self.counters[*counter];
                    if count < *min {
                        self.set_counter(*counter, (count + 1, at));
                        pc += 1;
                    } else {
                        // A turn that matched nothing would repeat for ever.
                        let again = (count < *max || *max == u32::MAX) && at != last;
                        match (again, *greedy) {
                            (false, _) => pc = *exit,
                            (true, true) => {
                                self.stack.push(Saved::Choice { pc: *exit, at });
                                self.set_counter(*counter, (count.saturating_add(1), at));
                                pc += 1;
                            }
                            (true, false) => {
                                // Coming back here, the counter forces one more turn.
                                self.stack.push(Saved::Choice {
                                    pc: self.one_more(pc),
                                    at,
                                });
                                pc = *exit;
                            }
                        }
                    }
                    true
                }
                Ins::Run {
                    one,
                    min,
                    max,
                    kind,
                } => {
                    let limit = if *kind == RunKind::Lazy { *min } else { *max };
                    let most = self.end.min(at.saturating_add(limit as usize));
                    let most = if limit == u32::MAX { self.end } else { most };
                    let stop = self.span(one, at, most);
                    let ok = stop - at >= *min as usize;
                    if ok {
                        match kind {
                            RunKind::Greedy if stop > at + *min as usize => {
                                let least = at + *min as usize;
                                self.stack.push(Saved::Shorter {
                                    pc: pc + 1,
                                    least,
                                    at: stop - 1,
                                });
                            }
                            RunKind::Lazy => {
                                let left = if *max == u32::MAX {
                                    u32::MAX
                                } else {
                                    max - min
                                };
                                self.stack.push(Saved::Longer { pc, at: stop, left });
                            }
                            _ => {}
                        }
                        at = stop;
                    }
                    pc += 1;
                    ok
                }
                Ins::Look {
                    negated,
                    back,
                    exit,
                } => {
                    let inner = self.stack.len();
                    let start = at.checked_sub(back.unwrap_or(0));
                    let matched = match start {
                        Some(start) => self.run(pc + 1, start, false).is_some(),
                        None => false,
                    };
                    match matched && !negated {
                        true => self.commit(inner),
                        false => self.unwind(inner),
                    }
                    pc = *exit;
                    matched != *negated
                }
                Ins::Atomic { exit } => {
                    let inner = self.stack.len();
                    let stop = self.run(pc + 1, at, false);
                    self.commit(inner);
                    at = stop.unwrap_or(at);
                    pc = *exit;
                    stop.is_some()
                }
                Ins::AtomicLoop { min, max, exit } => {
                    let inner = self.stack.len();
                    let mut count = 0;
                    let mut ok = true;
                    while count < *max || *max == u32::MAX {
                        match self.run(pc + 1, at, false) {
                            // Nothing was matched: more turns would not change anything.
                            Some(stop) if stop == at && count >= *min => break,
                            Some(stop) => at = stop,
                            None => {
                                ok = count >= *min;
                                break;
                            }
                        }
                        self.commit(inner);
                        count += 1;
                    }
                    self.commit(inner);
                    pc = *exit;
                    ok
                }
                Ins::Group(group, fold) => {
                    pc += 1;
                    let (start, stop) = (self.marks[2 * group], self.marks[2 * group + 1]);
                    let known = start != UNSET && stop != UNSET && stop >= start;
                    let n = if known { stop - start } else { 0 };
                    let same = |i: usize| {
                        fold.lower(self.text.at(start + i)) == fold.lower(self.text.at(at + i))
                    };
                    let ok = known && at + n <= self.end && (0..n).all(same);
                    at += if ok { n } else { 0 };
                    ok
                }
                Ins::IfGroup(group, other) => {
                    let known =
                        self.marks[2 * group] != UNSET && self.marks[2 * group + 1] != UNSET;
                    pc = if known { pc + 1 } else { *other };
                    true
                }
            };
            if !ok {
                (pc, at) = self.back(base)?;
                if pc >= program.code.len() {
                    // A lazy loop takes one more turn.
                    pc -= program.code.len();
                    let Ins::Loop { counter, .. } = &program.code[pc] else {
                        unreachable!("a lazy loop saved it")
                    };
                    let (count, _) = self.counters[*counter];
                    self.set_counter(*counter, (count.saturating_add(1), at));
                    pc += 1;
                }
            }
        }
    }
    /// The mark of "one more turn of the lazy loop at `pc`": a number beyond all instructions.
    fn one_more(&self, pc: usize) -> usize {
        self.program.code.len() + pc
    }
    fn is_at(&self, where_: u32, at: usize) -> bool {
        let newline = |i: usize| self.text.at(i) == 10;
        let boundary = |word: fn(u32) -> bool| {
            let before = at > 0 && word(self.text.at(at - 1));
            let after = at < self.end && word(self.text.at(at));
            before != after
        };
        match where_ {
            0 | 2 => at == 0,
            1 => at == 0 || newline(at - 1),
            3 | 8 => self.end > 0 && boundary(chars::is_ascii_word),
            4 | 9 => self.end > 0 && !boundary(chars::is_ascii_word),
            5 => at == self.end || at + 1 == self.end && newline(at),
            6 => at == self.end || newline(at),
            7 => at == self.end,
            10 => self.end > 0 && boundary(chars::is_word),
            _ => self.end > 0 && !boundary(chars::is_word),
        }
    }
}
