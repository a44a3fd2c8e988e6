//! `pythread.h`: locks and storage of threads.

use std::ffi::{c_int, c_ulong, c_void};

api! {
    fn PyThread_init_thread() {}
    fn PyThread_get_thread_ident() -> c_ulong { libc::pthread_self() }
    fn PyThread_get_thread_native_id() -> c_ulong { libc::gettid() as c_ulong }
    fn PyThread_allocate_lock() -> *mut c_void {
        let lock: *mut libc::sem_t = libc::malloc(size_of::<libc::sem_t>()).cast();
        if !lock.is_null() { libc::sem_init(lock, 0, 1); }
        lock.cast()
    }
    fn PyThread_free_lock(lock: *mut c_void) {
        libc::sem_destroy(lock.cast());
        libc::free(lock);
    }
    fn PyThread_acquire_lock(lock: *mut c_void, wait: c_int) -> c_int {
        loop {
            let r = if wait != 0 { libc::sem_wait(lock.cast()) } else { libc::sem_trywait(lock.cast()) };
            if r == 0 { return 1 }
            if *libc::__errno_location() != libc::EINTR { return 0 }
        }
    }
    fn PyThread_release_lock(lock: *mut c_void) { libc::sem_post(lock.cast()); }
    fn PyThread_tss_create(key: *mut c_void) -> c_int {
        // `Py_tss_t`: a flag and a `pthread_key_t`.
        let k = key.cast::<u32>();
        if *k != 0 { return 0 }
        if libc::pthread_key_create(k.add(1), None) != 0 { return -1 }
        *k = 1;
        0
    }
    fn PyThread_tss_is_created(key: *mut c_void) -> c_int { *key.cast::<i32>() }
    fn PyThread_tss_delete(key: *mut c_void) {
        let k = key.cast::<u32>();
        if *k != 0 { libc::pthread_key_delete(*k.add(1)); }
        *k = 0;
    }
    fn PyThread_tss_get(key: *mut c_void) -> *mut c_void { libc::pthread_getspecific(*key.cast::<u32>().add(1)) }
    fn PyThread_tss_set(key: *mut c_void, value: *mut c_void) -> c_int {
        if libc::pthread_setspecific(*key.cast::<u32>().add(1), value) == 0 { 0 } else { -1 }
    }
}
