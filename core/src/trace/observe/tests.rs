//! What the observer makes of frames.
