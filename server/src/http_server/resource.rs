//! What is served: a few resources, and what each method means to them. A request is judged by its head first, so that
//! nobody sends content for nothing, and answered when it is complete. Nothing outside this process is reached.

use sockscope_core::http::{BodyLength, Method, TargetForm};

use super::answer::{Answer, Content};
use super::date;
use super::request::Request;
use super::store::{DOCUMENT_LIMIT, Document, Full, Store};

/// The only place that CONNECT reaches: an echo inside this server.
pub const ECHO: &str = "echo:7";

/// The methods of each resource. TRACE and OPTIONS belong to all.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Resource {
    Index,
    Hello,
    Time,
    Picture,
    Stream,
    Visits,
    Old,
    Echo,
    Form,
    Documents,
    Document(String),
}

/// What stands on the index page: path, methods, meaning.
const LIST: &[(&str, &str, &str)] = &[
    ("/", "GET HEAD", "this list"),
    ("/hello", "GET HEAD", "a short text"),
    ("/time", "GET HEAD", "the time of the server, never the same twice, so never to be cached"),
    ("/picture.svg", "GET HEAD", "an image"),
    ("/stream", "GET HEAD", "content in chunks, with a trailer field"),
    ("/visits", "GET HEAD", "counts with a cookie what the server itself does not remember"),
    ("/old", "GET HEAD", "has moved to /hello"),
    ("/echo", "POST", "sends the content back"),
    ("/form", "POST", "reads a form"),
    ("/documents/", "GET HEAD POST", "the documents; POST adds one under a name of the server's choice"),
    ("/documents/NAME", "GET HEAD PUT DELETE", "one document; PUT creates or replaces it"),
];

impl Resource {
    fn at(path: &str) -> Option<Resource> {
        Some(match path {
            // An absolute target may have no path at all (RFC 9110, 4.2.3).
            "" | "/" => Resource::Index,
            "/hello" => Resource::Hello,
            "/time" => Resource::Time,
            "/picture.svg" => Resource::Picture,
            "/stream" => Resource::Stream,
            "/visits" => Resource::Visits,
            "/old" => Resource::Old,
            "/echo" => Resource::Echo,
            "/form" => Resource::Form,
            "/documents" | "/documents/" => Resource::Documents,
            _ => {
                let name = percent_decoded(path.strip_prefix("/documents/")?)?;
                let fits = |c: char| c.is_alphanumeric() || "._-".contains(c);
                let good = !name.is_empty() && name.len() <= 64 && name.chars().all(fits) && !name.starts_with('.');
                return good.then_some(Resource::Document(name));
            }
        })
    }

    /// As the field `Allow` lists them.
    fn allow(&self) -> &'static str {
        match self {
            Resource::Echo | Resource::Form => "POST, OPTIONS, TRACE",
            Resource::Documents => "GET, HEAD, POST, OPTIONS, TRACE",
            Resource::Document(_) => "GET, HEAD, PUT, DELETE, OPTIONS, TRACE",
            _ => "GET, HEAD, OPTIONS, TRACE",
        }
    }
}

/// Refuses by the head what its content could not make better.
pub fn judge(request: &Request) -> Option<Answer> {
    let method = request.method.as_str();
    let implemented = Method::find(method.as_bytes()).is_some() && method != "PATCH";
    if !implemented {
        let detail = format!("the method {method} is not implemented here; methods are case-sensitive");
        return Some(Answer::problem(501, "method_not_implemented", &detail, "RFC 9110, 9.1"));
    }
    if let Some(other) = request.values("expect").find(|value| !value.trim().eq_ignore_ascii_case("100-continue")) {
        let detail = format!("nothing but 100-continue can be expected, not {other:?}");
        return Some(Answer::problem(417, "expectation_failed", &detail, "RFC 9110, 10.1.1"));
    }
    if method == "CONNECT" {
        return (request.target != ECHO).then(|| {
            let detail =
                format!("a tunnel leads to {ECHO} only, an echo inside this server, never to {}", request.target);
            Answer::problem(403, "tunnel_forbidden", &detail, "RFC 9110, 9.3.6")
        });
    }
    if method == "TRACE" && request.has_content() {
        let detail = "a TRACE request must not have content";
        return Some(Answer::problem(400, "trace_with_content", detail, "RFC 9110, 9.3.8"));
    }
    if request.form == TargetForm::Asterisk {
        return None; // OPTIONS: the parser lets no other method have it.
    }
    let Some(resource) = Resource::at(&request.path) else {
        let detail = format!("there is nothing at {}; / lists what there is", request.path);
        return Some(Answer::problem(404, "not_found", &detail, "RFC 9110, 15.5.5"));
    };
    if !resource.allow().split(", ").any(|allowed| allowed == method) {
        let detail = format!("{} takes {}, not {method}", request.path, resource.allow());
        let answer = Answer::problem(405, "method_not_allowed", &detail, "RFC 9110, 15.5.6");
        return Some(answer.with("Allow", resource.allow()));
    }
    if matches!(method, "POST" | "PUT") {
        return unacceptable(request, &resource);
    }
    None
}

