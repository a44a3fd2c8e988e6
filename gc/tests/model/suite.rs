//! The suite proper.
use ouro_gc::COLLECTORS;
use ouro_gc::model::Suite;

#[test]
fn random_programs_agree_with_the_model() {
    Suite::of(COLLECTORS).assert();
}

ouro_gc::model_tests!(COLLECTORS);
