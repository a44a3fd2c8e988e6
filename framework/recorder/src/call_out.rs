//! Guest calls that a trace makes instead of following them: recursion, callees with loops of their own.
//!
//! The callee runs in a run loop of its own, where it may enter compiled code.

use ouro_gc::Gc;
use ouro_machine::residual::{IntoRet, Word};
use ouro_machine::{Code, Entry, Language, Ret, Vm};

/// Most arguments, the callee's register 0 included.
pub const MAX_ARGUMENTS: usize = 8;

/// Addresses take 47 bits.
const ADDRESS_BITS: u32 = 48;

/// The word that names a callee: its code object, and how many guest frames between the compiled code's own and the caller
/// the compiled code has removed. They count for the limit of recursion.
pub fn callee_word<L: Language>(code: &'static Code<L>, hidden: usize) -> i64 {
    let address = std::ptr::from_ref(code) as usize;
    debug_assert!(address < 1 << ADDRESS_BITS && hidden < 1 << 15);
    (address | hidden << ADDRESS_BITS) as i64
}
fn run<L: Language>(vm: &'static Vm<L>, callee: u64, arguments: &[u64]) -> Ret {
    let address = callee & ((1 << ADDRESS_BITS) - 1);
    // SAFETY: the recorder put the address of a code object there, which lives for ever.
    let code = unsafe { &*(address as *const Code<L>) };
    let outcome = vm.with_hidden_frames((callee >> ADDRESS_BITS) as usize, || {
        vm.call_frame(code, 0, Entry::Start, |registers| {
            for (register, word) in registers.iter_mut().zip(arguments) {
                *register = <Gc as Word>::from_word(*word);
            }
        })
    });
    outcome.into_ret()
}

macro_rules! shims {
    ($($n:literal $name:ident($($a:ident)*);)*) => {
        $(extern "C" fn $name<L: Language>(vm: &'static Vm<L>, code: u64, $($a: u64),*) -> Ret {
            run(vm, code, &[$($a),*])
        })*
        /// Address of the function for callees with this many arguments, at most [`MAX_ARGUMENTS`].
        pub fn address<L: Language>(arguments: usize) -> u64 {
            match arguments {
                $($n => $name::<L> as *const () as u64,)*
                _ => unreachable!("the recorder inlines calls with more arguments"),
            }
        }
    };
}
shims! {
    0 call0();
    1 call1(a);
    2 call2(a b);
    3 call3(a b c);
    4 call4(a b c d);
    5 call5(a b c d e);
    6 call6(a b c d e f);
    7 call7(a b c d e f g);
    8 call8(a b c d e f g h);
}
