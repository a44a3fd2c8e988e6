//! The collector under the whole suite. This is all that it takes.
use ouro_example_collector::INFO;
use ouro_gc::model::Suite;

ouro_gc::model_tests!(&[INFO]);
ouro_gc::pair_tests!(&[INFO]);

#[test]
fn random_programs_agree_with_the_model() {
    Suite::of(&[INFO]).cases(500).assert();
    Suite::of(&[INFO]).cases(500).assert_pairs();
}
