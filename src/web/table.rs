//! What is known by a number: values in the order of their keys, in one block of memory. New keys are mostly the greatest
//! and old ones go first, which costs nothing here; and it is a fraction of the code of a tree. Never holds a key twice.

use std::collections::VecDeque;

/// Values by key.
#[derive(Debug)]
pub(super) struct Table<K, V>(VecDeque<(K, V)>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<K: Ord + Copy, V> Table<K, V> {
    /// Where it is, or where it would be.
    fn find(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(&key))
    }

    /// In the place of an older one.
    pub(super) fn insert(&mut self, key: K, value: V) {
        match self.find(key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        let at = self.find(key).ok()?;
        self.0.remove(at).map(|(_, value)| value)
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        self.find(key).ok().map(|at| &self.0[at].1)
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.find(key).ok().map(|at| &mut self.0[at].1)
    }

    pub(super) fn contains(&self, key: K) -> bool {
        self.find(key).is_ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (*key, value))
    }

    /// Takes all values out.
    pub(super) fn take(&mut self) -> Vec<V> {
        core::mem::take(&mut self.0).into_iter().map(|(_, value)| value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_keys_and_stand_in_their_order() {
        let mut table = Table::default();
        for key in [5, 1, 9, 3, 7] {
            table.insert(key, key * 10);
        }
        table.insert(3, 31);
        assert_eq!((table.get(3), table.get(4), table.contains(9)), (Some(&31), None, true));
        assert_eq!((table.remove(5), table.remove(5)), (Some(50), None));
        *table.get_mut(1).unwrap() += 1;
        assert_eq!(table.iter().collect::<Vec<_>>(), [(1, &11), (3, &31), (7, &70), (9, &90)]);
        assert_eq!(table.take(), [11, 31, 70, 90]);
        assert!(table.is_empty());
    }
}
