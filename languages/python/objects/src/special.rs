//! Special methods and other names that the runtime itself uses.
//!
//! [`Special`] numbers the special methods that classes cache; [`Names`] holds further interned names.

use crate::Vm;
use crate::class::Name;

macro_rules! specials {
    ($($name:ident $text:literal,)*) => {
        /// A special method that every class caches.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum Special { $($name),* }
        /// All special methods, in order of their numbers.
        pub const SPECIALS: &[Special] = &[$(Special::$name),*];
        const TEXTS: &[&str] = &[$($text),*];
    };
}
specials! {
    Add "__add__", Radd "__radd__", Iadd "__iadd__", Sub "__sub__", Rsub "__rsub__", Isub "__isub__",
    Mul "__mul__", Rmul "__rmul__", Imul "__imul__", MatMul "__matmul__", Rmatmul "__rmatmul__", Imatmul "__imatmul__",
    TrueDiv "__truediv__", Rtruediv "__rtruediv__", Itruediv "__itruediv__",
    FloorDiv "__floordiv__", Rfloordiv "__rfloordiv__", Ifloordiv "__ifloordiv__",
    Mod "__mod__", Rmod "__rmod__", Imod "__imod__", DivMod "__divmod__", Rdivmod "__rdivmod__",
    Pow "__pow__", Rpow "__rpow__", Ipow "__ipow__", LShift "__lshift__", Rlshift "__rlshift__", Ilshift "__ilshift__",
    RShift "__rshift__", Rrshift "__rrshift__", Irshift "__irshift__", And "__and__", Rand "__rand__", Iand "__iand__",
    Or "__or__", Ror "__ror__", Ior "__ior__", Xor "__xor__", Rxor "__rxor__", Ixor "__ixor__",
    Neg "__neg__", Pos "__pos__", Abs "__abs__", Invert "__invert__",
    Lt "__lt__", Le "__le__", Eq "__eq__", Ne "__ne__", Gt "__gt__", Ge "__ge__",
    Bool "__bool__", Len "__len__", LengthHint "__length_hint__", Contains "__contains__", Hash "__hash__",
    GetItem "__getitem__", SetItem "__setitem__", DelItem "__delitem__", Missing "__missing__",
    Iter "__iter__", Next "__next__", Reversed "__reversed__", Call "__call__",
    New "__new__", Init "__init__", Del "__del__", Repr "__repr__", Str "__str__", Format "__format__", Bytes "__bytes__",
    Int "__int__", Float "__float__", Complex "__complex__", Index "__index__",
    Round "__round__", Trunc "__trunc__", Floor "__floor__", Ceil "__ceil__",
    GetAttribute "__getattribute__", GetAttr "__getattr__", SetAttr "__setattr__", DelAttr "__delattr__",
    Get "__get__", Set "__set__", Delete "__delete__", SetName "__set_name__",
    Enter "__enter__", Exit "__exit__", Aenter "__aenter__", Aexit "__aexit__",
    Await "__await__", Aiter "__aiter__", Anext "__anext__",
    InstanceCheck "__instancecheck__", SubclassCheck "__subclasscheck__", Dir "__dir__",
    Fspath "__fspath__",
}
/// Number of special methods.
pub const SPECIAL_COUNT: usize = SPECIALS.len();
const _: () = assert!(
    SPECIAL_COUNT <= 128,
    "classes remember the known ones in 128 bits"
);

impl Special {
    /// The method's name.
    pub const fn text(self) -> &'static str {
        TEXTS[self as usize]
    }
    /// The special method with this name.
    pub fn by_name(name: &str) -> Option<Special> {
        TEXTS.iter().position(|&t| t == name).map(|i| SPECIALS[i])
    }
    /// The interned name.
    #[inline(always)]
    pub fn name(self, vm: &Vm) -> Name {
        vm.world().special_names[self as usize]
    }
}

