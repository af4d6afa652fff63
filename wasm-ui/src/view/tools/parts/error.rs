//! What is wrong: a sentence, the place, and the rule with its address. It decides nothing.

use crate::model::tools::rule;
use crate::texts::{Language, tools as t};
use leptos::prelude::*;

/// The view.
#[component]
pub fn ErrorBox(
    /// The reader's language.
    l: Language,
    /// What is wrong.
    #[prop(into)]
    sentence: String,
    /// Where: a short text such as `byte 17`.
    #[prop(into, optional)]
    place: String,
    /// Which rule it breaks: `RFC 9112 6.3`.
    #[prop(into, optional)]
    rule: String,
    /// Whether it only waits for more, so that nothing is wrong yet.
    #[prop(optional)]
    mild: bool,
) -> impl IntoView {
    let place = (!place.is_empty()).then(|| view! { <span class="place">{place}</span> });
    let rule = (!rule.is_empty()).then(|| {
        let rule = rule::rule(&rule);
        match rule.address {
            Some(address) => view! {
                <a class="rule" href=address rel="external noopener" target="_blank" title=t::rule_hint(l)>
                    {rule.name}
                </a>
            }
            .into_any(),
            None => view! { <span class="rule">{rule.name}</span> }.into_any(),
        }
    });
    view! {
        <div class="error" class:mild=mild role=if mild { "status" } else { "alert" }>
            <p>{sentence}</p>
            {place}
            {rule}
        </div>
    }
}
