//! The interpreter's allocation of a small object, as machine code. Only optimised builds say anything.
#![cfg(target_arch = "x86_64")]

use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use ouro_brainfuck::Brainfuck;
use ouro_gc::Gc;
use ouro_machine::{Direct, Machine};

/// Instructions that an object of 16 bytes may cost, its header included.
const MOST: usize = 10;

#[inline(never)]
extern "C" fn allocate(direct: &Direct<Brainfuck>) -> Gc {
    direct.alloc(2, 16)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "counts the instructions of optimised code")]
fn a_small_object_takes_few_instructions() {
    let address = allocate as *const () as usize;
    // SAFETY: code of this program; a function is followed by others or by padding.
    let bytes = unsafe { std::slice::from_raw_parts(address as *const u8, 256) };
    let mut formatter = IntelFormatter::new();
    let mut lines = Vec::new();
    for instruction in &mut Decoder::with_ip(64, bytes, address as u64, DecoderOptions::NONE) {
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        if text.starts_with("ret") {
            break;
        }
        let straight = !text.starts_with('j') && !text.starts_with("call");
        assert!(straight, "{text} on the fast path: {lines:#?}");
        lines.push(text);
    }
    assert!(!lines.is_empty() && lines.len() <= MOST, "{lines:#?}");
}
