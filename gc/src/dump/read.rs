//! Reading a dump.
use super::{VERSION, unescape};
use crate::walk::Residence;
use std::collections::HashMap;
use std::fmt;
use std::io::BufRead;
use std::ops::Range;

/// An object of a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DumpedObject {
    /// Its address when the dump was written.
    pub address: u64,
    /// The number of its type.
    pub type_id: u32,
    /// The number of its label.
    pub label: Option<u32>,
    /// Its size.
    pub bytes: u64,
    /// Where it lay.
    pub residence: Residence,
    /// What it held, as a part of [`HeapDump::references`].
    pub references: Range<usize>,
    /// The object that its weak field named, by address.
    pub weak: Option<u64>,
}

/// A dump that was read.
#[derive(Clone, Default, Debug)]
pub struct HeapDump {
    /// What the `H` records say, in order.
    pub about: Vec<(String, String)>,
    /// Names of types by number.
    pub types: HashMap<u32, String>,
    /// Labels by number.
    pub labels: HashMap<u32, String>,
    /// Addresses that roots hold exactly.
    pub precise_roots: Vec<u64>,
    /// Addresses of objects that words of native stacks may name.
    pub ambiguous_roots: Vec<u64>,
    /// The objects, in the order of their addresses.
    pub objects: Vec<DumpedObject>,
    /// The strong references of all objects, by address.
    pub references: Vec<u64>,
}

/// Why a text is no dump.
#[derive(Debug)]
pub struct DumpError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}
impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}
impl std::error::Error for DumpError {}

type Fields<'l> = std::str::Split<'l, char>;

fn decimal<T: std::str::FromStr>(fields: &mut Fields, what: &str) -> Result<T, String> {
    let text = fields.next().ok_or_else(|| format!("{what} is missing"))?;
    let wrong = |_| format!("{what} is {text:?}, which is no number");
    text.parse().map_err(wrong)
}
fn address(text: &str) -> Result<u64, String> {
    let wrong = |_| format!("{text:?} is no hexadecimal address");
    u64::from_str_radix(text, 16).map_err(wrong)
}
fn rest(fields: Fields) -> String {
    unescape(&fields.collect::<Vec<_>>().join(" "))
}

impl HeapDump {
    /// Reads a dump.
    ///
    /// # Errors
    /// Where the text departs from the format: another version, a broken record, objects that are not in order, an end
    /// that is missing or counts differently.
    pub fn read(mut text: impl BufRead) -> Result<HeapDump, DumpError> {
        let mut dump = HeapDump::default();
        let mut line = String::new();
        let mut ended = false;
        for number in 1.. {
            let error = |message: String| DumpError {
                line: number,
                message,
            };
            line.clear();
            match text.read_line(&mut line) {
                Ok(0) if ended => break,
                Ok(0) => return Err(error("the dump is cut off: there is no E record".into())),
                Ok(_) => {}
                Err(e) => return Err(error(e.to_string())),
            }
            let line = line.strip_suffix('\n').unwrap_or(&line);
            if number == 1 {
                if line != format!("ouro-heap-dump {VERSION}") {
                    let expected = format!("expected \"ouro-heap-dump {VERSION}\", not {line:?}");
                    return Err(error(expected));
                }
            } else if ended {
                return Err(error("something follows the E record".into()));
            } else {
                ended = dump.record(line).map_err(error)?;
            }
        }
        Ok(dump)
    }
    /// Reads a record; whether it is the last.
    fn record(&mut self, line: &str) -> Result<bool, String> {
        let mut fields = line.split(' ');
        match fields.next() {
            Some("H") => {
                let key = fields.next().ok_or("the key is missing")?.to_owned();
                self.about.push((key, rest(fields)));
            }
            Some("T") => {
                let number = decimal(&mut fields, "the type's number")?;
                let _bytes: u64 = decimal(&mut fields, "the type's size")?;
                self.types.insert(number, rest(fields));
            }
            Some("L") => {
                let number = decimal(&mut fields, "the label's number")?;
                self.labels.insert(number, rest(fields));
            }
            Some("R") => {
                let kind = fields.next();
                let at = address(fields.next().ok_or("the address is missing")?)?;
                match kind {
                    Some("p") => self.precise_roots.push(at),
                    Some("a") => self.ambiguous_roots.push(at),
                    other => return Err(format!("unknown kind of root {other:?}")),
                }
            }
            Some("O") => self.object(fields)?,
            Some("E") => {
                let objects: usize = decimal(&mut fields, "the number of objects")?;
                let references: usize = decimal(&mut fields, "the number of references")?;
                let weak = self.objects.iter().filter(|o| o.weak.is_some()).count();
                let found = (self.objects.len(), self.references.len() + weak);
                if (objects, references) != found {
                    return Err(format!(
                        "{objects} objects with {references} references were written, {} with {} were read",
                        found.0, found.1
                    ));
                }
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }
    fn object(&mut self, mut fields: Fields) -> Result<(), String> {
        let at = address(fields.next().ok_or("the address is missing")?)?;
        if self.objects.last().is_some_and(|last| last.address >= at) {
            return Err("the objects are not in the order of their addresses".into());
        }
        let type_id = decimal(&mut fields, "the type's number")?;
        if !self.types.contains_key(&type_id) {
            return Err(format!("there is no type {type_id}"));
        }
        let label = match fields.next() {
            None => return Err("the label is missing".into()),
            Some("-") => None,
            Some(number) => {
                let number = number
                    .parse()
                    .map_err(|_| format!("bad label {number:?}"))?;
                if !self.labels.contains_key(&number) {
                    return Err(format!("there is no label {number}"));
                }
                Some(number)
            }
        };
        let bytes = decimal(&mut fields, "the size")?;
        let residence = match fields.next() {
            Some("y") => Residence::Young,
            Some("o") => Residence::Old,
            Some("Y") => Residence::YoungLarge,
            Some("L") => Residence::Large,
            other => return Err(format!("an object lies in {other:?}")),
        };
        let start = self.references.len();
        let mut weak = None;
        for field in fields {
            match field.strip_prefix('~') {
                Some(field) => weak = Some(address(field)?),
                None => self.references.push(address(field)?),
            }
        }
        self.objects.push(DumpedObject {
            address: at,
            type_id,
            label,
            bytes,
            residence,
            references: start..self.references.len(),
            weak,
        });
        Ok(())
    }
    /// The index of the object at an address.
    pub fn find(&self, address: u64) -> Option<usize> {
        let found = self.objects.binary_search_by_key(&address, |o| o.address);
        found.ok()
    }
    /// What an object is called: its label, or the name of its type.
    pub fn name(&self, object: &DumpedObject) -> &str {
        let label = object.label.and_then(|number| self.labels.get(&number));
        match label.or_else(|| self.types.get(&object.type_id)) {
            Some(name) => name,
            None => "?",
        }
    }
    /// What the `H` record with this key says.
    pub fn about(&self, key: &str) -> Option<&str> {
        let found = self.about.iter().find(|(k, _)| k == key);
        found.map(|(_, value)| value.as_str())
    }
}
