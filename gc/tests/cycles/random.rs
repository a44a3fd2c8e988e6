//! Random graphs over both sides, against what reachability says.
//!
//! `OURO_CYCLES_CASES` sets the number of graphs for each collector; `OURO_CYCLES_SEED` plays one again that failed.
use super::notation::{Act, Kind, Name, Scene, Statement};
use super::stage::Way;
use super::table::{play, rows};
use std::collections::BTreeSet;

/// Numbers from a seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % n
    }
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// The graph that the statements so far have made.
#[derive(Default)]
struct Graph {
    /// From, to, for references and links as they keep.
    edges: Vec<(Name, Name)>,
    held: Vec<Name>,
}

impl Graph {
    fn living(&self) -> BTreeSet<Name> {
        let mut found = BTreeSet::new();
        let mut pending = self.held.clone();
        while let Some(name) = pending.pop() {
            if found.insert(name) {
                let from = self.edges.iter().filter(|(from, _)| *from == name);
                pending.extend(from.map(|(_, to)| *to));
            }
        }
        found
    }
}

/// Three acts: a graph, some of what holds it goes, all goes.
fn scene(seed: u64) -> Scene {
    let dice = &mut Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let objects: Vec<Name> = ('a'..='h').take(1 + dice.below(8) as usize).collect();
    let structures: Vec<Name> = ('A'..='H').take(1 + dice.below(8) as usize).collect();
    let mut graph = Graph::default();
    let mut build = Vec::new();
    let mut free: Vec<Name> = objects.clone();
    let mut light = BTreeSet::new();
    let mut linked = BTreeSet::new();
    for &raw in &structures {
        if free.is_empty() || dice.below(4) == 0 {
            continue;
        }
        let gc = free.swap_remove(dice.below(free.len() as u64) as usize);
        let kind = [
            Kind::Twin,
            Kind::Twin,
            Kind::Proxy,
            Kind::Proxy,
            Kind::LightTwin,
        ];
        let kind = dice.one_of(&kind);
        build.push(Statement::Link(gc, raw, kind));
        graph.edges.push((gc, raw));
        if kind != Kind::Proxy {
            graph.edges.push((raw, gc));
        }
        if kind == Kind::LightTwin {
            light.insert(raw);
        }
        linked.insert(raw);
    }
    let full: Vec<Name> = structures
        .iter()
        .copied()
        .filter(|raw| !light.contains(raw))
        .collect();
    let edge = |build: &mut Vec<Statement>, graph: &mut Graph, from: Name, to: Name| {
        build.push(Statement::Edge(from, to));
        graph.edges.push((from, to));
    };
    for &gc in &objects {
        for _ in 0..dice.below(4) {
            edge(&mut build, &mut graph, gc, dice.one_of(&objects));
        }
    }
    let mut referred = BTreeSet::new();
    for &raw in &full {
        for _ in 0..dice.below(4) {
            let to = dice.one_of(&structures);
            edge(&mut build, &mut graph, raw, to);
            referred.insert(to);
        }
    }
    let all: Vec<Name> = objects.iter().chain(&structures).copied().collect();
    for _ in 0..dice.below(4) {
        let name = dice.one_of(&all);
        if !graph.held.contains(&name) {
            graph.held.push(name);
        }
    }
    // A structure that nothing refers to is held by something.
    for &raw in &structures {
        if !linked.contains(&raw) && !referred.contains(&raw) && !graph.held.contains(&raw) {
            graph.held.push(raw);
        }
    }
    build.extend(graph.held.iter().map(|&name| Statement::Hold(name)));
    for &gc in &objects {
        match dice.below(8) {
            0 => build.push(Statement::Finalizer(gc, None)),
            1 | 2 => build.push(Statement::Weak(gc)),
            _ => {}
        }
    }
    for &raw in &full {
        match dice.below(8) {
            0 => build.push(Statement::Finalizer(raw, None)),
            1 => build.push(Statement::NoClear(raw)),
            _ => {}
        }
    }
    // What cannot be cleared is taken apart by its neighbours, unless there are none but such.
    let cleared = |statement: &Statement| !matches!(statement, Statement::NoClear(_));
    if full.len() < 4 {
        build.retain(cleared);
    }
    let no_clear: BTreeSet<Name> = build
        .iter()
        .filter_map(|s| match s {
            Statement::NoClear(name) => Some(*name),
            _ => None,
        })
        .collect();
    // A ring of structures that cannot be cleared is kept by itself, so that there is none.
    build.retain(|s| match s {
        Statement::NoClear(name) => !graph
            .edges
            .iter()
            .any(|(from, to)| from == name && no_clear.contains(to)),
        _ => true,
    });
    let mut acts = vec![act(build, &graph)];
    let mut going = Vec::new();
    graph.held.retain(|&name| {
        let goes = dice.below(2) == 0;
        if goes {
            going.push(Statement::Drop(name));
        }
        !goes
    });
    acts.push(act(going, &graph));
    let rest = std::mem::take(&mut graph.held);
    acts.push(act(rest.into_iter().map(Statement::Drop).collect(), &graph));
    Scene {
        name: format!("OURO_CYCLES_SEED={seed}"),
        text: format!("{acts:?}"),
        acts,
    }
}
fn act(statements: Vec<Statement>, graph: &Graph) -> Act {
    Act {
        statements,
        until_quiet: true,
        lives: graph.living().into_iter().collect(),
        events: None,
    }
}

#[test]
fn r11_r12_random_graphs_live_and_die_by_reachability() {
    let number = |name| {
        std::env::var(name)
            .ok()
            .map(|text: String| text.parse().expect("a number"))
    };
    let cases = number("OURO_CYCLES_CASES").unwrap_or(400);
    let seeds: Vec<u64> = match number("OURO_CYCLES_SEED") {
        Some(seed) => vec![seed],
        None => (1..=cases).collect(),
    };
    let mut played = 0;
    for row in rows() {
        for &seed in &seeds {
            let scene = scene(seed);
            let way = match seed % 8 {
                0..3 => Way::Fresh,
                3 | 4 => Way::Aged,
                5 => Way::Nested,
                _ if row.capabilities.incremental => Way::Steps((seed / 8 % 18) as u32),
                _ => Way::Fresh,
            };
            let options = match seed % 16 {
                0 => ",verify=3",
                1 => ",cycles=trace",
                2 => ",bits=2",
                _ => "",
            };
            if let Some(failure) = play(row, options, &scene, way) {
                panic!("{failure}");
            }
            played += u64::from(!scene.acts[0].lives.is_empty());
        }
    }
    assert!(
        seeds.len() == 1 || played > seeds.len() as u64,
        "{played} graphs had anything that lives"
    );
}
