//! The sockets of a host at the cursor: ends, state, buffers.

use super::lab::Lab;
use crate::model::run::Face;
use crate::model::selection::Thing;
use crate::texts::lab as t;
use leptos::prelude::*;
use sockscope_core::socket::{Kind, Level};

/// One host's sockets.
#[component]
pub fn Sockets(lab: Lab, host: usize) -> impl IntoView {
    let l = lab.language;
    let sockets = Memo::new(move |_| {
        lab.moment.with(|moment| moment.as_ref().and_then(|one| one.hosts.get(host)).map(|one| one.sockets.clone()))
    });
    view! {
        <div class="fact sockets">
            <h4>{t::sockets(l)}</h4>
            {move || {
                let sockets = sockets.get().unwrap_or_default();
                if sockets.is_empty() {
                    return view! { <p class="empty">{t::no_sockets(l)}</p> }.into_any();
                }
                let cards = sockets
                    .into_iter()
                    .map(|(fd, face, fresh)| view! { <Card lab host fd face fresh/> })
                    .collect_view();
                view! { <ul>{cards}</ul> }.into_any()
            }}
        </div>
    }
}

#[component]
fn Card(lab: Lab, host: usize, fd: i32, face: Face, fresh: bool) -> impl IntoView {
    let l = lab.language;
    let kind = match face.kind {
        Some(Kind::Datagram) => "UDP",
        _ => "TCP",
    };
    let end = |end: Option<std::net::SocketAddrV4>| end.map_or("–".to_owned(), |end| end.to_string());
    let peer = face.peer.map(|peer| format!(" ↔ {peer}")).unwrap_or_default();
    let state = face.state.map(|state| state.name());
    let lit = move || lab.lit.with(|lit| lit.sockets.contains(&(host, fd)));
    view! {
        <li class:fresh=fresh class:lit=lit class:closed=face.closed on:click=move |_| lab.select(Thing::Socket(host, fd))>
            <p>
                <b title=t::socket_fd(l, fd)>{format!("fd {fd}")}</b>
                " "
                {kind}
                {state.map(|state| view! { " " <span class="state" data-state=state>{state}</span> })}
                {face.closed.then(|| view! { " " <em>{t::socket_closed(l)}</em> })}
            </p>
            <p class="ends">{end(face.local)}{peer}</p>
            {meter("send", face.send, move |used, size| t::buffer_send(l, size, used))}
            {meter("receive", face.receive, move |used, size| t::buffer_receive(l, size, used))}
        </li>
    }
}

fn meter(class: &'static str, level: Option<Level>, name: impl Fn(u64, u64) -> String) -> Option<impl IntoView> {
    let level = level.filter(|level| level.size > 0)?;
    // Few bytes in a large buffer must still be seen: the bar grows with the square root.
    let part = (level.used as f64 / level.size as f64).clamp(0.0, 1.0).sqrt() * 100.0;
    Some(view! {
        <p class=format!("meter {class}") role="img" aria-label=name(level.used, level.size) title=name(level.used, level.size)>
            <span class="fill" style:width=format!("{part:.1}%")></span>
            <span class="amount">{if class == "send" { "↑ " } else { "↓ " }}{level.used}</span>
        </p>
    })
}
