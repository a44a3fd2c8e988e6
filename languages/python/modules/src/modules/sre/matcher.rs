//! Runs a [`Program`] over a text by backtracking, with a stack of its own: no text is too long.
//!
//! Invariant B1: everything that changes while matching (marks, counters) is written to the stack before, so that going
//! back to a choice restores the state it was made in. An attempt that failed leaves all marks unset and the stack empty.
//! Invariant B2: every position is the first byte of a character, or the end.

use super::program::{Follow, Ins, Program, Run, RunKind, Scan, Test};
use super::text::Text;
use memchr::{memchr, memrchr};
use std::marker::PhantomData;

/// What a mark is that has not been reached.
pub const UNSET: usize = usize::MAX;
/// Steps back between two looks at whether the guest wants to stop.
const PATIENCE: u32 = 4096;
/// Entries of a stack that is kept for the next matching.
const KEPT: usize = 1 << 14;

/// A choice to come back to, or an old value.
#[derive(Clone, Copy)]
enum Saved {
    Choice {
        pc: u32,
        at: usize,
    },
    /// A greedy run: what follows it, at `pc`, is tried next at `at` or before, not before `least`.
    Shorter {
        run: u32,
        pc: u32,
        least: usize,
        at: usize,
    },
    /// A lazy run that reached `at`: more is tried next, not beyond `left` characters more.
    Longer {
        run: u32,
        pc: u32,
        left: u32,
        at: usize,
    },
    /// A lazy loop: one more turn of loop number `number`, whose body is at `pc`.
    Turn {
        number: u32,
        pc: u32,
        at: usize,
    },
    Mark {
        number: u32,
        last_group: u32,
        old: usize,
    },
    Counter {
        number: u32,
        count: u32,
        last: usize,
    },
}

/// What matching needs beside program and text. Kept from one matching to the next.
#[derive(Default)]
pub struct Scratch {
    /// Start and end of the match, then of each group: byte offsets, or [`UNSET`].
    pub marks: Vec<usize>,
    /// Number of the last closed group; 0 if there is none.
    pub last_group: u32,
    counters: Vec<(u32, usize)>,
    stack: Vec<Saved>,
    /// Steps back up to the next look at whether the guest wants to stop.
    patience: u32,
}
impl Scratch {
    /// For another program.
    pub fn prepare(&mut self, program: &Program, groups: usize) {
        self.marks.clear();
        self.marks.resize(2 * groups + 2, UNSET);
        self.counters.clear();
        self.counters.resize(program.counters, (0, UNSET));
        self.last_group = 0;
        self.stack.clear();
    }
    /// Gives back what an unusual matching needed.
    pub fn shrink(&mut self) {
        if self.stack.capacity() > KEPT {
            self.stack = Vec::new();
        }
        if self.marks.capacity() > KEPT {
            self.marks = Vec::new();
        }
        if self.counters.capacity() > KEPT {
            self.counters = Vec::new();
        }
    }
    /// Start and end of a group, if it has matched.
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        let (start, stop) = (self.marks[2 * group], self.marks[2 * group + 1]);
        (start != UNSET && stop != UNSET).then_some((start, stop))
    }
}

/// Asked now and then while a matching takes long. Gives the text anew, which may have moved; None: to stop.
pub type Watch<'a, 'w> = &'w mut dyn FnMut() -> Option<&'a [u8]>;

/// The guest wants the matching to stop.
#[derive(Debug)]
pub struct Stopped;

/// One matching over the text before its end.
pub struct Matcher<'a, 'w, T: Text> {
    pub(super) program: &'a Program,
    /// What can be taken: the text before the end of the range.
    pub(super) text: &'a [u8],
    /// The whole text, for looking back and for positions. A match may be asked for beyond the end of the range: only what
    /// takes nothing succeeds there.
    pub(super) full: &'a [u8],
    scratch: &'w mut Scratch,
    watch: Watch<'a, 'w>,
    stopped: bool,
    /// The match must end at the end of the text.
    whole: bool,
    /// The match must not end here: where the last one ended.
    not_at: usize,
    kind: PhantomData<T>,
}

