//! Keeps every symbol in the executable: extension modules look them up by name, and the linker drops what nobody names.

/// Addresses of all symbols.
struct Keep<const N: usize>([*const (); N]);
// SAFETY: the addresses are constants that nobody reads through.
unsafe impl<const N: usize> Sync for Keep<N> {}

include!(concat!(env!("OUT_DIR"), "/keep.rs"));

/// The number of exported symbols. Whoever calls this has them all in the executable.
pub fn exported() -> usize {
    std::hint::black_box(&KEEP).0.len()
}
