//! One random operation of each kind, with operands that make it right, and mostly such that a guard holds in later
//! iterations too.

use super::exits::Pending;
use super::generate::{Generator, Obj};
use super::world::{Callee, Class};
use crate::descr::DescrId;
use crate::exit::ExitId;
use crate::ops::Opcode;
use crate::trace::{Arg, Ty};

/// How often operands are chosen anew if a guard would leave.
const TRIES: u32 = 6;

impl Generator {
    /// Appends the operation with what it needs before it, or nothing if that is impossible here.
    pub(super) fn random_op(&mut self, code: Opcode) {
        use Opcode::*;
        match code {
            IntAdd | IntSub | IntMul | IntAnd | IntOr | IntXor | IntMulhi => {
                let args = [self.int(), self.int()];
                self.push_int(code, &args);
            }
            IntNeg | IntInvert => {
                let a = self.int();
                self.push_int(code, &[a]);
            }
            IntShl | IntShr | IntUshr => {
                let a = self.int();
                let count = if self.rng.chance(50) {
                    let count = self.rng.below(64) as i64;
                    self.trace.int(count)
                } else {
                    self.masked(63)
                };
                self.push_int(code, &[a, count]);
            }
            IntFloordiv | IntMod => {
                let a = self.int();
                let divisor = if self.rng.chance(60) {
                    let divisor = self.rng.pick(&[
                        1,
                        2,
                        3,
                        7,
                        10,
                        -2,
                        -5,
                        -64,
                        1 << 40,
                        128,
                        i64::MIN,
                        i64::MAX,
                    ]);
                    self.trace.int(divisor)
                } else {
                    let masked = self.masked(255);
                    let one = self.trace.int(1);
                    self.emit_pure(IntOr, &[masked, one])
                };
                self.push_int(code, &[a, divisor]);
            }
            IntAddOvf | IntSubOvf | IntMulOvf => self.checked_arithmetic(code),
            FloatAdd | FloatSub | FloatMul | FloatDiv => {
                let args = [self.float(), self.float()];
                self.push_float(code, &args);
            }
            FloatNeg | FloatAbs | FloatSqrt => {
                let a = self.float();
                self.push_float(code, &[a]);
            }
            IntToFloat => {
                let a = self.int();
                self.push_float(code, &[a]);
            }
            FloatToInt => {
                if let Some(a) = self.float_in_range() {
                    self.push_int(code, &[a]);
                }
            }
            GuardIntEq | GuardIntNe | GuardIntLt | GuardIntLe | GuardIntGt | GuardIntGe
            | GuardIntUlt | GuardIntUge => {
                self.int_guard(code);
            }
            GuardAddOverflows | GuardSubOverflows | GuardMulOverflows => self.overflow_guard(code),
            GuardFloatLt | GuardFloatNotLt | GuardFloatLe | GuardFloatNotLe | GuardFloatEq
            | GuardFloatNe => {
                self.float_guard(code);
            }
            GuardPtrEq | GuardPtrNe => self.pointer_guard(code),
            GuardNull => {
                let a = match self.any_ref(Class::MaybeNode, 0) {
                    Some(o) if self.state.get(o.arg) == 0 => o.arg,
                    _ => self.trace.null(),
                };
                self.emit_exit(code, &[a]);
            }
            GuardNonnull => {
                let o = match self.any_ref(Class::MaybeNode, 0) {
                    Some(o) => o,
                    None => match self.a_ref() {
                        Some(o) => o,
                        None => return,
                    },
                };
                if self.emit_exit(code, &[o.arg]).is_some() && o.class == Class::MaybeNode {
                    self.know(o.arg, Class::Node, 0);
                }
            }
            GuardClass => {
                let with_type = self
                    .refs
                    .iter()
                    .filter(|o| self.world.type_of(o.class).is_some());
                let with_type: Vec<Obj> = with_type.copied().collect();
                if with_type.is_empty() {
                    return;
                }
                let o = self.rng.pick(&with_type);
                let ty = self.world.type_of(o.class).expect("filtered");
                let exit = self.exit(Pending::Nothing);
                self.emit(code, &[o.arg], ty, exit);
            }
            GuardNotInvalidated | Poll => {
                self.emit_exit(code, &[]);
            }
            New => self.new_object(),
            NewArray => {
                self.new_array();
            }
            Getfield => self.get_field(),
            Setfield => self.set_field(),
            Barrier => {
                if let Some(o) = self.a_ref().filter(|o| o.class != Class::MaybeNode) {
                    self.emit(code, &[o.arg], DescrId::NONE, ExitId::NONE);
                    self.clean.insert(o.arg);
                }
            }
            Getitem | Setitem | BarrierItem => self.item(code),
            Call | CallRaises => self.call(code),
            At => {
                let args = [0x1000, self.rng.below(100) as i64, self.rng.below(3) as i64];
                let args = args.map(|n| self.trace.int(n));
                self.emit_pure(code, &args);
            }
            Keepalive => {
                if let Some(o) = self.a_ref() {
                    self.emit(code, &[o.arg], DescrId::NONE, ExitId::NONE);
                }
            }
            // The generator decides where a trace is entered and ends.
            Label | Jump | Finish | Return | ReturnLeaf => {}
        }
    }

