//! A map from addresses that never takes long: a table that grows is moved as a whole, so there are many small ones.
use crate::pairing::AddressMap;
use crate::space::BLOCK_BYTES;

/// Beyond so many entries there are as many tables, by the block of an address: a small map need not pay for them.
const SMALL: usize = 4096;
const SHARDS: usize = 1024;

/// See the module's documentation.
pub(crate) struct Shards<V> {
    tables: Vec<AddressMap<V>>,
    len: usize,
}

impl<V> Default for Shards<V> {
    fn default() -> Shards<V> {
        Shards {
            tables: vec![AddressMap::default()],
            len: 0,
        }
    }
}

impl<V> Shards<V> {
    fn shard(&self, address: usize) -> usize {
        address / BLOCK_BYTES % self.tables.len()
    }
    /// What belongs to an address.
    pub(crate) fn get(&self, address: usize) -> Option<&V> {
        self.tables[self.shard(address)].get(&address)
    }
    /// Adds what belongs to an address that has no entry.
    pub(crate) fn insert(&mut self, address: usize, value: V) {
        if self.len == SMALL {
            let small = std::mem::take(&mut self.tables[0]);
            self.tables.resize_with(SHARDS, AddressMap::default);
            for (address, value) in small {
                let shard = self.shard(address);
                self.tables[shard].insert(address, value);
            }
        }
        let shard = self.shard(address);
        self.len += usize::from(self.tables[shard].insert(address, value).is_none());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_any_size_gives_back_what_was_put_in() {
        let mut map = Shards::default();
        let address = |n: usize| (n * 7919) << 4;
        for n in 0..3 * SMALL {
            assert_eq!(map.get(address(n)), None);
            map.insert(address(n), n);
        }
        for n in 0..3 * SMALL {
            assert_eq!(map.get(address(n)), Some(&n));
        }
        let longest = map.tables.iter().map(|table| table.len()).max();
        assert!(longest < Some(SMALL / 8), "{longest:?}");
    }
}
