//! Parser. It builds exactly what the text says and checks only what it needs to read on; whether the trace makes sense
//! is the verifier's question, so that tests can write wrong traces.

use super::scan::Line;
use crate::descr::*;
use crate::exit::{Entry, Exit, ExitId, Frame, VirtualObject};
use crate::ops::{Args, DescrKind, Opcode, ResultType};
use crate::trace::{Arg, Input, Op, Source, Trace, TraceKind, Ty};
use std::collections::HashMap;
use std::sync::Arc;

/// What is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// From 1.
    pub line: usize,
    /// For people.
    pub message: String,
}
impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}
impl std::error::Error for ParseError {}

/// The message; `parse` adds the line.
pub(super) type Parsed<T> = Result<T, String>;

/// Gives the address of the callee with this name.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Option<u64>;

/// Reads a trace. Callees have the addresses that stand in the text, or 0.
///
/// # Errors
/// The first line that is not in the text form.
pub fn parse(text: &str) -> Result<Trace, ParseError> {
    parse_with(text, &|_| None)
}

/// Reads a trace; addresses of callees come from `resolve` before those in the text.
///
/// # Errors
/// The first line that is not in the text form.
pub fn parse_with(text: &str, resolve: Resolve) -> Result<Trace, ParseError> {
    let mut parser = Parser {
        trace: Trace::new("", TraceKind::Loop),
        names: HashMap::new(),
        resolve,
    };
    let lines = || {
        text.lines()
            .enumerate()
            .map(|(n, l)| (n + 1, l.trim()))
            .filter(|(_, l)| is_code(l))
    };
    // Leaf fields may be declared after their types, so names come first.
    for pass in [Parser::name, Parser::line] {
        for (number, line) in lines() {
            let result = pass(&mut parser, &mut Line::new(line));
            result.map_err(|message| ParseError {
                line: number,
                message: format!("{message}: {line}"),
            })?;
        }
    }
    Ok(parser.trace)
}
fn is_code(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("//")
}

struct Parser<'a> {
    trace: Trace,
    /// The first descriptor with each name, and all with their index.
    names: HashMap<String, DescrId>,
    resolve: Resolve<'a>,
}
const DECLARATIONS: [&str; 5] = ["type", "field", "array", "callee", "target"];

