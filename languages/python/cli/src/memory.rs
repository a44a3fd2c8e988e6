//! How the C library's allocator is to behave, which all of the process but the guest's heap uses.

/// Lets all threads allocate from the arena of the process. To be called before other threads are started.
///
/// The interpreter runs in a thread of its own, for the sake of a large stack. The C library would give it another arena,
/// which grows by a system call for every few pages and gives them back as eagerly: compiling a thousand traces made a
/// thousand calls of `mprotect`. One thread at a time runs guest code, so nobody waits for the lock.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn use_one_arena() {
    // SAFETY: sets a number that the allocator looks at when a thread allocates for the first time.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn use_one_arena() {}
