//! The pages: every template rendered in both languages, with the styles and scripts they ask for. It knows no wasm
//! beyond where its glue is served.

use crate::lab::Modules;
use crate::pack::Site;
use crate::scenarios::Scenario;
use crate::texts::{LANGUAGES, Texts};
use crate::{Places, Problems, read};
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, context};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The style sheets of every page, in this order. The microscope brings its own into its own part of the page.
const STYLES: &[&str] = &["tokens.css", "base.css", "pages.css"];

/// The tools, in the order in which they are shown: each has a page, and a name in `<socket-tool name="…">`.
/// Beside each what to read on: series, number, section.
const TOOLS: &[(&str, &[&str])] = &[
    ("framing", &["RFC 9293 3.7", "RFC 9112 7.1"]),
    ("http", &["RFC 9110", "RFC 9112"]),
    ("packets", &["RFC 791", "RFC 9293 3.1", "RFC 768"]),
    ("encapsulation", &["RFC 1122", "RFC 894"]),
    ("address", &["RFC 4632", "RFC 6890", "RFC 6335"]),
];

/// Renders and adds every page, style sheet and script.
pub fn build(
    places: &Places,
    texts: &Texts,
    scenarios: &[Scenario],
    modules: Option<&Modules>,
    site: &mut Site,
) -> Result<(), Problems> {
    let style = site.add_hashed("site", "css", sheet(places, STYLES)?);
    let tokens = site.add_hashed("tokens", "css", sheet(places, &["tokens.css"])?);
    let lab_style = site.add_hashed("lab", "css", sheet(places, &["lab.css"])?);
    let tools_style = site.add_hashed("tools", "css", sheet(places, &["tools.css"])?);
    let script = site.add_hashed("site", "js", read(&places.web.join("scripts/site.js"))?);
    let icon = site.add_hashed("icon", "svg", read(&places.web.join("templates/icon.svg"))?);
    let element = read(&places.web.join("scripts/element.js"))?;
    let elements = [
        ("socket-lab", modules.map(|modules| &modules.lab), &lab_style),
        ("socket-tool", modules.map(|modules| &modules.tools), &tools_style),
    ];
    for (tag, glue, style) in elements {
        let script = match glue {
            Some(glue) => element
                .replace("{tag}", tag)
                .replace("{glue}", glue)
                .replace("{style}", style)
                .replace("{tokens}", &tokens),
            None => "// This build was made without wasm (SOCKSCOPE_SKIP_UI).\n".to_string(),
        };
        site.add(&format!("/{tag}.js"), script, false);
    }

    let mut problems = Vec::new();
    for (index, language) in LANGUAGES.into_iter().enumerate() {
        let environment = environment(places, Arc::new(texts[index].clone()))?;
        let list: Vec<Value> = scenarios.iter().map(|scenario| describe(scenario, index)).collect();
        let common = context! {
            language, style => &style, script => &script, icon => &icon,
            microscope => modules.is_some(), tools => TOOLS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), scenarios => list,
        };
        let mut render = |template: &str, path: &str, more: Value| {
            let here = context! { path, ..context! { ..more, ..common.clone() } };
            match environment.get_template(template).and_then(|template| template.render(here)) {
                Ok(page) => site.add(&format!("/{language}{path}"), page, false),
                Err(error) => problems.push(format!("page /{language}{path}: {}", explain(&error))),
            }
        };
        render("home.html", "/", context! {});
        render("model.html", "/model", context! {});
        render("not-found.html", "/404", context! {});
        render("tools.html", "/tools", context! {});
        for (position, (tool, sources)) in TOOLS.iter().enumerate() {
            let neighbour = |at: Option<usize>| at.and_then(|at| TOOLS.get(at)).map(|(name, _)| *name);
            render(
                &format!("tool-{tool}.html"),
                &format!("/tools/{tool}"),
                context! {
                    tool => *tool,
                    sources => sources.iter().map(|source| reference(source)).collect::<Vec<_>>(),
                    previous => neighbour(position.checked_sub(1)),
                    next => neighbour(Some(position + 1)),
                },
            );
        }
        for (position, scenario) in scenarios.iter().enumerate() {
            let neighbour = |at: Option<usize>| at.and_then(|at| scenarios.get(at)).map(|other| describe(other, index));
            render(
                "scenario.html",
                &format!("/scenarios/{}", scenario.name),
                context! {
                    scenario => describe(scenario, index),
                    number => position + 1,
                    previous => neighbour(position.checked_sub(1)),
                    next => neighbour(Some(position + 1)),
                },
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// What the templates see of a scenario.
fn describe(scenario: &Scenario, language: usize) -> Value {
    context! {
        name => &scenario.name,
        key => scenario.name.replace('-', "_"),
        title => &scenario.titles[language],
        programs => scenario.programs.iter().map(|it| context! { name => &it.name, address => &it.address, program => &it.program }).collect::<Vec<_>>(),
        sources => scenario.sources.iter().map(|source| reference(source)).collect::<Vec<_>>(),
    }
}

/// `"RFC 9293 3.5"` as words and address.
fn reference(source: &str) -> BTreeMap<&'static str, String> {
    let mut words = source.splitn(3, ' ');
    let (series, number, section) = (words.next().unwrap_or(""), words.next().unwrap_or(""), words.next());
    let mut address = format!("https://www.rfc-editor.org/rfc/{}{number}", series.to_lowercase());
    if let Some(section) = section {
        address.push_str(&format!("#section-{section}"));
    }
    BTreeMap::from([
        ("name", format!("{series} {number}")),
        ("section", section.unwrap_or("").to_string()),
        ("address", address),
    ])
}

fn sheet(places: &Places, names: &[&str]) -> Result<String, Problems> {
    names.iter().map(|name| read(&places.web.join("styles").join(name))).collect()
}

/// The templates, with `t(key, …)` for texts and the filters `words` and `prose` for their marks.
fn environment(places: &Places, texts: Arc<BTreeMap<String, String>>) -> Result<Environment<'static>, Problems> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") || name.ends_with(".svg") { AutoEscape::Html } else { AutoEscape::None }
    });
    let folder = places.web.join("templates");
    let files = std::fs::read_dir(&folder).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    for path in files.flatten().map(|entry| entry.path()) {
        let name = path.file_name().expect("it is a file").to_string_lossy().into_owned();
        environment
            .add_template_owned(name, read(&path)?)
            .map_err(|error| vec![format!("{}: {}", path.display(), explain(&error))])?;
    }
    environment.add_function("t", move |key: &str, arguments: Kwargs| -> Result<String, Error> {
        let missing = |what: String| Error::new(ErrorKind::InvalidOperation, what);
        let text = texts.get(key).ok_or_else(|| missing(format!("there is no text `{key}` in web/i18n")))?;
        let mut filled = text.clone();
        for name in crate::texts::arguments(text) {
            let value: Value =
                arguments.get(name).map_err(|_| missing(format!("text `{key}` needs the argument `{name}`")))?;
            filled = filled.replace(&format!("{{{name}}}"), &value.to_string());
            if filled.contains(&format!("{{{name}:")) {
                return Err(missing(format!("text `{key}` chooses between words, which only narrate::fill does")));
            }
        }
        arguments.assert_all_used().map_err(|error| missing(format!("text `{key}`: {error}")))?;
        Ok(filled)
    });
    environment.add_filter("words", |text: &str| Value::from_safe_string(inline(text)));
    environment.add_filter("prose", |text: &str| Value::from_safe_string(prose(text)));
    Ok(environment)
}

