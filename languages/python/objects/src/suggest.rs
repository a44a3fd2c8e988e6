//! "Did you mean: ...?" of NameError and AttributeError.

use crate::access::Access;
use crate::layout::*;
use crate::{Vm, type_of};
use ouro_gc::Gc;

/// Cost of an insertion, a deletion or a substitution.
const MOVE: usize = 2;
/// Cost of changing the case of a letter.
const CASE: usize = 1;
/// Longer words are not compared, once common ends are cut off.
const MAX_WORD: usize = 40;
/// Nothing is suggested out of more candidates.
const MAX_CANDIDATES: usize = 750;

fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}
/// The weighted edit distance; something above `limit` if it is above `limit`.
fn distance(a: &[u8], b: &[u8], limit: usize) -> usize {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE;
    }
    if a.len() > MAX_WORD || b.len() > MAX_WORD || a.len().abs_diff(b.len()) * MOVE > limit {
        return limit + 1;
    }
    // One row of the matrix is kept: the cost of turning the part of `b` seen so far into each prefix of `a`.
    let mut row: Vec<usize> = (1..=a.len()).map(|n| n * MOVE).collect();
    let mut result = 0;
    for (i, &y) in b.iter().enumerate() {
        let mut diagonal = i * MOVE;
        result = diagonal + MOVE;
        let mut least = usize::MAX;
        for (cell, &x) in row.iter_mut().zip(a) {
            let replaced = diagonal + substitution(x, y);
            diagonal = *cell;
            result = replaced.min(result.min(diagonal) + MOVE);
            *cell = result;
            least = least.min(result);
        }
        if least > limit {
            return limit + 1;
        }
    }
    result
}
/// The candidate that is most like `wanted`, if any is like it at all.
fn best(candidates: &[String], wanted: &str) -> Option<String> {
    if candidates.len() >= MAX_CANDIDATES {
        return None;
    }
    let mut best: Option<(usize, &String)> = None;
    for candidate in candidates.iter().filter(|c| *c != wanted) {
        // No more than a third of the letters may change, and only an improvement counts.
        let limit = (candidate.len() + wanted.len() + 3) * MOVE / 6;
        let limit = match best {
            Some((0, _)) => break,
            Some((d, _)) => limit.min(d - 1),
            None => limit,
        };
        let d = distance(wanted.as_bytes(), candidate.as_bytes(), limit);
        if d <= limit {
            best = Some((d, candidate));
        }
    }
    best.map(|b| b.1.clone())
}
fn texts(vm: &'static Vm, iterable: Gc) -> Vec<String> {
    match crate::list::to_temps(vm, iterable) {
        Ok(items) => items
            .iter()
            .filter_map(|&i| crate::str::as_str(i).map(crate::str::to_text))
            .collect(),
        Err(_) => Vec::new(),
    }
}
/// The declared attribute `n` of an exception.
fn field(vm: &'static Vm, e: Gc, n: usize) -> Option<Gc> {
    Some(crate::exception::field(e, n)).filter(|f| !f.is_null() && *f != vm.world().none)
}
/// What the name of a NameError or AttributeError was probably meant to be.
pub fn suggestion(vm: &'static Vm, e: Gc) -> Option<String> {
    let c = &vm.world().classes;
    let class = type_of(vm, e);
    if class.is_subclass(c.attribute_error) {
        let name = crate::str::to_text(crate::str::as_str(field(vm, e, 0)?)?);
        let names = crate::builtins::dir(vm, field(vm, e, 1)?).ok()?;
        return best(&texts(vm, names), &name);
    }
    if class.is_subclass(c.name_error) {
        let name = crate::str::to_text(crate::str::as_str(field(vm, e, 0)?)?);
        let mut t = e.get(WException::TRACEBACK);
        while t.is::<WTraceback>() && t.get(WTraceback::NEXT).is::<WTraceback>() {
            t = t.get(WTraceback::NEXT);
        }
        if !t.is::<WTraceback>() {
            return None;
        }
        let data = &t.get(WTraceback::CODE).expect().info.data;
        let locals: Vec<String> = data
            .locals
            .iter()
            .map(|l| l.name.to_string())
            .filter(|n| !n.is_empty())
            .collect();
        let globals = crate::traceback::globals_of(t).map_or_else(Vec::new, |g| texts(vm, g));
        return best(&locals, &name)
            .or_else(|| best(&globals, &name))
            .or_else(|| best(&texts(vm, vm.world().builtins.get()), &name));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_weigh_case_less() {
        assert_eq!(distance(b"abc", b"abc", 10), 0);
        assert_eq!(distance(b"abc", b"aBc", 10), CASE);
        assert_eq!(distance(b"abc", b"abd", 10), MOVE);
        assert_eq!(distance(b"kitten", b"sitting", 20), 3 * MOVE);
        assert!(distance(b"completely", b"different", 4) > 4);
    }
    #[test]
    fn the_nearest_candidate_wins() {
        let names = ["print", "sprint", "point", "Print"].map(str::to_owned);
        assert_eq!(best(&names, "prin"), Some("print".into()));
        assert_eq!(best(&names, "PRINT"), Some("Print".into()));
        assert_eq!(best(&names, "zzzzzz"), None);
    }
}
