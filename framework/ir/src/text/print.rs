//! Printer. `Display` prints everything; [`Trace::print_without_addresses`] leaves out the addresses of callees, so
//! that expectations in tests do not change from run to run.

use crate::descr::{BOXED, CallAbi, Descr, DescrId, EffectSet, LabelTarget, Mutability};
use crate::exit::{Entry, Exit, ExitId, VirtualObject};
use crate::ops::Opcode;
use crate::trace::{Arg, ArgKind, Const, Op, Source, Trace, TraceKind, Ty};
use std::fmt::{self, Display, Formatter, Write};

impl Display for Ty {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_str(match self {
            Ty::Int => "int",
            Ty::Float => "float",
            Ty::Ref => "ref",
        })
    }
}
impl Display for Const {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match (self.ty, self.bits) {
            (Ty::Int, bits) => write!(f, "{}", bits as i64),
            (Ty::Float, bits) => {
                let value = f64::from_bits(bits);
                if value.is_nan() && bits != f64::NAN.to_bits() {
                    write!(f, "float#{bits:x}")
                } else {
                    write!(f, "{value:?}")
                }
            }
            (Ty::Ref, 0) => f.write_str("null"),
            (Ty::Ref, bits) => write!(f, "#{bits:x}"),
        }
    }
}
impl Display for Trace {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        self.print(f, true)
    }
}

/// A name with the characters that the syntax needs replaced.
fn word(name: &str) -> String {
    let keep = |c: char| !c.is_whitespace() && !c.is_control() && !"(),{}=~[]@:#\"".contains(c);
    let word: String = name
        .chars()
        .map(|c| if keep(c) { c } else { '_' })
        .collect();
    if word.is_empty() { "_".into() } else { word }
}
fn plain_name(descr: &Descr) -> String {
    match descr {
        Descr::Type(d) => word(&d.name),
        Descr::Field(d) => format!("{}.{}", word(&d.owner), word(&d.name)),
        Descr::Array(d) => word(&d.name),
        Descr::Call(d) => word(&d.name),
        Descr::Label(d) => word(&d.name),
    }
}

