//! The lists with weights that `Accept-*` headers are (RFC 9110, 12.4.2 and 12.5). It knows no language and no file.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING};

/// The members of such a list with their weights in thousandths; one without a weight has 1000, a malformed weight counts as 0.
pub fn weighted(list: &str) -> impl Iterator<Item = (&str, u16)> {
    list.split(',').filter_map(|member| {
        let mut parts = member.split(';');
        let name = parts.next().unwrap_or_default().trim();
        let weight = parts
            .find_map(|parameter| {
                let (key, value) = parameter.split_once('=')?;
                key.trim().eq_ignore_ascii_case("q").then(|| weight(value.trim()))
            })
            .unwrap_or(1000);
        (!name.is_empty()).then_some((name, weight))
    })
}

fn weight(text: &str) -> u16 {
    match text.parse::<f32>() {
        Ok(value) if (0.0..=1.0).contains(&value) => (value * 1000.0).round() as u16,
        _ => 0,
    }
}

/// How an asset is encoded on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Brotli, `br` (RFC 7932).
    Brotli,
    /// gzip (RFC 1952).
    Gzip,
    /// As it is.
    Identity,
}

/// The best coding the client takes, of those that exist: by weight, then by size (brotli, gzip, identity).
/// `None` if it takes none of them.
pub fn coding(headers: &HeaderMap, brotli: bool, gzip: bool) -> Option<Coding> {
    let mut wishes = Vec::new();
    for value in headers.get_all(ACCEPT_ENCODING) {
        wishes.extend(weighted(value.to_str().unwrap_or_default()));
    }
    let named = |name: &str| wishes.iter().find(|(wish, _)| wish.eq_ignore_ascii_case(name)).map(|&(_, weight)| weight);
    let any = named("*");
    let compressed = |name| named(name).or(any).unwrap_or(0);
    // Identity is acceptable unless it is excluded by name or by `*;q=0` (RFC 9110, 12.5.3); unnamed it comes last.
    let identity = named("identity").or(any.filter(|&weight| weight == 0)).unwrap_or(1);
    [
        (Coding::Brotli, if brotli { compressed("br") } else { 0 }),
        (Coding::Gzip, if gzip { compressed("gzip").max(named("x-gzip").unwrap_or(0)) } else { 0 }),
        (Coding::Identity, identity),
    ]
    .into_iter()
    .filter(|&(_, weight)| weight > 0)
    // `max_by_key` keeps the last of equals, the list goes from best to worst.
    .rev()
    .max_by_key(|&(_, weight)| weight)
    .map(|(coding, _)| coding)
}

/// Which of `offers` (media types) the client prefers; the first where it does not say. `None` if it takes none.
pub fn media<'a>(headers: &HeaderMap, offers: &[&'a str]) -> Option<&'a str> {
    let mut wishes = Vec::new();
    for value in headers.get_all(ACCEPT) {
        wishes.extend(weighted(value.to_str().unwrap_or_default()));
    }
    if wishes.is_empty() {
        return offers.first().copied();
    }
    // The most specific range that matches decides (RFC 9110, 12.5.1).
    let weight = |offer: &str| {
        let matching = wishes.iter().filter_map(|&(range, weight)| Some((specificity(range, offer)?, weight)));
        matching.max_by_key(|&(specificity, _)| specificity).map_or(0, |(_, weight)| weight)
    };
    let ranked = offers.iter().map(|&offer| (offer, weight(offer)));
    ranked.filter(|&(_, weight)| weight > 0).rev().max_by_key(|&(_, weight)| weight).map(|(offer, _)| offer)
}

fn specificity(range: &str, offer: &str) -> Option<u8> {
    if range.eq_ignore_ascii_case(offer) {
        return Some(2);
    }
    if range == "*/*" {
        return Some(0);
    }
    let kind = range.strip_suffix("/*")?;
    offer.split('/').next().is_some_and(|major| major.eq_ignore_ascii_case(kind)).then_some(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_smallest_coding_of_equal_weight_wins() {
        let best = |wish| coding(&with(ACCEPT_ENCODING, wish), true, true);
        assert_eq!(best("gzip, deflate, br"), Some(Coding::Brotli));
        assert_eq!(best("gzip, br;q=0.5"), Some(Coding::Gzip));
        assert_eq!(best("br;q=0, gzip;q=0.1"), Some(Coding::Gzip));
        assert_eq!(best("identity, gzip;q=0.5"), Some(Coding::Identity));
        assert_eq!(best("*"), Some(Coding::Brotli));
        assert_eq!(best("*;q=0"), None);
        assert_eq!(best("*;q=0, gzip"), Some(Coding::Gzip));
        assert_eq!(best("deflate"), Some(Coding::Identity));
        assert_eq!(best(""), Some(Coding::Identity));
    }

    #[test]
    fn without_the_header_the_bytes_go_as_they_are() {
        assert_eq!(coding(&HeaderMap::new(), true, true), Some(Coding::Identity));
    }

    #[test]
    fn a_coding_that_is_not_kept_is_not_chosen() {
        assert_eq!(coding(&with(ACCEPT_ENCODING, "br, gzip;q=0.2"), false, true), Some(Coding::Gzip));
    }

    #[test]
    fn the_most_specific_media_range_decides() {
        let offers = &["application/json", "text/event-stream"];
        let best = |wish| media(&with(ACCEPT, wish), offers);
        assert_eq!(best("text/event-stream"), Some("text/event-stream"));
        assert_eq!(best("*/*"), Some("application/json"));
        assert_eq!(best("application/json;q=0.1, */*"), Some("text/event-stream"));
        assert_eq!(best("text/*"), Some("text/event-stream"));
        assert_eq!(best("image/png"), None);
        assert_eq!(media(&HeaderMap::new(), offers), Some("application/json"));
    }
}