    fn push_int(&mut self, code: Opcode, args: &[Arg]) {
        let result = self.emit_pure(code, args);
        self.ints.push(result);
    }
    fn push_float(&mut self, code: Opcode, args: &[Arg]) {
        let result = self.emit_pure(code, args);
        self.floats.push(result);
    }
    /// Any int and a mask, which is 2^n - 1.
    fn masked(&mut self, mask: i64) -> Arg {
        let a = self.int();
        let mask = self.trace.int(mask);
        let masked = self.emit_pure(Opcode::IntAnd, &[a, mask]);
        self.ints.push(masked);
        masked
    }
    fn a_ref(&mut self) -> Option<Obj> {
        if self.refs.is_empty() {
            None
        } else {
            Some(self.rng.pick(&self.refs))
        }
    }

    // ---- arithmetic that leaves, guards

    fn checked_arithmetic(&mut self, code: Opcode) {
        let mut args = [self.int(), self.int()];
        if self.rng.chance(60) {
            args = [self.masked(0xffff), self.masked(0xff)];
        }
        if let Some(result) = self.emit_exit(code, &args) {
            self.ints.push(result);
        }
    }

    fn int_guard(&mut self, code: Opcode) {
        use Opcode::*;
        if self.rng.chance(25) {
            for _ in 0..TRIES {
                let args = [self.int(), self.int()];
                if self.emit_exit(code, &args).is_some() {
                    return;
                }
            }
        }
        let mask = self.rng.pick(&[1i64, 7, 255, 0xffff, 0xf_ffff_ffff]);
        let a = if code == GuardIntEq && !self.invariant_ints.is_empty() && self.rng.chance(50) {
            self.rng.pick(&self.invariant_ints)
        } else {
            self.masked(mask)
        };
        let more = self.rng.below(5) as i64;
        let mut constant = |value: i64| self.trace.int(value);
        let args = match code {
            GuardIntLt => [a, constant(mask + 1 + more)],
            GuardIntLe => [a, constant(mask + more)],
            GuardIntGt => [constant(mask + 1 + more), a],
            GuardIntGe => [constant(mask + more), a],
            GuardIntUlt => [a, constant(if more == 0 { -1 } else { mask + more })],
            GuardIntUge => [constant(if more == 0 { -1 } else { mask + more }), a],
            GuardIntNe => [a, constant(-1 - more)],
            // What the value is now; exact in later iterations only for invariants.
            _ => [a, constant(self.state.get(a) as i64)],
        };
        self.emit_exit(code, &args);
    }

    fn overflow_guard(&mut self, code: Opcode) {
        if self.rng.chance(30) {
            let args = [self.int(), self.int()];
            if self.emit_exit(code, &args).is_some() {
                return;
            }
        }
        let masked = self.masked(255);
        let (extreme, at_least) = match code {
            Opcode::GuardSubOverflows => (i64::MIN, 1),
            Opcode::GuardMulOverflows => (1 << 62, 2),
            _ => (i64::MAX, 1),
        };
        let at_least = self.trace.int(at_least);
        let b = self.emit_pure(Opcode::IntOr, &[masked, at_least]);
        let a = self.trace.int(extreme);
        self.emit_exit(code, &[a, b])
            .expect("it overflows by construction");
    }

    fn float_guard(&mut self, code: Opcode) {
        use Opcode::*;
        if self.rng.chance(35) {
            for _ in 0..TRIES {
                let args = [self.float(), self.float()];
                if self.emit_exit(code, &args).is_some() {
                    return;
                }
            }
        }
        let masked = self.masked(255);
        let a = self.emit_pure(IntToFloat, &[masked]);
        self.floats.push(a);
        let large = self.rng.pick(&[256.0, 1e10, f64::INFINITY]);
        let large = self.trace.float(large);
        let nan = self.trace.float(f64::NAN);
        let other = if self.rng.chance(40) {
            nan
        } else {
            self.trace.float(-1.5)
        };
        let args = match code {
            GuardFloatLt | GuardFloatLe => [a, large],
            GuardFloatNotLt | GuardFloatNotLe if other == nan => [nan, a],
            GuardFloatNotLt | GuardFloatNotLe => [large, a],
            GuardFloatNe => [a, other],
            _ => [a, a],
        };
        self.emit_exit(code, &args)
            .expect("it holds by construction");
    }

