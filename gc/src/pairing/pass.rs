//! The walk over old links in slices, while an incremental collector marks.
//!
//! Marks are not taken back in a cycle: a link whose object was found marked once needs no other look, neither by the search
//! for dead structures nor when links are settled, since what such a structure refers to is counted as held from
//! outside (see `cross.rs`). So when marking has come to its end for the first time, the links are walked over, so many in
//! each step; what is not marked by then is listed. The pause in which marking ends looks at the list and at what became old
//! since: dead pairs, pairs that only the raw side holds, and new ones.
//!
//! Invariant X3: while a pass is under way, the places of old links stay what they are, and the object of an old link that
//! stands before `next` is marked, or the link's place is listed.
use super::links::{Link, Links};
use super::liveness::Liveness;
use super::raw::RawSide;

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Pass {
    /// The place of the next link to be looked at.
    next: usize,
    /// Places of links whose objects were not marked, in order.
    unmarked: Vec<usize>,
}

impl Pass {
    /// Looks at up to `limit` links more. How many it looked at, and whether that were all.
    pub fn advance(
        &mut self,
        raws: &RawSide,
        links: &Links,
        limit: usize,
        live: &mut dyn Liveness,
        mut unmarked: impl FnMut(Link, &mut dyn Liveness),
    ) -> (usize, bool) {
        let end = links.end().min(self.next.saturating_add(limit));
        let looked_at = end - self.next;
        for place in self.next..end {
            let Some(link) = links.get(place) else {
                continue;
            };
            if live.survivor(raws.gc(link.raw)).is_none() {
                self.unmarked.push(place);
                unmarked(link, live);
            }
        }
        self.next = end;
        (looked_at, end == links.end())
    }
    /// Places of all links that may have dead objects.
    pub fn places(&self, links: &Links) -> impl Iterator<Item = usize> + use<'_> {
        self.unmarked.iter().copied().chain(self.next..links.end())
    }
}
