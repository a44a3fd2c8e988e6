//! Garbage that refers to itself through the interpreter's objects and structures of C: freed under each collector that
//! collects, finalizers and weak references included, as on CPython.

mod modules_in_c;

fn cycles(often: &str, test: &str, options: &[&[&str]]) {
    let Some(folder) = modules_in_c::built("cycles", test) else {
        return;
    };
    let text = modules_in_c::same_on_both(&folder, "use_cycles.py", &[often], options);
    assert_eq!(text.lines().count(), 50, "{text}");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

#[test]
fn cycles_over_the_border_die_under_each_collector() {
    let options: &[&[&str]] = &[
        &[],
        &["-X", "jit=off"],
        &["-X", "gc=marksweep"],
        &["-X", "gc=marksweep", "-X", "jit=off"],
        &["-X", "gc=semispace"],
        &["-X", "gc=immix", "-X", "jit=off"],
        &["-X", "gc=reference"],
        &["-X", "gc=refcount"],
        &["-X", "gc=refcount,cycles=trace", "-X", "jit=off"],
        &["-X", "gc=incminimark,nursery=64K"],
    ];
    // So many that the few words of the native stack that look like references to some do not count.
    cycles("40", "cycles", options);
}
#[test]
fn collections_at_any_time_do_not_change_what_dies() {
    let options: &[&[&str]] = &[
        &["-X", "gc=incminimark,nursery=64K,stress=7"],
        &["-X", "gc=marksweep,stress=11", "-X", "jit=off"],
        &["-X", "gc=semispace,stress=13"],
        &["-X", "gc=refcount,stress=17"],
    ];
    cycles("20", "cycles-stress", options);
}
