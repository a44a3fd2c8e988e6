//! Functions and methods written in Rust, as static tables.
//!
//! ```ignore
//! pub static METHODS: &[BuiltinDef] = &[
//!     fn2("append", append).inline(Inline::ListAppend).doc("Append object to the end of the list."),
//!     fn2("pop", pop).opt(1),      // the second argument may be missing: it is Gc::NULL then
//!     kw("sort", sort),
//! ];
//! ```
//! For methods the arguments include `self`, which is *exact*: for an instance of a subclass it is the payload, unless
//! the definition says [`BuiltinDef::keep_self`].

use crate::{PyResult, Vm};
use ouro_gc::Gc;
use ouro_machine::{Residual, Ty};

/// The implementation of a builtin function. Missing optional arguments are [`Gc::NULL`].
#[derive(Clone, Copy)]
pub enum BuiltinFn {
    /// No arguments.
    Fn0(fn(&'static Vm) -> PyResult),
    /// One argument.
    Fn1(fn(&'static Vm, Gc) -> PyResult),
    /// Two arguments.
    Fn2(fn(&'static Vm, Gc, Gc) -> PyResult),
    /// Three arguments.
    Fn3(fn(&'static Vm, Gc, Gc, Gc) -> PyResult),
    /// `min..=max` positional arguments.
    Var(fn(&'static Vm, &[Gc]) -> PyResult),
    /// Positional and keyword arguments; checks their number itself.
    Kw(fn(&'static Vm, &[Gc], &Kw) -> PyResult),
    /// A function that is not written in Rust: how it is called, and the word that says what is called.
    Foreign(&'static Foreign, usize),
}
/// How functions that are not written in Rust are called.
pub struct Foreign {
    /// Any call. The arguments are not checked yet.
    pub call: ForeignFn,
    /// By number of positional arguments: calls that handlers make without boxes and slices.
    pub direct: Vec<Direct>,
    /// By number of all arguments, of which the last have names: such calls.
    pub named: Vec<Direct>,
    /// Names of keyword arguments outside the heap, for ever: what calls of `named` take.
    pub names: fn(&'static Vm, &[crate::Name]) -> usize,
    /// The address of what stands for None outside the heap.
    pub none: usize,
}
/// What [`Foreign::call`] is called with: the word, positional and keyword arguments.
pub type ForeignFn = fn(&'static Vm, usize, &[Gc], &Kw) -> PyResult;

/// How an argument of a direct call travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// The object.
    Object,
    /// The value of a `WInt`.
    Int,
    /// The value of a `WFloat`.
    Float,
    /// The address of the structure outside the heap that a `WForeign` stands for, or
    /// that stands for None.
    Raw,
}
impl Kind {
    /// Number of kinds.
    pub const COUNT: usize = 4;
    /// All kinds, in the order of their numbers.
    pub const ALL: [Kind; Kind::COUNT] = [Kind::Object, Kind::Int, Kind::Float, Kind::Raw];
    /// Most arguments of direct calls that travel each in its own way.
    pub const MAX_SORTED: usize = 3;
    /// Most arguments of direct calls. If there are more than [`Kind::MAX_SORTED`], all are objects.
    pub const MAX_DIRECT: usize = 6;
    /// Added to the combination: the end of an iteration is NULL then, not StopIteration.
    pub const END: usize = 1 << 16;
    /// The type of the argument's word.
    pub fn word(self) -> Ty {
        match self {
            Kind::Object => Ty::Ref,
            Kind::Int | Kind::Raw => Ty::Int,
            Kind::Float => Ty::Float,
        }
    }
}
/// The residual functions for one number of arguments: one for each combination of kinds. Their words are the function's
/// word, the combination, the names if there are keyword arguments ([`Foreign::names`]), and the arguments.
pub struct Direct(pub Vec<Residual>);
impl Direct {
    /// No direct calls with this number of arguments.
    pub const NONE: Direct = Direct(Vec::new());
    /// The function for a combination of kinds: the sum of `kind n * Kind::COUNT ^ n`. None: no calls of this number.
    #[inline(always)]
    pub fn choose(&self, packed: usize) -> Option<&Residual> {
        self.0.get(packed)
    }
}

/// Keyword arguments of a call: `names[i]` is a str, `values[i]` its value.
#[derive(Clone, Copy)]
pub struct Kw<'a> {
    /// Names, strs. Interned if they stood in the source.
    pub names: &'a [Gc],
    /// Values, as many as names.
    pub values: &'a [Gc],
}
impl Kw<'_> {
    /// No keyword arguments.
    pub const NONE: Kw<'static> = Kw {
        names: &[],
        values: &[],
    };
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// Builtins that handlers expand in machine style instead of calling them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Inline {
    Len,
    IsInstance,
    Abs,
    Min,
    Max,
    Iter,
    Next,
    Ord,
    Chr,
    ListAppend,
    ListPop,
    DictGet,
    DictPop,
    GetAttr,
    HasAttr,
    Id,
    StrEncode,
    /// `I0` of a native object whose `I1` is 0.
    NativePosition,
    SetAdd,
    Sqrt,
    GenSend,
    ListInsert,
    GetItem,
    StrIs(crate::str::kinds::CharKind),
    Consume(crate::consumers::Consumer),
}

/// No upper limit of the number of arguments.
pub const ANY: u8 = u8::MAX;

/// A builtin function or method.
pub struct BuiltinDef {
    /// `__name__`
    pub name: &'static str,
    /// `__doc__`, or empty.
    pub doc: &'static str,
    /// Fewest positional arguments, `self` included.
    pub min: u8,
    /// Most positional arguments, `self` included, or [`ANY`].
    pub max: u8,
    /// The Rust function.
    pub func: BuiltinFn,
    /// How handlers expand it.
    pub inline: Option<Inline>,
    /// What it is known not to do.
    pub quiet: Quiet,
    /// How it binds when it stands in the namespace of a class.
    pub binding: Binding,
    /// `self` is passed as it is, not its payload.
    pub keeps_self: bool,
    /// `__text_signature__`, or empty.
    pub signature: &'static str,
}

/// What the Rust function of a builtin is known not to do. Traces then keep what they know of the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quiet {
    /// Nothing is known, but that methods of the classes of plain objects are `OfPlain`.
    ByOwner,
    /// Nothing is known.
    No,
    /// It runs no guest code and changes no object that was there, whatever it is called with.
    Always,
    /// As `Always` if its arguments, the receiver among them, are None, bools, ints, floats, strs and bytes.
    OfPlain,
    /// As `OfPlain` for a method of a native object, which changes nothing but that and a bytearray in it. The other
    /// arguments are plain.
    InNative,
}

/// How a builtin binds in the namespace of a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binding {
    /// A method.
    Instance,
    /// A class method: the first argument is the class.
    Class,
    /// A static method.
    Static,
}

const fn def(name: &'static str, func: BuiltinFn, min: u8, max: u8) -> BuiltinDef {
    BuiltinDef {
        name,
        doc: "",
        min,
        max,
        func,
        inline: None,
        quiet: Quiet::ByOwner,
        binding: Binding::Instance,
        keeps_self: false,
        signature: "",
    }
}
/// A function without arguments.
pub const fn fn0(name: &'static str, f: fn(&'static Vm) -> PyResult) -> BuiltinDef {
    def(name, BuiltinFn::Fn0(f), 0, 0)
}
/// A function of one argument.
pub const fn fn1(name: &'static str, f: fn(&'static Vm, Gc) -> PyResult) -> BuiltinDef {
    def(name, BuiltinFn::Fn1(f), 1, 1)
}
/// A function of two arguments.
pub const fn fn2(name: &'static str, f: fn(&'static Vm, Gc, Gc) -> PyResult) -> BuiltinDef {
    def(name, BuiltinFn::Fn2(f), 2, 2)
}
/// A function of three arguments.
pub const fn fn3(name: &'static str, f: fn(&'static Vm, Gc, Gc, Gc) -> PyResult) -> BuiltinDef {
    def(name, BuiltinFn::Fn3(f), 3, 3)
}
/// A function of `min..=max` positional arguments.
pub const fn var(
    name: &'static str,
    min: u8,
    max: u8,
    f: fn(&'static Vm, &[Gc]) -> PyResult,
) -> BuiltinDef {
    def(name, BuiltinFn::Var(f), min, max)
}
/// A function with keyword arguments.
pub const fn kw(name: &'static str, f: fn(&'static Vm, &[Gc], &Kw) -> PyResult) -> BuiltinDef {
    def(name, BuiltinFn::Kw(f), 0, ANY)
}

impl BuiltinDef {
    /// The last arguments may be missing: at least `min` (self included) are given.
    pub const fn opt(mut self, min: u8) -> BuiltinDef {
        self.min = min;
        self
    }
    /// Sets the docstring.
    pub const fn doc(mut self, doc: &'static str) -> BuiltinDef {
        self.doc = doc;
        self
    }
    /// Sets `__text_signature__`.
    pub const fn sig(mut self, signature: &'static str) -> BuiltinDef {
        self.signature = signature;
        self
    }
    /// Handlers expand calls.
    pub const fn inline(mut self, inline: Inline) -> BuiltinDef {
        self.inline = Some(inline);
        self
    }
    /// Says what the function is known not to do.
    pub const fn quiet(mut self, quiet: Quiet) -> BuiltinDef {
        self.quiet = quiet;
        self
    }
    /// `self` is passed as it is.
    pub const fn keep_self(mut self) -> BuiltinDef {
        self.keeps_self = true;
        self
    }
    /// A class method.
    pub const fn class_method(mut self) -> BuiltinDef {
        self.binding = Binding::Class;
        self
    }
    /// A static method.
    pub const fn static_method(mut self) -> BuiltinDef {
        self.binding = Binding::Static;
        self
    }
    /// Whether the method implements a special method (`wrapper_descriptor` of CPython).
    pub fn is_slot(&self) -> bool {
        self.name.starts_with("__") && crate::special::Special::by_name(self.name).is_some()
    }
}

/// A computed attribute of a builtin class.
pub struct GetSetDef {
    /// `__name__`
    pub name: &'static str,
    /// `__doc__`, or empty.
    pub doc: &'static str,
    /// Reads it.
    pub get: fn(&'static Vm, Gc) -> PyResult,
    /// Writes it; the value is NULL to delete it. None: the attribute is read-only.
    pub set: Option<fn(&'static Vm, Gc, Gc) -> PyResult<()>>,
    /// `self` is passed as it is, not its payload.
    pub keeps_self: bool,
    /// CPython shows it as a `member_descriptor`.
    pub member: bool,
    /// Code that is not written in Rust does it: then `get` and `set` are not used.
    pub foreign: Option<ForeignAttribute>,
}
/// How code that is not written in Rust reads and writes an attribute; `word` says which. The value that is written is NULL
/// to delete it.
#[allow(missing_docs)]
pub struct ForeignAttribute {
    pub get: fn(&'static Vm, usize, Gc) -> PyResult,
    pub set: fn(&'static Vm, usize, Gc, Gc) -> PyResult<()>,
    pub word: usize,
}

/// A read-only attribute.
pub const fn getter(name: &'static str, get: fn(&'static Vm, Gc) -> PyResult) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
        keeps_self: false,
        member: false,
        foreign: None,
    }
}
/// An attribute that can be written.
pub const fn getset(
    name: &'static str,
    get: fn(&'static Vm, Gc) -> PyResult,
    set: fn(&'static Vm, Gc, Gc) -> PyResult<()>,
) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: Some(set),
        keeps_self: false,
        member: false,
        foreign: None,
    }
}
impl GetSetDef {
    /// An attribute that code not written in Rust reads and writes.
    pub const fn foreign(
        name: &'static str,
        doc: &'static str,
        member: bool,
        how: ForeignAttribute,
    ) -> GetSetDef {
        GetSetDef {
            name,
            doc,
            get: |vm, _| Ok(vm.world().none),
            set: None,
            keeps_self: true,
            member,
            foreign: Some(how),
        }
    }
    /// `self` is passed as it is.
    pub const fn keep_self(mut self) -> GetSetDef {
        self.keeps_self = true;
        self
    }
    /// Shown as a `member_descriptor`.
    pub const fn member(mut self) -> GetSetDef {
        self.member = true;
        self
    }
}
