//! Types that an extension module makes: what they inherit, what inherits from them, what their slots and attributes do.

mod modules_in_c;

#[test]
fn types_are_the_same_on_both() {
    let Some(folder) = modules_in_c::built("types_in_c", "types") else {
        return;
    };
    let options: &[&[&str]] = &[
        &[],
        &["-X", "jit=off"],
        &["-X", "gc=marksweep"],
        &["-X", "gc=reference"],
        &["-X", "gc=incminimark,nursery=64K,stress=7"],
    ];
    let text = modules_in_c::same_on_both(&folder, "use_types.py", &[], options);
    assert!(text.lines().count() > 120, "{text}");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
