//! How long a mutator stands still, in six programs:
//! - `objects`: a table of small objects of which random entries are replaced; the size is that of what lives, in MB.
//! - `array`: one array of references into which new objects are stored at random; the size is its length in millions.
//! - `tables`: objects with weak references, finalizers, destructors and identity numbers, of which random ones are replaced; the size
//!   is their number in thousands.
//! - `lists`: a list is made, a second one from it, and both are dropped, again and again; the size is their length in thousands.
//! - `roots`: a vector of roots whose random entries are replaced, each by what another entry names or by something new; the size is
//!   its length in thousands. Roots are the one thing that each pause looks at whole.
//! - `pairs`: a table of objects that are linked to raw structures, which refer to each other and to objects; random entries are
//!   replaced; the size is its length in thousands.
//!
//! `pauses OPTIONS [SIZE [ROUNDS_PER_ENTRY [PROGRAM [FILE]]]]`, for example `pauses incminimark 1024 2 objects`. Without a program
//! all run, the first with the size, the others with 50 million items, a million objects, lists of 80,000, a hundred thousand roots and a hundred thousand pairs. Prints the statistics of the heap
//! after each; times are processor time of the thread. The file gets a line for each pause, as with `-X gc-pauses`.
use ouro_gc::model::objects::*;
use ouro_gc::model::pairs::toys::{self, Toy};
use ouro_gc::*;

/// Numbers below a bound, the same in each run.
struct Random(u64);
impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % n
    }
}

fn store(heap: &Heap, table: &Root, at: usize, value: Gc) {
    heap.write_range(table.get(), at..at + 1);
    table.get().expect::<Array>().items()[at].init(value);
}

fn objects_program(heap: &Heap, live_mb: usize, rounds: usize) {
    // An entry is three nodes of 32 bytes and its place in the table.
    let entries = live_mb * (1 << 20) / 104;
    let table = heap.root(heap.alloc_var(Array::id(), entries).expect("room"));
    let mut random = Random(1);
    for n in 0..entries * (1 + rounds) {
        let at = if n < entries {
            n
        } else {
            random.below(entries)
        };
        let (a, b, c) = (node(heap, 1), node(heap, 2), node(heap, n as u64));
        c.slots[0].init(a.gc());
        c.slots[1].init(b.gc());
        store(heap, &table, at, c.gc());
        heap.poll();
    }
}
fn array_program(heap: &Heap, millions: usize, rounds: usize) {
    let items = millions * 1_000_000;
    let table = heap.root(heap.alloc_var(Array::id(), items).expect("room"));
    let mut random = Random(1);
    for n in 0..items * rounds / 10 {
        store(heap, &table, random.below(items), node(heap, n as u64).gc());
        heap.poll();
    }
}
fn tables_program(heap: &Heap, thousands: usize, rounds: usize) {
    let entries = thousands * 1000;
    let table = heap.root(heap.alloc_var(Array::id(), 2 * entries).expect("room"));
    let mut random = Random(1);
    for n in 0..entries * (1 + rounds) {
        let at = if n < entries {
            n
        } else {
            random.below(entries)
        };
        let target = node(heap, n as u64);
        let owner = weak(heap, n as u64, target.gc());
        heap.register_weak(owner.gc());
        heap.register_finalizer(target.gc());
        heap.identity(target.gc());
        target.slots[0].init(mortal(heap, n as u64).gc());
        store(heap, &table, 2 * at, target.gc());
        store(heap, &table, 2 * at + 1, owner.gc());
        let why = heap.poll();
        if why.has(Attention::WEAKREFS) {
            heap.take_dead_weakrefs();
        }
        if why.has(Attention::FINALIZERS) {
            heap.take_finalizable();
        }
    }
}