impl Parser<'_> {
    /// First pass: the names of descriptors.
    fn name(&mut self, line: &mut Line) -> Parsed<()> {
        if line.word().is_ok_and(|w| DECLARATIONS.contains(&w)) && !line.at("(") && !line.at("=") {
            let name = line.word()?;
            let id = DescrId(self.trace.descrs.len() as u32);
            // Filled in by the second pass.
            let target = LabelTarget::Here;
            self.trace.descrs.push(Descr::Label(LabelDescr {
                name: name.to_string().into(),
                target,
            }));
            self.names.insert(format!("{name}~{}", id.0), id);
            self.names.entry(name.into()).or_insert(id);
        }
        Ok(())
    }

    /// Second pass: everything.
    fn line(&mut self, line: &mut Line) -> Parsed<()> {
        if line.eat("@") {
            return self.exit(line);
        }
        let start = *line;
        let word = line.word()?;
        match word {
            "loop" => self.trace.name = line.rest().into(),
            "bridge" => {
                let parent = line.word()?.parse_u64()?;
                line.expect("@")?;
                self.trace.kind = TraceKind::Bridge {
                    parent,
                    exit: ExitId(line.number()?),
                };
                self.trace.name = line.rest().into();
            }
            "input" => self.input(line)?,
            "entry" => {
                line.expect("@")?;
                self.trace.entry = ExitId(line.number()?);
            }
            _ if DECLARATIONS.contains(&word) => self.declaration(word, line)?,
            _ => {
                *line = start;
                self.op(line)?;
            }
        }
        line.end()
    }

    // ---- descriptors

    fn declaration(&mut self, keyword: &str, line: &mut Line) -> Parsed<()> {
        // Declarations come in the order of the first pass; the next one is the first that has not been reached.
        let name = line.word()?;
        let plain: Name = name.to_string().into();
        let descr = match keyword {
            "type" => {
                line.expect("=")?;
                let type_id = line.number()?;
                line.keyword("size")?;
                let size_bytes = line.number()?;
                let exact = line.eat_word("exact");
                let leaf = if line.eat_word("leaf") {
                    self.descr(line)?
                } else {
                    DescrId::NONE
                };
                Descr::Type(TypeDescr {
                    name: plain,
                    type_id,
                    size_bytes,
                    leaf,
                    exact,
                })
            }
            "field" => {
                let (owner, field) = name.split_once('.').ok_or("a field is owner.name")?;
                line.expect("=")?;
                let offset = line.number()?;
                let width = width(line.word()?)?;
                let mutability = match line.word()? {
                    "immutable" => Mutability::Immutable,
                    "quasi_immutable" => Mutability::QuasiImmutable,
                    "mutable" => Mutability::Mutable,
                    other => return Err(format!("no mutability {other}")),
                };
                let (owner, name) = (owner.to_string().into(), field.to_string().into());
                Descr::Field(FieldDescr {
                    owner,
                    name,
                    offset,
                    width,
                    mutability,
                })
            }
            "array" => {
                line.expect("=")?;
                let type_id = line.number()?;
                line.keyword("len")?;
                let len_offset = line.number()?;
                line.keyword("items")?;
                let items_offset = line.number()?;
                let item = width(line.word()?)?;
                let immutable = line.eat_word("immutable");
                Descr::Array(ArrayDescr {
                    name: plain,
                    type_id,
                    len_offset,
                    items_offset,
                    item,
                    immutable,
                })
            }
            "callee" => Descr::Call(self.callee(name, line)?),
            _ => Descr::Label(LabelDescr {
                name: plain,
                target: self.target(line)?,
            }),
        };
        let id = self.next_declaration(name)?;
        self.trace.descrs[id.0 as usize] = descr;
        Ok(())
    }

    /// The id of the declaration that is being read: the first of its name whose index was not taken yet.
    fn next_declaration(&mut self, name: &str) -> Parsed<DescrId> {
        let id = (0..self.trace.descrs.len() as u32).map(DescrId).find(|id| {
            let key = format!("{name}~{}", id.0);
            self.names.contains_key(&key) && !self.names.contains_key(&format!("{key}~done"))
        });
        let id = id.ok_or("declared twice")?;
        self.names.insert(format!("{name}~{}~done", id.0), id);
        Ok(id)
    }

    fn target(&self, line: &mut Line) -> Parsed<LabelTarget> {
        Ok(match line.word()? {
            "here" => LabelTarget::Here,
            "start" => LabelTarget::Start,
            "entry" => {
                let token = line.word()?.parse_u64()?;
                LabelTarget::Entry {
                    token,
                    registers: line.list("(", ")", |l| register(l.word()?))?,
                }
            }
            "open" => LabelTarget::Open {
                params: line.list("(", ")", |l| {
                    let register = register(l.word()?)?;
                    let boxed = l.at(",") || l.at(")");
                    let class = if boxed { DescrId::NONE } else { self.descr(l)? };
                    Ok(OpenParam { register, class })
                })?,
            },
            "label" => {
                let token = line.word()?.parse_u64()?;
                LabelTarget::Label {
                    token,
                    params: line.list("(", ")", |l| ty(l.word()?))?,
                }
            }
            other => return Err(format!("no target {other}")),
        })
    }

    fn callee(&mut self, name: &str, line: &mut Line) -> Parsed<CallDescr> {
        line.expect("=")?;
        let mut word = line.word()?;
        let mut function = 0;
        if word.starts_with("0x") {
            function = word.parse_u64()?;
            word = line.word()?;
        }
        let abi = match word {
            "vm" => CallAbi::Vm,
            "guest" => {
                let token = line.word()?.parse_u64()?;
                let list = line.list("(", ")", |l| match l.word()? {
                    "boxed" => Ok(BOXED),
                    class => Ok(class.parse_u64()? as u32),
                })?;
                let mut classes = [BOXED; MAX_GUEST_ARGS];
                if list.len() > classes.len() {
                    return Err("too many arguments".into());
                }
                classes[..list.len()].copy_from_slice(&list);
                CallAbi::Guest { token, classes }
            }
            "float1" => CallAbi::FloatToFloat,
            "float2" => CallAbi::FloatFloatToFloat,
            other => return Err(format!("no calling convention {other}")),
        };
        let params = line.list("(", ")", |l| ty(l.word()?))?;
        line.keyword("->")?;
        let result = match line.word()? {
            "none" => None,
            word => Some(ty(word)?),
        };
        let mut effects = Effects {
            pure: false,
            reads: false,
            writes: EffectSet::None,
            can_raise: false,
            can_collect: false,
            allocates: false,
        };
        let mut unused = DescrId::NONE;
        while let Ok(flag) = line.word() {
            match flag {
                "unused" => unused = self.descr(line)?,
                "pure" => effects.pure = true,
                "reads" => effects.reads = true,
                "can_raise" => effects.can_raise = true,
                "can_collect" => effects.can_collect = true,
                "allocates" => effects.allocates = true,
                "writes" if line.at("(") => {
                    let groups = line.list("(", ")", |l| Ok(l.word()?.to_string().into()))?;
                    effects.writes = EffectSet::Only(groups);
                }
                "writes" => {
                    line.keyword("all")?;
                    effects.writes = EffectSet::All;
                }
                other => return Err(format!("no effect {other}")),
            }
        }
        let function = (self.resolve)(name).unwrap_or(function);
        Ok(CallDescr {
            name: name.to_string().into(),
            function,
            abi,
            params,
            result,
            effects,
            unused,
        })
    }

    /// A use of a descriptor: its name, perhaps with its index.
    fn descr(&self, line: &mut Line) -> Parsed<DescrId> {
        let mut name = line.word()?.to_string();
        if line.eat("~") {
            name = format!("{name}~{}", line.word()?);
        }
        self.names
            .get(&name)
            .copied()
            .ok_or_else(|| format!("no descriptor {name}"))
    }

    // ---- values

    fn var(&mut self, word: &str) -> Parsed<Arg> {
        let number = word
            .strip_prefix('v')
            .and_then(|n| n.parse().ok())
            .filter(|n| *n < 1 << 24);
        Ok(Arg::var(
            number.ok_or_else(|| format!("{word} is not a value"))?,
        ))
    }
    fn define(&mut self, value: Arg, ty: Ty) {
        let number = value.as_var().expect("`var` made it") as usize;
        if number >= self.trace.value_types.len() {
            self.trace.value_types.resize(number + 1, Ty::Int);
        }
        self.trace.value_types[number] = ty;
    }
    fn type_of(&self, arg: Arg) -> Ty {
        match arg.as_var() {
            Some(n) => self
                .trace
                .value_types
                .get(n as usize)
                .copied()
                .unwrap_or(Ty::Int),
            None => self.trace.type_of(arg),
        }
    }
    fn arg(&mut self, line: &mut Line) -> Parsed<Arg> {
        if line.eat("#") {
            let bits = u64::from_str_radix(line.word()?, 16).map_err(|e| e.to_string())?;
            return Ok(self.trace.reference(bits));
        }
        let word = line.word()?;
        if word == "float" && line.eat("#") {
            let bits = u64::from_str_radix(line.word()?, 16).map_err(|e| e.to_string())?;
            return Ok(self.trace.consts.intern(Ty::Float, bits));
        }
        if let Some(n) = word.strip_prefix("virtual") {
            return n
                .parse()
                .map(Arg::virtual_)
                .map_err(|_| format!("{word} is not a virtual"));
        }
        if word == "null" {
            return Ok(self.trace.null());
        }
        if word.starts_with('v') {
            return self.var(word);
        }
        if let Ok(value) = word.parse::<i64>() {
            return Ok(self.trace.int(value));
        }
        match word.parse::<f64>() {
            Ok(value) => Ok(self.trace.float(value)),
            Err(_) => Err(format!("{word} is not an operand")),
        }
    }
    fn input(&mut self, line: &mut Line) -> Parsed<()> {
        let value = self.var(line.word()?)?;
        line.expect(":")?;
        let ty = ty(line.word()?)?;
        line.expect("=")?;
        let source = match line.word()? {
            "pending" => Source::Pending,
            "parent" => {
                let word = line.word()?;
                Source::ParentExit(match word.strip_prefix("const").map(str::parse) {
                    Some(Ok(n)) => Arg::constant(n),
                    _ => match word.strip_prefix("virtual").map(str::parse) {
                        Some(Ok(n)) => Arg::virtual_(n),
                        _ => self.var(word)?,
                    },
                })
            }
            word => Source::Register(register(word)?),
        };
        if line.eat_word("seen") {
            let class = self.descr(line)?;
            self.trace.seen.push((value, class));
        }
        self.define(value, ty);
        self.trace.inputs.push(Input { value, source });
        Ok(())
    }

    // ---- operations

    fn op(&mut self, line: &mut Line) -> Parsed<()> {
        let mut word = line.word()?;
        let mut result = Arg::NONE;
        if line.eat("=") {
            result = self.var(word)?;
            word = line.word()?;
        }
        let code = Opcode::from_text(word).ok_or_else(|| format!("no operation {word}"))?;
        let info = code.info();
        let mut op = Op {
            code,
            result,
            args: [Arg::NONE; 3],
            descr: DescrId::NONE,
            exit: ExitId::NONE,
        };
        match code {
            Opcode::Label => {
                op.descr = self.descr(line)?;
                let pairs = line.list("(", ")", |l| {
                    let param = self.var(l.word()?)?;
                    l.expect("=")?;
                    Ok((param, self.arg(l)?))
                })?;
                let start = self.trace.arg_pool.len();
                self.trace.arg_pool.extend(pairs.iter().map(|p| p.1));
                self.trace.arg_pool.extend(pairs.iter().map(|p| p.0));
                op.set_pool(start, pairs.len());
                for (param, arg) in pairs {
                    self.define(param, self.type_of(arg));
                }
            }
            Opcode::Jump => {
                op.descr = self.descr(line)?;
                let args = line.list("(", ")", |l| self.arg(l))?;
                self.pool(&mut op, &args);
            }
            _ => self.operands(line, &mut op)?,
        }
        if line.eat("@") {
            op.exit = ExitId(line.number()?);
        }
        if op.result.is_some() {
            let needs_descr = info.result == ResultType::ByDescr;
            let ty = if needs_descr && !op.descr.is_some() {
                None
            } else {
                self.trace.result_type(code, op.descr)
            };
            self.define(op.result, ty.unwrap_or(Ty::Int));
        }
        self.trace.ops.push(op);
        Ok(())
    }
    fn pool(&mut self, op: &mut Op, args: &[Arg]) {
        op.set_pool(self.trace.arg_pool.len(), args.len());
        self.trace.arg_pool.extend_from_slice(args);
    }
    /// Operands, then the descriptor, all inside the parentheses.
    fn operands(&mut self, line: &mut Line, op: &mut Op) -> Parsed<()> {
        let info = op.code.info();
        let mut args = Vec::new();
        let descr_at = match info.args {
            Args::Fixed(types) => types.len(),
            Args::Pool => line.commas_until(")"),
        };
        line.list("(", ")", |l| {
            if args.len() == descr_at && info.descr != DescrKind::None && !op.descr.is_some() {
                op.descr = self.descr(l)?;
            } else {
                args.push(self.arg(l)?);
            }
            Ok(())
        })?;
        if info.descr != DescrKind::None
            && (!op.descr.is_some() || self.trace.descr(op.descr).kind() != info.descr)
        {
            return Err(format!("needs a descriptor of kind {:?}", info.descr));
        }
        match info.args {
            Args::Pool => self.pool(op, &args),
            Args::Fixed(types) if types.len() == args.len() => {
                op.args[..args.len()].copy_from_slice(&args)
            }
            Args::Fixed(types) => return Err(format!("needs {} operands", types.len())),
        }
        Ok(())
    }

    // ---- exits

    fn exit(&mut self, line: &mut Line) -> Parsed<()> {
        if line.number::<usize>()? != self.trace.exits.len() {
            return Err("exits are numbered from 0 without gaps".into());
        }
        line.expect(":")?;
        let mut frames = crate::Frames::new();
        while line.eat("[") {
            frames.push(Arc::new(self.frame(line)?));
        }
        let entry = match line.word()? {
            "start" => Entry::Start,
            "pending_value" => Entry::PendingValue,
            "pending_raise" => Entry::PendingRaise,
            word @ ("value" | "raise") => {
                line.expect("(")?;
                let arg = self.arg(line)?;
                line.expect(")")?;
                if word == "value" {
                    Entry::Value(arg)
                } else {
                    Entry::Raise(arg)
                }
            }
            other => return Err(format!("no entry {other}")),
        };
        let mut virtuals = Vec::new();
        if line.eat_word("where") {
            loop {
                line.keyword(&format!("virtual{}", virtuals.len()))?;
                line.expect("=")?;
                virtuals.push(self.virtual_object(line)?);
                if !line.eat(",") {
                    break;
                }
            }
        }
        self.trace.add_exit(Exit {
            frames,
            entry,
            virtuals,
        });
        line.end()
    }
    fn frame(&mut self, line: &mut Line) -> Parsed<Frame> {
        let code = line.word()?.parse_u64()?;
        line.expect(":")?;
        let pc = line.number()?;
        line.expect(":")?;
        let (step, base) = line
            .word()?
            .split_once('+')
            .ok_or("a frame is code:pc:step+base")?;
        let step = step.parse().map_err(|_| "no step")?;
        let base = base.parse().map_err(|_| "no base")?;
        let mut live = crate::Live::new();
        while !line.eat("]") {
            let register = register(line.word()?)?;
            line.expect("=")?;
            live.push((
                u16::try_from(register).map_err(|e| e.to_string())?,
                self.arg(line)?,
            ));
        }
        Ok(Frame {
            code,
            pc,
            step,
            base,
            live,
        })
    }
    fn virtual_object(&mut self, line: &mut Line) -> Parsed<VirtualObject> {
        if line.eat_word("into") {
            let object = self.arg(line)?;
            let fields = self.fields(line)?;
            return Ok(VirtualObject::Existing {
                object,
                fields: fields.into(),
            });
        }
        let descr = self.descr(line)?;
        if line.at("[") {
            return Ok(VirtualObject::Array {
                descr,
                items: line.list("[", "]", |l| self.arg(l))?,
            });
        }
        let fields = self.fields(line)?;
        Ok(VirtualObject::Struct {
            ty: descr,
            fields: fields.into(),
        })
    }
    fn fields(&mut self, line: &mut Line) -> Parsed<Vec<(DescrId, Arg)>> {
        line.list("{", "}", |l| {
            let field = self.descr(l)?;
            l.expect("=")?;
            Ok((field, self.arg(l)?))
        })
    }
}

fn ty(word: &str) -> Parsed<Ty> {
    match word {
        "int" => Ok(Ty::Int),
        "float" => Ok(Ty::Float),
        "ref" => Ok(Ty::Ref),
        _ => Err(format!("no type {word}")),
    }
}
fn width(word: &str) -> Parsed<Width> {
    Ok(match word {
        "i64" => Width::I64,
        "u32" => Width::U32,
        "i32" => Width::I32,
        "u16" => Width::U16,
        "u8" => Width::U8,
        "f64" => Width::F64,
        "ref" => Width::Ref,
        "host" => Width::Host,
        other => return Err(format!("no width {other}")),
    })
}
fn register(word: &str) -> Parsed<u32> {
    word.strip_prefix('r')
        .and_then(|n| n.parse().ok())
        .ok_or_else(|| format!("{word} is not a register"))
}
/// Numbers that are written in hex after `0x`.
trait ParseU64 {
    fn parse_u64(self) -> Parsed<u64>;
}
impl ParseU64 for &str {
    fn parse_u64(self) -> Parsed<u64> {
        let number = match self.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16),
            None => self.parse(),
        };
        number.map_err(|_| format!("{self} is not a number"))
    }
}
