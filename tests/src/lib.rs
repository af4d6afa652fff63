//! What the tests across packages share: a server on a free port, and a real Chromium.
