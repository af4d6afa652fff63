//! Fields as a tree: name, value, meaning, bytes. What is selected there is selected in the bytes, and the other way round.

use super::Selection;
use crate::browser;
use crate::model::tools::tree::{self, Node, Path};
use crate::texts::{Language, tools as t};
use leptos::html::Ul;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Rows that are drawn; a tree with more says how many it leaves out.
const MOST: usize = 1500;

/// The view.
#[component]
pub fn FieldTree(
    /// The reader's language.
    l: Language,
    /// The fields.
    #[prop(into)]
    nodes: Signal<Vec<Node>>,
    /// The bytes that are selected.
    selection: RwSignal<Selection>,
    /// What the tree shows.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let list = NodeRef::<Ul>::new();
    let turned = RwSignal::new(BTreeSet::<Path>::new());
    let here = RwSignal::new(vec![0]);
    let id = StoredValue::new(format!("tree-{}", browser::clock() as u64 % 1_000_000_000));
    let rows = Memo::new(move |_| nodes.with(|nodes| turned.with(|turned| tree::rows(nodes, turned))));
    let name_of = move |path: &[usize]| {
        id.with_value(|id| format!("{id}-{}", path.iter().map(usize::to_string).collect::<Vec<_>>().join("-")))
    };
    let select = move |path: Path| {
        let range = nodes.with_untracked(|nodes| tree::node(nodes, &path).and_then(|node| node.range));
        here.set(path);
        if range.is_some() && selection.get_untracked() != range {
            selection.set(range);
        }
    };
    let turn = move |path: &Path| {
        turned.update(|turned| {
            if !turned.remove(path) {
                turned.insert(path.clone());
            }
        });
    };
    // What is selected in the bytes is found in the tree; the nodes around it open.
    Effect::new(move |_| {
        let Some(range) = selection.get() else { return };
        let found = nodes.with(|nodes| {
            let now = here.get_untracked();
            if tree::node(nodes, &now).is_some_and(|node| node.range == Some(range)) {
                return None;
            }
            tree::holding(nodes, range)
        });
        let Some(path) = found else { return };
        let closed = nodes.with_untracked(|nodes| {
            (1..path.len())
                .map(|depth| path[..depth].to_vec())
                .filter(|outer| {
                    let turned = turned.with_untracked(|turned| turned.contains(outer));
                    tree::node(nodes, outer).is_some_and(|node| node.closed != turned)
                })
                .collect::<Vec<_>>()
        });
        closed.iter().for_each(turn);
        here.set(path);
    });
    Effect::new(move |_| {
        here.track();
        rows.track();
        if let Some(list) = list.get() {
            browser::keep_in_view(&list, "[aria-selected='true']");
        }
    });
    let key = move |event: leptos::ev::KeyboardEvent| {
        let rows = rows.get_untracked();
        let now = here.get_untracked();
        let at = rows.iter().position(|row| row.path == now).unwrap_or(0);
        let Some(row) = rows.get(at) else { return };
        let outer = || (row.path.len() > 1).then(|| row.path[..row.path.len() - 1].to_vec());
        let to = match event.key().as_str() {
            "ArrowDown" => rows.get(at + 1).map(|row| row.path.clone()),
            "ArrowUp" => at.checked_sub(1).map(|at| rows[at].path.clone()),
            "Home" => rows.first().map(|row| row.path.clone()),
            "End" => rows.last().map(|row| row.path.clone()),
            "ArrowRight" if row.open == Some(true) => rows.get(at + 1).map(|row| row.path.clone()),
            "ArrowLeft" if row.open != Some(true) => outer(),
            "ArrowRight" if row.open == Some(false) => {
                turn(&row.path);
                None
            }
            "ArrowLeft" => {
                turn(&row.path);
                None
            }
            "Enter" | " " => {
                if row.open.is_some() {
                    turn(&row.path);
                }
                Some(row.path.clone())
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if let Some(path) = to {
            select(path);
        }
    };
    let drawn = move || {
        let rows = rows.get();
        let left_out = rows.len().saturating_sub(MOST);
        let items = nodes.with(|nodes| {
            rows.iter()
                .take(MOST)
                .filter_map(|row| {
                    let node = tree::node(nodes, &row.path)?.clone();
                    let (path, same, mine) = (row.path.clone(), row.path.clone(), row.path.clone());
                    let range = node.range.map(|(start, end)| match node.bits {
                        Some((from, to)) => t::range_bits(l, start, from, to.saturating_sub(1)),
                        None if end == start + 1 => start.to_string(),
                        None if end > start => format!("{start}–{}", end - 1),
                        None => start.to_string(),
                    });
                    Some(view! {
                        <li
                            role="treeitem"
                            id=name_of(&row.path)
                            attr:aria-level=row.path.len()
                            aria-posinset=row.path.last().map(|place| place + 1)
                            aria-setsize=row.siblings
                            aria-expanded=row.open.map(|open| open.to_string())
                            aria-selected=move || here.with(|here| *here == same).to_string()
                            data-depth=row.path.len() - 1
                            data-kind=node.kind
                            class:bad=node.bad
                            on:click=move |_| {
                                let again = here.with_untracked(|here| *here == path);
                                if again {
                                    turn(&path);
                                }
                                select(path.clone());
                            }
                        >
                            <span
                                class="twist"
                                aria-hidden="true"
                                on:click=move |event| {
                                    event.stop_propagation();
                                    turn(&mine);
                                }
                            >
                                {row.open.map(|open| if open { "▾" } else { "▸" })}
                            </span>
                            <span class="name">{node.label}</span>
                            <span class="value">{node.value}</span>
                            <span class="meaning">{node.meaning}</span>
                            <span class="range">{range}</span>
                        </li>
                    })
                })
                .collect_view()
        });
        let more = (left_out > 0).then(|| view! { <li role="none" class="empty">{t::rows_left_out(l, left_out)}</li> });
        view! { {items} {more} }
    };
    view! {
        <ul
            class="tree"
            role="tree"
            tabindex="0"
            aria-label=label
            aria-activedescendant=move || here.with(|here| name_of(here))
            node_ref=list
            on:keydown=key
        >
            {drawn}
        </ul>
    }
}
