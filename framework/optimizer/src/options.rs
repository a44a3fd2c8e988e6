//! What the optimizer may do. Any choice gives a correct trace.

use std::fmt;

macro_rules! passes {
    ($($field:ident $text:literal $doc:literal),* $(,)?) => {
        /// Which passes run, and the optimizer's limits.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct Options {
            $(#[doc = $doc] pub $field: bool,)*
            /// Longest array that may stay virtual, in items.
            pub virtual_array_items: u32,
            /// How often the body of a peeled loop may be redone before the plain loop is produced.
            pub peel_attempts: u32,
            /// Where to add what each pass takes.
            pub times: Option<std::sync::Arc<crate::times::Times>>,
        }
        impl Options {
            /// Names of all passes that can be switched off.
            pub const PASSES: &[&str] = &[$($text),*];

            /// Everything on.
            pub fn all() -> Self {
                Options { $($field: true,)* virtual_array_items: 32, peel_attempts: 8, times: None }
            }
            /// Everything off: the recorded trace becomes a plain loop.
            pub fn none() -> Self {
                Options { $($field: false,)* ..Self::all() }
            }
            /// Whether the pass with this name runs; none if there is no such pass.
            pub fn is_on(&self, pass: &str) -> Option<bool> {
                match pass {
                    $($text => Some(self.$field),)*
                    _ => None,
                }
            }
            /// Switches one pass by its name.
            ///
            /// # Errors
            /// [`UnknownPass`] if there is no such pass.
            pub fn switch(&mut self, pass: &str, on: bool) -> Result<(), UnknownPass> {
                match pass {
                    $($text => self.$field = on,)*
                    _ => return Err(UnknownPass(pass.to_owned())),
                }
                Ok(())
            }
        }
    };
}

passes! {
    fold "fold" "Constants, algebraic identities, intervals and known bits of ints.",
    guards "guards" "Removal of guards that are known to pass; strengthening of earlier ones.",
    virtuals "virtuals" "Objects that are never allocated unless they escape.",
    pure "pure" "The same pure operation twice is one value.",
    heap "heap" "Fields and items that are known; write barriers that are not needed.",
    delay "delay" "Stores of virtual objects wait until somebody may look; with `heap` only.",
    peel "peel" "The first iteration apart, so that the loop starts with what it learnt.",
    open "open" "A label in front of a loop where other traces enter it with unboxed values.",
    dead "dead" "Operations, parameters and inputs nobody needs.",
}

impl Default for Options {
    fn default() -> Self {
        Self::all()
    }
}

impl Options {
    /// Reads a list such as `no-peel,no-fold`; `none` switches everything off first.
    ///
    /// # Errors
    /// [`UnknownPass`] names the first word that is not understood.
    pub fn parse(text: &str) -> Result<Self, UnknownPass> {
        let mut options = Self::all();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            match (word, word.strip_prefix("no-")) {
                ("none", _) => options = Self::none(),
                (_, Some(pass)) => options.switch(pass, false)?,
                (pass, None) => options.switch(pass, true)?,
            }
        }
        Ok(options)
    }
}

/// A word of the options that names no pass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownPass(pub String);

impl fmt::Display for UnknownPass {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "no optimizer pass is called `{}`; there are {}",
            self.0,
            Options::PASSES.join(", ")
        )
    }
}
impl std::error::Error for UnknownPass {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_switch_passes() {
        let o = Options::parse("no-peel, no-fold").expect("known");
        assert!(!o.peel && !o.fold && o.heap);
        let o = Options::parse("none,heap").expect("known");
        assert!(o.heap && !o.pure);
        assert_eq!(Options::parse("no-such"), Err(UnknownPass("such".into())));
    }
}