/// Whether the content that a request announces would be taken.
fn unacceptable(request: &Request, resource: &Resource) -> Option<Answer> {
    if !request.says_length() {
        let detail = "a request with this method says how long its content is, with Content-Length or chunked";
        return Some(Answer::problem(411, "length_required", detail, "RFC 9110, 15.5.12"));
    }
    if request.value("content-range").is_some() {
        let detail = "a part of a document cannot be put";
        return Some(Answer::problem(400, "partial_put", detail, "RFC 9110, 14.5"));
    }
    let announced = match request.body {
        BodyLength::Exact(length) => length,
        _ => 0,
    };
    match resource {
        Resource::Documents | Resource::Document(_) if announced > DOCUMENT_LIMIT as u64 => Some(full(Full::Document)),
        Resource::Form if essence(request) != "application/x-www-form-urlencoded" => {
            let detail = format!("a form comes as application/x-www-form-urlencoded, not as {:?}", essence(request));
            let answer = Answer::problem(415, "unsupported_media_type", &detail, "RFC 9110, 15.5.16");
            Some(answer.with("Accept", "application/x-www-form-urlencoded"))
        }
        _ => None,
    }
}

/// Answers a request that is complete and was not refused. CONNECT does not come here.
pub fn answer(request: &Request, store: &Store) -> Answer {
    let resource = Resource::at(&request.path);
    match (request.method.as_str(), resource) {
        ("TRACE", _) => Answer::of(200, "message/http", request.shown.clone()),
        ("OPTIONS", None) => Answer::empty(204).with("Allow", "GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE"),
        ("OPTIONS", Some(resource)) => Answer::empty(204).with("Allow", resource.allow()),
        ("PUT", Some(Resource::Document(name))) => put(request, store, &name),
        ("DELETE", Some(Resource::Document(name))) => delete(request, store, &name),
        ("POST", Some(Resource::Echo)) => {
            let media_type = request.value("content-type").unwrap_or("application/octet-stream");
            Answer::of(200, media_type, request.content.clone())
        }
        ("POST", Some(Resource::Form)) => Answer::of(200, "text/plain; charset=utf-8", form(&request.content)),
        ("POST", Some(Resource::Documents)) => match store.add(document(request)) {
            Ok(name) => Answer::of(201, "text/plain; charset=utf-8", format!("created {name}\n"))
                .with("Location", format!("/documents/{name}")),
            Err(why) => full(why),
        },
        (_, Some(resource)) => get(&resource, request, store),
        (_, None) => Answer::problem(404, "not_found", "there is nothing here", "RFC 9110, 15.5.5"),
    }
}

fn get(resource: &Resource, request: &Request, store: &Store) -> Answer {
    let text = "text/plain; charset=utf-8";
    match resource {
        Resource::Index => {
            let lines = LIST.iter().map(|(path, methods, meaning)| format!("{path:<18}{methods:<22}{meaning}\n"));
            let rest = format!(
                "CONNECT {ECHO}    a tunnel to an echo inside this server\nOPTIONS *          what the server can do\n"
            );
            fixed(request, text, lines.collect::<String>() + &rest)
        }
        Resource::Hello => fixed(request, text, "hello\n"),
        Resource::Time => Answer::of(200, text, format!("{}\n", date::now())).with("Cache-Control", "no-store"),
        Resource::Picture => {
            const PICTURE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 20\"><path d=\"M2 10h12m12 0h12\" stroke=\"gray\"/><circle cx=\"20\" cy=\"10\" r=\"6\" fill=\"teal\"/></svg>\n";
            fixed(request, "image/svg+xml", PICTURE)
        }
        Resource::Stream => {
            let pieces: Vec<Vec<u8>> = ["one\n", "two\n", "three\n"].map(|line| line.as_bytes().to_vec()).into();
            let lines = pieces.len().to_string();
            let content = Content::Chunks(pieces, vec![("Lines".to_owned(), lines)]);
            Answer { status: 200, fields: Vec::new(), content }.with("Content-Type", text)
        }
        Resource::Visits => {
            let pairs = request.values("cookie").flat_map(|value| value.split(';'));
            let said = pairs.filter_map(|pair| pair.trim().strip_prefix("visits=")?.parse::<u32>().ok()).next();
            let visits = said.unwrap_or(0).saturating_add(1);
            let sentence = match visits {
                1 => "Your first visit, as far as this request says.\n".to_owned(),
                _ => format!("Visit number {visits}: your cookie says so, the server remembers nothing.\n"),
            };
            Answer::of(200, text, sentence)
                .with("Set-Cookie", format!("visits={visits}; Path=/visits; Max-Age=600"))
                .with("Cache-Control", "no-store")
        }
        Resource::Old => Answer::of(301, text, "moved to /hello\n").with("Location", "/hello"),
        Resource::Documents => {
            let lines = store.list().into_iter().map(|(name, size)| format!("{name} {size}\n"));
            Answer::of(200, text, lines.collect::<String>()).with("Cache-Control", "no-cache")
        }
        Resource::Document(name) => match store.get(name) {
            Some(document) => tagged(request, document),
            None => absent(name),
        },
        // Judged before: these take no GET.
        Resource::Echo | Resource::Form => Answer::empty(204),
    }
}

