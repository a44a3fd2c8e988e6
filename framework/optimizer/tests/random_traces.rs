//! Random recorded traces: optimized and unoptimized must end alike on the reference backend.
//!
//! These traces use every operation; the loops of `fuzz` use fewer but go further. A box of a value class
//! has no identity, so boxes are compared by value.

use ouro_ir::irexec::{State, ToyHeap};
use ouro_ir::random::{Case, Form};
use ouro_ir::{Source, Trace};
use ouro_optimizer::{GiveUp, Options, optimize};
use std::collections::HashMap;

const FUEL: u64 = 100_000;

/// The text of the end, or the fault.
fn run(case: &Case, trace: &Trace, run: u32) -> String {
    let mut heap = ToyHeap::new();
    let (all, roots) = case.objects(run, &mut heap);
    let by_source: HashMap<Source, u64> = case
        .trace
        .inputs
        .iter()
        .map(|i| i.source)
        .zip(all)
        .collect();
    let inputs: Vec<u64> = trace.inputs.iter().map(|i| by_source[&i.source]).collect();
    let mut state = State::new(trace, &inputs);
    match state.run(trace, &mut heap, &mut |_| false, FUEL) {
        Ok(end) => by_value(&case.observe_end(trace, &end, &|a| state.get(a), &roots, &heap)),
        Err(fault) => format!("{fault:?}"),
    }
}

/// Writes the contents of boxes in the place of their names, and numbers the other objects anew.
fn by_value(text: &str) -> String {
    let mut boxes = HashMap::new();
    for line in text.lines() {
        if let Some((name, content)) = line.split_once(" = ")
            && content.starts_with("W")
        {
            boxes.insert(name.to_owned(), content.replace(' ', ":"));
        }
    }
    let mut lines: HashMap<&str, &str> = HashMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut out = String::new();
    for line in text.lines() {
        if let Some((name, content)) = line.split_once(" = ") {
            lines.insert(name, content);
        }
    }
    let rewrite = |line: &str, order: &mut Vec<String>| -> String {
        let mut result = String::new();
        let mut rest = line;
        while let Some(at) = rest
            .find(|c: char| !c.is_alphanumeric())
            .or((!rest.is_empty()).then_some(rest.len()))
        {
            let (word, more) = rest.split_at(at);
            let is_name = word.len() > 1
                && word.starts_with('o')
                && word[1..].bytes().all(|b| b.is_ascii_digit());
            if let (true, Some(content)) = (is_name, boxes.get(word)) {
                result += content;
            } else if is_name {
                let n = order.iter().position(|o| o == word).unwrap_or_else(|| {
                    order.push(word.to_owned());
                    order.len() - 1
                });
                result += &format!("p{n}");
            } else {
                result += word;
            }
            let next = more.chars().next().map_or(0, char::len_utf8);
            result += &more[..next];
            rest = &more[next..];
        }
        result + "\n"
    };
    for line in text
        .lines()
        .filter(|l| !l.starts_with('o') || !l.contains(" = "))
    {
        out += &rewrite(line, &mut order);
    }
    let mut next = 0;
    while next < order.len() {
        let content = lines.get(order[next].as_str()).copied().unwrap_or("");
        out += &format!("p{next} = {}", rewrite(content, &mut order));
        next += 1;
    }
    out
}

fn compare(seed: u64, options: &Options, outcomes: &mut (u32, u32)) {
    let case = Case::new(seed, Form::Recorded);
    let optimized = match optimize(&case.trace, options) {
        Ok(optimized) => optimized,
        Err(GiveUp::ContradictoryGuard | GiveUp::UnknownInput) => {
            outcomes.1 += 1;
            return;
        }
    };
    optimized
        .verify()
        .and_then(|()| optimized.verify_barriers())
        .unwrap_or_else(|e| panic!("seed {seed}: {e}\n{}\n{optimized}", case.trace));
    outcomes.0 += 1;
    for n in 0..4 {
        let (expected, actual) = (run(&case, &case.trace, n), run(&case, &optimized, n));
        assert!(
            expected == actual,
            "seed {seed} run {n} {options:?}\nexpected\n{expected}\nactual\n{actual}\n{}\n{optimized}",
            case.trace
        );
    }
}
fn count() -> u64 {
    std::env::var("OURO_FUZZ_COUNT")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(300)
}
fn compare_all(options: &Options) {
    let mut outcomes = (0, 0);
    for seed in 0..count() {
        compare(seed, options, &mut outcomes);
    }
    assert!(
        outcomes.0 > 9 * outcomes.1,
        "{outcomes:?} compiled and given up"
    );
}

#[test]
fn all_passes() {
    compare_all(&Options::all());
}
#[test]
fn no_pass() {
    compare_all(&Options::none());
}
#[test]
fn every_single_pass_off() {
    for pass in Options::PASSES {
        let mut options = Options::all();
        options.switch(pass, false).expect("known");
        compare_all(&options);
    }
}
