//! The notation of scenes.
//!
//! A line is `name: acts`, acts are separated by `;`, and an act is statements, an arrow and what is to be seen then.
//! Objects of the heap are lower-case letters, raw structures upper-case ones; the first mention makes them.
//!
//! | statement | meaning |
//! |---|---|
//! | `a=A` `a-A` | A is the twin of a; a light twin |
//! | `a^A` `a'A` | a is the proxy of A; a light proxy |
//! | `a>b` `A>B` | a field of a refers to b; A holds a reference to B |
//! | `a|b` `A|B` | one such reference goes |
//! | `*a` `*A` | a root names a; something else holds a reference to A |
//! | `/a` `/A` | that goes |
//! | `!a` `!A` | a, A has a finalizer; `!a:b` one that makes b a root, `!A:B` one that takes a reference to B |
//! | `?a` | a weak reference to a |
//! | `#A` | A cannot be looked into |
//! | `%A` | A cannot drop its references while others hold it |
//! | `@A` | A is not in the list of those without links |
//! | `$a` `$A` | immortal |
//! | `~A` | the link of A is undone by hand |
//! | `A:C` | when A is destroyed it links itself to a new proxy for that time |
//!
//! `=> a A` is a collection of the whole heap, all that it asks for done, and then a and A live and nothing else (`-` for
//! nothing). `=>>` repeats that until nothing happens any more. After `|` comes what happened, in order: `w(a)` a weak
//! reference was cleared, `f(a)` a finalizer ran, `c(A)` A dropped its references, `d(A)` its destructor ran, `x(A)` it was
//! freed with its object.

/// The letter of an object or a structure.
pub type Name = char;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    Link(Name, Name, Kind),
    Edge(Name, Name),
    Cut(Name, Name),
    Hold(Name),
    Drop(Name),
    Finalizer(Name, Option<Name>),
    Weak(Name),
    Opaque(Name),
    NoClear(Name),
    Untracked(Name),
    Immortal(Name),
    Unlink(Name),
    LinksInDestructor(Name),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Twin,
    LightTwin,
    Proxy,
    LightProxy,
}

/// Statements, and what is to be seen after them.
#[derive(Clone, Debug)]
pub struct Act {
    pub statements: Vec<Statement>,
    pub until_quiet: bool,
    pub lives: Vec<Name>,
    pub events: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
pub struct Scene {
    pub name: String,
    pub text: String,
    pub acts: Vec<Act>,
}

impl Scene {
    /// Whether a collection may lead to another one that has more to do.
    pub fn has_finalizers(&self) -> bool {
        let all = self.acts.iter().flat_map(|act| &act.statements);
        all.into_iter()
            .any(|s| matches!(s, Statement::Finalizer(..)))
    }
}

/// Reads a table; lines that begin with `--` are for the reader.
pub fn scenes(table: &str) -> Vec<Scene> {
    let lines = table.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("--"));
    lines.map(scene).collect()
}
fn scene(line: &str) -> Scene {
    let (name, text) = line.split_once(": ").expect("a scene is `name: acts`");
    Scene {
        name: name.to_owned(),
        text: line.to_owned(),
        acts: text.split(';').map(act).collect(),
    }
}
fn act(text: &str) -> Act {
    let (before, after) = text.split_once("=>").expect("an act has an arrow");
    let (until_quiet, after) = match after.strip_prefix('>') {
        Some(after) => (true, after),
        None => (false, after),
    };
    let (lives, events) = match after.split_once('|') {
        Some((lives, events)) => (lives, Some(events)),
        None => (after, None),
    };
    let names = lives.split_whitespace().filter(|word| *word != "-");
    Act {
        statements: before.split_whitespace().map(statement).collect(),
        until_quiet,
        lives: names.map(name).collect(),
        events: events.map(|all| all.split_whitespace().map(str::to_owned).collect()),
    }
}
fn name(word: &str) -> Name {
    match word.chars().collect::<Vec<_>>()[..] {
        [name] if name.is_ascii_alphabetic() => name,
        _ => panic!("`{word}` is no name"),
    }
}
fn statement(word: &str) -> Statement {
    use Statement::*;
    let letters: Vec<char> = word.chars().collect();
    match letters[..] {
        [a, '=', b] => Link(a, b, Kind::Twin),
        [a, '-', b] => Link(a, b, Kind::LightTwin),
        [a, '^', b] => Link(a, b, Kind::Proxy),
        [a, '\'', b] => Link(a, b, Kind::LightProxy),
        [a, '>', b] => Edge(a, b),
        [a, '|', b] => Cut(a, b),
        ['*', a] => Hold(a),
        ['/', a] => Drop(a),
        ['!', a] => Finalizer(a, None),
        ['!', a, ':', b] => Finalizer(a, Some(b)),
        ['?', a] => Weak(a),
        ['#', a] => Opaque(a),
        ['%', a] => NoClear(a),
        ['@', a] => Untracked(a),
        ['$', a] => Immortal(a),
        ['~', a] => Unlink(a),
        [a, ':', 'C'] => LinksInDestructor(a),
        _ => panic!("`{word}` is no statement"),
    }
}
