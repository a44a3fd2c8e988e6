//! Why a poll takes the slow path: the bits, and how other threads and signal handlers set them.
use std::fmt;
use std::ops::BitOr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::SeqCst};

/// Why a poll took the slow path, and what is left for the language to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct Attention(pub u32);

impl Attention {
    /// Nothing to do.
    pub const NONE: Attention = Attention(0);
    /// A collection is due; the poll runs it.
    pub const COLLECT: Attention = Attention(1);
    /// The heap is over its hard limit: raise the guest's MemoryError.
    pub const MEMORY_ERROR: Attention = Attention(2);
    /// [`crate::Heap::take_finalizable`] has objects.
    pub const FINALIZERS: Attention = Attention(4);
    /// [`crate::Heap::take_dead_weakrefs`] has objects.
    pub const WEAKREFS: Attention = Attention(8);
    /// A signal arrived.
    pub const SIGNAL: Attention = Attention(16);
    /// Another thread wants to run.
    pub const YIELD: Attention = Attention(32);
    /// A collection ran, and [`crate::Heap::set_notice`] asked to be told.
    pub const COLLECTED: Attention = Attention(64);
    /// [`crate::Heap::next_pending`] has raw structures that must be told that they go.
    pub const PENDING_RAW: Attention = Attention(128);
    /// A step of a collection is due; the poll runs it.
    pub const STEP: Attention = Attention(256);
    /// The first of the bits that a language may use as it likes.
    pub const FIRST_USER: Attention = Attention(1 << 16);

    /// Whether any bit of `other` is set.
    #[inline(always)]
    pub const fn has(self, other: Attention) -> bool {
        self.0 & other.0 != 0
    }
    /// Whether no bit is set.
    #[inline(always)]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
    /// The bits that are not in `other`.
    pub const fn without(self, other: Attention) -> Attention {
        Attention(self.0 & !other.0)
    }
}
impl BitOr for Attention {
    type Output = Attention;
    fn bitor(self, other: Attention) -> Attention {
        Attention(self.0 | other.0)
    }
}
impl fmt::Debug for Attention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            "COLLECT",
            "MEMORY_ERROR",
            "FINALIZERS",
            "WEAKREFS",
            "SIGNAL",
            "YIELD",
            "COLLECTED",
            "PENDING_RAW",
            "STEP",
        ];
        let set: Vec<_> = (0..32).filter(|n| self.0 >> n & 1 != 0).collect();
        f.write_str("Attention(")?;
        for (n, bit) in set.into_iter().enumerate() {
            f.write_str(if n == 0 { "" } else { " | " })?;
            match names.get(bit) {
                Some(name) => f.write_str(name)?,
                None => write!(f, "1 << {bit}")?,
            }
        }
        f.write_str(")")
    }
}

/// Requests attention from signal handlers and other threads.
#[derive(Clone, Copy)]
pub struct AttentionHandle {
    attention: *const AtomicU32,
    top: *const AtomicPtr<u8>,
}
// SAFETY: the handle reaches two atomics only, which live as long as it by the contract of `attention_handle`.
unsafe impl Send for AttentionHandle {}
// SAFETY: as above.
unsafe impl Sync for AttentionHandle {}

impl AttentionHandle {
    pub(crate) fn new(attention: &AtomicU32, top: &AtomicPtr<u8>) -> AttentionHandle {
        AttentionHandle { attention, top }
    }
    /// Makes the next poll take the slow path and report `why`. Async-signal-safe.
    pub fn request(self, why: Attention) {
        // SAFETY: the heap outlives the handle by the contract of `attention_handle`.
        let (attention, top) = unsafe { (&*self.attention, &*self.top) };
        attention.fetch_or(why.0, SeqCst);
        top.store(std::ptr::null_mut(), SeqCst);
    }
}
