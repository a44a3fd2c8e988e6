//! Curves over two axes as inline SVG. Both may be logarithmic; each line has a colour and a pattern of dashes.

use super::html::escape;

/// Units of the drawing, which keeps its proportions.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 210.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 26.0;
const EDGE: f64 = 10.0;
/// Room for half of the last mark's words.
const RIGHT: f64 = 16.0;
/// Lines that are told apart.
pub const PATTERNS: usize = 6;

/// One axis.
pub struct Axis {
    pub name: &'static str,
    pub from: f64,
    pub to: f64,
    pub logarithmic: bool,
    /// Where it is marked, and with which words.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Where a value is, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let place = match self.logarithmic {
            true => (value / self.from).ln() / (self.to / self.from).ln(),
            false => (value - self.from) / (self.to - self.from),
        };
        place.clamp(0.0, 1.0)
    }
    /// A logarithmic axis over all values, marked at 1, 2 and 5 times each power of ten, or less often if that is too much.
    pub fn over(name: &'static str, values: impl Iterator<Item = f64>) -> Axis {
        let (mut from, mut to) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|&value| value > 0.0) {
            (from, to) = (from.min(value), to.max(value));
        }
        if to == 0.0 {
            (from, to) = (1.0, 10.0);
        }
        // Room for a mark, and for what varies by little.
        (from, to) = (from / 1.08, (to * 1.08).max(from * 1.6));
        let marks = |digits: &[f64]| {
            let mut ticks = Vec::new();
            let mut power = 10f64.powf(from.log10().floor());
            while power <= to {
                for digit in digits {
                    let value = digit * power;
                    if from <= value && value <= to {
                        ticks.push((value, figure(value)));
                    }
                }
                power *= 10.0;
            }
            ticks
        };
        let mut ticks = marks(&[1.0, 1.5, 2.0, 3.0, 5.0, 7.0]);
        // A short axis has a mark at least every quarter.
        if ticks.len() < 3 {
            ticks = marks(&[
                1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0,
            ]);
        }
        let most = 6;
        if ticks.len() > most {
            let first = |text: &str| text.trim_start_matches(['0', '.']).to_string();
            ticks.retain(|(_, text)| ["1", "2", "5"].iter().any(|d| first(text).starts_with(d)));
            ticks.retain(|(_, text)| {
                !first(text).starts_with("15") && !first(text).starts_with("1.5")
            });
        }
        if ticks.len() > most {
            ticks.retain(|(value, _)| (value.log10() - value.log10().round()).abs() < 1e-9);
        }
        Axis {
            name,
            from,
            to,
            logarithmic: true,
            ticks,
        }
    }
    /// From 0 to 1, in percent.
    pub fn share(name: &'static str) -> Axis {
        let ticks = [0, 25, 50, 75, 100];
        Axis {
            name,
            from: 0.0,
            to: 1.0,
            logarithmic: false,
            ticks: ticks
                .iter()
                .map(|&n| (f64::from(n) / 100.0, format!("{n} %")))
                .collect(),
        }
    }
    /// A logarithmic axis marked at these values.
    pub fn marked(name: &'static str, values: &[f64]) -> Axis {
        Axis {
            name,
            from: values.first().copied().unwrap_or(1.0),
            to: values.last().copied().unwrap_or(10.0),
            logarithmic: true,
            ticks: values.iter().map(|&v| (v, figure(v))).collect(),
        }
    }
}

/// A number without zeros at its end.
fn figure(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_string()
}

/// A line: its number, which tells its colour, and its points from left to right; a gap ends a stroke.
pub struct Line {
    pub number: usize,
    pub points: Vec<(f64, Option<f64>)>,
}

/// The drawing, with `what` for those who do not see it.
pub fn chart(what: &str, x: &Axis, y: &Axis, lines: &[Line]) -> String {
    let at_x = |value: f64| LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
    let at_y = |value: f64| EDGE + (1.0 - y.place(value)) * (HEIGHT - EDGE - BOTTOM);
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let mut inside = String::new();
    for (value, text) in &y.ticks {
        let at = at_y(*value);
        inside += &format!(
            "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text class=\"y\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>",
            LEFT - 5.0,
            at + 3.5
        );
    }
    for (value, text) in &x.ticks {
        let at = at_x(*value);
        inside += &format!(
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{EDGE}\" y2=\"{bottom}\"/><text class=\"x\" x=\"{at:.1}\" y=\"{:.1}\">{text}</text>",
            bottom + 13.0
        );
    }
    inside += &format!(
        "<text class=\"name\" x=\"{right}\" y=\"{:.1}\">{}</text>",
        HEIGHT - 2.0,
        escape(x.name)
    );
    inside += &format!(
        "<text class=\"title\" x=\"2\" y=\"{:.1}\">\u{2191} {}</text>",
        HEIGHT - 2.0,
        escape(y.name)
    );
    for line in lines {
        let class = format!("c{}", line.number % PATTERNS);
        for stroke in line.points.split(|(_, value)| value.is_none()) {
            let place = |&(at, value): &(f64, Option<f64>)| {
                format!("{:.1},{:.1}", at_x(at), at_y(value.unwrap_or_default()))
            };
            let places: Vec<String> = stroke.iter().map(place).collect();
            if places.len() > 1 {
                inside += &format!(
                    "<polyline class=\"{class}\" points=\"{}\"/>",
                    places.join(" ")
                );
            }
            for &(at, value) in stroke {
                inside += &format!(
                    "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.2\"/>",
                    at_x(at),
                    at_y(value.unwrap_or_default())
                );
            }
        }
    }
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">{inside}</svg>\n",
        escape(what)
    )
}

/// The mark that stands before a line's name.
pub fn key(number: usize, name: &str) -> String {
    let class = format!("c{}", number % PATTERNS);
    format!(
        "<span><svg class=\"mark\" viewBox=\"0 0 26 10\" aria-hidden=\"true\"><polyline class=\"{class}\" points=\"0,5 26,5\"/><circle class=\"{class}\" cx=\"13\" cy=\"5\" r=\"2.6\"/></svg>{}</span> ",
        escape(name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_in_their_places_and_gaps_end_a_stroke() {
        let (x, y) = (Axis::marked("x", &[1.0, 10.0, 100.0]), Axis::share("y"));
        assert_eq!((x.place(10.0), y.place(0.25)), (0.5, 0.25));
        let points = vec![
            (1.0, Some(1.0)),
            (5.0, None),
            (10.0, Some(0.5)),
            (100.0, Some(0.0)),
        ];
        let drawn = chart("a <chart>", &x, &y, &[Line { number: 1, points }]);
        assert_eq!(drawn.matches("<polyline").count(), 1);
        assert_eq!(drawn.matches("<circle").count(), 3);
        assert!(drawn.contains("a &lt;chart&gt;"), "{drawn}");
        assert!(
            drawn.contains("points=\"194.0,97.0 344.0,184.0\""),
            "{drawn}"
        );
    }

    #[test]
    fn axes_have_two_to_six_marks() {
        for (from, to) in [
            (1.0, 1.1),
            (0.2, 0.9),
            (0.013, 4.0),
            (1.0, 10_000.0),
            (3.0, 700.0),
            (0.0079, 0.0083),
            (0.0051, 0.0071),
            (0.95, 1.0),
        ] {
            let axis = Axis::over("s", [from, to].into_iter());
            let texts: Vec<&str> = axis.ticks.iter().map(|(_, text)| &**text).collect();
            assert!((2..=7).contains(&texts.len()), "{from} {to}: {texts:?}");
        }
        assert!(!Axis::over("s", [0.0].into_iter()).ticks.is_empty());
    }
}
