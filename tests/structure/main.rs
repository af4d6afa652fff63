//! What must never be, and what must always be, in the sources: the import law, first lines, lengths, forbidden words.
//! It reads sources as text; whether they work is for every other test.

mod colours;
mod house;
mod law;
mod source;
mod texts;
