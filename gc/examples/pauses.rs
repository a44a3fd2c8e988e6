//! How long a mutator stands still: a table of small objects of which random entries are replaced.
//!
//! `pauses OPTIONS LIVE_MB ROUNDS_PER_ENTRY`, for example `pauses incminimark 1024 2`. Prints the statistics of the heap; times
//! are processor time of the thread.
use ouro_gc::model::objects::*;
use ouro_gc::*;

fn main() {
    let mut args = std::env::args().skip(1);
    let options = args.next().unwrap_or("incminimark".to_owned());
    let mut number = |default: usize| match args.next() {
        Some(text) => text.parse().expect("a number"),
        None => default,
    };
    let (live_mb, rounds) = (number(64), number(2));
    let config = match Config::parse(&format!("{options},roots=precise")) {
        Ok(config) => config,
        Err(error) => return eprintln!("pauses: {error}"),
    };
    let heap = match Heap::new(config, COLLECTORS, types()) {
        Ok(heap) => heap,
        Err(error) => return eprintln!("pauses: {error}"),
    };
    // An entry is three nodes of 32 bytes and its place in the table.
    let entries = live_mb * (1 << 20) / 104;
    let table = heap.root(heap.alloc_var(Array::id(), entries).expect("room"));
    let mut seed = 1_u64;
    let started = std::time::Instant::now();
    for n in 0..entries * (1 + rounds) {
        let at = if n < entries {
            n
        } else {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % entries
        };
        let (a, b, c) = (node(&heap, 1), node(&heap, 2), node(&heap, n as u64));
        c.slots[0].init(a.gc());
        c.slots[1].init(b.gc());
        heap.write_range(table.get(), at..at + 1);
        table.get().expect::<Array>().items()[at].init(c.gc());
        heap.poll();
    }
    print!("{}", heap.stats_text());
    println!("wall time    {:.2} s", started.elapsed().as_secs_f64());
}
