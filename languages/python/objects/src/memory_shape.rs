//! Shapes of memoryviews: where items lie, and whether they are neighbours.

use crate::access::Access;
use crate::layout::*;
use crate::{Temps, Vm, int};
use ouro_gc::Gc;

/// Bytes of an item.
pub(crate) fn item_bytes(v: Gc) -> usize {
    v.get(WMemoryView::ITEMSIZE) as usize
}
/// Shape and strides as `WMemoryView::DIMS` has them.
pub(crate) fn dims_tuple(vm: &'static Vm, shape: &[i64], strides: &[i64]) -> Gc {
    let mut all = Temps::new(vm);
    shape
        .iter()
        .chain(strides)
        .for_each(|&n| all.push(int::new(vm, n)));
    crate::tuple::new(vm, &all)
}
/// Number of dimensions.
pub fn dimensions(v: Gc) -> usize {
    match v.get(WMemoryView::DIMS) {
        d if d.is_null() => 1,
        d => d.items_len::<WTuple>() / 2,
    }
}
/// Shape and strides.
pub fn shape_and_strides(v: Gc) -> (Vec<i64>, Vec<i64>) {
    let dims = v.get(WMemoryView::DIMS);
    if dims.is_null() {
        let stride = v.get(WMemoryView::STRIDE);
        return (vec![v.get(WMemoryView::LEN)], vec![stride]);
    }
    let all: Vec<i64> = crate::tuple::items(dims)
        .iter()
        .map(|n| n.get(WInt::VALUE))
        .collect();
    let (shape, strides) = all.split_at(all.len() / 2);
    (shape.to_vec(), strides.to_vec())
}
/// Where each item begins, in C's order.
pub(crate) fn offsets(v: Gc) -> Vec<usize> {
    let (shape, strides) = shape_and_strides(v);
    let mut all = vec![v.get(WMemoryView::START)];
    for (&n, &stride) in shape.iter().zip(&strides) {
        all = all
            .iter()
            .flat_map(|&at| (0..n).map(move |i| at + i * stride))
            .collect();
    }
    all.into_iter().map(|at| at as usize).collect()
}
/// Bytes of all items.
pub fn total_bytes(v: Gc) -> usize {
    shape_and_strides(v).0.iter().product::<i64>() as usize * item_bytes(v)
}
/// Whether items in C's order, or in Fortran's, are neighbours.
pub(crate) fn is_dense(v: Gc, fortran: bool) -> bool {
    let (shape, strides) = shape_and_strides(v);
    if shape.contains(&0) {
        return true;
    }
    let mut expected = item_bytes(v) as i64;
    let mut dense = true;
    let mut check = |i: usize| {
        dense &= shape[i] == 1 || strides[i] == expected;
        expected *= shape[i];
    };
    match fortran {
        true => (0..shape.len()).for_each(&mut check),
        false => (0..shape.len()).rev().for_each(&mut check),
    }
    dense
}
