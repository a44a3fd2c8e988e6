//! Allocators that are told what dies.
use crate::{Life, WINDOW};
use std::alloc::{GlobalAlloc, Layout};
use std::hint::black_box;
use std::ptr::null_mut;

/// Makes `count` objects and frees them; returns the sum of the numbers in those that lived last.
pub fn allocate(allocator: &impl GlobalAlloc, life: Life, bytes: usize, count: usize) -> u64 {
    let layout = Layout::from_size_align(bytes, 16).expect("a size and a power of two");
    let make = |n: usize| {
        // SAFETY: the size is not 0.
        let object = unsafe { allocator.alloc(layout) }.cast::<u64>();
        assert!(!object.is_null(), "the system has no memory left");
        // SAFETY: it was just allocated, and has room for a word.
        unsafe { object.write(n as u64) };
        black_box(object)
    };
    // SAFETY: called once for each object, which is not used any more.
    let free = |object: *mut u64| unsafe { allocator.dealloc(object.cast(), layout) };
    // SAFETY: the objects that are read live, and their first word was written.
    let read = |object: *mut u64| unsafe { object.read() };
    let mut sum = 0;
    match life {
        Life::Dying => {
            for n in 0..count {
                let object = make(n);
                sum += read(object);
                free(object);
            }
        }
        Life::Window => {
            let mut window = [null_mut(); WINDOW];
            for n in 0..count {
                let old = std::mem::replace(&mut window[n % WINDOW], make(n));
                if !old.is_null() {
                    free(old);
                }
            }
            for object in window.into_iter().filter(|object| !object.is_null()) {
                sum += read(object);
                free(object);
            }
        }
    }
    sum
}
