//! One code object under construction: instructions, labels, registers, constants, protected regions.
//!
//! Registers of temporaries are handed out in stack discipline: take a mark, allocate, release to the mark.

use std::sync::Arc;

use ahash::AHashMap;
use ruff_text_size::{TextRange, TextSize};

use crate::code::Const;
use crate::opcode::{Ins, Op};
use crate::symtable::{ScopeId, Sym};

/// A register number.
pub type Reg = u16;

/// Most registers a function may have.
pub const MAX_REGS: u32 = 65_000;

/// A place in the code that jumps go to; an index of [`Unit::labels`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Label(pub u32);

/// Part of the code whose exceptions go to `target`, still open.
#[derive(Clone, Copy, Debug)]
pub struct Protect {
    pub target: Label,
    pub reg: Reg,
    pub start: u32,
}

/// A closed piece of a protected region.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub from: u32,
    pub to: u32,
    pub target: Label,
    pub reg: Reg,
}

/// What `return`, `break` and `continue` have to leave.
#[derive(Clone, Copy)]
pub enum Block<'a> {
    /// A loop.
    Loop { brk: Label, cont: Label },
    /// A protected region that needs no code to leave.
    Region,
    /// The body of an `except*`, which `return`, `break` and `continue` must not leave.
    Star,
    /// The body of a try with this `finally`.
    Finally(&'a [ruff_python_ast::Stmt]),
    /// The copy of a `finally` body, or a handler, that runs with an exception being handled.
    Handling { save: Reg, name: Option<Sym> },
    /// The body of a `with`.
    With {
        exit: Reg,
        is_async: bool,
        range: TextRange,
    },
}

/// What trace functions are told of an instruction's own line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quiet {
    /// The instruction belongs to the line that was visited last.
    Keep,
    /// Nothing, and whatever comes next counts as another line.
    Reset,
}

/// A code object under construction.
pub struct Unit<'a> {
    pub scope: ScopeId,
    pub name: Arc<str>,
    pub qualname: String,
    pub firstlineno: u32,
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub flags: u32,
    pub ins: Vec<Ins>,
    pub ranges: Vec<TextRange>,
    /// Lines that are visited without an instruction of their own: before which instruction, and an offset in the line.
    pub marks: Vec<(u32, TextSize)>,
    /// Instructions whose own line is not told.
    pub quiet: AHashMap<u32, Quiet>,
    pub labels: Vec<u32>,
    pub rows: Vec<Row>,
    /// Headers of loops with the first register that is free there, in order of position.
    pub headers: Vec<(u32, u32)>,
    pub protects: Vec<Protect>,
    /// Blocks with the number of protects that were open before each.
    pub blocks: Vec<(Block<'a>, usize)>,
    pub consts: Vec<Const>,
    const_index: AHashMap<Vec<u8>, u32>,
    pub names: Vec<Sym>,
    name_index: AHashMap<Sym, u32>,
    /// Registers of named variables.
    pub regs: AHashMap<Sym, Reg>,
    pub nlocals: u32,
    pub next_temp: u32,
    pub max_regs: u32,
    pub sites: u32,
    pub range: TextRange,
    /// Name of the class whose private names are mangled.
    pub class: Option<Arc<str>>,
    pub has_walrus: bool,
    /// Emission is switched off inside of branches that constants exclude.
    pub is_async: bool,
    pub is_generator: bool,
}