fn lists_program(heap: &Heap, thousands: usize, rounds: usize) {
    let (first, second) = (heap.root(Gc::NULL), heap.root(Gc::NULL));
    let extend = |list: &Root, n: u64| {
        let new = node(heap, n);
        new.slots[0].init(list.get());
        list.set(new.gc());
        heap.poll();
    };
    for _ in 0..20 * rounds {
        first.set(Gc::NULL);
        for n in 0..thousands * 1000 {
            extend(&first, n as u64);
        }
        second.set(Gc::NULL);
        while !first.get().is_null() {
            extend(&second, serial(first.get()));
            first.set(first.get().expect::<Node>().slots[0].get());
        }
    }
}

fn roots_program(heap: &Heap, thousands: usize, rounds: usize) {
    let entries = thousands * 1000;
    let roots = heap.root_vec();
    for n in 0..entries {
        roots.push(node(heap, n as u64).gc());
        heap.poll();
    }
    let mut random = Random(1);
    for n in 0..entries.max(2_000_000) * rounds {
        let value = match n % 4 {
            0 => roots.get(random.below(entries)),
            _ => node(heap, n as u64).gc(),
        };
        roots.set(random.below(entries), value);
        heap.poll();
    }
}

/// Gives back what collections found dead on the raw side.
fn settle_raw(heap: &Heap) {
    while toys::perform_next(heap) {}
    toys::take_freed();
    toys::take_destroyed();
}
fn pairs_program(heap: &Heap, thousands: usize, rounds: usize) {
    toys::describe(heap);
    toys::describe_cycles(heap);
    let entries = thousands * 1000;
    let table = heap.root(heap.alloc_var(Array::id(), entries).expect("room"));
    let mut random = Random(1);
    for n in 0..entries * (1 + rounds) {
        let at = match n < entries {
            true => n,
            false => random.below(entries),
        };
        let object = node(heap, n as u64);
        let kind = [LinkKind::Twin, LinkKind::Proxy][n % 2];
        let toy = Toy::new(n as u64, 0);
        toys::link(heap, object.gc(), toy, kind);
        store(heap, &table, at, object.gc());
        // Every second structure refers to an older one, so that chains and cycles over both sides come about.
        let other = table.get().expect::<Array>().items()[random.below(at + 1)].get();
        if n % 2 == 0
            && let Some(other) = toys::raw_of(heap, other)
        {
            toy.add_edge(other);
        }
        if heap.poll().has(Attention::PENDING_RAW) {
            settle_raw(heap);
        }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let options = args.next().unwrap_or("incminimark".to_owned());
    let mut number = || {
        args.next()
            .map(|text| text.parse::<usize>().expect("a number"))
    };
    let (size, rounds) = (number(), number().unwrap_or(1));
    let (wanted, file) = (args.next(), args.next());
    type Program = fn(&Heap, usize, usize);
    let programs: [(&str, Program, usize); 6] = [
        ("objects", objects_program, size.unwrap_or(1024)),
        ("array", array_program, 50),
        ("tables", tables_program, 1000),
        ("lists", lists_program, 80),
        ("roots", roots_program, 100),
        ("pairs", pairs_program, 100),
    ];
    for (name, program, usual_size) in programs {
        if wanted.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let config = match Config::parse(&format!("{options},roots=precise")) {
            Ok(config) => config,
            Err(error) => return eprintln!("pauses: {error}"),
        };
        let heap = match Heap::new(config, COLLECTORS, types()) {
            Ok(heap) => heap,
            Err(error) => return eprintln!("pauses: {error}"),
        };
        if file.is_some() {
            heap.log_pauses();
        }
        let started = std::time::Instant::now();
        let size = match wanted {
            Some(_) => size.unwrap_or(usual_size),
            None => usual_size,
        };
        program(&heap, size, rounds);
        println!("program      {name}, size {size}, {rounds} rounds");
        print!("{}", heap.stats_text());
        if let Some(file) = &file
            && let Err(error) = std::fs::write(file, heap.pauses_text())
        {
            return eprintln!("pauses: {file}: {error}");
        }
        println!("wall time    {:.2} s\n", started.elapsed().as_secs_f64());
    }
}