fn fixed(request: &Request, media_type: &str, content: impl Into<Vec<u8>>) -> Answer {
    tagged(request, Document { media_type: media_type.to_owned(), content: content.into() })
}

/// The document, or 304 if the client has it (RFC 9110, 13.1.2).
fn tagged(request: &Request, document: Document) -> Answer {
    let tag = document.tag();
    if request.value("if-none-match").is_some() && names(request, "if-none-match", Some(&tag)) {
        return Answer::empty(304).with("ETag", tag);
    }
    Answer::of(200, &document.media_type, document.content).with("ETag", tag)
}

/// Whether a field of entity tags names this one; `*` names any that is there.
fn names(request: &Request, field: &str, tag: Option<&str>) -> bool {
    let tags = request.values(field).flat_map(|value| value.split(','));
    tags.map(str::trim).any(|one| match tag {
        Some(tag) => one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag,
        None => false,
    })
}

/// The refusal of a change whose condition does not hold (RFC 9110, 13.1.1 and 13.1.2).
fn precondition(request: &Request, there: Option<&Document>) -> Option<Answer> {
    let tag = there.map(Document::tag);
    let wanted = request.value("if-match").is_some() && !names(request, "if-match", tag.as_deref());
    let unwanted = request.value("if-none-match").is_some() && names(request, "if-none-match", tag.as_deref());
    (wanted || unwanted).then(|| {
        let detail = "the document is not as the request wants it; nothing was changed";
        Answer::problem(412, "precondition_failed", detail, "RFC 9110, 15.5.13")
    })
}

fn put(request: &Request, store: &Store, name: &str) -> Answer {
    if let Some(refused) = precondition(request, store.get(name).as_ref()) {
        return refused;
    }
    let document = document(request);
    let tag = document.tag();
    match store.put(name, document) {
        Ok(true) => Answer::of(201, "text/plain; charset=utf-8", format!("created {name}\n"))
            .with("Location", format!("/documents/{name}"))
            .with("ETag", tag),
        Ok(false) => Answer::empty(204).with("ETag", tag),
        Err(why) => full(why),
    }
}

fn delete(request: &Request, store: &Store, name: &str) -> Answer {
    if let Some(refused) = precondition(request, store.get(name).as_ref()) {
        return refused;
    }
    if store.delete(name) { Answer::empty(204) } else { absent(name) }
}

fn document(request: &Request) -> Document {
    let media_type = request.value("content-type").unwrap_or("application/octet-stream");
    Document { media_type: media_type.to_owned(), content: request.content.clone() }
}

fn absent(name: &str) -> Answer {
    Answer::problem(404, "no_such_document", &format!("there is no document {name}"), "RFC 9110, 15.5.5")
}

fn full(why: Full) -> Answer {
    match why {
        Full::Document => {
            let detail = format!("a document has at most {DOCUMENT_LIMIT} bytes");
            Answer::problem(413, "document_too_large", &detail, "RFC 9110, 15.5.14")
        }
        Full::Store => {
            let detail = "there is no room for another document; DELETE one";
            Answer::problem(507, "store_full", detail, "RFC 4918, 11.5")
        }
    }
}

/// The media type without its parameters.
fn essence(request: &Request) -> String {
    let whole = request.value("content-type").unwrap_or_default();
    whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Each field of a form on a line of its own.
fn form(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let decoded = |part: &str| percent_decoded(&part.replace('+', " ")).unwrap_or_else(|| part.to_owned());
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            format!("{} = {}\n", decoded(name), decoded(value))
        })
        .collect()
}

/// With every %XX as its byte; `None` if that is no UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(bytes).ok()
}
