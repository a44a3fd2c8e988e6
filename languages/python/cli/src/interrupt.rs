//! Ctrl-C: a signal handler that asks the VM for attention, which raises KeyboardInterrupt at the next safepoint.

use ouro_gc::{Attention, AttentionHandle};
use ouro_py_objects::{PyResult, Vm};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The one VM of this process that signals go to.
static TARGET: OnceLock<AttentionHandle> = OnceLock::new();
static PENDING: AtomicBool = AtomicBool::new(false);

extern "C" fn on_interrupt(_: libc::c_int) {
    PENDING.store(true, Ordering::Release);
    if let Some(target) = TARGET.get() {
        target.request(Attention::SIGNAL);
    }
}

/// SIGINT raises KeyboardInterrupt in `vm` from now on. Once per process; SIGPIPE is ignored, as CPython does.
pub fn install(vm: &'static Vm) {
    // SAFETY: a VM lives as long as the process.
    let handle = unsafe { vm.heap.attention_handle() };
    if TARGET.set(handle).is_err() {
        return;
    }
    vm.world().callouts.attention.set(Some(attention));
    // SAFETY: the handler only touches atomics; the structure is zero-initialised, which is its default.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_interrupt as *const () as usize;
        libc::sigaction(libc::SIGINT, &action, std::ptr::null_mut());
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
    }
}

fn attention(vm: &'static Vm) -> PyResult<()> {
    if PENDING.swap(false, Ordering::AcqRel) {
        return Err(ouro_py_objects::error::new_exception(
            vm,
            vm.world().classes.keyboard_interrupt,
            &[],
        ));
    }
    Ok(())
}

/// Ends the process as an interrupted one, so that a shell sees it.
pub fn die() -> ! {
    // SAFETY: restores the default action and raises the signal; both are plain system calls.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::raise(libc::SIGINT);
    }
    std::process::exit(130)
}
