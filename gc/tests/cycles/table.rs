//! All scenes of the table, on each collector.
use super::notation::{Scene, scenes};
use super::stage::{Stage, Way, heap_of};
use ouro_gc::{COLLECTORS, CollectorInfo};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub fn table() -> Vec<Scene> {
    let only = std::env::var("OURO_SCENE").ok();
    let all = scenes(include_str!("scenes.txt")).into_iter();
    all.filter(|scene| only.as_ref().is_none_or(|only| *only == scene.name))
        .collect()
}
pub fn rows() -> impl Iterator<Item = &'static CollectorInfo> {
    COLLECTORS.iter().filter(|row| row.capabilities.collects)
}
/// Plays a scene; a failure names it.
pub fn play(row: &CollectorInfo, options: &str, scene: &Scene, way: Way) -> Option<String> {
    let heap = heap_of(row, options, way == Way::Nested);
    let mut stage = Stage::new(&heap, way);
    stage.is_loud = std::env::var("OURO_SCENE").is_ok();
    let failure = catch_unwind(AssertUnwindSafe(|| stage.play(scene))).err()?;
    let text = failure.downcast_ref::<String>().cloned();
    let text = text.or(failure.downcast_ref::<&str>().map(|text| text.to_string()));
    Some(format!(
        "{} under {}{options}, {way:?}: {}\n  {}",
        scene.name,
        row.name,
        text.unwrap_or_default(),
        scene.text
    ))
}
/// Plays all scenes in some ways, and shows all failures at once.
pub fn play_all(options: &[&str], ways: &[Way], row: &CollectorInfo) {
    let mut failures = Vec::new();
    for scene in table() {
        for options in options {
            for way in ways {
                failures.extend(play(row, options, &scene, *way));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn the_table_is_as_long_as_it_says() {
    let all = table();
    let mut names: Vec<&str> = all.iter().map(|scene| scene.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len(), "two scenes have the same name");
    assert!(all.len() >= 90 || std::env::var("OURO_SCENE").is_ok());
}

/// R11, R12, R13, R15: the same table holds for each collector.
#[test]
fn r11_r12_r13_r15_scenes_end_the_same_under_each_collector() {
    for row in rows() {
        let ways = [Way::Fresh, Way::Aged, Way::Nested];
        play_all(&["", ",tenure=3,verify=1"], &ways, row);
    }
}
#[test]
fn scenes_end_the_same_when_cycles_are_searched_for_by_a_trace() {
    for row in rows().filter(|row| row.capabilities.counts) {
        play_all(&[",cycles=trace", ",bits=2"], &[Way::Fresh, Way::Aged], row);
    }
}
