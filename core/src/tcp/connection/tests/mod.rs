//! Tests of the connection, a file for each question.

mod handshake;
mod pair;
