//! R14: links made in any phase of an incremental cycle.
use super::stage::{Way, happened_in_steps};
use super::table::{play_all, rows};

#[test]
fn r14_scenes_set_up_in_any_phase_of_a_cycle_end_the_same() {
    for row in rows().filter(|row| row.capabilities.incremental) {
        for steps in [0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 17] {
            let before = happened_in_steps();
            play_all(&[",verify=3"], &[Way::Steps(steps)], row);
            let happened = happened_in_steps() - before;
            let is_all = std::env::var("OURO_SCENE").is_err();
            assert!(!is_all || happened > 20, "{happened} ended by a step");
        }
    }
}
