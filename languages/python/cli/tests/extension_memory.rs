//! Memory over the border: what is flat, what dies, what lives, under each collector that collects.
//!
//! Ten million calls and a million pairs take long in a debug build, which does a hundredth of it; `--include-ignored` in a
//! release build does all.

mod modules_in_c;

const OPTIONS: &[&[&str]] = &[
    &[],
    &["-X", "jit=off"],
    &["-X", "gc=marksweep"],
    &["-X", "gc=marksweep", "-X", "jit=off"],
    &["-X", "gc=reference"],
    &["-X", "gc=reference", "-X", "jit=off"],
    &["-X", "gc=incminimark,nursery=64K"],
    &["-X", "gc=semispace"],
    &["-X", "gc=immix", "-X", "jit=off"],
    &["-X", "gc=refcount"],
    &["-X", "gc=refcount,cycles=trace", "-X", "jit=off"],
];

fn memory(pairs: &str, test: &str) {
    let Some(folder) = modules_in_c::built("memory", test) else {
        return;
    };
    let program = "use_memory.py";
    let text = modules_in_c::same_on_both(&folder, program, &[pairs], OPTIONS);
    assert!(!text.contains("False"), "{text}");
    assert_eq!(text.lines().count(), 15, "{text}");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

#[test]
fn what_crosses_lives_and_dies_as_it_should() {
    memory("2000", "memory");
}
#[test]
#[ignore = "takes minutes: for release builds"]
fn ten_million_calls_and_a_million_pairs() {
    memory("1000000", "memory-in-full");
}
