//! A bit per granule, line or page, in ordinary memory beside the heap.

/// A growable set of small numbers.
#[derive(Default, Clone)]
pub struct Bitmap {
    words: Vec<u64>,
}

impl Bitmap {
    /// Makes room for the numbers below `len`.
    pub fn grow(&mut self, len: usize) {
        if self.words.len() * 64 < len {
            self.words.resize(len.div_ceil(64), 0);
        }
    }
    /// Whether `n` is in the set.
    #[inline(always)]
    pub fn get(&self, n: usize) -> bool {
        self.words[n / 64] >> (n % 64) & 1 != 0
    }
    /// Asks the processor to fetch the word that `n` is in.
    #[inline(always)]
    pub fn prefetch(&self, n: usize) {
        crate::memory::prefetch(self.words.as_ptr().wrapping_add(n / 64) as usize);
    }
    /// Adds `n`; true if it is new.
    #[inline(always)]
    pub fn insert(&mut self, n: usize) -> bool {
        let word = &mut self.words[n / 64];
        let bit = 1 << (n % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
    /// Adds `first..=last`.
    #[inline]
    pub fn insert_range(&mut self, first: usize, last: usize) {
        for n in first..=last {
            self.words[n / 64] |= 1 << (n % 64);
        }
    }
    /// Removes `n`.
    #[inline]
    pub fn remove(&mut self, n: usize) {
        self.words[n / 64] &= !(1 << (n % 64));
    }
    /// Removes `first..=last`.
    pub fn remove_range(&mut self, first: usize, last: usize) {
        let (low, high) = (first / 64, last / 64);
        let (from, to) = (u64::MAX << (first % 64), u64::MAX >> (63 - last % 64));
        if low == high {
            self.words[low] &= !(from & to);
            return;
        }
        self.words[low] &= !from;
        self.words[low + 1..high].fill(0);
        self.words[high] &= !to;
    }
    /// Takes the members in `first..first + len` from another set, which loses them. Both numbers are multiples of 64.
    pub fn take_range(&mut self, from: &mut Bitmap, first: usize, len: usize) {
        debug_assert!(first.is_multiple_of(64) && len.is_multiple_of(64));
        let words = first / 64..(first + len) / 64;
        self.words[words.clone()].copy_from_slice(&from.words[words.clone()]);
        from.words[words].fill(0);
    }
    /// Removes everything.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }
    /// The largest member in `least..=n`.
    pub fn last_up_to(&self, n: usize, least: usize) -> Option<usize> {
        let mut at = n / 64;
        let mut word = self.words[at] & (u64::MAX >> (63 - n % 64));
        loop {
            if word != 0 {
                let found = at * 64 + 63 - word.leading_zeros() as usize;
                return (found >= least).then_some(found);
            }
            if at == 0 || at * 64 <= least {
                return None;
            }
            at -= 1;
            word = self.words[at];
        }
    }
    /// The smallest member from `n` on and below `end`.
    pub fn first_from(&self, n: usize, end: usize) -> Option<usize> {
        let mut at = n;
        while at < end {
            let word = self.words[at / 64] >> (at % 64);
            if word != 0 {
                let found = at + word.trailing_zeros() as usize;
                return (found < end).then_some(found);
            }
            at = (at / 64 + 1) * 64;
        }
        None
    }
    /// How many members there are in a range.
    pub fn count_range(&self, range: std::ops::Range<usize>) -> u64 {
        if range.is_empty() {
            return 0;
        }
        let (first, last) = (range.start, range.end - 1);
        let words = &self.words[first / 64..=last / 64];
        let all: u32 = words.iter().map(|word| word.count_ones()).sum();
        let below = words[0] & !(u64::MAX << (first % 64));
        let above = words[words.len() - 1] & !(u64::MAX >> (63 - last % 64));
        u64::from(all - below.count_ones() - above.count_ones())
    }
    /// All members.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(n, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(n * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_bitmap_behaves_like_a_set(members in proptest::collection::btree_set(0usize..1000, 0..40), n in 0usize..1000, m in 0usize..1000) {
            let mut bitmap = Bitmap::default();
            bitmap.grow(1000);
            for &k in &members { prop_assert!(bitmap.insert(k)); prop_assert!(!bitmap.insert(k)); }
            prop_assert_eq!(bitmap.iter().collect::<BTreeSet<_>>(), members.clone());
            let (least, most) = (n.min(m), n.max(m));
            prop_assert_eq!(bitmap.last_up_to(most, least), members.range(least..=most).next_back().copied());
            prop_assert_eq!(bitmap.first_from(least, most), members.range(least..most).next().copied());
            prop_assert_eq!(bitmap.count_range(least..most), members.range(least..most).count() as u64);
            bitmap.remove_range(least, most);
            let outside = members.iter().copied().filter(|k| !(least..=most).contains(k));
            prop_assert_eq!(bitmap.iter().collect::<BTreeSet<_>>(), outside.collect::<BTreeSet<_>>());
            let one = bitmap.iter().next();
            if let Some(one) = one { bitmap.remove(one); prop_assert!(!bitmap.get(one)); }
        }
    }
}