impl<'a> Unit<'a> {
    pub fn new(scope: ScopeId, name: Arc<str>, qualname: String, firstlineno: u32) -> Unit<'a> {
        Unit {
            scope,
            name,
            qualname,
            firstlineno,
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            flags: 0,
            ins: Vec::new(),
            ranges: Vec::new(),
            marks: Vec::new(),
            quiet: AHashMap::new(),
            labels: Vec::new(),
            rows: Vec::new(),
            headers: Vec::new(),
            protects: Vec::new(),
            blocks: Vec::new(),
            consts: Vec::new(),
            const_index: AHashMap::new(),
            names: Vec::new(),
            name_index: AHashMap::new(),
            regs: AHashMap::new(),
            nlocals: 1,
            next_temp: 1,
            max_regs: 1,
            sites: 0,
            range: TextRange::default(),
            class: None,
            has_walrus: false,
            is_async: false,
            is_generator: false,
        }
    }

    // ---- instructions and labels

    pub fn here(&self) -> u32 {
        self.ins.len() as u32
    }
    pub fn emit(&mut self, op: Op, a: Reg, b: Reg, c: Reg, d: i32) {
        self.emit_e(op, a, b, c, d, 0);
    }
    pub fn emit_e(&mut self, op: Op, a: Reg, b: Reg, c: Reg, d: i32, e: u32) {
        self.ins.push(Ins { op, a, b, c, d, e });
        self.ranges.push(self.range);
    }
    /// The instruction that was emitted last.
    pub fn last(&mut self) -> &mut Ins {
        self.ins.last_mut().expect("there is one")
    }
    /// Emits with a fresh inline-cache site in e.
    pub fn emit_site(&mut self, op: Op, a: Reg, b: Reg, c: Reg, d: i32) {
        let site = self.sites;
        self.sites += 1;
        self.emit_e(op, a, b, c, d, site);
    }
    pub fn label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        Label(self.labels.len() as u32 - 1)
    }
    /// Trace functions are told of the line of `range` before the next instruction.
    pub fn mark(&mut self, range: TextRange) {
        self.marks.push((self.here(), range.start()));
    }
    /// Whether a line is visited before this instruction.
    pub fn is_marked(&self, pc: u32) -> bool {
        let at = self.marks.partition_point(|(at, _)| *at < pc);
        self.marks.get(at).is_some_and(|(at, _)| *at == pc)
    }
    /// The instructions from `start` on have no line of their own.
    pub fn hush(&mut self, start: u32) {
        (start..self.here()).for_each(|pc| {
            self.quiet.entry(pc).or_insert(Quiet::Keep);
        });
    }
    pub fn bind(&mut self, label: Label) {
        // Who jumps here has not been on the line.
        if self.marks.last().is_some_and(|(at, _)| *at == self.here()) {
            let at = self.here();
            self.emit(Op::Nop, 0, 0, 0, 0);
            self.hush(at);
        }
        self.labels[label.0 as usize] = self.here();
    }
    /// A jump that stands for nothing in the source.
    pub fn quiet_jump(&mut self, op: Op, a: Reg, b: Reg, label: Label) {
        let at = self.here();
        self.jump(op, a, b, label);
        self.hush(at);
    }
    /// Jumps carry their label in d until the unit is assembled.
    pub fn jump(&mut self, op: Op, a: Reg, b: Reg, label: Label) {
        self.emit(op, a, b, 0, label.0 as i32);
    }
    pub fn loop_header(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        self.headers.push((label.0, self.next_temp));
        label
    }

    // ---- registers

    pub fn alloc(&mut self) -> Reg {
        self.alloc_many(1)
    }
    /// Allocates consecutive registers; returns the first.
    pub fn alloc_many(&mut self, count: u32) -> Reg {
        let at = self.next_temp;
        self.next_temp += count;
        self.max_regs = self.max_regs.max(self.next_temp);
        // Beyond the limit the unit is thrown away; the number only has to stay representable.
        at.min(MAX_REGS) as Reg
    }
    pub fn release(&mut self, mark: u32) {
        self.next_temp = mark;
    }
    pub fn dest(&mut self, dst: Option<Reg>) -> Reg {
        match dst {
            Some(dst) => dst,
            None => self.alloc(),
        }
    }
    pub fn is_local(&self, reg: Reg) -> bool {
        u32::from(reg) < self.nlocals
    }

    // ---- protected regions

    pub fn protect(&mut self, target: Label, reg: Reg) {
        let start = self.here();
        self.protects.push(Protect { target, reg, start });
    }
    /// Closes the innermost region.
    pub fn unprotect(&mut self) -> Protect {
        let p = self.protects.pop().expect("as many ends as beginnings");
        let to = self.here();
        if p.start < to {
            self.rows.push(Row {
                from: p.start,
                to,
                target: p.target,
                reg: p.reg,
            });
        }
        p
    }
    pub fn push_block(&mut self, block: Block<'a>) {
        self.blocks.push((block, self.protects.len()));
    }
    pub fn pop_block(&mut self) {
        self.blocks.pop();
    }

    // ---- constants and names

    pub fn konst(&mut self, value: Const) -> i32 {
        let mut key = Vec::new();
        if !const_key(&value, &mut key) {
            self.consts.push(value);
            return self.consts.len() as i32 - 1;
        }
        let next = self.consts.len() as u32;
        let at = *self.const_index.entry(key).or_insert(next);
        if at == next {
            self.consts.push(value);
        }
        at as i32
    }
    pub fn name(&mut self, name: Sym) -> i32 {
        let next = self.names.len() as u32;
        let at = *self.name_index.entry(name).or_insert(next);
        if at == next {
            self.names.push(name);
        }
        at as i32
    }
}

/// A text that is equal for equal constants of equal types; false for code, which is never shared.
fn const_key(value: &Const, key: &mut Vec<u8>) -> bool {
    fn bytes(tag: u8, text: &[u8], key: &mut Vec<u8>) {
        key.push(tag);
        key.extend((text.len() as u32).to_le_bytes());
        key.extend(text);
    }
    match value {
        Const::None => key.push(b'N'),
        Const::Ellipsis => key.push(b'.'),
        Const::True => key.push(b'T'),
        Const::False => key.push(b'F'),
        Const::Int(i) => bytes(b'i', &i.to_le_bytes(), key),
        Const::BigInt(t) => bytes(b'l', t.as_bytes(), key),
        Const::Float(f) => bytes(b'f', &f.to_bits().to_le_bytes(), key),
        Const::Complex(r, i) => {
            bytes(b'c', &r.to_bits().to_le_bytes(), key);
            key.extend(i.to_bits().to_le_bytes());
        }
        Const::Str(s) => bytes(b's', s, key),
        Const::Bytes(s) => bytes(b'b', s, key),
        Const::Tuple(items) | Const::FrozenSet(items) => {
            let tag = if matches!(value, Const::Tuple(_)) {
                b'('
            } else {
                b'{'
            };
            bytes(tag, &(items.len() as u32).to_le_bytes(), key);
            return items.iter().all(|c| const_key(c, key));
        }
        Const::Names(names) => {
            bytes(b'n', &(names.len() as u32).to_le_bytes(), key);
            names.iter().for_each(|n| bytes(b's', n.as_bytes(), key));
        }
        Const::Code(_) => return false,
    }
    true
}
