//! One order, one report: runs a scenario on the engines a reader asked for, the same for the command line and the API.
//! It prints nothing and knows no HTTP.

mod named;
mod store;

pub use named::find as named;
pub use store::{Id, Store, Stored};

/// What the kernel engine may do here.
pub async fn capabilities() -> serde_json::Value {
    serde_json::json!({ "isolated": false, "loopback": false, "reason": "this build has no kernel engine" })
}
