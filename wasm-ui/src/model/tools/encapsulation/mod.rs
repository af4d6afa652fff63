//! What the encapsulation page is to show: the form and what it asks core, and the way of a message as stages. It draws
//! nothing.

pub mod form;
pub mod way;
