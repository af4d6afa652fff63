//! What the parts of the page share: the file, what was read of it, and the work under way. It draws nothing.

use crate::browser::{self, Blob};
use crate::model::tools::packets::book::{self, Book};
use crate::model::tools::packets::save::Save;
use crate::texts::tools as t;
use crate::view::tools::Tool;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sockscope_core::packets::follow::{Decoding, Followed, Follower, Limits, Wanted};
use sockscope_core::packets::{Dissector, Packet};
use std::sync::Arc;

/// Bytes of one slice: small enough that the page answers between two of them, on slow machines too.
const SLICE: usize = 256 << 10;
/// Milliseconds between two times that what was read so far is shown.
const SHOWN_EACH: f64 = 200.0;

/// A packet that is looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct Looked {
    /// Its place in the list, from 0.
    pub place: usize,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// What the parts share.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The tool.
    pub tool: Tool,
    /// What was read.
    pub book: StoredValue<Book, LocalStorage>,
    /// The file: one of the reader, or bytes that the browser keeps.
    source: StoredValue<Option<Blob>, LocalStorage>,
    /// Changes whenever the book does.
    pub version: RwSignal<u32>,
    /// The name of the capture; empty where there is none.
    pub name: RwSignal<String>,
    /// How much has been read, from 0 to 1, while that goes on.
    pub progress: RwSignal<Option<f64>>,
    /// What went wrong besides the file being broken.
    pub trouble: RwSignal<Option<String>>,
    /// Whether the reader stopped the reading.
    pub cancelled: RwSignal<bool>,
    /// Changes whenever another file is opened.
    pub job: RwSignal<u32>,
    /// The place in the list of the packet that is selected: what the address says, or the first.
    pub chosen: Memo<usize>,
    /// The packet that is looked at, once its bytes are here.
    pub looked: RwSignal<Option<Looked>>,
    /// The stream that is followed, with how far that is.
    pub followed: RwSignal<Option<Arc<Followed>>>,
    /// How far following is, from 0 to 1.
    pub following: RwSignal<Option<f64>>,
    follow_job: StoredValue<u32>,
}

impl Desk {
    /// An empty one.
    pub fn new(tool: Tool) -> Desk {
        let desk = Desk {
            tool,
            book: StoredValue::new_local(Book::new(tool.language)),
            source: StoredValue::new_local(None),
            version: RwSignal::new(0),
            name: RwSignal::new(String::new()),
            progress: RwSignal::new(None),
            trouble: RwSignal::new(None),
            cancelled: RwSignal::new(false),
            job: RwSignal::new(0),
            chosen: Memo::new(move |_| {
                tool.state.with(|state| state.number::<usize>("n")).map_or(0, |number| number.saturating_sub(1))
            }),
            looked: RwSignal::new(None),
            followed: RwSignal::new(None),
            following: RwSignal::new(None),
            follow_job: StoredValue::new(0),
        };
        Effect::new(move |_| {
            desk.version.track();
            desk.look(desk.chosen.get());
        });
        desk
    }

    /// Opens what the address speaks of: one frame, or a capture that the microscope has handed over.
    pub fn open_linked(self) {
        let l = self.tool.language;
        let (bytes, from) =
            self.tool.state.with_untracked(|state| (state.bytes("b"), state.get("from").map(str::to_owned)));
        if let Some(bytes) = bytes {
            let file = if is_capture(&bytes) { bytes } else { book::file_of(&bytes) };
            self.open(t::packets_one_frame(l).to_owned(), browser::blob(&file), true);
        } else if from.as_deref() == Some("run") {
            match browser::handed_over(browser::CAPTURE).and_then(|text| STANDARD.decode(text).ok()) {
                Some(bytes) => self.open(t::packets_from_lab(l).to_owned(), browser::blob(&bytes), true),
                None => self.trouble.set(Some(t::packets_gone(l).to_owned())),
            }
        }
    }

    /// Reads a capture by slices. `linked` keeps what the address says about it.
    pub fn open(self, name: String, source: Blob, linked: bool) {
        let l = self.tool.language;
        let job = self.job.get_untracked() + 1;
        self.book.set_value(Book::new(l));
        self.source.set_value(Some(source.clone()));
        self.job.set(job);
        self.name.set(name);
        self.trouble.set(None);
        self.cancelled.set(false);
        self.looked.set(None);
        self.followed.set(None);
        if !linked {
            self.tool.state.update(|state| ["b", "n", "s", "from", "f"].into_iter().for_each(|key| state.remove(key)));
        }
        self.progress.set(Some(0.0));
        self.version.update(|version| *version += 1);
        spawn_local(async move {
            let size = source.size();
            let mut at = 0;
            let mut shown = 0.0;
            let mut more = true;
            // Until another file is opened, the reader stops it, or the page goes.
            let wanted =
                || self.job.try_get_untracked() == Some(job) && self.cancelled.try_get_untracked() == Some(false);
            while more && (at as f64) < size {
                let slice = browser::read(&source, at, SLICE).await;
                if !wanted() {
                    return;
                }
                let slice = match slice {
                    Ok(slice) => slice,
                    Err(said) => {
                        self.trouble.set(Some(t::packets_unreadable(l, said)));
                        break;
                    }
                };
                at += slice.len() as u64;
                if slice.is_empty() {
                    break;
                }
                self.book.update_value(|book| more = book.feed(&slice));
                // Drawing the list takes longer than reading a slice.
                let now = browser::clock();
                if now - shown > SHOWN_EACH {
                    shown = now;
                    self.progress.set(Some(at as f64 / size));
                    self.version.update(|version| *version += 1);
                }
            }
            self.book.update_value(Book::finish);
            self.progress.set(None);
            self.version.update(|version| *version += 1);
        });
    }

