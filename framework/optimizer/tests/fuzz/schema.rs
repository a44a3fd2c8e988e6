//! The types of the toy language, its callees, and the world its programs run in.

use ouro_ir::irexec::{Fault, Memory, ToyHeap, VisitRefs};
use ouro_ir::{
    ArrayDescr, CallAbi, CallDescr, Descr, DescrId, EffectSet, Effects, FieldDescr, LabelDescr,
    LabelTarget, Mutability, Ret, Ty, TypeDescr, Width,
};
use std::sync::LazyLock;

pub const WINT: DescrId = DescrId(0);
pub const WFLOAT: DescrId = DescrId(1);
pub const NODE: DescrId = DescrId(2);
pub const INT_VALUE: DescrId = DescrId(3);
pub const FLOAT_VALUE: DescrId = DescrId(4);
/// a, b, next: references; n: an int; u: a byte.
pub const NODE_FIELDS: [DescrId; 3] = [DescrId(5), DescrId(6), DescrId(7)];
pub const NODE_N: DescrId = DescrId(8);
pub const NODE_U: DescrId = DescrId(9);
pub const TUPLE: DescrId = DescrId(10);
pub const TUPLE_LEN: DescrId = DescrId(11);
pub const BUMP: DescrId = DescrId(12);
pub const ANY: DescrId = DescrId(13);
pub const PURE: DescrId = DescrId(14);
pub const RAISE: DescrId = DescrId(15);
pub const START: DescrId = DescrId(16);
pub const TUPLE_TYPE: DescrId = DescrId(17);
pub const ENTRY: DescrId = DescrId(18);

pub static DESCRS: LazyLock<Vec<Descr>> = LazyLock::new(descrs);

fn descrs() -> Vec<Descr> {
    let ty = |name: &'static str, type_id, size_bytes, leaf| {
        Descr::Type(TypeDescr {
            name: name.into(),
            type_id,
            size_bytes,
            leaf,
            exact: true,
        })
    };
    let field = |owner: &'static str, name: &'static str, offset, width, mutability| {
        Descr::Field(FieldDescr {
            owner: owner.into(),
            name: name.into(),
            offset,
            width,
            mutability,
        })
    };
    let call = |name: &'static str, params: &[Ty], result, effects| {
        let (function, abi) = (0, CallAbi::Vm);
        Descr::Call(CallDescr {
            name: name.into(),
            function,
            abi,
            params: params.to_vec(),
            result,
            effects,
            unused: DescrId::NONE,
        })
    };
    let none = DescrId::NONE;
    let (fixed, mutable) = (Mutability::Immutable, Mutability::Mutable);
    let bump = Effects {
        reads: true,
        writes: EffectSet::Only(vec!["Node.n".into(), "Node.a".into()]),
        ..Effects::PURE
    };
    vec![
        ty("WInt", 3, 16, INT_VALUE),
        ty("WFloat", 4, 16, FLOAT_VALUE),
        ty("Node", 5, 56, none),
        field("WInt", "value", 8, Width::I64, fixed),
        field("WFloat", "value", 8, Width::F64, fixed),
        field("Node", "a", 8, Width::Ref, mutable),
        field("Node", "b", 16, Width::Ref, mutable),
        field("Node", "next", 24, Width::Ref, mutable),
        field("Node", "n", 32, Width::I64, mutable),
        field("Node", "u", 40, Width::U8, mutable),
        Descr::Array(ArrayDescr {
            name: "Tuple".into(),
            type_id: 6,
            len_offset: 8,
            items_offset: 16,
            item: Width::Ref,
            immutable: false,
        }),
        field("Tuple", "len", 8, Width::I64, fixed),
        call(
            "bump",
            &[Ty::Ref],
            None,
            Effects {
                pure: false,
                ..bump
            },
        ),
        call(
            "any",
            &[Ty::Ref, Ty::Ref],
            Some(Ty::Ref),
            Effects {
                can_raise: false,
                ..Effects::ANY
            },
        ),
        call("pure", &[Ty::Int, Ty::Int], Some(Ty::Int), Effects::PURE),
        call(
            "raise",
            &[Ty::Ref],
            Some(Ty::Ref),
            Effects {
                writes: EffectSet::None,
                ..Effects::ANY
            },
        ),
        Descr::Label(LabelDescr {
            name: "start".into(),
            target: LabelTarget::Start,
        }),
        ty("TupleType", 6, 16, none),
        Descr::Label(LabelDescr {
            name: "entry".into(),
            target: LabelTarget::Entry {
                token: 1,
                registers: (0..crate::program::REGISTERS as u32).collect(),
            },
        }),
    ]
}

