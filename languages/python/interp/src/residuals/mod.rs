//! Every Rust function that a handler calls, with the effects that it may have.
//!
//! They are thin: what they do is in the crate of the objects. An exception that is new gets the exception being handled
//! as its context here, so that runtime functions need not think of it.

mod building;
mod calling;
mod generating;
mod importing;
mod matching;
mod naming;
mod operating;
mod raising;

pub use building::*;
pub use calling::*;
pub use generating::*;
pub use importing::*;
pub use matching::*;
pub use naming::*;
pub use operating::*;
pub use raising::*;

use ouro_gc::Gc;
use ouro_py_objects::layout::WException;
use ouro_py_objects::{Access, Vm};

/// Gives an exception that was made by runtime code its context, unless guest code has seen it.
pub(crate) fn chained(vm: &'static Vm, e: Gc) -> Gc {
    if e.get(WException::TRACEBACK).is_null() && e.get(WException::CONTEXT).is_null() {
        ouro_py_objects::exception::chain_context(vm, e);
    }
    e
}
/// Declares residual functions with their bodies; `vm` is what the body calls the VM.
macro_rules! residuals {
    ($($(#[$meta:meta])* $name:ident = $f:ident($vm:ident $(, $a:ident: $t:ty)*) -> $ret:ty, $effects:expr, $body:block)*) => { $(
        fn $f($vm: &'static ouro_py_objects::Vm $(, $a: $t)*) -> ouro_py_objects::PyResult<$ret> {
            let run = || -> ouro_py_objects::PyResult<$ret> { $body };
            run().map_err(|e| $crate::residuals::chained($vm, e))
        }
        ouro_machine::residual!(
            $(#[$meta])*
            pub $name = $f, ($($a: $t),*) -> ouro_py_objects::PyResult<$ret>; ouro_py_objects::Python, $effects
        );
    )* };
}
pub(crate) use residuals;