    /// Stops reading.
    pub fn cancel(self) {
        self.cancelled.set(true);
        self.progress.set(None);
        self.version.update(|version| *version += 1);
    }

    /// Fetches the bytes of a packet again, by its place in the list.
    fn look(self, place: usize) {
        let row = self.book.with_value(|book| book.rows.get(place).map(|row| (row.at, row.length as usize)));
        let here = self.looked.with_untracked(|looked| looked.as_ref().map(|looked| looked.place));
        let (Some((at, length)), Some(source)) = (row, self.source.get_value()) else { return };
        if here == Some(place) {
            return;
        }
        let job = self.job.get_untracked();
        spawn_local(async move {
            let Ok(block) = browser::read(&source, at, length + book::BLOCK_HEAD).await else { return };
            let now = (self.job.try_get_untracked(), self.chosen.try_get_untracked());
            if now != (Some(job), Some(place)) {
                return;
            }
            let start = self.book.with_value(|book| book.data_offset(&block));
            let bytes = block.get(start..(start + length).min(block.len())).unwrap_or(&[]);
            self.looked.set(Some(Looked { place, bytes: bytes.into() }));
        });
    }

    /// Goes over the whole file again; `each` says whether it wants more packets.
    async fn pass(self, job: u32, mut each: impl FnMut(&Packet) -> bool) -> bool {
        let Some(source) = self.source.get_value() else { return false };
        let size = source.size();
        let mut dissector = Dissector::new();
        let mut at = 0;
        loop {
            let Ok(slice) = browser::read(&source, at, SLICE).await else { return false };
            if self.follow_job.try_get_value() != Some(job) {
                return false;
            }
            if slice.is_empty() {
                dissector.finish();
            }
            at += slice.len() as u64;
            dissector.push(&slice);
            while let Ok(Some(packet)) = dissector.poll() {
                if !each(&packet) {
                    return true;
                }
            }
            self.following.set(Some(at as f64 / size.max(1.0)));
            if slice.is_empty() {
                return true;
            }
        }
    }

    /// Follows a stream.
    pub fn follow(self, stream: u32, decoding: Decoding) {
        self.follow_job.update_value(|job| *job += 1);
        let job = self.follow_job.get_value();
        let last = self.book.with_value(|book| book.streams().find(|one| one.number == stream).map(|one| one.last));
        let Some(last) = last else { return };
        self.following.set(Some(0.0));
        spawn_local(async move {
            let mut follower = Follower::new(Wanted::One(stream), Limits::default());
            let done = self.pass(job, |packet| {
                follower.take(packet);
                packet.number < last
            });
            if done.await && self.follow_job.try_get_value() == Some(job) {
                let followed = follower.finish(&decoding).into_iter().next();
                self.followed.set(followed.map(Arc::new));
                self.following.set(None);
            }
        });
    }

    /// Hands a stream to the reader as a file of its own.
    pub fn save(self, stream: u32) {
        self.follow_job.update_value(|job| *job += 1);
        let job = self.follow_job.get_value();
        let l = self.tool.language;
        self.following.set(Some(0.0));
        spawn_local(async move {
            let mut save = Save::begin();
            let mut room = true;
            let done = self.pass(job, |packet| {
                if packet.stream == Some(stream) {
                    room = save.put(packet);
                }
                room
            });
            if done.await && self.follow_job.try_get_value() == Some(job) {
                self.following.set(None);
                if room {
                    browser::download(&format!("stream-{stream}.pcapng"), &save.finish());
                } else {
                    let most = crate::model::tools::packets::save::MOST >> 20;
                    self.trouble.set(Some(t::packets_too_large_to_save(l, format!("{most} MiB"))));
                }
            }
        });
    }
}

/// Whether bytes begin as a capture file does.
fn is_capture(bytes: &[u8]) -> bool {
    let magic = bytes.first_chunk::<4>().map(|magic| u32::from_be_bytes(*magic));
    matches!(magic, Some(0x0a0d_0d0a | 0xa1b2_c3d4 | 0xd4c3_b2a1 | 0xa1b2_3c4d | 0x4d3c_b2a1))
}
