//! Programs as text: what a failure leaves behind, and what is run again from then on.
//!
//! A file says in its first line `# ` what failed, then `heap NAME` or `pairs NAME` with the collector on which it did, the
//! options, and one operation a line, each as `{:?}` prints it:
//!
//! ```text
//! # A7: the identity of object 11 is stable
//! heap reference
//! Setup { nursery_kib: 64, tenure: 0, .. }
//! Node
//! Pin(0)
//! Store(0, 1, Root(3))
//! ```
use super::machine::{self, Bench};
use super::ops::{Behaviour, Op, Value, WordKind};
use super::pairs::ops::{self as pairs, Op as PairOp, Script, Setup as PairSetup, Shape};
use super::setup::Setup;
use crate::CollectorInfo;
use std::fmt::{Debug, Write};

/// Reads what `{:?}` printed. Commas are as good as spaces.
struct Reader<'t>(&'t str);

impl<'t> Reader<'t> {
    fn skip(&mut self) {
        self.0 = self.0.trim_start_matches([' ', ',', '\t']);
    }
    /// The next name or number.
    fn word(&mut self) -> Option<&'t str> {
        self.skip();
        let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == '-');
        let (word, rest) = self.0.split_at(self.0.find(end).unwrap_or(self.0.len()));
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
    fn sign(&mut self, sign: &str) -> Option<()> {
        self.skip();
        self.0 = self.0.strip_prefix(sign)?;
        Some(())
    }
    fn field<T: Readable>(&mut self, name: &str) -> Option<T> {
        (self.word()? == name).then_some(())?;
        self.sign(":")?;
        T::read(self)
    }
    fn is_at_end(&mut self) -> bool {
        self.skip();
        self.0.is_empty()
    }
}

/// What can be read back.
trait Readable: Sized {
    fn read(reader: &mut Reader) -> Option<Self>;
}

macro_rules! readable_words {
    ($($type:ty),*) => { $(
        impl Readable for $type {
            fn read(reader: &mut Reader) -> Option<Self> {
                reader.word()?.parse().ok()
            }
        }
    )* };
}
readable_words!(usize, isize, u32, bool);

impl<T: Readable> Readable for Option<T> {
    fn read(reader: &mut Reader) -> Option<Self> {
        match reader.word()? {
            "None" => Some(None),
            "Some" => {
                reader.sign("(")?;
                let value = T::read(reader)?;
                reader.sign(")")?;
                Some(Some(value))
            }
            _ => None,
        }
    }
}
impl<T: Readable> Readable for Vec<T> {
    fn read(reader: &mut Reader) -> Option<Self> {
        reader.sign("[")?;
        let mut items = Vec::new();
        while reader.sign("]").is_none() {
            items.push(T::read(reader)?);
        }
        Some(items)
    }
}
/// How cycles are found, and the bits of a count.
impl Readable for (&'static str, u32) {
    fn read(reader: &mut Reader) -> Option<Self> {
        reader.sign("(")?;
        reader.sign("\"")?;
        let policy = reader.word()?;
        let policy = ["trial", "trace", "auto"]
            .into_iter()
            .find(|p| *p == policy)?;
        reader.sign("\"")?;
        let bits = u32::read(reader)?;
        reader.sign(")")?;
        Some((policy, bits))
    }
}

/// Reads an enum or a struct by the names of its parts. A part that is left out does not compile, or fails the test below.
macro_rules! readable {
    (enum $type:ident { $($variant:ident $(($($part:ident)*))? $({$($name:ident)*})?,)* }) => {
        impl Readable for $type {
            fn read(reader: &mut Reader) -> Option<Self> {
                let word = reader.word()?;
                $(if word == stringify!($variant) {
                    $(
                        reader.sign("(")?;
                        $(let $part = Readable::read(reader)?;)*
                        reader.sign(")")?;
                    )?
                    $(
                        reader.sign("{")?;
                        $(let $name = reader.field(stringify!($name))?;)*
                        reader.sign("}")?;
                    )?
                    return Some($type::$variant $(($($part),*))? $({$($name),*})?);
                })*
                None
            }
        }
    };
    (struct $type:ident { $($name:ident)* }) => {
        impl Readable for $type {
            fn read(reader: &mut Reader) -> Option<Self> {
                (reader.word()? == stringify!($type)).then_some(())?;
                reader.sign("{")?;
                $(let $name = reader.field(stringify!($name))?;)*
                reader.sign("}")?;
                Some($type { $($name),* })
            }
        }
    };
}

