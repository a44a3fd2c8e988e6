//! What one interpreter with extension modules consists of: memory, the thread's state, the interpreter behind it.

use crate::abi::*;
use crate::guest::Guest;
use crate::memory::Memory;
use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicBool, Ordering};

/// The context of the thread that runs the interpreter.
pub struct Context {
    /// The memory of the C side.
    pub memory: Memory,
    /// The interpreter.
    pub guest: Box<dyn Guest>,
    state: UnsafeCell<PyThreadState>,
    /// What `PyInterpreterState *` points to. Nobody looks inside.
    interpreter: [u64; 8],
    /// References that live until the call from the interpreter returns in which they were parked.
    pub(crate) parked: UnsafeCell<Vec<Obj>>,
    /// Ints that always exist.
    pub(crate) small_ints: Cell<*mut PyLongObject>,
    /// Strs of one Latin-1 character and the empty one.
    pub(crate) small_strs: Box<[Cell<Obj>]>,
    pub(crate) empty_tuple: Cell<Obj>,
    pub(crate) empty_bytes: Cell<Obj>,
    pub(crate) dict_version: Cell<u64>,
    pub(crate) spare: crate::values::Spare,
}

thread_local! {
    static CURRENT: Cell<Option<&'static Context>> = const { Cell::new(None) };
}
static INSTALLED: AtomicBool = AtomicBool::new(false);

impl Context {
    /// A version that no dict had before.
    pub fn next_dict_version(&self) -> u64 {
        self.dict_version.set(self.dict_version.get() + 1);
        self.dict_version.get()
    }
    /// A call from the interpreter into C begins; [`Context::leave`] wants the number when it is over.
    #[inline(always)]
    pub fn enter(&self) -> usize {
        // SAFETY: nobody holds a reference into the list.
        unsafe { (*self.parked.get()).len() }
    }
    /// The call is over: what was parked since is dropped.
    #[inline(always)]
    pub fn leave(&self, parked: usize) {
        if self.enter() != parked {
            self.drop_parked(parked);
        }
    }
    #[cold]
    #[inline(never)]
    fn drop_parked(&self, keep: usize) {
        // SAFETY: dropping a reference may park others or run C code, so that each is taken first.
        unsafe {
            while (*self.parked.get()).len() > keep
                && let Some(o) = (*self.parked.get()).pop()
            {
                crate::raw::decref(o);
            }
        }
    }
    /// The state of the thread.
    #[inline(always)]
    pub fn thread_state(&self) -> *mut PyThreadState {
        self.state.get()
    }
}
/// The context of this thread. Panics if the thread runs no interpreter with extension modules.
#[inline(always)]
pub fn context() -> &'static Context {
    CURRENT
        .get()
        .expect("extension modules call the interpreter on its own thread")
}
/// The context of this thread, if it has one.
pub fn current() -> Option<&'static Context> {
    CURRENT.get()
}
/// The interpreter of this thread.
#[inline(always)]
pub fn guest() -> &'static dyn Guest {
    &*context().guest
}
/// The thread's state.
#[inline(always)]
pub fn state() -> *mut PyThreadState {
    context().state.get()
}
/// Makes the context of this thread. There can be one in a process, since types and exceptions are data symbols.
///
/// # Errors
/// A text that says why there is none.
pub fn install(guest: Box<dyn Guest>) -> Result<&'static Context, String> {
    if INSTALLED.swap(true, Ordering::Relaxed) {
        return Err("extension modules are used by another interpreter of this process".into());
    }
    let memory = Memory::new()?;
    let context: &'static Context = Box::leak(Box::new(Context {
        memory,
        guest,
        // SAFETY: numbers and pointers may be zero.
        state: unsafe { std::mem::zeroed() },
        interpreter: [0; 8],
        parked: UnsafeCell::default(),
        small_ints: Cell::new(std::ptr::null_mut()),
        small_strs: vec![Cell::new(std::ptr::null_mut()); 257].into(),
        empty_tuple: Cell::new(std::ptr::null_mut()),
        empty_bytes: Cell::new(std::ptr::null_mut()),
        dict_version: Cell::new(1),
        spare: crate::values::Spare::new(),
    }));
    CURRENT.set(Some(context));
    // SAFETY: nobody else has the state yet.
    unsafe {
        let s = context.state.get();
        (*s).interp = std::ptr::from_ref(&context.interpreter).cast_mut().cast();
        (*s)._initialized = 1;
        (*s).recursion_remaining = 100_000;
        (*s).recursion_limit = 100_000;
        (*s).gilstate_counter = 1;
        (*s).exc_info = &raw mut (*s).exc_state;
        (*s).cframe = &raw mut (*s).root_cframe;
        (*s).id = 1;
        (*s).context_ver = 1;
        (*s).thread_id = libc::pthread_self();
        (*s).native_thread_id = libc::gettid() as u64;
        crate::raw::boot(context);
    }
    Ok(context)
}

/// Keeps a reference until the innermost call from the interpreter returns: what borrowed references of values stand on
/// that nothing on the C side owns.
///
/// # Safety
/// The caller gives its reference away.
pub unsafe fn park(o: Obj) -> Obj {
    if !o.is_null() {
        (*context().parked.get()).push(o);
    }
    o
}
/// Runs a call from the interpreter into C; references that were parked in it are dropped when it is over.
pub fn call_into_c<R>(call: impl FnOnce() -> R) -> R {
    let context = context();
    let parked = context.enter();
    let result = call();
    context.leave(parked);
    result
}
