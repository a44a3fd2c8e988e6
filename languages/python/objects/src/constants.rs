//! Compiler output to machine code: constants become objects, names are interned, liveness becomes register lists.

use crate::Vm;
use crate::code::{KwNames, PyCode, PyCodeInfo};
use dashu_int::IBig;
use ouro_gc::Gc;
use ouro_machine::{CodeParts, Handled};
use ouro_py_syntax::code::CO_OPTIMIZED;
use ouro_py_syntax::{CodeData, Const, LocalKind};
use std::cell::Cell;
use std::sync::Arc;

pub(crate) fn load(vm: &'static Vm, data: &Arc<CodeData>) -> &'static PyCode {
    let filename = &data.filename;
    load_named(vm, data, filename)
}
/// As [`crate::code::load_code`], with another file name.
pub fn load_named(vm: &'static Vm, data: &Arc<CodeData>, filename: &str) -> &'static PyCode {
    let name = |n: &Arc<str>| crate::str::intern(vm, n);
    let mut consts = crate::Temps::new(vm);
    let mut children: Vec<Option<&'static PyCode>> = Vec::new();
    let mut kwnames: Vec<Option<KwNames>> = Vec::new();
    for constant in &data.consts {
        let child = if let Const::Code(c) = constant {
            Some(load_named(vm, c, filename))
        } else {
            None
        };
        children.push(child);
        kwnames.push(if let Const::Names(names) = constant {
            Some(KwNames {
                names: names.iter().map(name).collect(),
                outside: Cell::new(0),
            })
        } else {
            None
        });
        consts.push(match child {
            Some(child) => crate::function::code_object(vm, child),
            None => object(vm, constant),
        });
    }
    let nlocals = data.nlocals;
    let live_sets = data.live.sets.iter().map(|words| {
        let temps = words.iter().enumerate().flat_map(|(w, &bits)| {
            (0..64)
                .filter(move |i| bits >> i & 1 != 0)
                .map(move |i| nlocals + 64 * w as u32 + i)
        });
        (0..nlocals).chain(temps).map(|r| r as u16).collect()
    });
    let optimized = data.flags & CO_OPTIMIZED != 0;
    let total = if optimized { data.total_args() } else { 1 };
    // Generators are entered like other functions: their first instructions make the generator and return it.
    let plain = data.kwonlyargcount == 0 && data.total_args() == data.argcount && optimized;
    let info = PyCodeInfo {
        names: data.names.iter().map(name).collect(),
        params: data
            .locals
            .iter()
            .take(total as usize)
            .filter(|l| l.kind != LocalKind::Namespace)
            .map(|l| name(&l.name))
            .collect(),
        children: children.into(),
        kwnames: kwnames.into(),
        simple: plain,
        argcount: data.argcount,
        object: Cell::new(Gc::NULL),
        filename: filename.into(),
        hidden: &*data.filename == crate::consumers::FILENAME,
        building: Cell::new(0),
        consumers: crate::consumers::Consumers::default(),
        data: data.clone(),
    };
    vm.add_code(CodeParts {
        ins: data.ins.clone(),
        consts: consts.to_vec(),
        sites: data.sites,
        handled: data
            .handled
            .iter()
            .map(|h| Handled {
                from: h.from,
                to: h.to,
                target: h.target,
                reg: u32::from(h.reg),
            })
            .collect(),
        nargs: (total + 1).min(nlocals),
        nlocals,
        nregs: data.nregs,
        live: data.live.at.clone(),
        live_sets: live_sets.collect(),
        info,
    })
}
/// The object of a constant.
pub fn object(vm: &'static Vm, constant: &Const) -> Gc {
    let world = vm.world();
    match constant {
        Const::None => world.none,
        Const::Ellipsis => world.ellipsis,
        Const::True => world.true_,
        Const::False => world.false_,
        Const::Int(v) => crate::int::new(vm, *v),
        Const::BigInt(text) => {
            let (negative, digits) = match text.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, &**text),
            };
            let v = IBig::from_str_radix(digits, 16).unwrap_or(IBig::ZERO);
            crate::int::from_big(vm, &if negative { -v } else { v })
        }
        Const::Float(v) => crate::float::new(vm, *v),
        Const::Complex(re, im) => crate::complex::new(vm, *re, *im),
        // Constants that look like names are interned, as in CPython; the others are found equal by content.
        Const::Str(b)
            if b.len() <= 64 && b.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'_') =>
        {
            crate::str::intern_in(vm, &world.interned, b)
        }
        Const::Str(b) => crate::str::from_wtf8(vm, b),
        Const::Bytes(b) => crate::bytes::new(vm, b),
        Const::Tuple(items) => {
            let mut out = crate::Temps::new(vm);
            items.iter().for_each(|c| out.push(object(vm, c)));
            crate::tuple::new(vm, &out)
        }
        Const::FrozenSet(items) => {
            let s = crate::set::new_frozen(vm);
            for c in items {
                // Constants are hashable and compare without guest code.
                let _ = crate::set::add(vm, s, object(vm, c));
            }
            s
        }
        Const::Code(c) => crate::function::code_object(vm, load(vm, c)),
        Const::Names(names) => {
            let mut out = crate::Temps::new(vm);
            names
                .iter()
                .for_each(|n| out.push(crate::str::intern(vm, n)));
            crate::tuple::new(vm, &out)
        }
    }
}
/// A placeholder code object for the bottom of the guest stack: one instruction that never runs.
pub fn bottom() -> CodeParts<crate::Python> {
    use ouro_py_syntax::{Ins, Liveness, Op, Position};
    let ins = Ins {
        op: Op::ReturnConst,
        a: 0,
        b: 0,
        c: 0,
        d: 0,
        e: 0,
    };
    let data = CodeData {
        name: "<bottom>".into(),
        qualname: "<bottom>".into(),
        filename: "".into(),
        firstlineno: 0,
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        flags: 0,
        names: Vec::new(),
        consts: Vec::new(),
        locals: Vec::new(),
        varnames: Vec::new(),
        cellvars: Vec::new(),
        freevars: Vec::new(),
        ins: vec![ins],
        handled: Vec::new(),
        positions: vec![Position::default()],
        lines: Vec::new(),
        nregs: 0,
        nlocals: 0,
        sites: 0,
        live: Liveness {
            at: vec![0],
            sets: vec![Box::default()],
        },
    };
    CodeParts {
        ins: vec![ins],
        consts: Vec::new(),
        sites: 0,
        handled: Vec::new(),
        nargs: 0,
        nlocals: 0,
        nregs: 0,
        live: vec![0],
        live_sets: vec![Vec::new()],
        info: PyCodeInfo {
            data: Arc::new(data),
            names: Box::default(),
            params: Box::default(),
            children: Box::default(),
            kwnames: Box::default(),
            simple: false,
            argcount: 0,
            object: Cell::new(Gc::NULL),
            filename: "".into(),
            hidden: false,
            building: Cell::new(0),
            consumers: crate::consumers::Consumers::default(),
        },
    }
}
