//! Every transfer function against every concrete value, at few bits.
use super::*;

/// Every interval, every pattern of known bits, and (below 4 bits) every pair of both.
fn abstracts<const W: u32>() -> Vec<Ints<W>> {
    let mut all = Vec::new();
    let (min, max) = (Ints::<W>::MIN, Ints::<W>::MAX);
    let mut bits = Vec::new();
    for zeros in 0..1u64 << W {
        for ones in 0..1u64 << W {
            if zeros & ones == 0 {
                bits.push(Ints::<W>::bits(zeros, ones));
            }
        }
    }
    for lo in min..=max {
        for hi in lo..=max {
            let range = Ints::<W>::range(lo, hi);
            all.push(range);
            if W < 4 {
                all.extend(bits.iter().filter_map(|b| range.and_also(*b)));
            }
        }
    }
    all.extend(bits);
    all
}
fn concrete<const W: u32>(a: Ints<W>) -> Vec<i64> {
    (Ints::<W>::MIN..=Ints::<W>::MAX)
        .filter(|v| a.contains(*v))
        .collect()
}
fn wrap<const W: u32>(v: i64) -> i64 {
    Ints::<W>::sign_extend(v as u64)
}
fn fits<const W: u32>(v: i64) -> bool {
    wrap::<W>(v) == v
}

fn check_all<const W: u32>() {
    type Binary<const W: u32> = (
        &'static str,
        fn(Ints<W>, Ints<W>) -> Ints<W>,
        fn(i64, i64) -> Option<i64>,
    );
    let binary: Vec<Binary<W>> = vec![
        ("add", Ints::add, |x, y| Some(x + y)),
        ("sub", Ints::sub, |x, y| Some(x - y)),
        ("mul", Ints::mul, |x, y| Some(x * y)),
        ("mulhi", Ints::mulhi, |x, y| Some((x * y) >> W)),
        ("and", Ints::and, |x, y| Some(x & y)),
        ("or", Ints::or, |x, y| Some(x | y)),
        ("xor", Ints::xor, |x, y| Some(x ^ y)),
        ("shl", Ints::shl, |x, y| {
            (0..W as i64).contains(&y).then(|| x << y)
        }),
        ("shr", Ints::shr, |x, y| {
            (0..W as i64).contains(&y).then(|| x >> y)
        }),
        ("ushr", Ints::ushr, |x, y| {
            (0..W as i64)
                .contains(&y)
                .then(|| ((x as u64 & Ints::<W>::MASK) >> y) as i64)
        }),
        ("floordiv", Ints::floordiv, |x, y| {
            (y != 0 && !(y == -1 && x == Ints::<W>::MIN)).then(|| floor(x, y).0)
        }),
        ("mod", Ints::modulo, |x, y| {
            (y != 0 && !(y == -1 && x == Ints::<W>::MIN)).then(|| floor(x, y).1)
        }),
    ];
    type Exact<const W: u32> = (
        fn(Ints<W>, Ints<W>) -> Option<Ints<W>>,
        fn(Ints<W>, Ints<W>) -> Overflow,
        fn(i64, i64) -> i64,
    );
    let exact: Vec<Exact<W>> = vec![
        (Ints::add_exact, Ints::add_overflows, |x, y| x + y),
        (Ints::sub_exact, Ints::sub_overflows, |x, y| x - y),
        (Ints::mul_exact, Ints::mul_overflows, |x, y| x * y),
    ];
    let all = abstracts::<W>();
    let values: Vec<Vec<i64>> = all.iter().map(|a| concrete(*a)).collect();
    // All pairs at small widths; at larger ones a stride that is coprime to the counts.
    let stride = if all.len() > 700 { 11 } else { 1 };
    let mut pair = 0usize;
    for (a, xs) in all.iter().zip(&values) {
        for x in xs {
            assert!(a.invert().contains(!x), "invert {a:?} {x}");
            assert!(a.neg().contains(wrap::<W>(-x)), "neg {a:?} {x}");
        }
        for (b, ys) in all.iter().zip(&values) {
            pair += 1;
            if pair % stride != 0 {
                continue;
            }
            for (name, abstracted, f) in &binary {
                let result = abstracted(*a, *b);
                for x in xs {
                    for v in ys.iter().filter_map(|y| f(*x, *y)) {
                        assert!(
                            result.contains(wrap::<W>(v)),
                            "{name} {a:?} {b:?}: {x} gave {v}"
                        );
                    }
                }
            }
            for (abstracted, overflows, f) in &exact {
                let (result, over) = (abstracted(*a, *b), overflows(*a, *b));
                for x in xs {
                    for y in ys {
                        let v = f(*x, *y);
                        if fits::<W>(v) {
                            assert!(result.is_some_and(|r| r.contains(v)), "{a:?} {b:?} {x} {y}");
                            assert_ne!(over, Overflow::Always);
                        } else {
                            assert_ne!(over, Overflow::Never);
                        }
                    }
                }
            }
            for relation in Relation::ALL {
                let (known, learnt) = (a.decide(relation, *b), a.learn(relation, *b));
                for x in xs {
                    for y in ys {
                        let holds = relation.holds(*x, *y);
                        assert!(known.is_none_or(|k| k == holds), "{relation:?} {a:?} {b:?}");
                        if holds {
                            let ok = learnt.is_some_and(|(p, q)| p.contains(*x) && q.contains(*y));
                            assert!(ok, "{relation:?} {a:?} {b:?}: {x} {y}");
                        }
                    }
                }
            }
        }
    }
}
fn floor(x: i64, y: i64) -> (i64, i64) {
    let (q, r) = (x / y, x % y);
    if r != 0 && (r < 0) != (y < 0) {
        (q - 1, r + y)
    } else {
        (q, r)
    }
}

#[test]
fn n1_three_bits_every_interval_with_every_bit_pattern() {
    check_all::<3>();
}
#[test]
fn n1_four_bits_every_interval_and_every_bit_pattern() {
    check_all::<4>();
}
#[test]
fn n1_five_bits_a_stride_of_the_pairs() {
    check_all::<5>();
}
#[test]
fn precision_of_common_shapes() {
    let nonneg = Int64::range(0, i64::MAX);
    let below = Int64::FULL
        .learn(Relation::Lt, Int64::exact(100))
        .expect("possible")
        .0;
    assert_eq!(below.hi, 99);
    assert_eq!(below.add_overflows(Int64::exact(1)), Overflow::Never);
    assert_eq!(nonneg.and(Int64::exact(7)), Int64::range(0, 7));
    assert_eq!(Int64::FULL.and(Int64::exact(1)).hi, 1);
    assert_eq!(nonneg.modulo(Int64::exact(10)), Int64::range(0, 9));
    assert_eq!(Int64::exact(1).shl(Int64::exact(63)).lo, i64::MIN);
}
