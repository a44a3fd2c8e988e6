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
        // One table, or a power of two of them.
        address / BLOCK_BYTES & (self.tables.len() - 1)
    }
    /// What belongs to an address.
    pub(crate) fn get(&self, address: usize) -> Option<&V> {
        self.tables[self.shard(address)].get(&address)
    }
    /// Adds what belongs to an address that has no entry.
    pub(crate) fn insert(&mut self, address: usize, value: V) {
        if self.len == SMALL && self.tables.len() == 1 {
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
    /// Takes out what belongs to an address.
    pub(crate) fn remove(&mut self, address: usize) -> Option<V> {
        let shard = self.shard(address);
        let value = self.tables[shard].remove(&address);
        self.len -= usize::from(value.is_some());
        value
    }
    /// Gives memory back of tables that are much larger than their entries need.
    pub(crate) fn shrink(&mut self) {
        let least = SMALL / self.tables.len();
        for table in &mut self.tables {
            if table.capacity() > 4 * table.len() + least {
                table.shrink_to(2 * table.len());
            }
        }
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

    #[test]
    fn what_is_taken_out_is_gone_and_its_memory_is_given_back() {
        let mut map = Shards::default();
        let address = |n: usize| n * 48;
        let entries = 100_000;
        // Twice: the number of entries passes the limit of a single table in both directions.
        for _ in 0..2 {
            for n in 0..entries {
                map.insert(address(n), n);
            }
            for n in (0..entries).filter(|n| n % 1000 != 0) {
                assert_eq!(map.remove(address(n)), Some(n));
                assert_eq!(map.remove(address(n)), None);
            }
            map.shrink();
            let room: usize = map.tables.iter().map(|table| table.capacity()).sum();
            assert!(room < entries / 4, "{room}");
            for n in 0..entries {
                assert_eq!(map.get(address(n)).is_some(), n % 1000 == 0);
            }
            for n in (0..entries).step_by(1000) {
                assert_eq!(map.remove(address(n)), Some(n));
            }
        }
    }
}
