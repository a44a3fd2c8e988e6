//! How long compiling takes per operation, on random traces: `cargo run --release --example compile_speed`.

#[cfg(target_arch = "x86_64")]
fn main() {
    use ouro_codegen::lower::lower;
    use ouro_codegen::{Backend, Form, Request};
    use std::time::Instant;
    let env = speed::env();
    let backend = ouro_codegen_x64::X64Backend::new().expect("executable memory");
    let cases: Vec<_> = (0..400)
        .map(|seed| ouro_ir::random::Case::new(seed, ouro_ir::random::Form::Compiled).trace)
        .filter(speed::stands_alone)
        .collect();
    let ops: usize = cases.iter().map(|t| t.ops.len()).sum();
    for round in 0..3 {
        let start = Instant::now();
        let lowered: Vec<_> = cases
            .iter()
            .map(|t| lower(t, Form::Loop, None, None, &env).expect("right"))
            .collect();
        let lowering = start.elapsed();
        let start = Instant::now();
        let codes: Vec<_> = cases
            .iter()
            .map(|trace| {
                let request = Request {
                    trace,
                    form: Form::Loop,
                    entry_of: &|_| None,
                    function: None,
                };
                backend.compile(&request, &env).expect("small")
            })
            .collect();
        let all = start.elapsed();
        let bytes = backend.stats().code_bytes;
        codes.into_iter().for_each(|c| backend.free(c));
        println!(
            "round {round}: {ops} ops in {} traces: {} ns per op (lowering {}), {:.1} bytes per op",
            lowered.len(),
            all.as_nanos() as usize / ops,
            lowering.as_nanos() as usize / ops,
            bytes as f64 / ops as f64
        );
    }
}

#[cfg(target_arch = "x86_64")]
mod speed {
    use ouro_codegen::{CompileEnv, HeapAccess};
    use ouro_ir::{LabelTarget, Opcode, Trace};

    extern "C" fn refill(_vm: *mut u8) {}
    extern "C" fn barrier(_vm: *mut u8, _object: *mut u8) {}
    extern "C" fn barrier_item(_vm: *mut u8, _object: *mut u8, _index: u64) {}
    extern "C" fn new(_vm: *mut u8, _type_id: u64, _size: u64) -> *mut u8 {
        unreachable!("nothing is run")
    }

    /// An environment for code that is never run.
    pub fn env() -> CompileEnv {
        CompileEnv {
            check_allocation: false,
            ..CompileEnv::new(HeapAccess {
                free_offset: 0,
                top_offset: 8,
                zone_bytes: 16 << 10,
                barrier_offset: 4,
                chunks: None,
                granule_bytes: 16,
                zeroed: true,
                max_inline_bytes: 1024,
                refill,
                barrier,
                barrier_item,
                new_object: new,
                new_array: new,
                may_move: |_| true,
            })
        }
    }

    /// Whether the trace enters no other one.
    pub fn stands_alone(trace: &Trace) -> bool {
        let last = trace.ops.last().expect("not empty");
        last.code != Opcode::Jump
            || !matches!(trace.label(last.descr).target, LabelTarget::Entry { .. })
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn main() {}
