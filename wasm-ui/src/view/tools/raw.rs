//! Bytes as they are, typed and seen: no protocol is read from them.

use super::Tool;
use super::parts::{ByteInput, Bytes, HexView};
use crate::texts::tools as t;
use leptos::prelude::*;

/// The view.
#[component]
pub fn Raw(tool: Tool) -> impl IntoView {
    let bytes = RwSignal::new(Bytes::from(*b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"));
    let selection = RwSignal::new(None);
    view! {
        <div class="columns">
            <ByteInput tool key="b" bytes label=t::bytes(tool.language)/>
            <HexView l=tool.language bytes selection/>
        </div>
    }
}