/// The checking heap, with callees that really do what they declare.
#[derive(Default)]
pub struct World {
    pub heap: ToyHeap,
}
impl World {
    pub fn type_id(&self, object: u64) -> u64 {
        self.heap.load(object, 0, Width::U32).expect("an object")
    }
    pub fn int(&mut self, value: i64) -> u64 {
        let object = self.heap.add(3, 16);
        self.heap
            .store(object, 8, Width::I64, value as u64)
            .expect("fresh");
        object
    }
    fn swap_and_count(&mut self, object: u64) -> Result<(), Fault> {
        let heap = &mut self.heap;
        let (a, b) = (
            heap.load(object, 8, Width::Ref)?,
            heap.load(object, 16, Width::Ref)?,
        );
        heap.barrier(object)?;
        heap.store(object, 8, Width::Ref, b)?;
        heap.store(object, 16, Width::Ref, a)?;
        self.count(object)
    }
    fn count(&mut self, object: u64) -> Result<(), Fault> {
        let n = self.heap.load(object, 32, Width::I64)?;
        self.heap.store(object, 32, Width::I64, n.wrapping_add(1))
    }
}
impl Memory for World {
    fn alloc(&mut self, ty: &TypeDescr) -> Result<u64, Fault> {
        self.heap.alloc(ty)
    }
    fn alloc_array(&mut self, array: &ArrayDescr, len: i64) -> Result<u64, Fault> {
        self.heap.alloc_array(array, len)
    }
    fn load(&self, object: u64, offset: u64, width: Width) -> Result<u64, Fault> {
        self.heap.load(object, offset, width)
    }
    fn store(&mut self, object: u64, offset: u64, width: Width, bits: u64) -> Result<(), Fault> {
        self.heap.store(object, offset, width, bits)
    }
    fn barrier(&mut self, object: u64) -> Result<(), Fault> {
        self.heap.barrier(object)
    }
    fn barrier_item(&mut self, object: u64, array: &ArrayDescr, index: u64) -> Result<(), Fault> {
        self.heap.barrier_item(object, array, index)
    }
    fn call(&mut self, callee: &CallDescr, args: &[u64], _live: VisitRefs) -> Result<Ret, Fault> {
        if callee.effects.ends_barriers() {
            self.heap.safepoint();
        }
        let is_node = args[0] != 0 && callee.params[0] == Ty::Ref && self.type_id(args[0]) == 5;
        let mut exc = 0;
        let value = match &*callee.name {
            "bump" => {
                self.count(args[0])?;
                let b = self.heap.load(args[0], 16, Width::Ref)?;
                self.heap.barrier(args[0])?;
                self.heap.store(args[0], 8, Width::Ref, b)?;
                0
            }
            "any" => {
                if is_node {
                    self.swap_and_count(args[0])?;
                }
                args[1]
            }
            "pure" => (args[0] ^ args[1]).wrapping_mul(5) & 0xff,
            "raise" => {
                if args[0] != 0
                    && self.type_id(args[0]) == 3
                    && self.heap.load(args[0], 8, Width::I64)? % 4 == 0
                {
                    exc = self.int(77);
                }
                args[0]
            }
            other => panic!("no callee {other}"),
        };
        Ok(Ret { value, exc })
    }
    fn wants_attention(&mut self) -> bool {
        self.heap.wants_attention()
    }
    fn is_invalidated(&self) -> bool {
        self.heap.is_invalidated()
    }
}

/// Registers and everything reachable, boxes by value: what somebody can tell apart.
pub fn fingerprint(world: &World, registers: &[u64]) -> String {
    let mut seen: Vec<u64> = Vec::new();
    let mut text = String::new();
    let show = |v: u64, seen: &mut Vec<u64>| -> String {
        if v == 0 {
            return "null".into();
        }
        let load = |offset, width| world.heap.load(v, offset, width).expect("an object");
        match world.type_id(v) {
            3 => format!("{}", load(8, Width::I64) as i64),
            4 => format!("{:?}", f64::from_bits(load(8, Width::F64))),
            _ => {
                let at = seen.iter().position(|s| *s == v).unwrap_or_else(|| {
                    seen.push(v);
                    seen.len() - 1
                });
                format!("o{at}")
            }
        }
    };
    for r in registers {
        text += &show(*r, &mut seen);
        text += " ";
    }
    let mut next = 0;
    while next < seen.len() && next < 400 {
        let o = seen[next];
        let load = |offset, width| world.heap.load(o, offset, width).expect("an object");
        text += &format!("\no{next}:");
        if world.type_id(o) == 5 {
            for offset in [8, 16, 24] {
                text += &format!(" {}", show(load(offset, Width::Ref), &mut seen));
            }
            text += &format!(
                " n={} u={}",
                load(32, Width::I64) as i64,
                load(40, Width::U8)
            );
        } else {
            for i in 0..load(8, Width::I64) {
                text += &format!(" {}", show(load(16 + 8 * i, Width::Ref), &mut seen));
            }
        }
        next += 1;
    }
    text
}
