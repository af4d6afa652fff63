//! Tests of the connection, a file for each question.

mod closing;
mod flow;
mod handshake;
mod loss;
mod pair;
mod random;
mod reset;
mod table;
