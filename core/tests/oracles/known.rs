//! The list of differences, each with the rule that decides it. What is not here is a fault, theirs or ours.

use sockscope_core::http::Role;

/// `(who, how a difference begins, the rule)`.
type Known = (&'static str, &'static str, &'static str);

/// Refusals of ours that a peer does not share leave the message to the
/// program behind that peer; each of them keeps two parsers from reading two different things.
const REQUESTS: &[Known] = &[
    // llhttp, as Node asks it.
    ("llhttp", "they refuse: HPE_INVALID_METHOD", "RFC 9110, 9.1: any token is a method"),
    ("llhttp", "they refuse: HPE_INVALID_URL", "RFC 3986, 3.1: a scheme may hold digits, '+', '-' and '.'"),
    ("llhttp", "they refuse: HPE_INVALID_VERSION", "RFC 9110, 2.5: a later minor version is read as the latest known"),
    ("llhttp", "they refuse: HPE_INVALID_TRANSFER_ENCODING", "RFC 9110, 5.6.1.2: empty list elements are passed over"),
    ("llhttp", "we refuse: authority_port", "RFC 9112, 3.2.3"),
    ("llhttp", "we refuse: bare_cr", "RFC 9112, 2.2: an empty line is CR LF too"),
    ("llhttp", "we refuse: bare_lf", "RFC 9112, 2.2: may be taken for a line end, not must"),
    ("llhttp", "we refuse: chunk_extension", "RFC 9112, 7.1.1"),
    ("llhttp", "we refuse: extra_space", "RFC 9112, 3"),
    ("llhttp", "we refuse: host_missing", "RFC 9112, 3.2"),
    ("llhttp", "we refuse: host_repeated", "RFC 9112, 3.2"),
    ("llhttp", "we refuse: host_syntax", "RFC 9110, 7.2"),
    ("llhttp", "we refuse: percent_encoding", "RFC 3986, 2.1"),
    ("llhttp", "we refuse: target_byte", "RFC 9112, 3.2"),
    ("llhttp", "we refuse: target_form", "RFC 9112, 3.2"),
    ("llhttp", "we refuse: target_not_for_method", "RFC 9112, 3.2.4"),
    ("llhttp", "we refuse: user_info", "RFC 9110, 4.2.4"),
    ("llhttp", "we refuse: transfer_encoding_in_1_0", "RFC 9112, 6.1"),
    ("llhttp", "we refuse: version_missing", "RFC 9112, 2.3: HTTP/0.9 is not spoken"),
    ("llhttp", "we refuse: version_unsupported", "RFC 9110, 2.5"),
    // h11 looks at a head only when all of it is there, which `held_against` allows for; it is made for any server.
    (
        "h11",
        "they refuse: Got data when expecting EOF",
        "RFC 9112, 9.3: HTTP/1.0 with keep-alive goes on; 2.2: empty lines",
    ),
    ("h11", "they refuse: Only Transfer-Encoding: chunked", "RFC 9110, 5.6.1.2: empty list elements are passed over"),
    ("h11", "they refuse: illegal request line", "RFC 9112, 2.2: empty lines before a request are passed over"),
    ("h11", "they refuse: no request line received", "RFC 9112, 2.2: empty lines before a request are passed over"),
    ("h11", "we find 2 whole messages, they 1", "RFC 9112, 9.3: HTTP/1.0 with keep-alive goes on"),
    ("h11", "we refuse: after_close", "RFC 9112, 9.6: h11 leaves such bytes to its caller"),
    ("h11", "we refuse: authority_port", "RFC 9112, 3.2.3"),
    ("h11", "we refuse: bare_lf", "RFC 9112, 2.2: may be taken for a line end, not must"),
    ("h11", "we refuse: chunk_extension", "RFC 9112, 7.1.1"),
    ("h11", "we refuse: chunk_size_syntax", "RFC 9112, 7.1: no blanks behind the size"),
    ("h11", "we refuse: chunk_size_too_large", "RFC 9112, 7.1: must not be taken for a smaller number"),
    ("h11", "we refuse: content_length_repeated", "RFC 9110, 8.6: may be refused"),
    ("h11", "we refuse: content_length_too_large", "RFC 9110, 8.6"),
    ("h11", "we refuse: content_length_with_transfer_encoding", "RFC 9112, 6.1: may be refused"),
    ("h11", "we refuse: field_value_byte", "RFC 9110, 5.5: DEL is no VCHAR"),
    ("h11", "we refuse: folded", "RFC 9112, 5.2: must be refused or replaced"),
    ("h11", "we refuse: host_syntax", "RFC 9110, 7.2"),
    ("h11", "we refuse: percent_encoding", "RFC 3986, 2.1"),
    ("h11", "we refuse: target_byte", "RFC 9112, 3.2"),
    ("h11", "we refuse: target_form", "RFC 9112, 3.2"),
    ("h11", "we refuse: target_not_for_method", "RFC 9112, 3.2.4"),
    ("h11", "we refuse: transfer_encoding_in_1_0", "RFC 9112, 6.1"),
    ("h11", "we refuse: user_info", "RFC 9110, 4.2.4"),
    ("h11", "we refuse: version_unsupported", "RFC 9110, 2.5"),
    // httparse splits a head into its parts and knows no meaning of a field or target.
    (
        "httparse",
        "they refuse: invalid HTTP version",
        "RFC 9110, 2.5: a later minor version is read as the latest known",
    ),
    ("httparse", "we refuse: authority_port", "RFC 9112, 3.2.3"),
    ("httparse", "we refuse: bare_lf", "RFC 9112, 2.2: may be taken for a line end, not must"),
    ("httparse", "we refuse: chunked_not_last", "RFC 9112, 6.3"),
    ("httparse", "we refuse: chunked_repeated", "RFC 9112, 6.1"),
    ("httparse", "we refuse: content_length_", "RFC 9110, 8.6; RFC 9112, 6.1"),
    ("httparse", "we refuse: host_", "RFC 9112, 3.2; RFC 9110, 7.2"),
    ("httparse", "we refuse: percent_encoding", "RFC 3986, 2.1"),
    ("httparse", "we refuse: target_byte", "RFC 9112, 3.2"),
    ("httparse", "we refuse: target_form", "RFC 9112, 3.2"),
    ("httparse", "we refuse: target_not_for_method", "RFC 9112, 3.2.4"),
    ("httparse", "we refuse: transfer_encoding_", "RFC 9112, 6.1"),
    ("httparse", "we refuse: user_info", "RFC 9110, 4.2.4"),
];

/// The same for responses. No difference about where content ends is among them.
const RESPONSES: &[Known] = &[
    // llhttp, as Node asks it.
    (
        "llhttp",
        "goes on: we say true, they false, told []",
        "RFC 9112, 6.3, rule 1: a response to HEAD ends with its head",
    ),
    (
        "llhttp",
        "goes on: we say true, they false, told [\"close\"]",
        "RFC 9112, C.2.2: Proxy-Connection is not Connection",
    ),
    ("llhttp", "goes on: we say false, they true, told [\"keep-alive, close\"]", "RFC 9112, 9.3: close decides first"),
    ("llhttp", "they refuse: HPE_CLOSED_CONNECTION", "RFC 9110, 15.2: a final response follows an interim one"),
    (
        "llhttp",
        "they refuse: HPE_INVALID_CONTENT_LENGTH",
        "RFC 9112, 6.3, rule 1: passed over where there is no content",
    ),
    ("llhttp", "they refuse: HPE_INVALID_VERSION", "RFC 9110, 2.5: a later minor version is read as the latest known"),
    ("llhttp", "we refuse: bare_cr", "RFC 9112, 2.2"),
    ("llhttp", "we refuse: bare_lf", "RFC 9112, 2.2: may be taken for a line end, not must"),
    ("llhttp", "we refuse: chunk_extension", "RFC 9112, 7.1.1"),
    ("llhttp", "we refuse: chunked_repeated", "RFC 9112, 6.1"),
    ("llhttp", "we refuse: reason_byte", "RFC 9112, 4: no controls"),
    ("llhttp", "we refuse: space_after_status", "RFC 9112, 4"),
    ("llhttp", "we refuse: status_range", "RFC 9110, 15"),
    ("llhttp", "we refuse: transfer_encoding_in_1_0", "RFC 9112, 6.1"),
    ("llhttp", "we refuse: transfer_encoding_syntax", "RFC 9112, 6.1 and 7.1: chunked has no parameters"),
    ("llhttp", "we refuse: transfer_encoding_unknown", "RFC 9112, 6.1"),
    ("llhttp", "we refuse: version_unsupported", "RFC 9110, 2.5"),
    // h11 is made for clients that ask one thing after the other.
    ("h11", "goes on: we say true, they false", "RFC 9112, 9.3: HTTP/1.0 with keep-alive goes on"),
    ("h11", "they refuse: Got data when expecting EOF", "RFC 9112, 9.3: HTTP/1.0 with keep-alive goes on"),
    ("h11", "they refuse: Only Transfer-Encoding: chunked", "RFC 9112, 6.1: other codings are known by name"),
    ("h11", "they refuse: bad Content-Length", "RFC 9112, 6.3, rule 1: passed over where there is no content"),
    ("h11", "they refuse: illegal request line", "empty lines between responses are passed over as between requests"),
    (
        "h11",
        "they refuse: no response line received",
        "empty lines between responses are passed over as between requests",
    ),
    ("h11", "we refuse: bare_lf", "RFC 9112, 2.2: may be taken for a line end, not must"),
    ("h11", "we refuse: chunk_extension", "RFC 9112, 7.1.1"),
    ("h11", "we refuse: chunk_size_syntax", "RFC 9112, 7.1: no blanks behind the size"),
    ("h11", "we refuse: chunk_size_too_large", "RFC 9112, 7.1: must not be taken for a smaller number"),
    ("h11", "we refuse: content_length_repeated", "RFC 9110, 8.6: may be refused"),
    ("h11", "we refuse: content_length_too_large", "RFC 9110, 8.6"),
    ("h11", "we refuse: content_length_with_transfer_encoding", "RFC 9112, 6.3, rule 3: ought to be refused"),
    ("h11", "we refuse: field_value_byte", "RFC 9110, 5.5: no controls"),
    ("h11", "we refuse: folded", "RFC 9112, 5.2: may be refused"),
    ("h11", "we refuse: reason_byte", "RFC 9112, 4: no controls"),
    ("h11", "we refuse: space_after_status", "RFC 9112, 4"),
    ("h11", "we refuse: status_range", "RFC 9110, 15"),
    ("h11", "we refuse: trailer_forbidden", "RFC 9110, 6.5.1"),
    ("h11", "we refuse: transfer_encoding_in_1_0", "RFC 9112, 6.1"),
    ("h11", "we refuse: version_unsupported", "RFC 9110, 2.5"),
    // httparse splits a head into its parts and knows no meaning of a field.
    (
        "httparse",
        "they refuse: invalid HTTP version",
        "RFC 9110, 2.5: a later minor version is read as the latest known",
    ),
    ("httparse", "we refuse: bare_lf", "RFC 9112, 2.2: may be taken for a line end, not must"),
    ("httparse", "we refuse: chunked_repeated", "RFC 9112, 6.1"),
    ("httparse", "we refuse: content_length_", "RFC 9110, 8.6; RFC 9112, 6.1"),
    ("httparse", "we refuse: space_after_status", "RFC 9112, 4"),
    ("httparse", "we refuse: status_range", "RFC 9110, 15"),
    ("httparse", "we refuse: transfer_encoding_", "RFC 9112, 6.1"),
];

/// Whether this difference is one that we know and stand by.
pub fn is_listed(peer: &str, role: Role, difference: &str) -> bool {
    let list = match role {
        Role::Request => REQUESTS,
        Role::Response => RESPONSES,
    };
    list.iter().any(|(name, begins, _)| *name == peer && difference.starts_with(begins))
}