/// A binary operator with its three special methods.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    MatMul,
    TrueDiv,
    FloorDiv,
    Mod,
    DivMod,
    Pow,
    LShift,
    RShift,
    And,
    Or,
    Xor,
}
impl BinOp {
    /// All operators, in order of their numbers.
    pub const ALL: [BinOp; 14] = [
        BinOp::Add,
        BinOp::Sub,
        BinOp::Mul,
        BinOp::MatMul,
        BinOp::TrueDiv,
        BinOp::FloorDiv,
        BinOp::Mod,
        BinOp::DivMod,
        BinOp::Pow,
        BinOp::LShift,
        BinOp::RShift,
        BinOp::And,
        BinOp::Or,
        BinOp::Xor,
    ];
    /// The method of the left operand, the reflected one of the right operand, the in-place one.
    pub const fn specials(self) -> (Special, Special, Option<Special>) {
        use Special::*;
        match self {
            BinOp::Add => (Add, Radd, Some(Iadd)),
            BinOp::Sub => (Sub, Rsub, Some(Isub)),
            BinOp::Mul => (Mul, Rmul, Some(Imul)),
            BinOp::MatMul => (MatMul, Rmatmul, Some(Imatmul)),
            BinOp::TrueDiv => (TrueDiv, Rtruediv, Some(Itruediv)),
            BinOp::FloorDiv => (FloorDiv, Rfloordiv, Some(Ifloordiv)),
            BinOp::Mod => (Mod, Rmod, Some(Imod)),
            BinOp::DivMod => (DivMod, Rdivmod, None),
            BinOp::Pow => (Pow, Rpow, Some(Ipow)),
            BinOp::LShift => (LShift, Rlshift, Some(Ilshift)),
            BinOp::RShift => (RShift, Rrshift, Some(Irshift)),
            BinOp::And => (And, Rand, Some(Iand)),
            BinOp::Or => (Or, Ror, Some(Ior)),
            BinOp::Xor => (Xor, Rxor, Some(Ixor)),
        }
    }
    /// The operator as CPython's messages write it.
    pub const fn symbol(self) -> &'static str {
        match self {
            BinOp::Add => "+",
            BinOp::Sub => "-",
            BinOp::Mul => "*",
            BinOp::MatMul => "@",
            BinOp::TrueDiv => "/",
            BinOp::FloorDiv => "//",
            BinOp::Mod => "%",
            BinOp::DivMod => "divmod()",
            BinOp::Pow => "** or pow()",
            BinOp::LShift => "<<",
            BinOp::RShift => ">>",
            BinOp::And => "&",
            BinOp::Or => "|",
            BinOp::Xor => "^",
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum CmpOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}
impl CmpOp {
    /// All comparisons, in order of their numbers.
    pub const ALL: [CmpOp; 6] = [
        CmpOp::Lt,
        CmpOp::Le,
        CmpOp::Eq,
        CmpOp::Ne,
        CmpOp::Gt,
        CmpOp::Ge,
    ];
    /// Its method.
    pub const fn special(self) -> Special {
        match self {
            CmpOp::Lt => Special::Lt,
            CmpOp::Le => Special::Le,
            CmpOp::Eq => Special::Eq,
            CmpOp::Ne => Special::Ne,
            CmpOp::Gt => Special::Gt,
            CmpOp::Ge => Special::Ge,
        }
    }
    /// The comparison with swapped operands.
    pub const fn reflected(self) -> CmpOp {
        match self {
            CmpOp::Lt => CmpOp::Gt,
            CmpOp::Le => CmpOp::Ge,
            CmpOp::Eq => CmpOp::Eq,
            CmpOp::Ne => CmpOp::Ne,
            CmpOp::Gt => CmpOp::Lt,
            CmpOp::Ge => CmpOp::Le,
        }
    }
    /// As written in source.
    pub const fn symbol(self) -> &'static str {
        match self {
            CmpOp::Lt => "<",
            CmpOp::Le => "<=",
            CmpOp::Eq => "==",
            CmpOp::Ne => "!=",
            CmpOp::Gt => ">",
            CmpOp::Ge => ">=",
        }
    }
    /// Whether an ordering satisfies it.
    #[inline]
    pub fn holds(self, o: std::cmp::Ordering) -> bool {
        use std::cmp::Ordering::*;
        match self {
            CmpOp::Lt => o == Less,
            CmpOp::Le => o != Greater,
            CmpOp::Eq => o == Equal,
            CmpOp::Ne => o != Equal,
            CmpOp::Gt => o == Greater,
            CmpOp::Ge => o != Less,
        }
    }
}

macro_rules! names {
    ($($field:ident $text:literal,)*) => {
        /// Interned names that the runtime uses often.
        #[allow(missing_docs)]
        pub struct Names { $(pub $field: Name),* }
        impl Names {
            /// Interns them all.
            pub fn new(mut intern: impl FnMut(&str) -> Name) -> Names {
                Names { $($field: intern($text)),* }
            }
        }
    };
}
names! {
    dict "__dict__", doc "__doc__", module "__module__", name "__name__", qualname "__qualname__", class "__class__",
    bases "__bases__", mro "__mro__", slots "__slots__", weakref "__weakref__", classcell "__classcell__",
    init_subclass "__init_subclass__", class_getitem "__class_getitem__", mro_entries "__mro_entries__",
    prepare "__prepare__", annotations "__annotations__", abstractmethods "__abstractmethods__",
    isabstractmethod "__isabstractmethod__", builtins "__builtins__", import_ "__import__", build_class "__build_class__",
    file "__file__", path "__path__", spec "__spec__", loader "__loader__", package "__package__", all "__all__",
    wrapped "__wrapped__", origin "__origin__", args "__args__", parameters "__parameters__", reduce "__reduce__",
    reduce_ex "__reduce_ex__", getstate "__getstate__", getnewargs "__getnewargs__", getnewargs_ex "__getnewargs_ex__",
    notes "__notes__", subclasshook "__subclasshook__", typing_subst "__typing_subst__",
    keys "keys", items "items", append "append", write "write", flush "flush", close "close", throw "throw", send "send",
    read "read", readline "readline", stdout "stdout", stdin "stdin", stderr "stderr", sort "sort", join "join",
    end "end", sep "sep", metaclass "metaclass", main "__main__", value "value", code "code", main_name "builtins",
    call_event "call", line_event "line", return_event "return", exception_event "exception", opcode_event "opcode",
    c_call_event "c_call", c_return_event "c_return", c_exception_event "c_exception",
}
