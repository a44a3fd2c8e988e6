//! Random exits: frames, and virtual objects of all kinds around the values at hand.

use super::Form;
use super::generate::Generator;
use super::world::Class;
use crate::exit::{Entry, Exit, ExitId, Frame, VirtualObject};
use crate::trace::{Arg, Ty};

/// Code objects of exits are these plus a small number.
const CODE: u64 = 0x1000;

/// Which pending value the exit of an operation has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pending {
    Nothing,
    Value,
    Raise,
}

impl Generator {
    /// An exit that describes some of the values.
    pub fn exit(&mut self, pending: Pending) -> ExitId {
        if pending == Pending::Nothing && self.last_exit.is_some() && self.rng.chance(40) {
            return self.last_exit;
        }
        let mut virtuals = Vec::new();
        let mut frames = crate::Frames::new();
        let frame_count = if self.rng.chance(25) {
            1 + self.rng.below(3)
        } else {
            1
        };
        for n in 0..frame_count {
            let most = if self.rng.chance(10) { 40 } else { 9 };
            let mut live = crate::Live::new();
            for register in 0..self.rng.below(most) {
                if let Some(arg) = self.exit_value(&mut virtuals) {
                    live.push((register as u16 * 2, arg));
                }
            }
            let (code, base) = (CODE + n, n as u32 * 16);
            frames.push(
                Frame {
                    code,
                    pc: self.exit_count,
                    step: self.rng.below(3) as u8,
                    base,
                    live,
                }
                .into(),
            );
        }
        self.exit_count += 1;
        let entry = match pending {
            Pending::Value => Entry::PendingValue,
            Pending::Raise => Entry::PendingRaise,
            Pending::Nothing if self.rng.chance(80) => Entry::Start,
            Pending::Nothing => {
                let raise = self.rng.chance(50);
                match self.exit_value(&mut virtuals) {
                    Some(arg) if raise => Entry::Raise(arg),
                    Some(arg) => Entry::Value(arg),
                    None => Entry::Start,
                }
            }
        };
        if self.form == Form::Compiled
            && self.rng.chance(15)
            && let Some(node) = self.any_ref(Class::Node, 0)
        {
            virtuals.push(self.delayed_store(node.arg, virtuals.len()));
        }
        let exit = self.trace.add_exit(Exit {
            frames,
            entry,
            virtuals,
        });
        if pending == Pending::Nothing {
            self.last_exit = exit;
        }
        exit
    }
    /// A reference, or a virtual object around something.
    fn exit_value(&mut self, virtuals: &mut Vec<VirtualObject>) -> Option<Arg> {
        let is_virtual = self.form == Form::Compiled && self.rng.chance(60);
        if !is_virtual {
            return if self.refs.is_empty() {
                None
            } else {
                Some(self.rng.pick(&self.refs).arg)
            };
        }
        if !virtuals.is_empty() && self.rng.chance(15) {
            return Some(Arg::virtual_(self.rng.index(virtuals.len()) as u32));
        }
        let w = (
            self.world.w_int,
            self.world.int_value,
            self.world.w_float,
            self.world.float_value,
        );
        let object = match self.rng.below(10) {
            0..=4 => VirtualObject::Struct {
                ty: w.0,
                fields: [(w.1, self.int())].into_iter().collect(),
            },
            5 | 6 => VirtualObject::Struct {
                ty: w.2,
                fields: [(w.3, self.float())].into_iter().collect(),
            },
            7 | 8 => return Some(self.virtual_node(virtuals)),
            _ => self.virtual_array(virtuals.len()),
        };
        virtuals.push(object);
        Some(Arg::virtual_(virtuals.len() as u32 - 1))
    }
    fn virtual_node(&mut self, virtuals: &mut Vec<VirtualObject>) -> Arg {
        let this = Arg::virtual_(virtuals.len() as u32);
        let mut fields = crate::Fields::new();
        for (field, _) in self.world.node_fields.clone() {
            if self.rng.chance(50) {
                let float = self.trace.field(field).width.ty() == Ty::Float;
                fields.push((field, if float { self.float() } else { self.int() }));
            }
        }
        let next = match self.rng.below(4) {
            0 => this,
            1 if this != Arg::virtual_(0) => Arg::virtual_(self.rng.index(virtuals.len()) as u32),
            2 => self.node_or_null(),
            _ => self.trace.null(),
        };
        fields.push((self.world.next, next));
        virtuals.push(VirtualObject::Struct {
            ty: self.world.node,
            fields,
        });
        this
    }
    /// A store into a node that the exit is to make up for.
    fn delayed_store(&mut self, object: Arg, virtual_count: usize) -> VirtualObject {
        let value = match virtual_count {
            0 => self.node_or_null(),
            _ => Arg::virtual_(self.rng.index(virtual_count) as u32),
        };
        VirtualObject::Existing {
            object,
            fields: [(self.world.next, value)].into_iter().collect(),
        }
    }
    fn virtual_array(&mut self, virtual_count: usize) -> VirtualObject {
        let (class, descr, _) = self.rng.pick(&self.world.arrays);
        let mut items = Vec::new();
        for _ in 0..self.rng.below(5) {
            items.push(match class {
                Class::Floats => self.float(),
                Class::Refs if virtual_count > 0 && self.rng.chance(40) => {
                    Arg::virtual_(self.rng.index(virtual_count) as u32)
                }
                Class::Refs => self.node_or_null(),
                _ => self.int(),
            });
        }
        VirtualObject::Array { descr, items }
    }
}