impl<'a, 'w, T: Text> Matcher<'a, 'w, T> {
    /// A matcher over the first `end` bytes of a text. `scratch` was prepared for the program.
    pub fn new(
        program: &'a Program,
        full: &'a [u8],
        end: usize,
        scratch: &'w mut Scratch,
        whole: bool,
        watch: Watch<'a, 'w>,
    ) -> Self {
        // The last match's marks.
        if scratch.marks[0] != UNSET {
            scratch.marks.fill(UNSET);
            scratch.last_group = 0;
        }
        scratch.stack.clear();
        Matcher {
            program,
            text: &full[..end],
            full,
            scratch,
            watch,
            stopped: false,
            whole,
            not_at: UNSET,
            kind: PhantomData,
        }
    }
    /// Whether a match begins at `start`. `not_empty`: it has at least one character.
    ///
    /// # Errors
    /// If the watch says so.
    pub fn match_at(&mut self, start: usize, not_empty: bool) -> Result<bool, Stopped> {
        self.not_at = if not_empty { start } else { UNSET };
        match self.run(0, start) {
            Some(stop) => {
                (self.scratch.marks[0], self.scratch.marks[1]) = (start, stop);
                Ok(true)
            }
            None if self.stopped => Err(Stopped),
            None => Ok(false),
        }
    }
    /// What this matching has found so far.
    pub(super) fn scratch(&self) -> &Scratch {
        self.scratch
    }
    #[inline(always)]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }
    /// The position after the character at `at`, if it passes.
    #[inline(always)]
    fn pass(&self, test: &Test, at: usize) -> Option<usize> {
        let b = self.byte(at)?;
        if !T::WIDE || b < 128 {
            return test.table[b as usize].then_some(at + 1);
        }
        self.pass_wide(test, at)
    }
    #[inline(never)]
    fn pass_wide(&self, test: &Test, at: usize) -> Option<usize> {
        let (c, after) = T::next(self.text, at);
        test.accepts(c).then_some(after)
    }
    /// Whether what follows a run may begin at `at`.
    #[inline(always)]
    fn follows(&self, follow: &Follow, at: usize) -> bool {
        match follow {
            Follow::Any => true,
            Follow::Byte(b) => self.byte(at) == Some(*b),
            Follow::Table(table) => self
                .byte(at)
                .is_some_and(|b| table[usize::from(T::WIDE)][b as usize]),
        }
    }
    /// Undoes everything above `base`, choices included.
    fn unwind(&mut self, base: usize) {
        while self.scratch.stack.len() > base {
            let saved = self.scratch.stack.pop();
            self.undo(saved.expect("the stack is longer than its base"));
        }
    }
    #[inline(always)]
    fn undo(&mut self, saved: Saved) {
        match saved {
            Saved::Mark {
                number,
                last_group,
                old,
            } => {
                self.scratch.marks[number as usize] = old;
                self.scratch.last_group = last_group;
            }
            Saved::Counter {
                number,
                count,
                last,
            } => self.scratch.counters[number as usize] = (count, last),
            _ => {}
        }
    }
    /// Forgets the choices above `base` but keeps what undoes changes.
    fn commit(&mut self, base: usize) {
        let stack = &mut self.scratch.stack;
        let mut kept = base;
        for i in base..stack.len() {
            if matches!(stack[i], Saved::Mark { .. } | Saved::Counter { .. }) {
                stack[kept] = stack[i];
                kept += 1;
            }
        }
        stack.truncate(kept);
    }
    /// Asks the watch. False: to stop.
    #[cold]
    #[inline(never)]
    fn look_up(&mut self) -> bool {
        self.scratch.patience = PATIENCE;
        match (self.watch)() {
            Some(full) => (self.text, self.full) = (&full[..self.text.len()], full),
            None => self.stopped = true,
        }
        !self.stopped
    }
    /// Goes back to the newest choice above `base`: where to go on. None if there is none left.
    #[inline(always)]
    fn back(&mut self, base: usize) -> Option<(u32, usize)> {
        // Scratch that is new begins with 0, which is one look more.
        self.scratch.patience = self.scratch.patience.wrapping_sub(1);
        if self.scratch.patience > PATIENCE && !self.look_up() {
            return None;
        }
        while self.scratch.stack.len() > base {
            let saved = self.scratch.stack.pop();
            match saved.expect("the stack is longer than its base") {
                Saved::Choice { pc, at } => return Some((pc, at)),
                Saved::Shorter { run, pc, least, at } => {
                    if let Some(at) = self.give_back(run, pc, least, at) {
                        return Some((pc, at));
                    }
                }
                Saved::Longer { run, pc, left, at } => {
                    let run_ = &self.program.runs[run as usize];
                    if left > 0
                        && let Some(at) = self.pass(&self.program.tests[run_.test], at)
                        && let Some(at) = self.take_more(run, pc, left - 1, at)
                    {
                        return Some((pc, at));
                    }
                }
                Saved::Turn { number, pc, at } => {
                    let counter = self.program.loops[number as usize].counter;
                    let (count, _) = self.scratch.counters[counter];
                    self.set_counter(counter, (count.saturating_add(1), at));
                    return Some((pc, at));
                }
                other => self.undo(other),
            }
        }
        None
    }
    /// The last place in `least..=at` where what follows the run may begin; the places before are saved.
    #[inline(always)]
    fn give_back(&mut self, run: u32, pc: u32, least: usize, mut at: usize) -> Option<usize> {
        match &self.program.runs[run as usize].follow {
            Follow::Any => {}
            Follow::Byte(b) => {
                let stop = self.text.len().min(at + 1);
                at = least + memrchr(*b, self.text.get(least..stop)?)?;
            }
            follow => {
                while !self.follows(follow, at) {
                    if at == least {
                        return None;
                    }
                    at = T::before(self.full, at);
                }
            }
        }
        if at > least {
            let next = T::before(self.full, at);
            self.scratch.stack.push(Saved::Shorter {
                run,
                pc,
                least,
                at: next,
            });
        }
        Some(at)
    }
    /// The first place from `at` on, so many characters away at most, where what follows the lazy run may begin. Later
    /// places are saved.
    #[inline(always)]
    fn take_more(&mut self, run: u32, pc: u32, mut left: u32, mut at: usize) -> Option<usize> {
        let r = &self.program.runs[run as usize];
        let test = &self.program.tests[r.test];
        while !self.follows(&r.follow, at) {
            if left == 0 {
                return None;
            }
            at = self.pass(test, at)?;
            left -= 1;
        }
        if left > 0 {
            self.scratch.stack.push(Saved::Longer { run, pc, left, at });
        }
        Some(at)
    }
    /// The end of the run of characters from `at` on that pass, `max` at most.
    #[inline(always)]
    fn span(&self, test: &Test, at: usize, max: u32) -> usize {
        let end = self.text.len();
        if T::WIDE && max != u32::MAX {
            return self.count(test, at, max).0;
        }
        let most = match max {
            u32::MAX => end,
            n => end.min(at.saturating_add(n as usize)),
        };
        match test.scan {
            Scan::All => most,
            Scan::Until(b) => memchr(b, &self.text[at..most]).map_or(most, |n| at + n),
            Scan::Table if T::WIDE => {
                let mut at = at;
                while let Some(after) = self.pass(test, at) {
                    at = after;
                }
                at
            }
            Scan::Table => self.text[at..most]
                .iter()
                .position(|&b| !test.table[b as usize])
                .map_or(most, |n| at + n),
        }
    }
    /// Takes up to `max` characters one by one: where they end, and how many they are.
    fn count(&self, test: &Test, mut at: usize, max: u32) -> (usize, u32) {
        for n in 0..max {
            match self.pass(test, at) {
                Some(after) => at = after,
                None => return (at, n),
            }
        }
        (at, max)
    }
    /// Begins a run at `at`: where to go on.
    #[inline(always)]
    fn begin(&mut self, number: u32, run: &Run, pc: u32, at: usize) -> Option<usize> {
        if at > self.text.len() {
            return None;
        }
        let test = &self.program.tests[run.test];
        let least = match run.min {
            0 => at,
            1 => self.pass(test, at)?,
            n => {
                let (least, found) = self.count(test, at, n);
                if found < n {
                    return None;
                }
                least
            }
        };
        let more = match run.max {
            u32::MAX => u32::MAX,
            n => n - run.min,
        };
        match run.kind {
            RunKind::Lazy => self.take_more(number, pc, more, least),
            RunKind::Possessive => Some(self.span(test, least, more)),
            RunKind::Greedy => {
                let stop = self.span(test, least, more);
                self.give_back(number, pc, least, stop)
            }
        }
    }
    fn set_counter(&mut self, number: usize, value: (u32, usize)) {
        let (count, last) = self.scratch.counters[number];
        self.scratch.stack.push(Saved::Counter {
            number: number as u32,
            count,
            last,
        });
        self.scratch.counters[number] = value;
    }
    /// Runs from `pc` to `Accept` or `Done`: where it was reached.
    fn run(&mut self, mut pc: u32, mut at: usize) -> Option<usize> {
        let base = self.scratch.stack.len();
        let program = self.program;
        'step: loop {
            'fail: {
                match program.code[pc as usize] {
                    Ins::Byte(b) => {
                        if self.byte(at) != Some(b) {
                            break 'fail;
                        }
                        (pc, at) = (pc + 1, at + 1);
                    }
                    Ins::Literal(number) => {
                        let literal = &program.literals[number as usize];
                        let bytes = match T::WIDE {
                            true => &literal.wide,
                            false => match &literal.narrow {
                                Some(bytes) => bytes,
                                None => break 'fail,
                            },
                        };
                        match self.text.get(at..) {
                            Some(rest) if rest.starts_with(bytes) => {}
                            _ => break 'fail,
                        }
                        (pc, at) = (pc + 1, at + bytes.len());
                    }
                    Ins::Test(number) => match self.pass(&program.tests[number as usize], at) {
                        Some(after) => (pc, at) = (pc + 1, after),
                        None => break 'fail,
                    },
                    Ins::Run(number) => {
                        let run = &program.runs[number as usize];
                        match self.begin(number, run, pc + 1, at) {
                            Some(stop) => (pc, at) = (pc + 1, stop),
                            None => break 'fail,
                        }
                    }
                    Ins::Split {
                        first,
                        second,
                        fork,
                    } => {
                        let fork = &program.forks[fork as usize];
                        let may = match self.byte(at) {
                            Some(b) => fork.table[usize::from(T::WIDE)][b as usize],
                            None => fork.at_end,
                        };
                        match may {
                            0 => break 'fail,
                            1 => pc = first,
                            2 => pc = second,
                            _ => {
                                self.scratch.stack.push(Saved::Choice { pc: second, at });
                                pc = first;
                            }
                        }
                    }
                    Ins::Jump(to) => pc = to,
                    Ins::Mark(number) => {
                        // Groups come after the match itself.
                        let place = number as usize + 2;
                        let scratch = &mut *self.scratch;
                        scratch.stack.push(Saved::Mark {
                            number: place as u32,
                            last_group: scratch.last_group,
                            old: scratch.marks[place],
                        });
                        scratch.marks[place] = at;
                        if number % 2 == 1 {
                            scratch.last_group = number / 2 + 1;
                        }
                        pc += 1;
                    }
                    Ins::At(where_) => {
                        if !self.is_at(where_, at) {
                            break 'fail;
                        }
                        pc += 1;
                    }
                    Ins::Fail => break 'fail,
                    Ins::Done => return Some(at),
                    Ins::Accept => {
                        if self.whole && at != self.text.len() || at == self.not_at {
                            break 'fail;
                        }
                        return Some(at);
                    }
                    Ins::LoopStart(counter) => {
                        self.set_counter(counter as usize, (0, UNSET));
                        pc += 1;
                    }
                    Ins::Loop(number) => {
                        let l = &program.loops[number as usize];
                        let (count, last) = self.scratch.counters[l.counter];
                        // A turn that matched nothing would repeat for ever.
                        let again = (count < l.max || l.max == u32::MAX) && at != last;
                        if count < l.min {
                            // Turns that must be are not watched: the first that may be is tried anyway.
                            self.set_counter(l.counter, (count + 1, last));
                            pc += 1;
                        } else if !again {
                            pc = l.exit;
                        } else if l.greedy {
                            self.scratch.stack.push(Saved::Choice { pc: l.exit, at });
                            self.set_counter(l.counter, (count.saturating_add(1), at));
                            pc += 1;
                        } else {
                            let body = pc + 1;
                            self.scratch.stack.push(Saved::Turn {
                                number,
                                pc: body,
                                at,
                            });
                            pc = l.exit;
                        }
                    }
                    Ins::Look {
                        negated,
                        back,
                        exit,
                    } => {
                        let inner = self.scratch.stack.len();
                        let matched = match self.far_back(at, back) {
                            Some(start) => self.run(pc + 1, start).is_some(),
                            None => false,
                        };
                        if self.stopped {
                            return None;
                        }
                        match matched && !negated {
                            true => self.commit(inner),
                            false => self.unwind(inner),
                        }
                        if matched == negated {
                            break 'fail;
                        }
                        pc = exit;
                    }
                    Ins::Atomic { exit } => {
                        let inner = self.scratch.stack.len();
                        match self.run(pc + 1, at) {
                            Some(stop) => at = stop,
                            None if self.stopped => return None,
                            None => break 'fail,
                        }
                        self.commit(inner);
                        pc = exit;
                    }
                    Ins::AtomicLoop(number) => {
                        let l = &program.loops[number as usize];
                        let inner = self.scratch.stack.len();
                        let mut count = 0;
                        while count < l.max || l.max == u32::MAX {
                            match self.run(pc + 1, at) {
                                // Nothing was matched: more turns would not change anything.
                                Some(stop) if stop == at && count >= l.min => break,
                                Some(stop) => at = stop,
                                None if self.stopped => return None,
                                None if count >= l.min => break,
                                None => break 'fail,
                            }
                            self.commit(inner);
                            count += 1;
                        }
                        self.commit(inner);
                        pc = l.exit;
                    }
                    Ins::Group(group, fold) => match self.same_as(group, fold, at) {
                        Some(stop) => (pc, at) = (pc + 1, stop),
                        None => break 'fail,
                    },
                    Ins::IfGroup(group, other) => {
                        pc = match self.scratch.span(group as usize + 1) {
                            Some(_) => pc + 1,
                            None => other,
                        };
                    }
                }
                continue 'step;
            }
            (pc, at) = self.back(base)?;
        }
    }
}
