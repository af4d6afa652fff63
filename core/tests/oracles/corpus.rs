//! Messages good and bad, made with a seed: whole ones, each kind of damage to them, and damage that the random eye finds.
//! It judges none of them.

use super::responses;
use sockscope_core::http::Role;
use sockscope_core::random::Random;

const GOOD: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "GET /a/b?c=d%20e HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\nX-Empty:\r\nX-Blank: \t a b \t\r\n\r\n",
    "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello worldGET /next HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "PUT /f HTTP/1.1\r\nhost:x\r\ntransfer-encoding: Chunked\r\n\r\nA;a=b\r\n0123456789\r\n1\r\nx\r\n00\r\nX-Sum: 1\r\n\r\n",
    "DELETE /a HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n",
    "HEAD http://example.com/x HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "TRACE / HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n",
    "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\n\r\nGET /2 HTTP/1.0\r\nHost: a\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "PATCH /x HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 3\r\nX-Bytes: \u{e9}\u{4f60}\r\n\r\n{}\n",
];

const BAD: &[&str] = &[
    "GET / HTTP/1.1\nHost: x\n\n",
    "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
    "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\nx",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\nx",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"b\rc\"\r\na\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /a HTTP/1.1 \r\nHost: x\r\n\r\n",
    "GET /\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /#f HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.2\r\nHost: x\r\n\r\n",
    "GET / http/1.1\r\nHost: x\r\n\r\n",
    "GET /\r\nHost: x\r\n\r\n",
    "get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "G@T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nA: b\u{7f}c\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551616\r\n\r\n",
    "hello\r\n\r\n",
];

/// Bytes that a parser may stumble over.
const SHARP: &[u8] = b"\r\n \t\0:;,=\"/\\?#%*()<>@[]{}|0aZ\x01\x7f\x80\xff-+";

/// One direction of a connection, from its first byte to its last.
#[derive(Clone, Debug)]
pub struct Case {
    pub role: Role,
    /// The methods that responses answer; GET where there are more of them.
    pub answers: Vec<&'static str>,
    pub bytes: Vec<u8>,
}

/// Every case of a role: good, bad, and `count` with one to four changes.
pub fn cases(role: Role, seed: u64, count: usize) -> Vec<Case> {
    let request = |text: &&str| Case { role, answers: Vec::new(), bytes: text.as_bytes().to_vec() };
    let response = |(answers, text): &(&[&'static str], &str)| Case {
        role,
        answers: answers.to_vec(),
        // One byte for each character up to U+00FF, so that octets above 0x7f stand alone too.
        bytes: text.chars().map(|character| u8::try_from(character).expect("Latin-1")).collect(),
    };
    let (good, bad): (Vec<Case>, Vec<Case>) = match role {
        Role::Request => (GOOD.iter().map(request).collect(), BAD.iter().map(request).collect()),
        Role::Response => {
            (responses::GOOD.iter().map(response).collect(), responses::BAD.iter().map(response).collect())
        }
    };
    let mut random = Random::new(seed);
    let changed = (0..count).map(|_| {
        let mut case = good[random.below(good.len() as u64) as usize].clone();
        for _ in 0..=random.below(3) {
            change(&mut case.bytes, &mut random);
        }
        case
    });
    let changed: Vec<Case> = changed.collect();
    good.into_iter().chain(bad).chain(changed).collect()
}

fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() as u64) as usize;
    let sharp = SHARP[random.below(SHARP.len() as u64) as usize];
    match random.below(4) {
        0 => bytes[at] = sharp,
        1 => bytes.insert(at, sharp),
        2 if bytes.len() > 2 => {
            bytes.remove(at);
        }
        _ => {
            // A stretch once more: repeated fields, repeated line ends.
            let end = (at + 1 + random.below(24) as usize).min(bytes.len());
            let stretch = bytes[at..end].to_vec();
            bytes.splice(at..at, stretch);
        }
    }
}
