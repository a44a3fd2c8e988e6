//! What somebody can see when a trace was left: the interpreter's frames and every object that is reachable.
//!
//! Two runs of one trace on two backends must give the same text. Objects are numbered in the order in which they are
//! first seen, virtual objects like real ones; so neither addresses nor "virtual or not" show.

use super::Memory;
use crate::descr::{Descr, FieldDescr, Width};
use crate::exit::{Entry, ExitId, VirtualObject};
use crate::trace::{Arg, Trace, Ty};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What objects look like, by type id.
#[derive(Clone, Debug, Default)]
pub struct Layouts {
    types: BTreeMap<u32, Layout>,
}
#[derive(Clone, Debug)]
struct Layout {
    name: String,
    fields: Vec<FieldDescr>,
    /// (offset of the length, offset of the items, how they are stored).
    items: Option<(u32, u32, Width)>,
}

impl Layouts {
    /// The layouts that the trace's descriptors tell: a field belongs to the type that has its owner's name.
    pub fn of(trace: &Trace) -> Layouts {
        let mut types = BTreeMap::new();
        for descr in &trace.descrs {
            let (type_id, name, items) = match descr {
                Descr::Type(d) => (d.type_id, &d.name, None),
                Descr::Array(d) => (
                    d.type_id,
                    &d.name,
                    Some((d.len_offset, d.items_offset, d.item)),
                ),
                Descr::Field(_) | Descr::Call(_) | Descr::Label(_) => continue,
            };
            let fields = trace
                .descrs
                .iter()
                .filter_map(Descr::as_field)
                .filter(|f| f.owner == *name);
            let mut fields: Vec<FieldDescr> = fields.cloned().collect();
            fields.sort_by_key(|f| f.offset);
            fields.dedup_by_key(|f| f.offset);
            types.insert(
                type_id,
                Layout {
                    name: name.to_string(),
                    fields,
                    items,
                },
            );
        }
        Layouts { types }
    }
}

/// A place in the object graph: a real object, or a virtual one of the exit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Real(u64),
    Virtual(u32),
}

struct Observer<'a> {
    trace: &'a Trace,
    layouts: &'a Layouts,
    value_of: &'a dyn Fn(Arg) -> u64,
    memory: &'a dyn Memory,
    seen: Vec<Node>,
    numbers: BTreeMap<Node, usize>,
    /// Delayed stores: (object, offset, value), in order.
    delayed: Vec<(u64, u32, Arg)>,
}

/// Describes the state at an exit: frames, entry, then the objects reachable from there and from `roots` (addresses
/// that are known otherwise, such as the objects that the run began with). `value_of` gives the bits of the exit's
/// operands, `pending` is what the leaving call returned.
pub fn observe(
    trace: &Trace,
    layouts: &Layouts,
    exit: ExitId,
    value_of: &dyn Fn(Arg) -> u64,
    pending: u64,
    roots: &[u64],
    memory: &dyn Memory,
) -> String {
    let exit = trace.exit(exit);
    let virtuals = &exit.virtuals;
    let (seen, numbers) = (Vec::new(), BTreeMap::new());
    let delayed = virtuals.iter().filter_map(|v| match v {
        VirtualObject::Existing { object, fields } => Some((*object, fields)),
        VirtualObject::Struct { .. } | VirtualObject::Array { .. } => None,
    });
    let delayed = delayed.flat_map(|(object, fields)| {
        let stored =
            |f: &(crate::descr::DescrId, Arg)| (value_of(object), trace.field(f.0).offset, f.1);
        fields.iter().map(stored).collect::<Vec<_>>()
    });
    let delayed = delayed.collect();
    let mut observer = Observer {
        trace,
        layouts,
        value_of,
        memory,
        seen,
        numbers,
        delayed,
    };
    let mut text = String::new();
    for frame in &exit.frames {
        let _ = write!(
            text,
            "[{:#x}:{}:{}+{}",
            frame.code, frame.pc, frame.step, frame.base
        );
        for (register, arg) in &frame.live {
            let _ = write!(text, " r{register}={}", observer.arg(*arg));
        }
        text += "] ";
    }
    let entry = match exit.entry {
        Entry::Start => "start".into(),
        Entry::Value(a) => format!("value {}", observer.arg(a)),
        Entry::Raise(a) => format!("raise {}", observer.arg(a)),
        // The type of a pending value is the callee's business, so only the fact is told.
        Entry::PendingValue => "value pending".into(),
        Entry::PendingRaise => format!("raise {}", observer.bits(Width::Ref, pending)),
    };
    let _ = writeln!(text, "{entry}");
    for root in roots {
        observer.bits(Width::Ref, *root);
    }
    let mut next = 0;
    while next < observer.seen.len() {
        let node = observer.seen[next];
        let content = match node {
            Node::Real(address) => observer.real(address),
            Node::Virtual(n) => observer.virtual_(&virtuals[n as usize]),
        };
        let _ = writeln!(text, "o{next} = {content}");
        next += 1;
    }
    text
}