/// Running text as HTML: blank lines part paragraphs, `- ` begins an item of a list, `` ` `` marks code and `**` what matters.
fn prose(text: &str) -> String {
    let mut html = String::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        if block.starts_with("- ") {
            let items = block.split("\n- ").map(|item| format!("<li>{}</li>", inline(item.trim_start_matches("- "))));
            html.push_str(&format!("<ul>{}</ul>", items.collect::<String>()));
        } else {
            html.push_str(&format!("<p>{}</p>", inline(block)));
        }
    }
    html
}

fn inline(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::new();
    for (index, part) in escaped.split('`').enumerate() {
        if index % 2 == 1 {
            html.push_str(&format!("<code>{part}</code>"));
            continue;
        }
        for (index, part) in part.split("**").enumerate() {
            let part: String = part.split('*').enumerate().map(|(index, part)| mark(index, "em", part)).collect();
            html.push_str(&mark(index, "strong", &part));
        }
    }
    html
}

/// Every second part of a text that was split at its marks stands between two of them.
fn mark(index: usize, tag: &str, part: &str) -> String {
    if index % 2 == 1 { format!("<{tag}>{part}</{tag}>") } else { part.to_string() }
}

/// The error with its causes, on one line.
fn explain(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push_str(&format!(": {error}"));
        cause = error.source();
    }
    words
}
