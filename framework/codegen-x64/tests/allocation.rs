//! Allocation in machine code: how many instructions it takes, and that allocations in a row are one.
#![cfg(target_arch = "x86_64")]

mod support;

use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use ouro_codegen::{Backend, CodeHandle, Form, Listing, Request};
use ouro_codegen_x64::X64Backend;
use ouro_ir::{Ret, Trace};
use support::*;

/// Instructions that an object of 16 bytes may cost, its header included.
const MOST: usize = 10;

extern "C" fn nothing(_vm: *const u8) -> Ret {
    Ret { value: 0, exc: 0 }
}

fn compile(zone_bytes: u32, body: &str) -> (X64Backend, CodeHandle, Trace) {
    let text = format!(
        "loop allocates
  type WInt = 2 size 16 exact leaf WInt.value
  type Node = 6 size 64
  array Ints = 10 len 8 items 16 i64
  field WInt.value = 8 i64 immutable
  callee nothing = vm() -> none reads allocates
  input v0: ref = r1
{body}"
    );
    let address = |_: &str| Some(nothing as *const () as u64);
    let trace = ouro_ir::parse_with(&text, &address).unwrap_or_else(|e| panic!("{e}\n{text}"));
    trace.verify().unwrap_or_else(|e| panic!("{e}\n{text}"));
    let backend = X64Backend::new().expect("executable memory");
    let request = Request {
        trace: &trace,
        form: Form::Loop,
        entry_of: &|_| None,
        function: None,
    };
    let code = backend.compile(&request, &env(zone_bytes)).expect("small");
    (backend, code, trace)
}

/// The instructions from operation `first` up to `end`, one per line.
fn instructions(listing: &Listing, first: usize, end: usize) -> Vec<String> {
    let range = listing.ops[first] as usize..listing.ops[end] as usize;
    let address = (listing.address + range.start) as u64;
    let bytes = &listing.bytes[range];
    let mut formatter = IntelFormatter::new();
    Decoder::with_ip(64, bytes, address, DecoderOptions::NONE)
        .iter()
        .map(|instruction| {
            assert!(!instruction.is_invalid(), "{bytes:02x?}");
            let mut text = String::new();
            formatter.format(&instruction, &mut text);
            text
        })
        .collect()
}
fn advances(line: &str) -> bool {
    line.starts_with("lea r14,[r14+") || line.starts_with("add r14,")
}

#[test]
fn a_small_object_takes_few_instructions() {
    // A guard in front and behind, so that nothing is left to other operations.
    let body = "  v1 = new(WInt)
  guard_nonnull(v0) @0
  finish() @0
  @0: [0x10:4:0+0 r1=v0 r2=v1] start";
    let (backend, code, _) = compile(4096, body);
    let listing = backend.listing(code).expect("machine code");
    let lines = instructions(&listing, 0, 2);
    // The guard's own test and jump are not counted.
    assert!(lines.len() - 2 <= MOST, "{lines:#?}");
    assert_eq!(
        lines.iter().filter(|l| advances(l)).count(),
        1,
        "{lines:#?}"
    );
}

#[test]
fn nor_does_it_with_the_check_of_the_window() {
    let body = "  v1 = new(WInt)
  v2 = new(WInt)
  v3 = new(WInt)
  guard_nonnull(v0) @0
  finish() @0
  @0: [0x10:4:0+0 r1=v0 r2=v1 r3=v2 r4=v3] start";
    // Half of the zone is two objects: the third one looks first. Its slow path is out of line.
    let (backend, code, _) = compile(64, body);
    let listing = backend.listing(code).expect("machine code");
    let lines = instructions(&listing, 2, 4);
    assert!(
        lines.iter().any(|l| l.starts_with("cmp r14,[r15")),
        "{lines:#?}"
    );
    assert!(lines.len() - 2 <= MOST, "{lines:#?}");
}

#[test]
fn allocations_in_a_row_advance_the_pointer_once() {
    let body = "  v1 = new(WInt)
  setfield(v1, 1, WInt.value)
  v2 = new(Node)
  v3 = new_array(4, Ints)
  v4 = new(WInt)
  call(nothing)
  v5 = new(WInt)
  v6 = new(WInt)
  finish() @0
  @0: [0x10:4:0+0 r1=v0 r2=v1 r3=v2 r4=v3 r5=v4 r6=v5 r7=v6] start";
    let (backend, code, trace) = compile(4096, body);
    let listing = backend.listing(code).expect("machine code");
    let lines = instructions(&listing, 0, trace.ops.len() - 1);
    // Once before the call, which may look at the objects; the other time is at the exit.
    assert_eq!(
        lines.iter().filter(|l| advances(l)).count(),
        1,
        "{lines:#?}"
    );
    let stats = backend.stats();
    assert_eq!((stats.allocations, stats.bumps), (6, 2));
    backend.free(code);
    assert_eq!(backend.stats().allocations, 0);
}

#[test]
fn headers_and_lengths_are_written_before_a_call_can_see_the_objects() {
    let body = "  v1 = new(Node)
  v2 = new_array(3, Ints)
  call(nothing)
  finish() @0
  @0: [0x10:4:0+0 r1=v1 r2=v2] start";
    let (backend, code, _) = compile(4096, body);
    let listing = backend.listing(code).expect("machine code");
    let lines = instructions(&listing, 0, 3);
    let at = |what: &dyn Fn(&str) -> bool| {
        let found = lines.iter().position(|l| what(l));
        found.unwrap_or_else(|| panic!("{lines:#?}"))
    };
    let call = at(&|l| l.starts_with("call"));
    // Both headers and the length are stored, and the pointer behind them is written back, before the call.
    assert!(at(&|l| l.starts_with("mov qword ptr") && l.ends_with("],6")) < call);
    assert!(at(&|l| l.starts_with("mov qword ptr") && l.ends_with("],0Ah")) < call);
    assert!(
        at(&|l| l.starts_with("mov qword ptr") && l.contains("+8") && l.ends_with(",3")) < call
    );
    assert!(at(&advances) < call);
    assert!(at(&|l| l.starts_with("mov [r15") && l.ends_with(",r14")) < call);
}
