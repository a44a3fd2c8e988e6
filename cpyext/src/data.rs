//! The data symbols: types, exceptions, singletons, flags. All zero until [`crate::context::install`].

use crate::abi::{Obj, PyTypeObject};
use std::cell::UnsafeCell;

/// A variable that C and Rust share.
#[repr(C, align(16))]
pub struct Shared<T>(UnsafeCell<T>);
// SAFETY: the interface has one thread at a time.
unsafe impl<T> Sync for Shared<T> {}
impl<T> Shared<T> {
    /// Its address.
    pub const fn get(&self) -> *mut T {
        self.0.get()
    }
}
macro_rules! shared {
    ($name:ident: $t:ty) => {
        #[doc = concat!("`", stringify!($name), "`")]
        #[unsafe(no_mangle)]
        #[allow(non_upper_case_globals)]
        pub static $name: Shared<$t> = Shared(UnsafeCell::new(
            // SAFETY: all types of data symbols may be zero.
            unsafe { std::mem::zeroed() },
        ));
    };
}
include!(concat!(env!("OUT_DIR"), "/data.rs"));

/// `None`
pub fn none() -> Obj {
    _Py_NoneStruct.get().cast()
}
/// `True` or `False`
pub fn bool_(v: bool) -> Obj {
    match v {
        true => _Py_TrueStruct.get().cast(),
        false => _Py_FalseStruct.get().cast(),
    }
}
