//! "Did you mean: ...?" of NameError and AttributeError.

use crate::access::Access;
use crate::layout::*;
use crate::{Vm, type_of};
use ouro_gc::Gc;

const MOVE: usize = 2;
const CASE: usize = 1;

fn cost(a: char, b: char) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}
/// The edit distance, as CPython weighs it; above `limit` anything above `limit`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) * MOVE > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).map(|j| j * MOVE).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (i + 1) * MOVE;
        for (j, &y) in b.iter().enumerate() {
            let best = (diagonal + cost(x, y)).min(row[j] + MOVE).min(row[j + 1] + MOVE);
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
        if row.iter().all(|&v| v > limit) {
            return limit + 1;
        }
    }
    row[b.len()]
}
fn best(names: &[String], wanted: &str) -> Option<String> {
    if names.len() >= 750 || wanted.chars().count() > 40 {
        return None;
    }
    let mut found: Option<(usize, &String)> = None;
    for name in names.iter().filter(|n| *n != wanted) {
        let mut limit = (name.len() + wanted.len() + 3) * MOVE / 6;
        if let Some((d, _)) = found {
            limit = limit.min(d.saturating_sub(1));
        }
        let d = distance(wanted, name, limit);
        if d <= limit && found.is_none_or(|(old, _)| d < old) {
            found = Some((d, name));
        }
    }
    found.map(|f| f.1.clone())
}
fn texts(vm: &'static Vm, list: Gc) -> Vec<String> {
    match crate::list::to_temps(vm, list) {
        Ok(items) => items.iter().filter_map(|&i| crate::str::as_str(i).map(crate::str::to_text)).collect(),
        Err(_) => Vec::new(),
    }
}
/// What the name of a NameError or AttributeError was probably meant to be.
pub fn suggestion(vm: &'static Vm, e: Gc) -> Option<String> {
    let c = &vm.world().classes;
    let class = type_of(vm, e);
    let name = crate::str::as_str(crate::exception::field(e, 0).to_some()?).map(crate::str::to_text)?;
    if class.is_subclass(c.attribute_error) {
        let object = crate::exception::field(e, 1).to_some()?;
        let names = crate::builtins::dir(vm, object).ok()?;
        return best(&texts(vm, names), &name);
    }
    if class.is_subclass(c.name_error) && !class.is_subclass(c.unbound_local_error) {
        let mut t = e.get(WException::TRACEBACK);
        while !t.is_null() && !t.get(WTraceback::NEXT).is_null() {
            t = t.get(WTraceback::NEXT);
        }
        let mut names = Vec::new();
        if !t.is_null() {
            let data = &t.get(WTraceback::CODE).expect().info.data;
            names.extend(data.locals.iter().map(|l| l.name.to_string()));
            let frame = t.get(WTraceback::FRAME);
            if !frame.is_null() && !frame.get(WFrame::GLOBALS).is_null() {
                names.extend(texts(vm, frame.get(WFrame::GLOBALS)));
            }
        }
        names.extend(texts(vm, vm.world().builtins.get()));
        return best(&names, &name);
    }
    None
}
trait ToSome {
    fn to_some(self) -> Option<Gc>;
}
impl ToSome for Gc {
    fn to_some(self) -> Option<Gc> {
        (!self.is_null()).then_some(self)
    }
}
