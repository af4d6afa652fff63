//! What the HTTP page is to show, as values: parts, sentences, steps, the connection, what is sent. It draws nothing and
//! opens no connection.

pub mod examples;
pub mod exchange;
pub mod explain;
pub mod machine;
pub mod parts;
pub mod request;
pub mod rows;
mod sketch;
pub mod steps;