impl Observer<'_> {
    fn number(&mut self, node: Node) -> String {
        let next = self.seen.len();
        let number = *self.numbers.entry(node).or_insert(next);
        if number == next {
            self.seen.push(node);
        }
        format!("o{number}")
    }
    fn bits(&mut self, width: Width, bits: u64) -> String {
        match width.ty() {
            Ty::Ref if bits == 0 => "null".into(),
            Ty::Ref => self.number(Node::Real(bits)),
            // The bits of a NaN are nobody's promise.
            Ty::Float => format!("{:?}", f64::from_bits(bits)),
            Ty::Int => (bits as i64).to_string(),
        }
    }
    fn arg(&mut self, arg: Arg) -> String {
        if let Some(n) = arg.as_virtual() {
            return self.number(Node::Virtual(n));
        }
        let width = match self.trace.type_of(arg) {
            Ty::Int => Width::I64,
            Ty::Float => Width::F64,
            Ty::Ref => Width::Ref,
        };
        self.bits(width, (self.value_of)(arg))
    }
    fn real(&mut self, address: u64) -> String {
        let Ok(type_id) = self.memory.load(address, 0, Width::U32) else {
            return "not an object".into();
        };
        let Some(layout) = self.layouts.types.get(&(type_id as u32)) else {
            return format!("type {type_id}");
        };
        let load = |offset: u64, width: Width| {
            self.memory.load(address, offset, width).unwrap_or(u64::MAX)
        };
        let mut text = layout.name.clone();
        for field in &layout.fields {
            let here = |d: &&(u64, u32, Arg)| (d.0, d.1) == (address, field.offset);
            let value = match self.delayed.iter().rev().find(here).copied() {
                Some((_, _, value)) => self.field(field.width, value),
                None => self.bits(field.width, load(field.offset.into(), field.width)),
            };
            let _ = write!(text, " {}={value}", field.name);
        }
        if let Some((len_offset, items_offset, item)) = layout.items {
            let len = load(len_offset.into(), Width::I64);
            for n in 0..len.min(1 << 16) {
                let bits = load(u64::from(items_offset) + n * u64::from(item.bytes()), item);
                let _ = write!(text, " {}", self.bits(item, bits));
            }
        }
        text
    }
    fn virtual_(&mut self, object: &VirtualObject) -> String {
        match object {
            VirtualObject::Struct { ty, fields } => {
                let ty = self.trace.type_descr(*ty);
                let layout = &self.layouts.types[&ty.type_id];
                let mut text = layout.name.clone();
                for field in &layout.fields {
                    let same = |f: &&(crate::descr::DescrId, Arg)| {
                        self.trace.field(f.0).offset == field.offset
                    };
                    // What is stored last counts, as if the fields had been written in order.
                    let value = match fields.iter().rev().find(same) {
                        Some((_, value)) => self.field(field.width, *value),
                        None => self.bits(field.width, 0),
                    };
                    let _ = write!(text, " {}={value}", field.name);
                }
                text
            }
            VirtualObject::Array { descr, items } => {
                let array = self.trace.array(*descr);
                let layout = &self.layouts.types[&array.type_id];
                let mut text = layout.name.clone();
                for field in &layout.fields {
                    let bits = if field.offset == array.len_offset {
                        items.len() as u64
                    } else {
                        0
                    };
                    let _ = write!(text, " {}={}", field.name, self.bits(field.width, bits));
                }
                for item in items {
                    let _ = write!(text, " {}", self.field(array.item, *item));
                }
                text
            }
            VirtualObject::Existing { .. } => unreachable!("nothing names it"),
        }
    }
    /// A value as it reads back after it was stored into so many bytes.
    fn field(&mut self, width: Width, arg: Arg) -> String {
        if arg.as_virtual().is_some() {
            return self.arg(arg);
        }
        let bits = (self.value_of)(arg);
        let stored = match width {
            Width::I64 | Width::F64 | Width::Ref | Width::Host => bits,
            Width::U32 => u64::from(bits as u32),
            Width::I32 => bits as i32 as i64 as u64,
            Width::U16 => u64::from(bits as u16),
            Width::U8 => u64::from(bits as u8),
        };
        self.bits(width, stored)
    }
}
