//! What was read of a store, until something of it is written.

use std::{collections::HashMap, hash::Hash, sync::Mutex};

use matrix_sdk::ruma::{OwnedRoomId, RoomId};

use crate::threads::lock;

/// Entries of one kind; when there are more, all are forgotten.
const MOST: usize = 500;

/// What is known of rooms of one kind, each by its key in the room.
#[derive(Debug)]
pub struct Cache<K, V> {
    rooms: HashMap<OwnedRoomId, HashMap<K, V>>,
    entries: usize,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self {
            rooms: HashMap::new(),
            entries: 0,
        }
    }
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    pub fn get(&self, room_id: &RoomId, key: &K) -> Option<V> {
        self.rooms.get(room_id)?.get(key).cloned()
    }

    pub fn insert(&mut self, room_id: &RoomId, key: K, value: V) {
        if self.entries >= MOST {
            self.clear();
        }
        let room = self.rooms.entry(room_id.to_owned()).or_default();
        self.entries += usize::from(room.insert(key, value).is_none());
    }

    pub fn forget(&mut self, room_id: &RoomId) {
        let forgotten = self.rooms.remove(room_id);
        self.entries -= forgotten.map_or(0, |room| room.len());
    }

    pub fn clear(&mut self) {
        self.rooms.clear();
        self.entries = 0;
    }
}

/// What was read, and how often it was written to: what is read meanwhile may be from before.
#[derive(Debug, Default)]
pub struct Reads<K>(Mutex<(u64, K)>);

impl<K> Reads<K> {
    /// Looks at what is known.
    pub fn look<T>(&self, find: impl FnOnce(&K) -> T) -> T {
        find(&lock(&self.0).1)
    }

    /// What is known, or else what is read now; that is kept unless something is written meanwhile.
    pub async fn recall<T: Clone, E>(
        &self,
        find: impl Fn(&K) -> Option<T> + Send,
        read: impl Future<Output = Result<T, E>> + Send,
        keep: impl FnOnce(&mut K, T) + Send,
    ) -> Result<T, E> {
        let writes = {
            let (writes, known) = &*lock(&self.0);
            if let Some(found) = find(known) {
                return Ok(found);
            }
            *writes
        };
        let value = read.await?;
        let (now, known) = &mut *lock(&self.0);
        if *now == writes {
            keep(known, value.clone());
        }
        Ok(value)
    }

    /// Writes, and forgets before and afterwards what that may change.
    pub async fn write<T>(
        &self,
        forget: impl Fn(&mut K) + Send,
        write: impl Future<Output = T> + Send,
    ) -> T {
        self.forget(&forget);
        let written = write.await;
        self.forget(&forget);
        written
    }

    fn forget(&self, forget: impl Fn(&mut K)) {
        let (writes, known) = &mut *lock(&self.0);
        *writes += 1;
        forget(known);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use matrix_sdk::ruma::room_id;

    use super::*;

    #[tokio::test]
    async fn what_is_read_is_kept_unless_something_is_written_meanwhile() {
        let reads = Reads::<Option<&str>>::default();
        let keep = |known: &mut Option<&'static str>, value| *known = Some(value);
        let old = async {
            reads.write(|known| *known = None, async {}).await;
            Ok::<_, Infallible>("old")
        };
        let Ok(found) = reads.recall(|known| *known, old, keep).await;
        assert_eq!(found, "old");
        for (stored, expected) in [("new", "new"), ("newer", "new")] {
            let read = async { Ok::<_, Infallible>(stored) };
            let Ok(found) = reads.recall(|known| *known, read, keep).await;
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_room_is_forgotten_as_a_whole_and_others_stay() {
        let (a, b) = (room_id!("!a:example.org"), room_id!("!b:example.org"));
        let mut cache = Cache::default();
        cache.insert(a, 1, "one");
        cache.insert(a, 1, "uno");
        cache.insert(b, 1, "eins");
        assert_eq!(cache.get(a, &1), Some("uno"));
        assert_eq!(cache.get(a, &2), None);
        cache.forget(a);
        assert_eq!(cache.get(a, &1), None);
        assert_eq!(cache.get(b, &1), Some("eins"));
        assert_eq!(cache.entries, 1);
    }

    #[test]
    fn it_never_grows_without_end() {
        let room_id = room_id!("!a:example.org");
        let mut cache = Cache::default();
        for key in 0..10 * MOST {
            cache.insert(room_id, key, ());
            assert!(cache.rooms[room_id].len() <= MOST);
        }
    }
}
