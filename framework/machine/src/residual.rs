//! Residual calls: Rust functions that a trace calls instead of looking into them.

use crate::{Language, Vm};
use ouro_gc::Gc;

/// The type of an argument or result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ty {
    Int,
    Float,
    Ref,
}

/// What a callee returns: in RAX and RDX. `exc` is 0 or the address of the raised exception.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Ret {
    pub value: u64,
    pub exc: u64,
}

/// Which heap fields a callee may write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Writes {
    None,
    /// Fields and items of objects whose type has one of these names.
    Only(&'static [&'static str]),
    All,
}

/// What a callee may do. Too little declared is a miscompile; the effect sanitizer looks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effects {
    /// The result depends on the arguments only; calling twice is as good as once. Excludes all below but `allocates`.
    pub pure: bool,
    /// May be called in the probing phase: writes nothing that anybody can see, cannot raise.
    pub probe: bool,
    pub writes: Writes,
    pub can_raise: bool,
    /// May reach a safepoint, hence run guest code.
    pub can_collect: bool,
}

impl Effects {
    /// A function of its arguments' immutable parts.
    pub const PURE: Effects = Effects {
        pure: true,
        probe: true,
        writes: Writes::None,
        can_raise: false,
        can_collect: false,
    };
    /// Reads the heap, writes nothing but objects that it makes.
    pub const READS: Effects = Effects {
        pure: false,
        ..Effects::PURE
    };
    /// Writes nothing visible but may raise.
    pub const READS_OR_RAISES: Effects = Effects {
        pure: false,
        probe: false,
        can_raise: true,
        ..Effects::PURE
    };
    /// Writes the named types only, may raise; runs no guest code.
    pub const fn writes(types: &'static [&'static str]) -> Effects {
        Effects {
            pure: false,
            probe: false,
            writes: Writes::Only(types),
            can_raise: true,
            can_collect: false,
        }
    }
    /// Anything at all.
    pub const ANY: Effects = Effects {
        pure: false,
        probe: false,
        writes: Writes::All,
        can_raise: true,
        can_collect: true,
    };
}

/// How a callee is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Abi {
    /// `extern "C" fn(vm, u64..) -> Ret`; floats travel as bits.
    Vm,
    /// `extern "C" fn(f64) -> f64`
    Float1,
    /// `extern "C" fn(f64, f64) -> f64`
    Float2,
}

/// A form of a residual function whose result is what an object of a value class holds, not the object: traces of callees
/// that go on giving objects of one class make no object where none is needed.
///
/// The form does what the function does. If the result is of exactly that class it gives the class's only field; any other
/// result it *raises*, in an object that the exception entry of [`crate::ResumePoint::unboxed`] tells from an exception.
pub struct Unboxed {
    /// The value class.
    pub type_id: u32,
    /// Takes the same words as the function.
    pub address: *const (),
    /// The type of the class's only field.
    pub result: Ty,
}
// SAFETY: as for `Residual`.
unsafe impl Sync for Unboxed {}

/// A residual function. Made by [`crate::residual!`].
pub struct Residual {
    pub name: &'static str,
    pub abi: Abi,
    pub address: *const (),
    pub args: &'static [Ty],
    pub result: Option<Ty>,
    pub effects: Effects,
    /// Forms of a function that gives an object and may raise.
    pub unboxed: &'static [Unboxed],
    /// The address of a form that takes the same words, does the same and gives no result, for traces that do not look at
    /// it. Null: there is none.
    pub unused: *const (),
}
// SAFETY: `address` is the address of a function; everything else is plain data.
unsafe impl Sync for Residual {}

