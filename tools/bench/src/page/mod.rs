//! The report as one HTML page that needs no other file: no script, no font, nothing from a network.
//!
//! It opens with the means and the figures of scripts that time themselves, then has a panel for each program, then tables to compare all of them, memory and
//! start-up, and ends with how all this was measured. Colours follow the reader's preference.

mod bars;
mod curves;
mod html;
pub mod lab;
mod parts;
mod sections;
mod timings;

use crate::floors::Judged;
use crate::machine::Machine;
use crate::results::{MEASURES, Results};
use crate::timings::Timings;
use html::{element, escape};

const STYLE: &str = include_str!("style.css");

/// What the page says besides the figures.
pub struct About<'a> {
    pub title: &'a str,
    /// The command that makes this page.
    pub command: &'a str,
    /// The name of the JSON file beside the page.
    pub json: &'a str,
    pub machine: &'a Machine,
}

/// The page. Sections of programs are left out where none was run.
pub fn report(results: &Results, judged: &[Judged], scripts: &[Timings], about: &About) -> String {
    let title = escape(about.title);
    let mut body = element("h1", "", &title);
    let line = format!("{}. Measured {}.", about.machine.line(), about.machine.when);
    body += &element("p", "class=\"soft\"", &escape(&line));
    body += &sections::problems(results);
    body += &sections::floors(results, judged);
    let programs = !results.rows.is_empty();
    if programs {
        body += &sections::means(results);
    }
    for script in scripts {
        body += &timings::timings(script);
    }
    if programs {
        for measure in MEASURES {
            body += &sections::programs(results, measure);
        }
        for measure in MEASURES {
            body += &sections::ratios(results, measure);
        }
        body += &sections::memory(results);
    }
    body += &sections::start_up(results);
    body += &sections::method(results, scripts, about);
    document(about.title, &body)
}

/// A page around its body.
fn document(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floors::{Floor, What, judge};
    use crate::results::Figure;
    use crate::results::samples::*;

    fn example() -> String {
        let evil = "<script>alert('&')</script>";
        let mut new = column("new", true, Some("collector"));
        new.version = evil.into();
        let results = results(
            vec![column("cpython", false, None), new],
            vec![
                row(evil, vec![measured(8.0), measured(2.0)]),
                row("b", vec![measured(8.0), Figure::Wrong(evil.into())]),
            ],
        );
        let floors = [Floor::parse(What::Each, "5").expect("well formed")];
        let about = About {
            title: evil,
            command: "./x bench",
            json: "a b.json",
            machine: &Machine::default(),
        };
        let scripts = [crate::timings::samples::example()];
        report(&results, &judge(&floors, &results), &scripts, &about)
    }

    #[test]
    fn names_and_messages_are_text() {
        let page = example();
        assert!(!page.contains("<script"), "{page}");
        assert!(
            page.contains("&lt;script&gt;alert(&#39;&amp;&#39;)"),
            "{page}"
        );
    }

    #[test]
    fn the_page_needs_no_other_file() {
        let page = example();
        for word in ["src=", "url(", "@import", "<link", "http:", "https:"] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn every_element_is_closed() {
        let page = example();
        for name in [
            "html", "body", "section", "table", "thead", "tbody", "tr", "td", "th", "div", "svg",
            "p", "dl", "ul", "li", "h2", "h3", "span",
        ] {
            let open = page.matches(&format!("<{name}>")).count()
                + page.matches(&format!("<{name} ")).count();
            let closed = page.matches(&format!("</{name}>")).count();
            assert_eq!(open, closed, "{name}");
        }
    }

    #[test]
    fn figures_problems_and_floors_are_on_it() {
        let page = example();
        for text in [
            "4.00",
            "WRONG",
            "floor 5x",
            "capped at 20",
            "MiB",
            "a b.json",
            "calls of C",
            "8 instead of 7",
        ] {
            assert!(page.contains(text), "{text}\n{page}");
        }
    }
}
