//! Medians and geometric means.

/// Above this a ratio says that work was removed, not how fast the rest is.
pub const CAP: f64 = 20.0;

/// The middle value, or the mean of the two middle ones; none of nothing.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

/// The geometric mean of ratios, each of which counts as at most `cap`; none of nothing.
pub fn geomean(ratios: &[f64], cap: f64) -> Option<f64> {
    let logs: Vec<f64> = ratios.iter().map(|ratio| ratio.min(cap).ln()).collect();
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_even_and_no_values() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn the_cap_limits_each_ratio_and_not_the_mean() {
        let plain = geomean(&[400.0, 1.0], f64::INFINITY).expect("not empty");
        assert!((plain - 20.0).abs() < 1e-9);
        let capped = geomean(&[400.0, 1.0], CAP).expect("not empty");
        assert!((capped - 20f64.sqrt()).abs() < 1e-9);
        assert_eq!(geomean(&[], CAP), None);
    }

    #[test]
    fn a_ratio_and_its_inverse_cancel_out() {
        let mean = geomean(&[4.0, 0.25], CAP).expect("not empty");
        assert!((mean - 1.0).abs() < 1e-9);
    }
}
