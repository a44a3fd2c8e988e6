//! The disassembler.

use std::fmt::Write;

use crate::code::{CodeData, Const};
use crate::opcode::{Flags, Op, Regs};

/// Text of a code object and of those inside of it.
pub fn disassemble(code: &CodeData) -> String {
    let mut out = String::new();
    write_code(code, &mut out);
    out
}

fn write_code(code: &CodeData, out: &mut String) {
    let _ = writeln!(out, "{}:", code.qualname);
    let mut targets = vec![false; code.ins.len()];
    for (pc, i) in code.ins.iter().enumerate() {
        if let Some(t) = i.target(pc) {
            targets[t] = true;
        }
    }
    for h in &code.handled {
        targets[h.target as usize] = true;
    }
    let mut line = 0;
    for (pc, i) in code.ins.iter().enumerate() {
        let at = code.positions[pc].line;
        let shown = if at == line {
            String::new()
        } else {
            at.to_string()
        };
        line = at;
        let mark = if targets[pc] { '>' } else { ' ' };
        let _ = write!(out, "{shown:>4} {mark}{pc:<3} {:<15}", i.op.info().name);
        let mut parts: Vec<String> = Vec::new();
        let info = i.op.info();
        let all = || info.writes.iter().chain(info.reads);
        let uses = |regs: &[Regs]| all().any(|r| regs.contains(r));
        use Regs::*;
        let in_place = matches!(i.op, Op::MakeCell | Op::CopyFreeVars | Op::DeleteLocal);
        if in_place || uses(&[A, A2, A3, AC, ACD, WINDOW]) {
            parts.push(register(code, i.a));
        }
        if uses(&[B, BC, BC2, FUNC, CALL, METHOD]) {
            parts.push(register(code, i.b));
        }
        if uses(&[C, WINDOWC]) {
            parts.push(register(code, i.c));
        } else if uses(&[AC, ACD, BC, BC2, CALL, METHOD, FUNC]) || i.c != 0 {
            parts.push(format!("#{}", i.c));
        }
        if i.op.has(Flags::KONST_D) {
            parts.push(constant(&code.consts[i.d as usize]));
        } else if i.op.has(Flags::NAME_D) {
            parts.push(format!(".{}", code.names[i.d as usize]));
        } else if i.op.has(Flags::JUMP) {
            if i.op.has(Flags::KONST_E) {
                parts.push(constant(&code.consts[i.e as usize]));
            }
            parts.push(format!("-> {}", pc as i64 + i64::from(i.d)));
        } else if i.d != 0 {
            parts.push(format!("d={}", i.d));
        }
        let _ = writeln!(out, " {}", parts.join(", "));
    }
    for h in &code.handled {
        let _ = writeln!(
            out,
            "     handled {}..{} -> {} in {}",
            h.from,
            h.to,
            h.target,
            register(code, h.reg)
        );
    }
    for c in &code.consts {
        write_inner(c, out);
    }
}

fn write_inner(value: &Const, out: &mut String) {
    if let Const::Code(code) = value {
        write_code(code, out);
    }
}

/// A register by the name of its variable, if it has one.
fn register(code: &CodeData, r: u16) -> String {
    match usize::from(r)
        .checked_sub(1)
        .and_then(|i| code.locals.get(i))
    {
        Some(l) if !l.name.is_empty() => format!("{}@{r}", l.name),
        _ => format!("r{r}"),
    }
}

/// A constant as Python writes it, more or less.
pub fn constant(value: &Const) -> String {
    let list = |items: &[Const]| items.iter().map(constant).collect::<Vec<_>>().join(", ");
    match value {
        Const::None => "None".into(),
        Const::Ellipsis => "...".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt(t) => format!("0x{t}"),
        Const::Float(f) => format!("{f:?}"),
        Const::Complex(r, i) => format!("({r:?}+{i:?}j)"),
        Const::Str(s) => format!("{:?}", String::from_utf8_lossy(s)),
        Const::Bytes(s) => format!("b{:?}", String::from_utf8_lossy(s)),
        Const::Tuple(items) => format!("({})", list(items)),
        Const::FrozenSet(items) => format!("frozenset({})", list(items)),
        Const::Code(code) => format!("<code {}>", code.qualname),
        Const::Names(names) => format!("<{}>", names.join(" ")),
    }
}
