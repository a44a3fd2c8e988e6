//! The types, fields, arrays and callees of random traces, and the objects that a run begins with.

use super::callees;
use super::rng::Rng;
use crate::descr::*;
use crate::irexec::Memory;
use crate::trace::{Trace, Ty};

/// Offset of `Node.count`.
pub const NODE_COUNT_OFFSET: u32 = 16;
/// The length of arrays in inputs.
pub const INPUT_LEN: u32 = 8;

/// What is known of a reference.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Class {
    /// Boxed int, a value class.
    WInt,
    /// Boxed float, a value class.
    WFloat,
    /// A mutable object with a field of each width.
    Node,
    /// A node or null.
    MaybeNode,
    /// An exception.
    Error,
    /// An array of 64-bit ints.
    Ints,
    /// An array of doubles.
    Floats,
    /// An array of nodes or nulls.
    Refs,
    /// An array of bytes.
    Bytes,
}
impl Class {
    /// Classes that an input may have.
    pub const INPUTS: [Class; 7] = [
        Class::WInt,
        Class::WFloat,
        Class::Node,
        Class::Ints,
        Class::Floats,
        Class::Refs,
        Class::Bytes,
    ];
}

/// A callee with the types that the generator must know beyond the descriptor's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callee {
    /// `add`.
    Add,
    /// `mix`.
    Mix,
    /// `many`.
    Many,
    /// `bump`.
    Bump,
    /// `collect`.
    Collect,
    /// `checked`.
    Checked,
    /// `same`.
    Same,
    /// `nothing`.
    Nothing,
    /// `half`.
    Half,
    /// `blend`.
    Blend,
}

/// The ids of everything in a random trace's descriptors; the same in each trace.
#[derive(Clone, Debug)]
pub struct World {
    /// Types.
    pub w_int: DescrId,
    /// Boxed float.
    pub w_float: DescrId,
    /// Mutable object.
    pub node: DescrId,
    /// Exception.
    pub error: DescrId,
    /// `WInt.value`.
    pub int_value: DescrId,
    /// `WFloat.value`.
    pub float_value: DescrId,
    /// `Node.next`.
    pub next: DescrId,
    /// Fields of a node that are not references, and whether they may be written.
    pub node_fields: Vec<(DescrId, bool)>,
    /// Arrays with the field of their length.
    pub arrays: [(Class, DescrId, DescrId); 4],
    /// Callees.
    pub callees: Vec<(Callee, DescrId)>,
}

impl World {
    /// Adds all descriptors to a trace that has none.
    pub fn add_to(trace: &mut Trace) -> World {
        assert!(trace.descrs.is_empty());
        let mut field = |owner: &'static str, name: &'static str, offset, width, mutability| {
            let (owner, name) = (owner.into(), name.into());
            trace.add_descr(Descr::Field(FieldDescr {
                owner,
                name,
                offset,
                width,
                mutability,
            }))
        };
        use Mutability::*;
        let int_value = field("WInt", "value", 8, Width::I64, Immutable);
        let float_value = field("WFloat", "value", 8, Width::F64, Immutable);
        let next = field("Node", "next", 8, Width::Ref, Mutable);
        let node_fields = vec![
            (
                field("Node", "count", NODE_COUNT_OFFSET, Width::I64, Mutable),
                true,
            ),
            (field("Node", "weight", 24, Width::F64, Mutable), true),
            (field("Node", "flag", 32, Width::U8, Mutable), true),
            (field("Node", "small", 34, Width::U16, Mutable), true),
            (field("Node", "tag", 36, Width::U32, Mutable), true),
            (field("Node", "signed", 40, Width::I32, Mutable), true),
            (field("Node", "kind", 48, Width::Host, Immutable), false),
            (
                field("Node", "version", 56, Width::I64, QuasiImmutable),
                false,
            ),
        ];
        let mut length = |owner| field(owner, "length", 8, Width::I64, Immutable);
        let lengths = [
            length("Ints"),
            length("Floats"),
            length("Refs"),
            length("Bytes"),
        ];
        let mut ty = |name: &'static str, type_id, size_bytes, leaf| {
            let exact = leaf != DescrId::NONE;
            trace.add_descr(Descr::Type(TypeDescr {
                name: name.into(),
                type_id,
                size_bytes,
                leaf,
                exact,
            }))
        };
        let w_int = ty("WInt", 2, 16, int_value);
        let w_float = ty("WFloat", 4, 16, float_value);
        let node = ty("Node", 6, 64, DescrId::NONE);
        let error = ty("Error", 8, 16, DescrId::NONE);
        let mut array = |name: &'static str, type_id, item| {
            let (name, immutable) = (name.into(), false);
            let (len_offset, items_offset) = (8, 16);
            trace.add_descr(Descr::Array(ArrayDescr {
                name,
                type_id,
                len_offset,
                items_offset,
                item,
                immutable,
            }))
        };
        let arrays = [
            (Class::Ints, array("Ints", 10, Width::I64), lengths[0]),
            (Class::Floats, array("Floats", 12, Width::F64), lengths[1]),
            (Class::Refs, array("Refs", 14, Width::Ref), lengths[2]),
            (Class::Bytes, array("Bytes", 16, Width::U8), lengths[3]),
        ];
        let callees = callee_descrs()
            .into_iter()
            .map(|(c, d)| (c, trace.add_descr(Descr::Call(d))))
            .collect();
        World {
            w_int,
            w_float,
            node,
            error,
            int_value,
            float_value,
            next,
            node_fields,
            arrays,
            callees,
        }
    }

    /// The array descriptor and the length field of a class of arrays.
    pub fn array(&self, class: Class) -> Option<(DescrId, DescrId)> {
        self.arrays
            .iter()
            .find(|a| a.0 == class)
            .map(|a| (a.1, a.2))
    }
    /// The type descriptor of a class of objects without items.
    pub fn type_of(&self, class: Class) -> Option<DescrId> {
        match class {
            Class::WInt => Some(self.w_int),
            Class::WFloat => Some(self.w_float),
            Class::Node => Some(self.node),
            Class::Error => Some(self.error),
            Class::MaybeNode | Class::Ints | Class::Floats | Class::Refs | Class::Bytes => None,
        }
    }

    /// Makes an object of the class with random content; `nodes` are candidates for references.
    pub fn make(
        &self,
        trace: &Trace,
        class: Class,
        heap: &mut dyn Memory,
        rng: &mut Rng,
        nodes: &[u64],
    ) -> u64 {
        let fault = "objects are made inside their bounds, before the first safepoint";
        let node = |rng: &mut Rng| {
            if nodes.is_empty() || rng.chance(30) {
                0
            } else {
                nodes[rng.index(nodes.len())]
            }
        };
        if let Some((array, _)) = self.array(class) {
            let array = trace.array(array);
            let address = heap.alloc_array(array, INPUT_LEN.into()).expect(fault);
            for n in 0..u64::from(INPUT_LEN) {
                let bits = match class {
                    Class::Ints => rng.int() as u64,
                    Class::Floats => rng.float().to_bits(),
                    Class::Refs => node(rng),
                    _ => rng.below(256),
                };
                let offset = u64::from(array.items_offset) + n * u64::from(array.item.bytes());
                heap.store(address, offset, array.item, bits).expect(fault);
            }
            return address;
        }
        if class == Class::MaybeNode {
            return node(rng);
        }
        let ty = trace.type_descr(
            self.type_of(class)
                .expect("arrays and nullable nodes were handled above"),
        );
        let address = heap.alloc(ty).expect(fault);
        let mut set = |id: DescrId, bits: u64| {
            let field = trace.field(id);
            heap.store(address, field.offset.into(), field.width, bits)
                .expect(fault);
        };
        match class {
            Class::WInt => set(self.int_value, rng.int() as u64),
            Class::WFloat => set(self.float_value, rng.float().to_bits()),
            Class::Node => {
                set(self.next, node(rng));
                for (id, _) in &self.node_fields {
                    let float = trace.field(*id).width == Width::F64;
                    set(
                        *id,
                        if float {
                            rng.float().to_bits()
                        } else {
                            rng.int() as u64
                        },
                    );
                }
            }
            _ => {}
        }
        address
    }
}

