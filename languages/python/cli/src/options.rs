//! The command line, as CPython reads it: options end at the first `-c`, `-m` or file; what follows is the program's.

use ouro_gc::{Config, ConfigError};
use ouro_runtime::JitOptions;
use std::path::PathBuf;

/// What to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Program {
    /// `-c CODE`
    Code(String),
    /// `-m MODULE`
    Module(String),
    /// A script or folder.
    File(String),
    /// Standard input.
    Stdin,
    /// `-V`; twice: with the build.
    Version,
    /// `-h`, `--help`
    Help,
}

/// Which compiler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JitMode {
    Off,
    /// Machine code.
    On,
    /// The reference backend.
    Irexec,
}

/// All that the command line and the environment say.
#[derive(Clone, Debug)]
pub struct Options {
    pub program: Program,
    /// Standard input was asked for by `-`.
    pub dash: bool,
    /// What follows the program.
    pub args: Vec<String>,
    pub gc: Config,
    pub jit: JitMode,
    pub jit_options: JitOptions,
    pub jit_log: Option<PathBuf>,
    pub jit_stats: bool,
    pub gc_stats: bool,
    /// Where the list of pauses goes.
    pub gc_pauses: Option<PathBuf>,
    pub gc_dump: Option<PathBuf>,
    pub stdlib: Option<PathBuf>,
    pub no_site: bool,
    pub isolated: bool,
    pub ignore_environment: bool,
    pub no_user_site: bool,
    pub dont_write_bytecode: bool,
    pub unbuffered: bool,
    pub optimize: i64,
    pub quiet: bool,
    pub verbose: bool,
    pub safe_path: bool,
    pub warnings: Vec<String>,
    /// `-X` options as the program sees them.
    pub xoptions: Vec<(String, Option<String>)>,
}

/// A command line that is not understood: the message says what would be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsageError(pub String);

/// The `-X` options of this program; others of CPython are accepted and kept in `sys._xoptions`.
const KNOWN_X: &[&str] = &[
    "gc=NAME[,KEY=VALUE..]",
    "jit=on|off|irexec[,KEY=VALUE..]",
    "jit-log=FILE",
    "jit-stats",
    "gc-stats",
    "gc-pauses=FILE",
    "gc-dump=FILE",
];
/// `-X` options of CPython that have no effect here.
const CPYTHON_X: &[&str] = &[
    "faulthandler",
    "showrefcount",
    "tracemalloc",
    "importtime",
    "dev",
    "utf8",
    "pycache_prefix",
    "warn_default_encoding",
    "no_debug_ranges",
    "frozen_modules",
    "int_max_str_digits",
];

/// What `--help` prints.
pub const HELP: &str = "\
usage: ouro [option] ... [-c cmd | -m mod | file | -] [arg] ...
Python 3.11 with a tracing compiler and a choice of garbage collectors.

-c cmd : program passed in as string (ends the options)
-m mod : run a library module as a script (ends the options)
-V     : print the version and exit (also --version)
-h     : print this text and exit (also --help)
-I     : isolated: no environment variables, no script folder on the path
-E     : ignore PYTHON* environment variables
-S     : do not import site (this is always so)
-s     : no user site directory
-B     : accepted; no .pyc files are written
-O     : remove assert and __debug__ blocks; -OO: docstrings too
-P     : do not put the script folder on the path
-q     : accepted
-u     : unbuffered standard streams
-W arg : warning control
-X opt : implementation options:
    -X gc=NAME[,max=SIZE,threshold=SIZE,nursery=SIZE,tenure=N,growth=PERCENT%,pause=MSms,stress=N,verify[=N],poison,..]
           the garbage collector and its options; an unknown name or option lists those that there are,
           and a wrong value says what would be right (SIZE: 4096, 64K, 32M, 2G); `ouro.gc.knobs()` tells all
    -X jit=on|off|irexec[,threshold=N,exit-threshold=N,join-after=N,max-ops=N,max-frames=N,max-recursion=N,max-inner-rounds=N,min-instructions=N,
           max-bridges=N,max-attempts=N,code-memory=SIZE,longevity=N,guard-stress=K,check,shadow,perf-map,count,no-PASS]
           the compiler: machine code, none, or the reference executor of traces;
           no-PASS switches an optimizer pass off (fold guards virtuals pure heap delay peel open dead);
           `ouro.jit.param_docs()` tells what each means, and `ouro.jit.set_param` changes it
    -X jit-log=FILE    recorded and compiled traces as text, in the end how often each exit was taken
    -X jit-stats       what the compiler did and what compiled code executed, on standard error at the end; counting costs a little
    -X gc-stats        what the collector did, likewise
    -X gc-pauses=FILE  a line for each pause: kind, start and length by processor time, length by the wall clock (ns), what was done
    -X gc-dump=FILE    all objects of the heap when the program has ended; ./x heap FILE summarises it
