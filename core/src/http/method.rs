//! Methods and what they promise (RFC 9110, 9).

use serde::Serialize;

/// A method that RFC 9110 or RFC 5789 defines. Any other token is an extension method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Method {
    /// As it stands in a request. Methods are case-sensitive.
    pub name: &'static str,
    /// The client asks for no change (RFC 9110, 9.2.1).
    pub safe: bool,
    /// Asking twice has the effect of asking once (RFC 9110, 9.2.2).
    pub idempotent: bool,
    /// Whether a response may be stored and used again (RFC 9110, 9.2.3); for POST only where it says so itself.
    pub cacheable: bool,
    /// Whether content in a request has a meaning.
    pub request_content: bool,
    /// Whether a response to it may have content.
    pub response_content: bool,
    /// Where it is defined.
    pub section: &'static str,
}

/// The eight methods of RFC 9110, and PATCH.
pub const METHODS: &[Method] = &[
    method("GET", true, true, false, true, "RFC 9110, 9.3.1"),
    method("HEAD", true, true, false, false, "RFC 9110, 9.3.2"),
    method("POST", false, false, true, true, "RFC 9110, 9.3.3"),
    method("PUT", false, true, true, true, "RFC 9110, 9.3.4"),
    method("DELETE", false, true, false, true, "RFC 9110, 9.3.5"),
    method("CONNECT", false, false, false, false, "RFC 9110, 9.3.6"),
    method("OPTIONS", true, true, true, true, "RFC 9110, 9.3.7"),
    method("TRACE", true, true, false, true, "RFC 9110, 9.3.8"),
    method("PATCH", false, false, true, true, "RFC 5789, 2"),
];

const fn method(
    name: &'static str,
    safe: bool,
    idempotent: bool,
    request_content: bool,
    response_content: bool,
    section: &'static str,
) -> Method {
    let cacheable = matches!(name.as_bytes(), b"GET" | b"HEAD" | b"POST");
    Method { name, safe, idempotent, cacheable, request_content, response_content, section }
}

impl Method {
    /// The method with this name, if it is a defined one.
    pub fn find(name: &[u8]) -> Option<&'static Method> {
        METHODS.iter().find(|method| method.name.as_bytes() == name)
    }
}
