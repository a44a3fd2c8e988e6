//! Functions that are not implemented: they say so.

use crate::errors;

fn missing(name: &str) {
    errors::set_text(
        crate::data::PyExc_SystemError.get(),
        &format!("ouro does not implement {name} yet"),
    );
}
fn missing_and_infallible(name: &str) -> ! {
    eprintln!("ouro: SystemError: ouro does not implement {name} yet");
    std::process::abort()
}
macro_rules! stub {
    ($name:ident $($rest:tt)*) => {
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $name() $($rest)*
    };
}
include!(concat!(env!("OUT_DIR"), "/stubs.rs"));
