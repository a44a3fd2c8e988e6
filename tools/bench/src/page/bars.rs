//! Bars of ratios as inline SVG. The axis is logarithmic and has 1 in it: what is as fast as the yardstick has
//! no bar, what is faster goes right, what is slower goes left, and twice as fast is as long as half as fast.

/// Units of the drawing; it is stretched to the room there is.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 10.0;

/// The ratios at the ends of the axis, which is the same for all bars of a section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    least: f64,
    most: f64,
}

impl Axis {
    /// Room for all these ratios, and from a half to two in any case.
    pub fn over(ratios: impl IntoIterator<Item = f64>) -> Axis {
        let start = Axis {
            least: 0.5,
            most: 2.0,
        };
        ratios.into_iter().fold(start, |axis, ratio| Axis {
            least: axis.least.min(ratio),
            most: axis.most.max(ratio),
        })
    }

    /// Where a ratio is, from 0 to 1.
    fn place(self, ratio: f64) -> f64 {
        (ratio / self.least).ln() / (self.most / self.least).ln()
    }

    /// The bar of a ratio, over lines at powers of ten and a stronger one at 1.
    pub fn bar(self, ratio: Option<f64>, class: &str) -> String {
        let one = self.place(1.0) * WIDTH;
        let mut inside = String::new();
        let vertical = |at: f64, class: &str| {
            format!(
                "<line class=\"{class}\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"0\" y2=\"{HEIGHT}\"/>"
            )
        };
        for power in [0.1, 10.0, 100.0, 1000.0] {
            if self.least < power && power < self.most {
                inside += &vertical(self.place(power) * WIDTH, "tick");
            }
        }
        if let Some(ratio) = ratio {
            let end = self.place(ratio) * WIDTH;
            let (x, width) = (one.min(end), (one - end).abs());
            let (y, height) = (HEIGHT * 0.15, HEIGHT * 0.7);
            inside += &format!(
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{height}\"/>"
            );
        }
        inside += &vertical(one, "one");
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{inside}</svg>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faster_goes_right_and_slower_left_by_the_same_length() {
        let axis = Axis::over([0.25, 4.0]);
        let faster = axis.bar(Some(2.0), "ours");
        assert!(
            faster.contains("x=\"500.0\" y=\"1.5\" width=\"250.0\""),
            "{faster}"
        );
        let slower = axis.bar(Some(0.5), "ours");
        assert!(
            slower.contains("x=\"250.0\" y=\"1.5\" width=\"250.0\""),
            "{slower}"
        );
        assert!(!axis.bar(None, "ours").contains("rect"));
    }

    #[test]
    fn every_ratio_has_room() {
        let axis = Axis::over([40.0, 0.9]);
        assert_eq!((axis.least, axis.most), (0.5, 40.0));
        assert_eq!(axis.place(40.0), 1.0);
    }
}