    /// A float whose truncation fits.
    fn float_in_range(&mut self) -> Option<Arg> {
        if self.rng.chance(50) {
            let masked = self.masked(0xf_ffff);
            let a = self.emit_pure(Opcode::IntToFloat, &[masked]);
            let quarter = self.trace.float(0.25);
            return Some(self.emit_pure(Opcode::FloatMul, &[a, quarter]));
        }
        let a = self.float();
        let (low, high) = (self.trace.float(-1e15), self.trace.float(1e15));
        self.emit_exit(Opcode::GuardFloatLt, &[a, high])?;
        self.emit_exit(Opcode::GuardFloatLe, &[low, a])?;
        Some(a)
    }

    fn pointer_guard(&mut self, code: Opcode) {
        // Boxes have no identity, so their addresses are never compared.
        let boxed = |o: &Obj| matches!(o.class, Class::WInt | Class::WFloat);
        let candidates: Vec<Obj> = self.refs.iter().filter(|o| !boxed(o)).copied().collect();
        if candidates.is_empty() {
            return;
        }
        for _ in 0..TRIES {
            let (a, b) = (self.rng.pick(&candidates), self.rng.pick(&candidates));
            if (code == Opcode::GuardPtrEq) == (self.state.get(a.arg) == self.state.get(b.arg)) {
                self.emit_exit(code, &[a.arg, b.arg]);
                return;
            }
        }
    }

    // ---- heap

    fn new_object(&mut self) {
        match self.rng.below(4) {
            0 => {
                let int = self.int();
                self.box_int(int);
            }
            1 => {
                let float = self.float();
                self.box_float(float);
            }
            n => {
                let (class, ty) = if n == 2 {
                    (Class::Node, self.world.node)
                } else {
                    (Class::Error, self.world.error)
                };
                let object = self
                    .emit(Opcode::New, &[], ty, ExitId::NONE)
                    .expect("it cannot leave");
                self.clean.insert(object);
                self.know(object, class, 0);
            }
        }
    }
    fn new_array(&mut self) {
        let (class, descr, _) = self.rng.pick(&self.world.arrays);
        let (len, min_len) = if self.rng.chance(70) {
            let len = self.rng.below(9) as u32;
            (self.trace.int(len.into()), len)
        } else {
            let masked = self.masked(7);
            let four = self.trace.int(4);
            (self.emit_pure(Opcode::IntAdd, &[masked, four]), 4)
        };
        let array = self
            .emit(Opcode::NewArray, &[len], descr, ExitId::NONE)
            .expect("it cannot leave");
        self.clean.insert(array);
        self.know(array, class, min_len);
    }
    fn get_field(&mut self) {
        let Some(o) = self.a_ref() else { return };
        let field = match o.class {
            Class::WInt => self.world.int_value,
            Class::WFloat => self.world.float_value,
            Class::Node if self.rng.chance(30) => self.world.next,
            Class::Node => self.rng.pick(&self.world.node_fields).0,
            Class::MaybeNode | Class::Error => return,
            Class::Ints | Class::Floats | Class::Refs | Class::Bytes => {
                self.world.array(o.class).expect("an array").1
            }
        };
        let result = self
            .emit(Opcode::Getfield, &[o.arg], field, ExitId::NONE)
            .expect("it cannot leave");
        match self.trace.type_of(result) {
            Ty::Int => self.ints.push(result),
            Ty::Float => self.floats.push(result),
            Ty::Ref => self.know(result, Class::MaybeNode, 0),
        }
    }
    fn set_field(&mut self) {
        let Some(o) = self.any_ref(Class::Node, 0) else {
            return;
        };
        if self.rng.chance(35) {
            let value = self.node_or_null();
            if !self.clean.contains(&o.arg) {
                self.emit(Opcode::Barrier, &[o.arg], DescrId::NONE, ExitId::NONE);
                self.clean.insert(o.arg);
            }
            self.emit(
                Opcode::Setfield,
                &[o.arg, value],
                self.world.next,
                ExitId::NONE,
            );
            return;
        }
        let writable: Vec<_> = self
            .world
            .node_fields
            .iter()
            .filter(|f| f.1)
            .map(|f| f.0)
            .collect();
        let field = self.rng.pick(&writable);
        let float = self.trace.field(field).width.ty() == Ty::Float;
        let value = if float { self.float() } else { self.int() };
        self.emit(Opcode::Setfield, &[o.arg, value], field, ExitId::NONE);
    }
    fn item(&mut self, code: Opcode) {
        let arrays: Vec<Obj> = self
            .refs
            .iter()
            .filter(|o| o.min_len > 0 && self.world.array(o.class).is_some())
            .copied()
            .collect();
        if arrays.is_empty() {
            self.new_array();
            return;
        }
        let o = self.rng.pick(&arrays);
        let (descr, _) = self.world.array(o.class).expect("filtered");
        let index = if self.rng.chance(50) {
            let index = self.rng.below(o.min_len.into()) as i64;
            self.trace.int(index)
        } else {
            // The largest 2^n - 1 that is below the length.
            self.masked((1 << o.min_len.ilog2()) - 1)
        };
        match code {
            Opcode::Getitem => {
                let result = self
                    .emit(code, &[o.arg, index], descr, ExitId::NONE)
                    .expect("it cannot leave");
                match o.class {
                    Class::Floats => self.floats.push(result),
                    Class::Refs => self.know(result, Class::MaybeNode, 0),
                    _ => self.ints.push(result),
                }
            }
            Opcode::Setitem => {
                let value = match o.class {
                    Class::Floats => self.float(),
                    Class::Refs => self.node_or_null(),
                    _ => self.int(),
                };
                if o.class == Class::Refs && !self.clean.contains(&o.arg) {
                    self.emit(Opcode::BarrierItem, &[o.arg, index], descr, ExitId::NONE);
                }
                self.emit(code, &[o.arg, index, value], descr, ExitId::NONE);
            }
            _ => {
                self.emit(code, &[o.arg, index], descr, ExitId::NONE);
            }
        }
    }