impl Trace {
    /// The text without the addresses of callees.
    pub fn print_without_addresses(&self) -> String {
        struct Text<'a>(&'a Trace);
        impl Display for Text<'_> {
            fn fmt(&self, f: &mut Formatter) -> fmt::Result {
                self.0.print(f, false)
            }
        }
        Text(self).to_string()
    }

    /// One operation as it is printed.
    pub fn op_text(&self, op: &Op) -> String {
        let mut text = String::new();
        if op.result.is_some() {
            let _ = write!(text, "{} = ", self.arg_text(op.result));
        }
        match op.code {
            Opcode::Label => {
                let pairs = self.args(op).iter().zip(self.label_params(op));
                let pairs: Vec<_> = pairs
                    .map(|(a, p)| format!("{} = {}", self.arg_text(*p), self.arg_text(*a)))
                    .collect();
                let _ = write!(
                    text,
                    "label {}({})",
                    self.descr_text(op.descr),
                    pairs.join(", ")
                );
            }
            Opcode::Jump => {
                let args: Vec<_> = self.args(op).iter().map(|a| self.arg_text(*a)).collect();
                let _ = write!(
                    text,
                    "jump {}({})",
                    self.descr_text(op.descr),
                    args.join(", ")
                );
            }
            _ => {
                let mut args: Vec<_> = self.args(op).iter().map(|a| self.arg_text(*a)).collect();
                args.extend(op.descr.is_some().then(|| self.descr_text(op.descr)));
                let _ = write!(text, "{}({})", op.code.info().text, args.join(", "));
            }
        }
        if op.exit.is_some() {
            let _ = write!(text, " @{}", op.exit.0);
        }
        text
    }

    /// One operand as it is printed.
    pub fn arg_text(&self, arg: Arg) -> String {
        match arg.kind() {
            ArgKind::Var(n) => format!("v{n}"),
            // The printer also serves traces that the verifier rejects.
            ArgKind::Const(n) if n as usize >= self.consts.entries().len() => format!("const{n}"),
            ArgKind::Const(n) => self.consts.get(n).to_string(),
            ArgKind::Virtual(n) => format!("virtual{n}"),
            ArgKind::None => "none".into(),
        }
    }

    /// A descriptor's name, with its index if an earlier one has the same name.
    pub fn descr_text(&self, id: DescrId) -> String {
        let Some(descr) = self.descrs.get(id.0 as usize) else {
            return format!("descr~{}", id.0);
        };
        let name = plain_name(descr);
        let earlier = &self.descrs[..id.0 as usize];
        if earlier.iter().any(|d| plain_name(d) == name) {
            format!("{name}~{}", id.0)
        } else {
            name
        }
    }

    /// One exit as it is printed.
    pub fn exit_text(&self, exit: &Exit) -> String {
        let mut text = String::new();
        for frame in &exit.frames {
            let _ = write!(
                text,
                "[{:#x}:{}:{}+{}",
                frame.code, frame.pc, frame.step, frame.base
            );
            for (register, arg) in &frame.live {
                let _ = write!(text, " r{register}={}", self.arg_text(*arg));
            }
            text += "] ";
        }
        match exit.entry {
            Entry::Start => text += "start",
            Entry::Value(a) => text += &format!("value({})", self.arg_text(a)),
            Entry::Raise(a) => text += &format!("raise({})", self.arg_text(a)),
            Entry::PendingValue => text += "pending_value",
            Entry::PendingRaise => text += "pending_raise",
        }
        for (n, object) in exit.virtuals.iter().enumerate() {
            text += if n == 0 { " where " } else { ", " };
            match object {
                VirtualObject::Struct { ty, fields } => {
                    let field = |f: &(DescrId, Arg)| {
                        format!("{}={}", self.descr_text(f.0), self.arg_text(f.1))
                    };
                    let fields: Vec<_> = fields.iter().map(field).collect();
                    let _ = write!(
                        text,
                        "virtual{n} = {}{{{}}}",
                        self.descr_text(*ty),
                        fields.join(", ")
                    );
                }
                VirtualObject::Existing { object, fields } => {
                    let field = |f: &(DescrId, Arg)| {
                        format!("{}={}", self.descr_text(f.0), self.arg_text(f.1))
                    };
                    let fields: Vec<_> = fields.iter().map(field).collect();
                    let _ = write!(
                        text,
                        "virtual{n} = into {}{{{}}}",
                        self.arg_text(*object),
                        fields.join(", ")
                    );
                }
                VirtualObject::Array { descr, items } => {
                    let items: Vec<_> = items.iter().map(|i| self.arg_text(*i)).collect();
                    let _ = write!(
                        text,
                        "virtual{n} = {}[{}]",
                        self.descr_text(*descr),
                        items.join(", ")
                    );
                }
            }
        }
        text
    }

    fn print(&self, f: &mut Formatter, addresses: bool) -> fmt::Result {
        let name = self.name.replace(['\n', '\r'], " ");
        match self.kind {
            TraceKind::Loop => writeln!(f, "loop {name}")?,
            TraceKind::Bridge { parent, exit } => {
                writeln!(f, "bridge {parent:#x}@{} {name}", exit.0)?
            }
        }
        for n in 0..self.descrs.len() {
            writeln!(f, "  {}", self.declaration(DescrId(n as u32), addresses))?;
        }
        for input in &self.inputs {
            let value = self.arg_text(input.value);
            write!(f, "  input {value}: {} = ", self.type_of(input.value))?;
            match input.source {
                Source::Register(r) => write!(f, "r{r}")?,
                Source::ParentExit(a) => write!(f, "parent {a:?}")?,
                Source::Pending => write!(f, "pending")?,
            }
            if let Some((_, class)) = self.seen.iter().find(|(v, _)| *v == input.value) {
                write!(f, " seen {}", self.descr_text(*class))?;
            }
            writeln!(f)?;
        }
        for op in &self.ops {
            writeln!(f, "  {}", self.op_text(op))?;
        }
        for (n, exit) in self.exits.iter().enumerate() {
            writeln!(f, "  @{n}: {}", self.exit_text(exit))?;
        }
        if self.entry != ExitId::NONE {
            writeln!(f, "  entry @{}", self.entry.0)?;
        }
        Ok(())
    }

    fn declaration(&self, id: DescrId, addresses: bool) -> String {
        let name = plain_name(self.descr(id));
        match self.descr(id) {
            Descr::Type(d) => {
                let exact = if d.exact { " exact" } else { "" };
                let leaf = if d.leaf.is_some() {
                    format!(" leaf {}", self.descr_text(d.leaf))
                } else {
                    String::new()
                };
                format!(
                    "type {name} = {} size {}{exact}{leaf}",
                    d.type_id, d.size_bytes
                )
            }
            Descr::Field(d) => {
                let mutability = match d.mutability {
                    Mutability::Immutable => "immutable",
                    Mutability::QuasiImmutable => "quasi_immutable",
                    Mutability::Mutable => "mutable",
                };
                format!(
                    "field {name} = {} {} {mutability}",
                    d.offset,
                    format!("{:?}", d.width).to_lowercase()
                )
            }
            Descr::Array(d) => {
                let item = format!("{:?}", d.item).to_lowercase();
                let immutable = if d.immutable { " immutable" } else { "" };
                format!(
                    "array {name} = {} len {} items {} {item}{immutable}",
                    d.type_id, d.len_offset, d.items_offset
                )
            }
            Descr::Call(d) => {
                let address = if addresses && d.function != 0 {
                    format!("{:#x} ", d.function)
                } else {
                    String::new()
                };
                let abi = match d.abi {
                    CallAbi::Vm => "vm".to_owned(),
                    CallAbi::Guest { token, classes } => {
                        let class = |c: &u32| match *c {
                            BOXED => "boxed".to_owned(),
                            class => class.to_string(),
                        };
                        let arguments = d.params.len().saturating_sub(1).min(classes.len());
                        let classes: Vec<_> = classes[..arguments].iter().map(class).collect();
                        format!("guest {token:#x} ({}) ", classes.join(", "))
                    }
                    CallAbi::FloatToFloat => "float1".to_owned(),
                    CallAbi::FloatFloatToFloat => "float2".to_owned(),
                };
                let params: Vec<_> = d.params.iter().map(Ty::to_string).collect();
                let result = d.result.map_or("none".into(), |ty| ty.to_string());
                let mut text = format!(
                    "callee {name} = {address}{abi}({}) -> {result}",
                    params.join(", ")
                );
                let e = &d.effects;
                let flags = [
                    (e.pure, " pure"),
                    (e.reads, " reads"),
                    (e.can_raise, " can_raise"),
                ];
                let more = [(e.can_collect, " can_collect"), (e.allocates, " allocates")];
                flags
                    .iter()
                    .chain(&more)
                    .filter(|f| f.0)
                    .for_each(|f| text += f.1);
                match &e.writes {
                    EffectSet::None => {}
                    EffectSet::All => text += " writes all",
                    EffectSet::Only(groups) => {
                        let groups: Vec<_> = groups.iter().map(|g| word(g)).collect();
                        text += &format!(" writes ({})", groups.join(", "));
                    }
                }
                if d.unused.is_some() {
                    text += &format!(" unused {}", self.descr_text(d.unused));
                }
                text
            }
            Descr::Label(d) => match &d.target {
                LabelTarget::Here => format!("target {name} here"),
                LabelTarget::Start => format!("target {name} start"),
                LabelTarget::Entry { token, registers } => {
                    let registers: Vec<_> = registers.iter().map(|r| format!("r{r}")).collect();
                    format!("target {name} entry {token:#x} ({})", registers.join(", "))
                }
                LabelTarget::Open { params } => {
                    let params: Vec<_> = params
                        .iter()
                        .map(|p| {
                            if p.class.is_some() {
                                format!("r{} {}", p.register, self.descr_text(p.class))
                            } else {
                                format!("r{}", p.register)
                            }
                        })
                        .collect();
                    format!("target {name} open ({})", params.join(", "))
                }
                LabelTarget::Label { token, params } => {
                    let params: Vec<_> = params.iter().map(Ty::to_string).collect();
                    format!("target {name} label {token:#x} ({})", params.join(", "))
                }
            },
        }
    }
}