/// Types that travel in a word of a residual call.
pub trait Word: Copy {
    const TY: Ty;
    fn from_word(word: u64) -> Self;
    fn to_word(self) -> u64;
}
impl Word for i64 {
    const TY: Ty = Ty::Int;
    #[inline(always)]
    fn from_word(word: u64) -> i64 {
        word as i64
    }
    #[inline(always)]
    fn to_word(self) -> u64 {
        self as u64
    }
}
impl Word for f64 {
    const TY: Ty = Ty::Float;
    #[inline(always)]
    fn from_word(word: u64) -> f64 {
        f64::from_bits(word)
    }
    #[inline(always)]
    fn to_word(self) -> u64 {
        self.to_bits()
    }
}
impl Word for Gc {
    const TY: Ty = Ty::Ref;
    #[inline(always)]
    fn from_word(word: u64) -> Gc {
        crate::direct::gc_from_word(word)
    }
    #[inline(always)]
    fn to_word(self) -> u64 {
        self.address() as u64
    }
}

/// What a Rust function may return to become residual.
pub trait IntoRet {
    const RESULT: Option<Ty>;
    fn into_ret(self) -> Ret;
}
impl<T: Word> IntoRet for T {
    const RESULT: Option<Ty> = Some(T::TY);
    #[inline(always)]
    fn into_ret(self) -> Ret {
        Ret {
            value: self.to_word(),
            exc: 0,
        }
    }
}
impl IntoRet for () {
    const RESULT: Option<Ty> = None;
    #[inline(always)]
    fn into_ret(self) -> Ret {
        Ret { value: 0, exc: 0 }
    }
}
impl IntoRet for bool {
    const RESULT: Option<Ty> = Some(Ty::Int);
    #[inline(always)]
    fn into_ret(self) -> Ret {
        Ret {
            value: self as u64,
            exc: 0,
        }
    }
}
impl<T: IntoRet> IntoRet for Result<T, Gc> {
    const RESULT: Option<Ty> = T::RESULT;
    #[inline(always)]
    fn into_ret(self) -> Ret {
        match self {
            Ok(v) => v.into_ret(),
            Err(e) => Ret {
                value: 0,
                exc: e.to_word(),
            },
        }
    }
}
/// The result type of a function type, for [`crate::residual!`].
pub const fn result_of<T: IntoRet>() -> Option<Ty> {
    T::RESULT
}

/// Declares a residual function.
///
/// ```ignore
/// residual!(pub LIST_APPEND = list_append(list: Gc, v: Gc) -> Result<Gc, Gc>; Toy, Effects::ANY);
/// fn list_append(vm: &'static Vm<Toy>, list: Gc, v: Gc) -> Result<Gc, Gc> { .. }
/// ```
/// expands to a static [`Residual`] whose address is an `extern "C"` shim around the function. Argument types are
/// `i64`, `f64` or `Gc`; results those, `bool`, `()`, or a `Result` of them with the exception as error.
#[macro_export]
macro_rules! residual {
    ($(#[$meta:meta])* $vis:vis $name:ident = $f:path, ($($a:ident: $t:ty),*) -> $ret:ty; $lang:ty, $effects:expr) => {
        $(#[$meta])*
        $vis static $name: $crate::Residual = {
            extern "C" fn shim(vm: &'static $crate::Vm<$lang>, $($a: u64),*) -> $crate::Ret {
                let result: $ret = $f(vm, $(<$t as $crate::residual::Word>::from_word($a)),*);
                $crate::residual::IntoRet::into_ret(result)
            }
            $crate::Residual {
                name: stringify!($f),
                abi: $crate::Abi::Vm,
                address: shim as *const (),
                args: &[$(<$t as $crate::residual::Word>::TY),*],
                result: $crate::residual::result_of::<$ret>(),
                effects: $effects,
                unboxed: &[],
                unused: std::ptr::null(),
            }
        };
    };
}

impl Residual {
    /// Calls it. `words.len() == self.args.len()`; at most 6.
    #[inline(always)]
    pub fn invoke<L: Language, const N: usize>(&self, vm: &'static Vm<L>, words: [u64; N]) -> Ret {
        crate::direct::invoke(self, vm, words)
    }
}
