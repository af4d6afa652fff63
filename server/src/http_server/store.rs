//! The documents that clients put: in memory, few and small, gone with the server or the session. Nothing touches a disk.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Most documents.
pub const MOST: usize = 64;
/// Most bytes of one document.
pub const DOCUMENT_LIMIT: usize = 64 * 1024;
/// Most bytes of all documents.
pub const ROOM: usize = 512 * 1024;

/// What was put under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// As its sender named it.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Document {
    /// Its strong entity tag (RFC 9110, 8.8.3): the same for the same bytes and type.
    pub fn tag(&self) -> String {
        // FNV-1a: changes are told apart, and nobody gains from making two documents collide.
        let bytes = self.media_type.bytes().chain([0]).chain(self.content.iter().copied());
        let hash =
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("\"{hash:016x}\"")
    }
}

/// Why a document was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// It is too large by itself.
    Document,
    /// There is no room beside the others.
    Store,
}

/// The documents of one server or one session.
#[derive(Debug, Default)]
pub struct Store(Mutex<BTreeMap<String, Document>>);

impl Store {
    fn documents(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Document>> {
        // No method panics half-way, so what is there is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The document with this name.
    pub fn get(&self, name: &str) -> Option<Document> {
        self.documents().get(name).cloned()
    }

    /// Keeps a document; `true` if there was none with this name.
    pub fn put(&self, name: &str, document: Document) -> Result<bool, Full> {
        if document.content.len() > DOCUMENT_LIMIT {
            return Err(Full::Document);
        }
        let mut documents = self.documents();
        let others = documents.iter().filter(|(other, _)| *other != name);
        let (count, bytes) = others.fold((0, 0), |(count, bytes), (_, other)| (count + 1, bytes + other.content.len()));
        if count >= MOST || bytes + document.content.len() > ROOM {
            return Err(Full::Store);
        }
        Ok(documents.insert(name.to_owned(), document).is_none())
    }

    /// Keeps a document under the first free number, and says which.
    pub fn add(&self, document: Document) -> Result<String, Full> {
        let name = {
            let documents = self.documents();
            (1..).map(|number: u32| number.to_string()).find(|name| !documents.contains_key(name)).unwrap_or_default()
        };
        self.put(&name, document).map(|_| name)
    }

    /// Forgets a document; `false` if there was none.
    pub fn delete(&self, name: &str) -> bool {
        self.documents().remove(name).is_some()
    }

    /// Names and sizes.
    pub fn list(&self) -> Vec<(String, usize)> {
        self.documents().iter().map(|(name, document)| (name.clone(), document.content.len())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(length: usize) -> Document {
        Document { media_type: "text/plain".to_owned(), content: vec![b'x'; length] }
    }

    #[test]
    fn a_store_has_room_for_so_many_documents_and_so_many_bytes() {
        let store = Store::default();
        assert_eq!(store.put("big", document(DOCUMENT_LIMIT + 1)), Err(Full::Document));
        for number in 0..ROOM / DOCUMENT_LIMIT {
            assert_eq!(store.put(&number.to_string(), document(DOCUMENT_LIMIT)), Ok(true));
        }
        assert_eq!(store.put("one more", document(1)), Err(Full::Store));
        assert_eq!(store.put("0", document(DOCUMENT_LIMIT)), Ok(false), "the one that is replaced makes room");
        assert!(store.delete("0") && !store.delete("0"));
        for number in 0..MOST {
            let _ = store.put(&format!("n{number}"), document(0));
        }
        assert_eq!(store.list().len(), MOST);
        assert_eq!(store.add(document(0)), Err(Full::Store));
    }

    #[test]
    fn tags_tell_contents_and_types_apart() {
        let html = Document { media_type: "text/html".to_owned(), ..document(3) };
        assert_eq!(document(3).tag(), document(3).tag());
        assert!(document(3).tag() != document(4).tag() && document(3).tag() != html.tag());
    }
}
