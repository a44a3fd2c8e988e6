//! C's math library, which CPython calls too: results agree to the last bit.
//!
//! The functions are looked up in the shared library by name. Linking to them is not enough: Rust's compiler support
//! library defines some of the same names with other last bits, and a definition in the executable goes first. Where
//! there is no shared library, the linked functions are used.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::sync::OnceLock;

fn library() -> usize {
    static LIBRARY: OnceLock<usize> = OnceLock::new();
    *LIBRARY.get_or_init(|| {
        // SAFETY: the name ends with 0; the library is the one that the process uses anyway, so its initialisation is done.
        unsafe { libc::dlopen(c"libm.so.6".as_ptr(), libc::RTLD_LAZY) as usize }
    })
}
fn address(name: &CStr) -> Option<usize> {
    let library = library();
    if library == 0 {
        return None;
    }
    // SAFETY: `library` is an open handle, which is never closed, and the name ends with 0.
    let found = unsafe { libc::dlsym(library as *mut libc::c_void, name.as_ptr()) } as usize;
    (found != 0).then_some(found)
}

macro_rules! functions {
    ($($name:ident($($x:ident),+) $c_name:literal $type:ty,)*) => {
        mod linked {
            #[link(name = "m")]
            // SAFETY: these functions take and give plain numbers and are declared as C's header does.
            unsafe extern "C" { $(pub safe fn $name($($x: f64),+) -> f64;)* }
        }
        $(
            #[doc = concat!("C's `", stringify!($name), "`.")]
            pub fn $name($($x: f64),+) -> f64 {
                static FUNCTION: OnceLock<$type> = OnceLock::new();
                let f = FUNCTION.get_or_init(|| match address($c_name) {
                    // SAFETY: the library's function of this name has this type by C's standard.
                    Some(at) => unsafe { std::mem::transmute::<usize, $type>(at) },
                    None => linked::$name as $type,
                });
                f($($x),+)
            }
        )*
    };
}
type One = extern "C" fn(f64) -> f64;
type Two = extern "C" fn(f64, f64) -> f64;
functions! {
    acos(x) c"acos" One, acosh(x) c"acosh" One, asin(x) c"asin" One, asinh(x) c"asinh" One, atan(x) c"atan" One,
    atan2(y, x) c"atan2" Two, atanh(x) c"atanh" One, cbrt(x) c"cbrt" One, cos(x) c"cos" One, cosh(x) c"cosh" One,
    erf(x) c"erf" One, erfc(x) c"erfc" One, exp(x) c"exp" One, exp2(x) c"exp2" One, expm1(x) c"expm1" One,
    log(x) c"log" One, log10(x) c"log10" One, log1p(x) c"log1p" One, log2(x) c"log2" One, pow(x, y) c"pow" Two,
    sin(x) c"sin" One, sinh(x) c"sinh" One, tan(x) c"tan" One, tanh(x) c"tanh" One,
}
