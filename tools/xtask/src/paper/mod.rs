//! `./x paper`: what papers and articles measured, measured here. `papers/bibliography.toml` says what there is and
//! how each is run; its folder has the claim, the script, our table and a verdict.

mod bibliography;
mod document;
mod runners;

use crate::{Done, paths, run as interpreter};
use bibliography::{Paper, Run};
use ouro_bench::machine::Machine;
use ouro_bench::timings::{self, Plan};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

pub const USAGE: &str =
    "[KEY..] [--repeat N] [--write]; --write puts the table into the entry's README.md";

/// `./x paper`.
pub fn run(args: &[String]) -> Done {
    let options = Options::parse(args)?;
    let papers = bibliography::all()?;
    if options.keys.is_empty() {
        print!("{}", list(&papers));
        return Ok(true);
    }
    let chosen = chosen(&papers, &options.keys)?;
    if let Err(error) = interpreter::build() {
        eprintln!("x paper: {error}");
    }
    let mut good = true;
    for (paper, run) in chosen {
        good &= repeat(paper, run, &options)?;
    }
    Ok(good)
}

#[derive(Debug, Default, PartialEq)]
struct Options {
    keys: Vec<String>,
    /// Instead of what the bibliography says.
    repeat: Option<usize>,
    write: bool,
}

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--write" => options.write = true,
                "--repeat" => {
                    let number = args.next().and_then(|number| number.parse().ok());
                    let number = number.filter(|&number| number > 0);
                    options.repeat = Some(number.ok_or("--repeat takes a number")?);
                }
                key if !key.starts_with('-') => options.keys.push(key.into()),
                other => {
                    return Err(format!(
                        "unexpected argument {other:?}; usage: ./x paper {USAGE}"
                    ));
                }
            }
        }
        Ok(options)
    }
}

/// What can be run, then what is only cited.
fn list(papers: &[Paper]) -> String {
    let (mut can, mut cited) = (String::new(), String::new());
    for paper in papers {
        let line = format!(
            "  {:<34} {}: {}, {}\n",
            paper.key,
            paper.authors.join(", "),
            paper.title,
            paper.venue
        );
        match paper.run {
            Some(_) => can += &line,
            None => cited += &line,
        }
    }
    format!("repeated here: ./x paper KEY\n\n{can}\ncited only\n\n{cited}")
}

/// The papers with these keys.
///
/// # Errors
/// The key that is unknown or cannot be run, and those that can.
fn chosen<'p>(papers: &'p [Paper], keys: &[String]) -> Result<Vec<(&'p Paper, &'p Run)>, String> {
    let known: Vec<&str> = papers
        .iter()
        .filter(|paper| paper.run.is_some())
        .map(|paper| &*paper.key)
        .collect();
    let find = |key: &String| {
        let paper = papers.iter().find(|paper| paper.key == *key);
        let run = paper.and_then(|paper| Some((paper, paper.run.as_ref()?)));
        run.ok_or_else(|| match paper {
            None => format!("unknown key {key:?}; known are {}", known.join(", ")),
            Some(_) => format!(
                "{key} is cited, but not repeated here; what is: {}",
                known.join(", ")
            ),
        })
    };
    keys.iter().map(find).collect()
}

/// Runs an entry, prints its table and writes it.
fn repeat(paper: &Paper, run: &Run, options: &Options) -> Done {
    println!(
        "\n{}\n{}, {}",
        paper.title,
        paper.authors.join(", "),
        paper.venue
    );
    println!("{}\n\nThe claim: {}", paper.url, paper.claim);
    let runners = runners::all(run)?;
    let machine = Machine::here();
    let timings = timings::run(&Plan {
        name: &paper.key,
        title: &run.title,
        runners: &runners,
        repeat: options.repeat.unwrap_or(run.repeat),
        folder: papers(),
        limit_s: run.limit_s,
    });
    println!("{}", timings::text(&timings, &run.published));
    let table = document::table(&timings, &run.published, &machine);
    let out = paths::target().join(format!("paper-{}.md", paper.key));
    let report = json!({
        "key": paper.key,
        "url": paper.url,
        "machine": {"line": machine.line(), "when": machine.when},
        "timings": timings::json(&timings),
    });
    write(&out, &table)?;
    write(&out.with_extension("json"), &format!("{report:#}\n"))?;
    println!("the table:   {}", out.display());
    println!("all figures: {}", out.with_extension("json").display());
    if options.write && timings.bad() {
        return Err("not written into README.md: something failed or is wrong".into());
    }
    if options.write {
        let file = papers().join(&paper.key).join("README.md");
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let text = document::with_table(&text, &table)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        write(&file, &text)?;
        println!("written:     {}", file.display());
    }
    Ok(!timings.bad())
}

/// The folder of all entries.
fn papers() -> PathBuf {
    paths::root().join("papers")
}

fn write(file: &PathBuf, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_string).collect()
    }

    #[test]
    fn keys_and_options_are_told_apart() {
        let options = Options::parse(&words("a --repeat 7 b --write")).expect("well formed");
        let wanted = Options {
            keys: words("a b"),
            repeat: Some(7),
            write: true,
        };
        assert_eq!(options, wanted);
        for wrong in ["--repeat", "--repeat 0", "--repeat x", "--all"] {
            assert!(Options::parse(&words(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_key_lists_the_known_ones() {
        let papers = bibliography::all().expect("well formed");
        assert_eq!(
            chosen(&papers, &words("matmul cpyext-2018")).map(|it| it.len()),
            Ok(2)
        );
        let error = chosen(&papers, &words("matmull")).expect_err("no such key");
        assert_eq!(
            error,
            "unknown key \"matmull\"; known are matmul, cpyext-2018"
        );
        let error = chosen(&papers, &words("schneider-2012-guards")).expect_err("only cited");
        assert!(error.contains("cited"), "{error}");
        assert!(list(&papers).contains("  matmul "));
    }

    #[test]
    fn every_entry_has_what_it_names() {
        for paper in bibliography::all().expect("well formed") {
            let Some(run) = paper.run else {
                continue;
            };
            let files = [
                Some(&run.script),
                run.c_program.as_ref(),
                run.c_module.as_ref(),
            ];
            for file in files.into_iter().flatten() {
                assert!(papers().join(file).is_file(), "{file}");
            }
            let file = papers().join(&paper.key).join("README.md");
            let text = fs::read_to_string(&file).expect("the entry has a README.md");
            document::with_table(&text, "").expect("it has a place for the table");
        }
    }
}