--stdlib DIR : the folder of a CPython 3.11 standard library

environment: OURO_GC, OURO_JIT, OURO_JIT_LOG (as the -X options), OURO_STDLIB (as --stdlib)
";

impl Options {
    fn new() -> Options {
        Options {
            program: Program::Stdin,
            dash: false,
            args: Vec::new(),
            gc: Config::default(),
            jit: if cfg!(target_arch = "x86_64") {
                JitMode::On
            } else {
                JitMode::Off
            },
            jit_options: JitOptions::default(),
            jit_log: None,
            jit_stats: false,
            gc_stats: false,
            gc_pauses: None,
            gc_dump: None,
            stdlib: None,
            no_site: false,
            isolated: false,
            ignore_environment: false,
            no_user_site: false,
            dont_write_bytecode: false,
            unbuffered: false,
            optimize: 0,
            quiet: false,
            verbose: false,
            safe_path: false,
            warnings: Vec::new(),
            xoptions: Vec::new(),
        }
    }

    /// Reads the words after the program's name; `environment` looks a variable up.
    ///
    /// # Errors
    /// [`UsageError`] for what is not understood.
    pub fn parse(
        words: &[String],
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Options, UsageError> {
        let mut options = Options::new();
        for (variable, option) in [
            ("OURO_GC", "gc"),
            ("OURO_JIT", "jit"),
            ("OURO_JIT_LOG", "jit-log"),
        ] {
            if let Some(value) = environment(variable) {
                options.implementation(&format!("{option}={value}"))?;
            }
        }
        options.stdlib = environment("OURO_STDLIB").map(PathBuf::from);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "-" || !word.starts_with('-') {
                options.dash = word == "-";
                options.program = if options.dash {
                    Program::Stdin
                } else {
                    Program::File(word.clone())
                };
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                match long.split_once('=').unwrap_or((long, "")) {
                    ("help", _) => options.program = Program::Help,
                    ("version", _) => options.program = Program::Version,
                    ("stdlib", "") => {
                        let dir = words.next().ok_or_else(|| missing("--stdlib"))?;
                        options.stdlib = Some(dir.into());
                        continue;
                    }
                    ("stdlib", dir) => {
                        options.stdlib = Some(dir.into());
                        continue;
                    }
                    _ => return Err(unknown(word)),
                }
                return Ok(options);
            }
            if options.cluster(&word[1..], &mut words)? {
                break;
            }
        }
        options.args = words.cloned().collect();
        Ok(options)
    }

    /// A word of short options. True: the options end here.
    fn cluster(
        &mut self,
        letters: &str,
        words: &mut std::slice::Iter<String>,
    ) -> Result<bool, UsageError> {
        for (at, letter) in letters.char_indices() {
            let rest = &letters[at + letter.len_utf8()..];
            let mut value = || match rest {
                "" => words
                    .next()
                    .cloned()
                    .ok_or_else(|| missing(&format!("-{letter}"))),
                rest => Ok(rest.to_owned()),
            };
            match letter {
                'c' => {
                    self.program = Program::Code(value()?);
                    return Ok(true);
                }
                'm' => {
                    self.program = Program::Module(value()?);
                    return Ok(true);
                }
                'W' => {
                    self.warnings.push(value()?);
                    return Ok(false);
                }
                'X' => {
                    let option = value()?;
                    self.implementation(&option)?;
                    return Ok(false);
                }
                'V' => self.program = Program::Version,
                'h' | '?' => self.program = Program::Help,
                'I' => {
                    (self.isolated, self.ignore_environment) = (true, true);
                    (self.no_user_site, self.safe_path) = (true, true);
                }
                'E' => self.ignore_environment = true,
                'S' => self.no_site = true,
                's' => self.no_user_site = true,
                'B' => self.dont_write_bytecode = true,
                'O' => self.optimize += 1,
                'P' => self.safe_path = true,
                'q' => self.quiet = true,
                'u' => self.unbuffered = true,
                'v' => self.verbose = true,
                'b' | 'd' | 'i' | 'x' | 'R' => {}
                _ => return Err(unknown(&format!("-{letter}"))),
            }
        }
        Ok(matches!(self.program, Program::Version | Program::Help))
    }