readable! { enum Behaviour { Nothing, Resurrect, Allocate, Collect, Cut, } }
readable! { enum Value { Null, Itself, Static, Newest, Root(k), } }
readable! { enum WordKind { Start, Interior, End, Junk, Freed, Garbage, } }
readable! { struct Setup { nursery_kib tenure threshold_kib step_bytes counting stress verify poison tight } }
readable! { enum Op {
    Poll, Collect, CollectBudget, Step, Node, Array(len), Bytes(len), LargeBytes(len), LargeArray(len), Weak(k), Mortal,
    Finalizable(what), Register(k what), Immortal, ImmortalArray(len), Immortalize(k), TooLarge, Burst(n), Flood(n), Chain(n), FinalizableChain(n what),
    Merged(n k), DropRoot(k), DropMany(k), CopyRoot(k), Load(k slot), LoadWeak(k), Store(k slot value), Hide(k depth to),
    StoreElided(k slot value), StoreLate(k slot n), Fill(k start value), Clear(k start n), Copy(from to start),
    Move(k from to), Reverse(k start), Scribble(k), Identity(k), Pin(k), Unpin(k), Resize(k len), MergedArray(n len k),
    CollectTwice, Automatic(on), Pressure(n), RunFinalizers, TakeDead, Word(kind k), ForgetWords,
} }
readable! { enum Script { Drop, Resurrect, Link { rooted twin }, Collect, Proxy, } }
readable! { enum Shape { Node, Array, LargeArray, Pinned, Immortal, } }
readable! { enum PairOp {
    Poll, Collect, CollectYoung, Flood(n), Object(shape), DropRoot(k), Load(k slot), Store(k slot value), Weak(k), Finalizer(k),
    Identity(k), Structure, Incref(k), Decref(k), Edge(k to), Cut(k n), LinkNew(k held light twin), Link(k to twin),
    Batch(n light), Unlink(k), LoadObject(k), Drain(scripts),
} }
readable! { struct PairSetup { tenure stress verify } }

fn read<T: Readable>(line: &str) -> Result<T, String> {
    let mut reader = Reader(line);
    let found = T::read(&mut reader).filter(|_| reader.is_at_end());
    found.ok_or_else(|| format!("cannot be read: {line}"))
}

/// A program that failed once.
#[derive(Clone, Debug)]
pub enum Regression {
    /// Over a heap alone.
    Heap {
        /// Where it failed.
        collector: String,
        /// Its options.
        setup: Setup,
        /// Its operations.
        ops: Vec<Op>,
    },
    /// Over pairs.
    Pairs {
        /// Where it failed.
        collector: String,
        /// Its options.
        setup: pairs::Setup,
        /// Its operations.
        ops: Vec<pairs::Op>,
    },
}

fn write(suite: &str, collector: &str, setup: &impl Debug, ops: &[impl Debug]) -> String {
    // The name of a struct is the same whatever its path.
    let setup = format!("{setup:?}");
    let mut text = format!("{suite} {collector}\n{setup}\n");
    for op in ops {
        writeln!(text, "{op:?}").expect("strings take all text");
    }
    text
}

impl Regression {
    /// The text of a file, with what failed in its first line.
    pub fn text(&self, reason: &str) -> String {
        let program = match self {
            Regression::Heap {
                collector,
                setup,
                ops,
            } => write("heap", collector, setup, ops),
            Regression::Pairs {
                collector,
                setup,
                ops,
            } => write("pairs", collector, setup, ops),
        };
        format!("# {}\n{program}", reason.replace('\n', " "))
    }
    /// Reads such a text.
    ///
    /// # Errors
    /// The line that is wrong.
    pub fn parse(text: &str) -> Result<Regression, String> {
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut next = || lines.next().ok_or("the text ends early".to_owned());
        let (first, setup) = (next()?, next()?);
        let (suite, collector) = first.split_once(' ').ok_or("no collector is named")?;
        let collector = collector.to_owned();
        Ok(match suite {
            "heap" => Regression::Heap {
                collector,
                setup: read(setup)?,
                ops: lines.map(read).collect::<Result<_, _>>()?,
            },
            "pairs" => Regression::Pairs {
                collector,
                setup: read(&setup.replacen("Setup", "PairSetup", 1))?,
                ops: lines.map(read).collect::<Result<_, _>>()?,
            },
            _ => return Err(format!("there is no suite {suite}")),
        })
    }
    /// Runs the program on each of the rows.
    ///
    /// # Errors
    /// The first failure.
    pub fn replay(&self, rows: &[CollectorInfo]) -> Result<(), String> {
        match self {
            Regression::Heap { setup, ops, .. } => machine::replay(&Bench::of(rows), setup, ops),
            Regression::Pairs { setup, ops, .. } => {
                let collecting = rows.iter().filter(|row| row.capabilities.collects);
                collecting
                    .map(|row| super::pairs::suite::replay(row, setup, ops))
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ops::any_op;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    #[test]
    fn each_program_is_read_as_it_was_written() {
        let mut runner = TestRunner::deterministic();
        for _ in 0..20 {
            let heap = (
                super::super::setup::any_setup(),
                prop::collection::vec(any_op(&[]), 400),
            );
            let (setup, ops) = heap
                .new_tree(&mut runner)
                .expect("nothing is refused")
                .current();
            let program = Regression::Heap {
                collector: "some".to_owned(),
                setup,
                ops,
            };
            let text = program.text("A1: why\nand how");
            assert_eq!(
                Regression::parse(&text)
                    .expect("it is right")
                    .text("A1: why and how"),
                text
            );
            let (setup, ops) = pairs::any_program()
                .new_tree(&mut runner)
                .expect("nothing is refused")
                .current();
            let program = Regression::Pairs {
                collector: "some".to_owned(),
                setup,
                ops,
            };
            let text = program.text("R1");
            assert_eq!(
                Regression::parse(&text).expect("it is right").text("R1"),
                text
            );
        }
        assert!(Regression::parse("heap some\nSetup { }\n").is_err());
        assert!(Regression::parse("").is_err());
    }
}
