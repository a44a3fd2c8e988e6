//! One source for interpreter and recorder: every operation is executed, and recorded if asked.

use crate::program::{Code, Ins, REGISTERS};
use crate::schema::*;
use ouro_ir::irexec::Memory;
use ouro_ir::{Arg, DescrId, Entry, Exit, ExitId, Frame, Opcode, Trace, Ty, Width};
use std::sync::Arc;

/// Registers of the outer frame.
pub const OUTER: usize = 3;

/// Bits, and the recorded operand if there is a recording.
pub type V = (u64, Arg);

pub struct Machine<'w> {
    pub world: &'w mut World,
    pub recording: Option<Trace>,
    exit: ExitId,
    entry: Entry,
    outer: Option<Arc<Frame>>,
}

/// What follows an instruction.
pub enum Next {
    At(usize),
    Header,
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Int,
    Float,
    Node,
    Tuple,
}

impl<'w> Machine<'w> {
    pub fn new(world: &'w mut World, recording: Option<Trace>) -> Self {
        Machine {
            world,
            recording,
            exit: ExitId::NONE,
            entry: Entry::Start,
            outer: None,
        }
    }
    fn begin_step(&mut self, pc: usize, registers: &[V]) {
        let entry = self.entry;
        if let Some(trace) = &mut self.recording {
            // The outer frame holds the first registers; exits share it as long as those stay.
            let (outer, inner) = registers.split_at(OUTER);
            let live = |part: &[V]| {
                part.iter()
                    .enumerate()
                    .map(|(r, v)| (r as u16, v.1))
                    .collect()
            };
            let frame = |pc: usize, base: usize, part: &[V]| -> Arc<Frame> {
                let (pc, base) = (pc as u32, base as u32);
                Arc::new(Frame {
                    code: 1,
                    pc,
                    step: 0,
                    base,
                    live: live(part),
                })
            };
            let same = self
                .outer
                .as_ref()
                .filter(|f| f.live.iter().zip(outer).all(|(l, v)| l.1 == v.1));
            let shared = same.cloned().unwrap_or_else(|| frame(0, 0, outer));
            self.outer = Some(shared.clone());
            let frames = [shared, frame(pc, OUTER, inner)].into_iter().collect();
            self.exit = trace.add_exit(Exit {
                frames,
                entry,
                virtuals: Vec::new(),
            });
        }
    }
    fn with_entry(&mut self, pc: usize, registers: &[V], entry: Entry) {
        self.entry = entry;
        self.begin_step(pc, registers);
        self.entry = Entry::Start;
    }
    fn op(&mut self, code: Opcode, args: &[V], descr: DescrId, exit: bool) -> Arg {
        let exit = if exit { self.exit } else { ExitId::NONE };
        match &mut self.recording {
            Some(trace) => {
                let args: Vec<Arg> = args.iter().map(|v| v.1).collect();
                if matches!(code, Opcode::Call | Opcode::CallRaises) {
                    trace.push_pool(code, &args, descr, exit)
                } else {
                    trace.push(code, &args, descr, exit)
                }
            }
            None => Arg::NONE,
        }
    }
    fn guard(&mut self, code: Opcode, args: &[V]) {
        self.op(code, args, DescrId::NONE, true);
    }
    pub fn poll(&mut self) {
        self.guard(Opcode::Poll, &[]);
    }
    fn constant(&mut self, ty: Ty, bits: u64) -> V {
        let a = self
            .recording
            .as_mut()
            .map_or(Arg::NONE, |t| t.consts.intern(ty, bits));
        (bits, a)
    }
    fn kind(&mut self, v: V) -> Kind {
        if v.0 == 0 {
            self.guard(Opcode::GuardNull, &[v]);
            return Kind::Null;
        }
        self.guard(Opcode::GuardNonnull, &[v]);
        let (kind, descr) = match self.world.type_id(v.0) {
            3 => (Kind::Int, WINT),
            4 => (Kind::Float, WFLOAT),
            5 => (Kind::Node, NODE),
            _ => (Kind::Tuple, TUPLE_TYPE),
        };
        self.op(Opcode::GuardClass, &[v], descr, true);
        kind
    }
    fn get(&mut self, v: V, field: DescrId) -> V {
        let (offset, width) = place(field);
        let bits = self.world.heap.load(v.0, offset, width).expect("an object");
        (bits, self.op(Opcode::Getfield, &[v], field, false))
    }
    fn set(&mut self, object: V, field: DescrId, v: V, barrier: bool) {
        if barrier {
            self.world.heap.barrier(object.0).expect("an object");
            self.op(Opcode::Barrier, &[object], DescrId::NONE, false);
        }
        let (offset, width) = place(field);
        self.world
            .heap
            .store(object.0, offset, width, v.0)
            .expect("an object");
        self.op(Opcode::Setfield, &[object, v], field, false);
    }
    fn alloc(&mut self, descr: DescrId, type_id: u32, bytes: u64) -> V {
        (
            self.world.heap.add(type_id, bytes),
            self.op(Opcode::New, &[], descr, false),
        )
    }
    fn boxed(&mut self, v: V, float: bool) -> V {
        let (descr, id, leaf) = if float {
            (WFLOAT, 4, FLOAT_VALUE)
        } else {
            (WINT, 3, INT_VALUE)
        };
        let object = self.alloc(descr, id, 16);
        self.set(object, leaf, v, false);
        object
    }
    fn pure(&mut self, code: Opcode, bits: u64, args: &[V]) -> V {
        (bits, self.op(code, args, DescrId::NONE, false))
    }
    fn arithmetic(&mut self, code: Code, a: V, b: V) -> V {
        match (self.kind(a), self.kind(b)) {
            (Kind::Int, Kind::Int) => {
                let (x, y) = (self.get(a, INT_VALUE), self.get(b, INT_VALUE));
                self.ints(code, x, y).unwrap_or(a)
            }
            (Kind::Float, Kind::Float) => {
                let (x, y) = (self.get(a, FLOAT_VALUE), self.get(b, FLOAT_VALUE));
                let (f, g) = (f64::from_bits(x.0), f64::from_bits(y.0));
                let (op, r) = match code {
                    Code::Add => (Opcode::FloatAdd, f + g),
                    Code::Sub => (Opcode::FloatSub, f - g),
                    _ => (Opcode::FloatMul, f * g),
                };
                let r = self.pure(op, r.to_bits(), &[x, y]);
                self.boxed(r, true)
            }
            _ => b,
        }
    }
    fn ints(&mut self, code: Code, x: V, y: V) -> Option<V> {
        let (i, j) = (x.0 as i64, y.0 as i64);
        let (op, overflows, r) = match code {
            Code::Add | Code::AddK => (
                Opcode::IntAddOvf,
                Opcode::GuardAddOverflows,
                i.checked_add(j),
            ),
            Code::Sub => (
                Opcode::IntSubOvf,
                Opcode::GuardSubOverflows,
                i.checked_sub(j),
            ),
            _ => (
                Opcode::IntMulOvf,
                Opcode::GuardMulOverflows,
                i.checked_mul(j),
            ),
        };
        let Some(r) = r else {
            self.guard(overflows, &[x, y]);
            return None;
        };
        let r = (r as u64, self.op(op, &[x, y], DescrId::NONE, true));
        Some(self.boxed(r, false))
    }

