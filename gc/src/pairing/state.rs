//! What is known of the links of a heap: two lists, tables by address, and what waits for the raw side.
use super::counts::PairStats;
use super::cross::Search;
use super::links::{Link, Links};
use super::pass::Pass;
use super::pending::Pending;
use super::raw::Raw;
use super::twins::Twins;
use crate::object::Gc;
use crate::shards::Shards;

/// Both lists are in order of linking, and what is in `old` was linked before what is in `young`, except where an object
/// stayed young for longer.
#[derive(Default)]
pub(super) struct State {
    /// Links that the next collection of young objects looks at: new ones, whatever their object's age, and those whose
    /// object stayed young.
    pub young: Links,
    pub old: Links,
    /// Twins whose links are in `young`, by the addresses of their objects; those in `old` apart, since their objects
    /// move seldom or never.
    pub young_twins: Twins,
    pub old_twins: Shards<*mut Raw>,
    /// Proxies whose links are in `old`, for collectors that find objects dead one by one; made when it is first needed.
    pub old_proxies: Option<Twins>,
    pub pending: Pending,
    /// Old objects whose twins were unlinked by hand since a collector that counts asked, if one ever did.
    pub unlinked: Option<Vec<Gc>>,
    /// How far the links in `old` were looked at in the cycle that an incremental collector has begun.
    pub pass: Option<Pass>,
    /// What was found about cycles, while a collection of the whole heap comes to its end. Between collections it means
    /// nothing.
    pub search: Option<Search>,
    pub counts: PairStats,
}

impl State {
    /// Links in `old` whose objects may be dead, in a collection of the whole heap.
    pub fn unsettled(&self) -> Box<dyn Iterator<Item = Link> + '_> {
        match &self.pass {
            Some(pass) => Box::new(
                pass.places(&self.old)
                    .filter_map(|place| self.old.get(place)),
            ),
            None => Box::new(self.old.iter()),
        }
    }
}