    // ---- calls

    fn call(&mut self, code: Opcode) {
        let (callee, descr) = match code {
            Opcode::CallRaises => *self
                .world
                .callees
                .iter()
                .find(|c| c.0 == Callee::Checked)
                .expect("it is there"),
            // Half of the calls may raise or collect: those are the hard ones.
            _ if self.rng.chance(50) => {
                let callee = self.rng.pick(&[Callee::Checked, Callee::Collect]);
                *self
                    .world
                    .callees
                    .iter()
                    .find(|c| c.0 == callee)
                    .expect("it is there")
            }
            _ => self.rng.pick(&self.world.callees),
        };
        let args = match callee {
            Callee::Add => vec![self.int(), self.int()],
            Callee::Mix => vec![self.float(), self.int()],
            Callee::Many => {
                let mut args: Vec<Arg> = (0..8).map(|_| self.int()).collect();
                args.push(self.float());
                args
            }
            Callee::Bump => match self.any_ref(Class::Node, 0) {
                Some(o) => vec![o.arg],
                None => return,
            },
            Callee::Collect => vec![self.int()],
            Callee::Checked => return self.checked_call(code, descr),
            Callee::Same => return self.same_call(descr),
            Callee::Nothing => vec![],
            Callee::Half => vec![self.float()],
            Callee::Blend => vec![self.float(), self.float()],
        };
        let result = self
            .emit_call(code, &args, descr, ExitId::NONE)
            .expect("it cannot raise");
        if self.trace.call(descr).effects.ends_barriers() {
            self.clean.clear();
        }
        if !result.is_some() {
            return;
        }
        match self.trace.type_of(result) {
            Ty::Int => self.ints.push(result),
            Ty::Float => self.floats.push(result),
            Ty::Ref => unreachable!("handled in same_call"),
        }
    }
    fn same_call(&mut self, descr: DescrId) {
        let Some(o) = self.a_ref() else { return };
        let result = self
            .emit_call(Opcode::Call, &[o.arg], descr, ExitId::NONE)
            .expect("it cannot raise");
        if self.trace.call(descr).effects.ends_barriers() {
            self.clean.clear();
        }
        self.know(result, o.class, o.min_len);
    }
    fn checked_call(&mut self, code: Opcode, descr: DescrId) {
        let error = match self.any_ref(Class::Error, 0) {
            Some(o) => o.arg,
            None => {
                let error = self
                    .emit(Opcode::New, &[], self.world.error, ExitId::NONE)
                    .expect("it cannot leave");
                self.clean.insert(error);
                self.know(error, Class::Error, 0);
                error
            }
        };
        let a = self.int();
        let raises = code == Opcode::CallRaises;
        let a = if self.rng.chance(25) {
            a
        } else if raises {
            let three = self.trace.int(3);
            self.emit_pure(Opcode::IntShl, &[a, three])
        } else {
            let one = self.trace.int(1);
            self.emit_pure(Opcode::IntOr, &[a, one])
        };
        let exit = self.exit(if raises {
            Pending::Value
        } else {
            Pending::Raise
        });
        match self.emit_call(code, &[a, error], descr, exit) {
            Some(result) if raises => self.know(result, Class::Error, 0),
            Some(result) => self.ints.push(result),
            None => {}
        }
    }
}