    /// Executes the instruction at `pc`; `limit` ends the loop.
    pub fn step(&mut self, code: &[Ins], pc: usize, r: &mut [V; REGISTERS], limit: i64) -> Next {
        let ins = code[pc];
        self.begin_step(pc, r.as_slice());
        let (a, b) = (r[ins.a], r[ins.b]);
        match ins.code {
            Code::Add | Code::Sub | Code::Mul => r[ins.d] = self.arithmetic(ins.code, a, b),
            Code::AddK | Code::FloorDivK | Code::ModK | Code::And | Code::Xor | Code::Shl => {
                if self.kind(a) == Kind::Int {
                    let x = self.get(a, INT_VALUE);
                    let i = x.0 as i64;
                    let k = self.constant(Ty::Int, ins.k as u64);
                    let divisor = self.constant(Ty::Int, ins.k.max(2) as u64);
                    let shift = self.constant(Ty::Int, ins.k as u64 & 7);
                    let value = match ins.code {
                        Code::AddK => {
                            r[ins.d] = self.ints(Code::AddK, x, k).unwrap_or(a);
                            return Next::At(pc + 1);
                        }
                        Code::FloorDivK => self.pure(
                            Opcode::IntFloordiv,
                            i.div_euclid(divisor.0 as i64) as u64,
                            &[x, divisor],
                        ),
                        Code::ModK => self.pure(
                            Opcode::IntMod,
                            i.rem_euclid(divisor.0 as i64) as u64,
                            &[x, divisor],
                        ),
                        Code::And => self.pure(Opcode::IntAnd, x.0 & k.0, &[x, k]),
                        Code::Xor => self.pure(Opcode::IntXor, x.0 ^ k.0, &[x, k]),
                        _ => self.pure(Opcode::IntShl, x.0 << shift.0, &[x, shift]),
                    };
                    r[ins.d] = self.boxed(value, false);
                }
            }
            Code::ToFloat => {
                if self.kind(a) == Kind::Int {
                    let x = self.get(a, INT_VALUE);
                    let f = self.pure(Opcode::IntToFloat, (x.0 as i64 as f64).to_bits(), &[x]);
                    r[ins.d] = self.boxed(f, true);
                }
            }
            Code::Move => r[ins.d] = a,
            Code::New => {
                let node = self.alloc(NODE, 5, 56);
                self.set(node, NODE_FIELDS[0], a, true);
                if ins.k != 0 {
                    self.set(node, NODE_FIELDS[1], b, true);
                }
                match ins.k {
                    7 => self.set(node, NODE_FIELDS[2], node, true),
                    -1 => {}
                    _ => self.set(node, NODE_FIELDS[2], r[ins.c], true),
                }
                r[ins.d] = node;
            }
            Code::Get => {
                if self.kind(a) == Kind::Node {
                    r[ins.d] = self.get(a, NODE_FIELDS[ins.k as usize % 3]);
                }
            }
            Code::Set => {
                if self.kind(a) == Kind::Node {
                    self.set(a, NODE_FIELDS[ins.k as usize % 3], b, true);
                }
            }
            Code::GetN | Code::GetU => {
                if self.kind(a) == Kind::Node {
                    let n = self.get(
                        a,
                        if ins.code == Code::GetN {
                            NODE_N
                        } else {
                            NODE_U
                        },
                    );
                    r[ins.d] = self.boxed(n, false);
                }
            }
            Code::SetN | Code::SetU => {
                if self.kind(a) == Kind::Node && self.kind(b) == Kind::Int {
                    let n = self.get(b, INT_VALUE);
                    self.set(
                        a,
                        if ins.code == Code::SetN {
                            NODE_N
                        } else {
                            NODE_U
                        },
                        n,
                        false,
                    );
                }
            }
            Code::Less => {
                let less = match (self.kind(a), self.kind(b)) {
                    (Kind::Int, Kind::Int) => {
                        let (x, y) = (self.get(a, INT_VALUE), self.get(b, INT_VALUE));
                        let less = (x.0 as i64) < y.0 as i64;
                        self.guard(
                            if less {
                                Opcode::GuardIntLt
                            } else {
                                Opcode::GuardIntGe
                            },
                            &[x, y],
                        );
                        less
                    }
                    (Kind::Float, Kind::Float) => {
                        let (x, y) = (self.get(a, FLOAT_VALUE), self.get(b, FLOAT_VALUE));
                        let less = f64::from_bits(x.0) < f64::from_bits(y.0);
                        self.guard(
                            if less {
                                Opcode::GuardFloatLt
                            } else {
                                Opcode::GuardFloatNotLt
                            },
                            &[x, y],
                        );
                        less
                    }
                    _ => true,
                };
                return Next::At(pc + if less || pc + 3 >= code.len() { 1 } else { 2 });
            }
            Code::Same => {
                let identity = |k| matches!(k, Kind::Node | Kind::Tuple | Kind::Null);
                let mut same = false;
                if identity(self.kind(a)) && identity(self.kind(b)) {
                    same = a.0 == b.0;
                    self.guard(
                        if same {
                            Opcode::GuardPtrEq
                        } else {
                            Opcode::GuardPtrNe
                        },
                        &[a, b],
                    );
                }
                return Next::At(pc + if same && pc + 3 < code.len() { 2 } else { 1 });
            }
            Code::Promote => match self.kind(a) {
                Kind::Int => {
                    let x = self.get(a, INT_VALUE);
                    let k = self.constant(Ty::Int, x.0);
                    self.guard(Opcode::GuardIntEq, &[x, k]);
                }
                Kind::Node if ins.k > 2 => {
                    let k = self.constant(Ty::Ref, a.0);
                    self.guard(Opcode::GuardPtrEq, &[a, k]);
                    r[ins.d] = k;
                }
                _ => {}
            },
            Code::MakeTuple => {
                let two = self.constant(Ty::Int, 2);
                let tuple = self.world.heap.add(6, 32);
                self.world
                    .heap
                    .store(tuple, 8, Width::I64, 2)
                    .expect("fresh");
                let tuple = (tuple, self.op(Opcode::NewArray, &[two], TUPLE, false));
                for (i, v) in [a, b].into_iter().enumerate() {
                    let i = self.constant(Ty::Int, i as u64);
                    self.store_item(tuple, i, v);
                }
                r[ins.d] = tuple;
            }
            Code::Item | Code::SetItem => {
                if self.kind(a) == Kind::Tuple {
                    let index = if ins.k > 3 {
                        if self.kind(r[0]) != Kind::Int {
                            return Next::At(pc + 1);
                        }
                        let x = self.get(r[0], INT_VALUE);
                        let one = self.constant(Ty::Int, 1);
                        self.pure(Opcode::IntAnd, x.0 & 1, &[x, one])
                    } else {
                        self.constant(Ty::Int, ins.k as u64)
                    };
                    let len = self.get(a, TUPLE_LEN);
                    if index.0 >= len.0 {
                        self.guard(Opcode::GuardIntUge, &[index, len]);
                        return Next::At(pc + 1);
                    }
                    self.guard(Opcode::GuardIntUlt, &[index, len]);
                    if ins.code == Code::Item {
                        let bits = self
                            .world
                            .heap
                            .load(a.0, 16 + 8 * index.0, Width::Ref)
                            .expect("inside");
                        r[ins.d] = (bits, self.op(Opcode::Getitem, &[a, index], TUPLE, false));
                    } else {
                        self.store_item(a, index, b);
                    }
                }
            }
            Code::Bump => {
                if self.kind(a) == Kind::Node {
                    self.call(BUMP, &[a]);
                }
            }
            Code::Any => r[ins.d] = self.call(ANY, &[a, b]).0,
            Code::Pure => {
                if self.kind(a) == Kind::Int {
                    let x = self.get(a, INT_VALUE);
                    let k = self.constant(Ty::Int, ins.k as u64);
                    let v = self.call(PURE, &[x, k]).0;
                    r[ins.d] = self.boxed(v, false);
                }
            }
            Code::Raise => {
                let callee = DESCRS[RAISE.0 as usize].as_call().expect("a callee");
                let ret = self
                    .world
                    .call(callee, &[a.0], &mut |_| {})
                    .expect("no fault");
                let raised = ret.exc != 0;
                let (code, entry, bits) = if raised {
                    (Opcode::CallRaises, Entry::PendingValue, ret.exc)
                } else {
                    (Opcode::Call, Entry::PendingRaise, ret.value)
                };
                self.with_entry(pc, r.as_slice(), entry);
                r[ins.d] = (bits, self.op(code, &[a], RAISE, true));
            }
            Code::Valid => self.guard(Opcode::GuardNotInvalidated, &[]),
            Code::Loop => {
                if self.kind(r[0]) == Kind::Int {
                    let x = self.get(r[0], INT_VALUE);
                    let k = self.constant(Ty::Int, limit as u64);
                    if x.0 as i64 >= limit {
                        self.guard(Opcode::GuardIntGe, &[x, k]);
                        return Next::Done;
                    }
                    self.guard(Opcode::GuardIntLt, &[x, k]);
                }
                return Next::Header;
            }
        }
        Next::At(pc + 1)
    }
    fn store_item(&mut self, array: V, index: V, v: V) {
        self.world.heap.barrier(array.0).expect("an object");
        self.op(Opcode::BarrierItem, &[array, index], TUPLE, false);
        self.world
            .heap
            .store(array.0, 16 + 8 * index.0, Width::Ref, v.0)
            .expect("inside");
        self.op(Opcode::Setitem, &[array, index, v], TUPLE, false);
    }
    fn call(&mut self, callee: DescrId, args: &[V]) -> (V, bool) {
        let descr = DESCRS[callee.0 as usize].as_call().expect("a callee");
        let bits: Vec<u64> = args.iter().map(|v| v.0).collect();
        let ret = self
            .world
            .call(descr, &bits, &mut |_| {})
            .expect("no fault");
        (
            (ret.value, self.op(Opcode::Call, args, callee, false)),
            ret.exc != 0,
        )
    }
    /// Closes a recording at the header.
    pub fn close(&mut self, registers: &[V; REGISTERS], target: DescrId) {
        self.begin_step(0, registers);
        self.poll();
        let args: Vec<Arg> = registers.iter().map(|v| v.1).collect();
        let trace = self.recording.as_mut().expect("a recording");
        trace.push_pool(Opcode::Jump, &args, target, ExitId::NONE);
    }
}

fn place(field: DescrId) -> (u64, Width) {
    let f = DESCRS[field.0 as usize].as_field().expect("a field");
    (f.offset.into(), f.width)
}
