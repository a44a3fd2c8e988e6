//! How long it takes to append an operation: `cargo run --release -p ouro-ir --example builder_cost`.
use ouro_ir::{ExitId, Opcode, Source, Trace, TraceKind, Ty};
use std::time::Instant;

fn main() {
    const OPS: u32 = 2000;
    const ROUNDS: u32 = 2000;
    let mut best = f64::INFINITY;
    let mut total = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut trace = Trace::new("cost", TraceKind::Loop);
        let mut value = trace.input(Ty::Int, Source::Pending);
        for n in 0..OPS {
            let constant = trace.int(i64::from(n % 50));
            value = trace.guard(Opcode::IntAddOvf, &[value, constant], ExitId(0));
        }
        total += std::hint::black_box(trace).ops.len();
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(OPS));
    }
    println!("{best:.1} ns per operation with one interned constant ({total} operations)");
}
