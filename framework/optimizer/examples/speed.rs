//! Prints how long the optimizer takes per recorded operation, on random recorded traces.
//!
//! `cargo run --release -p ouro-optimizer --example speed [options]`

use ouro_ir::random::{Case, Form};
use ouro_optimizer::{Options, optimize};
use std::time::Instant;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let options = Options::parse(&words.join(",")).expect("options that exist");
    let cases: Vec<Case> = (0..300)
        .map(|seed| Case::new(seed, Form::Recorded))
        .collect();
    let ops: usize = cases.iter().map(|c| c.trace.ops.len()).sum();
    let mut best = f64::INFINITY;
    let mut emitted = 0;
    for _ in 0..15 {
        let start = Instant::now();
        emitted = 0;
        for case in &cases {
            emitted += optimize(&case.trace, &options).map_or(0, |t| t.ops.len());
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    let per_op_ns = best * 1e9 / ops as f64;
    println!("{ops} recorded ops, {emitted} emitted, {per_op_ns:.0} ns per recorded op");
}