/// The address of a callee by its name, for `parse_with`.
pub fn resolve(name: &str) -> Option<u64> {
    callee_descrs()
        .into_iter()
        .find(|c| c.1.name == name)
        .map(|c| c.1.function)
}

fn callee_descrs() -> Vec<(Callee, CallDescr)> {
    use Ty::*;
    let quiet = || Effects {
        pure: false,
        ..Effects::PURE
    };
    let bumps = Effects {
        reads: true,
        writes: EffectSet::Only(vec!["Node.count".into()]),
        ..quiet()
    };
    let collects = Effects {
        can_raise: false,
        ..Effects::ANY
    };
    let raises = Effects {
        can_raise: true,
        ..quiet()
    };
    let many = vec![Int, Int, Int, Int, Int, Int, Int, Int, Float];
    let row = |callee, name: &'static str, function: usize, abi, params, result, effects| {
        let (name, function) = (name.into(), function as u64);
        (
            callee,
            CallDescr {
                name,
                function,
                abi,
                params,
                result,
                effects,
                unused: DescrId::NONE,
            },
        )
    };
    use CallAbi::*;
    let pure = || Effects::PURE;
    vec![
        row(
            Callee::Add,
            "add",
            callees::add as *const () as usize,
            Vm,
            vec![Int, Int],
            Some(Int),
            pure(),
        ),
        row(
            Callee::Mix,
            "mix",
            callees::mix as *const () as usize,
            Vm,
            vec![Float, Int],
            Some(Float),
            pure(),
        ),
        row(
            Callee::Many,
            "many",
            callees::many as *const () as usize,
            Vm,
            many,
            Some(Int),
            pure(),
        ),
        row(
            Callee::Bump,
            "bump",
            callees::bump as *const () as usize,
            Vm,
            vec![Ref],
            Some(Int),
            bumps,
        ),
        row(
            Callee::Collect,
            "collect",
            callees::collect as *const () as usize,
            Vm,
            vec![Int],
            Some(Int),
            collects,
        ),
        row(
            Callee::Checked,
            "checked",
            callees::checked as *const () as usize,
            Vm,
            vec![Int, Ref],
            Some(Int),
            raises,
        ),
        row(
            Callee::Same,
            "same",
            callees::same as *const () as usize,
            Vm,
            vec![Ref],
            Some(Ref),
            pure(),
        ),
        row(
            Callee::Nothing,
            "nothing",
            callees::nothing as *const () as usize,
            Vm,
            vec![],
            None,
            Effects {
                allocates: true,
                ..quiet()
            },
        ),
        row(
            Callee::Half,
            "half",
            callees::half as *const () as usize,
            FloatToFloat,
            vec![Float],
            Some(Float),
            pure(),
        ),
        row(
            Callee::Blend,
            "blend",
            callees::blend as *const () as usize,
            FloatFloatToFloat,
            vec![Float, Float],
            Some(Float),
            pure(),
        ),
    ]
}