    /// One `-X` option.
    fn implementation(&mut self, option: &str) -> Result<(), UsageError> {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match name {
            "gc" => {
                self.gc =
                    Config::parse(value).map_err(|e: ConfigError| UsageError(e.to_string()))?
            }
            "jit" => {
                for (n, part) in value.split(',').map(str::trim).enumerate() {
                    match part {
                        "on" => self.jit = JitMode::On,
                        "off" => self.jit = JitMode::Off,
                        "irexec" => self.jit = JitMode::Irexec,
                        mode if n == 0 && !mode.contains('=') && !mode.starts_with("no-") => {
                            let known = "on, off, irexec";
                            return Err(UsageError(format!(
                                "unknown jit mode {mode:?}; known are {known}"
                            )));
                        }
                        part => self
                            .jit_options
                            .set(part)
                            .map_err(|e| UsageError(e.to_string()))?,
                    }
                }
            }
            "jit-log" if !value.is_empty() => self.jit_log = Some(value.into()),
            "jit-stats" => self.jit_stats = true,
            "gc-stats" => self.gc_stats = true,
            "gc-pauses" if !value.is_empty() => self.gc_pauses = Some(value.into()),
            "gc-dump" if !value.is_empty() => self.gc_dump = Some(value.into()),
            name if CPYTHON_X.contains(&name) => {}
            _ => {
                let known = KNOWN_X.join(", ");
                return Err(UsageError(format!(
                    "unknown option -X {option}; known are {known}"
                )));
            }
        }
        let value = option.split_once('=').map(|(_, v)| v.to_owned());
        self.xoptions.push((name.to_owned(), value));
        Ok(())
    }
}

fn missing(option: &str) -> UsageError {
    UsageError(format!("argument expected for the {option} option"))
}
fn unknown(option: &str) -> UsageError {
    UsageError(format!("unknown option: {option}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options, UsageError> {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        Options::parse(&words, |_| None)
    }

    #[test]
    fn options_end_at_the_program() {
        let o = parse(&["-S", "-Bu", "f.py", "-c", "x"]).expect("understood");
        assert_eq!(o.program, Program::File("f.py".into()));
        assert_eq!(o.args, ["-c", "x"]);
        assert!(o.no_site && o.unbuffered);
        let o = parse(&["-Ic", "print(1)", "-X"]).expect("understood");
        assert_eq!(o.program, Program::Code("print(1)".into()));
        assert_eq!(o.args, ["-X"]);
    }

    #[test]
    fn implementation_options_are_read() {
        let o = parse(&[
            "-X",
            "jit=irexec,threshold=1,no-peel",
            "-Xgc=marksweep,stress=3",
            "x",
        ]);
        let o = o.expect("understood");
        assert_eq!(o.jit, JitMode::Irexec);
        assert_eq!(o.jit_options.parameters.threshold_loops, 1);
        assert!(!o.jit_options.optimizer.peel);
        assert_eq!(o.gc.stress, 3);
    }

    #[test]
    fn what_is_unknown_lists_what_is_known() {
        for words in [
            ["-X", "jit=fast"],
            ["-X", "nonsense"],
            ["-X", "jit=on,nonsense=1"],
        ] {
            let UsageError(message) = parse(&words).expect_err("not understood");
            assert!(
                message.contains("unknown") && message.contains("known are"),
                "{message}"
            );
        }
    }
}
