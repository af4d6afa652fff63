//! Which language a reader wants, and the texts of errors in it. The texts themselves stand in `web/i18n`.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use sockscope_core::trace::narrate;
pub use sockscope_web::Language;
use std::borrow::Cow;

use crate::negotiate;

/// The cookie that holds the reader's choice; the site's language switch writes it.
const COOKIE_NAME: &str = "language";

/// For a page: the reader's own choice first, then what the browser wishes, then English.
pub fn of_page(headers: &HeaderMap) -> Language {
    cookie(headers).unwrap_or_else(|| of_api(headers))
}

/// For an answer of the API: what the client wishes, else English. Cookies do not reach other websites.
pub fn of_api(headers: &HeaderMap) -> Language {
    let wishes = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let mut ranked: Vec<(u16, Language)> = wishes
        .flat_map(negotiate::weighted)
        .filter(|&(_, weight)| weight > 0)
        .filter_map(|(tag, weight)| Some((weight, Language::from_code(tag)?)))
        .collect();
    // A stable sort: of equal wishes the first one written wins.
    ranked.sort_by_key(|&(weight, _)| std::cmp::Reverse(weight));
    ranked.first().map_or_else(Language::default, |&(_, language)| language)
}

fn cookie(headers: &HeaderMap) -> Option<Language> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE_NAME)
        .find_map(|(_, value)| Language::from_code(value.trim_matches('"')))
}

/// The sentence for an error code with its values, if there is a text for it.
pub fn error(language: Language, code: &str, args: &[(&'static str, String)]) -> Option<String> {
    // What addresses and host names are refused for stands with the other texts about them.
    let template = ["errors.", "address.error_"];
    let template = template.iter().find_map(|family| sockscope_web::text(language, &format!("{family}{code}")))?;
    let args: Vec<_> = args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
    Some(narrate::fill(template, &args))
}

/// The sentence for a mistake in a scenario or a program: `message` is the exact English one, which texts may quote.
/// Terms among its values are translated too.
pub fn mistake(language: Language, code: &str, args: &[(&'static str, String)], message: &str) -> String {
    if language == Language::En {
        return message.to_owned();
    }
    let mut args: Vec<_> = args.iter().map(|(name, value)| (*name, term(language, value))).collect();
    args.push(("message", message.to_owned()));
    error(language, code, &args).unwrap_or_else(|| message.to_owned())
}

fn term(language: Language, value: &str) -> String {
    let letters = value.to_ascii_lowercase().replace(|c: char| !c.is_ascii_lowercase(), " ");
    let key = letters.split_whitespace().collect::<Vec<_>>().join("_");
    sockscope_web::text(language, &format!("errors.term_{key}")).unwrap_or(value).to_owned()
}

/// The short name of a kind of problem.
pub fn title(language: Language, code: &str) -> Option<&'static str> {
    sockscope_web::text(language, &format!("errors.{code}_title"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_cookie_goes_before_the_browsers_wish() {
        let both = headers(&[("cookie", "a=b; language=zh"), ("accept-language", "en")]);
        assert_eq!(of_page(&both), Language::Zh);
        assert_eq!(of_api(&both), Language::En);
    }

    #[test]
    fn the_heaviest_wish_that_we_speak_wins() {
        let language = |wish| of_api(&headers(&[("accept-language", wish)]));
        assert_eq!(language("fr, zh-CN;q=0.9, en;q=0.8"), Language::Zh);
        assert_eq!(language("en;q=0.1, zh-Hant;q=0.2"), Language::Zh);
        assert_eq!(language("zh;q=0, en;q=0.1"), Language::En);
        assert_eq!(language("fr"), Language::En);
        assert_eq!(language(";;;q=,=,"), Language::En);
    }

    #[test]
    fn mistakes_and_their_terms_are_translated() {
        let args = [("expected", "a string".to_owned()), ("found", "a whole number".to_owned())];
        let message = "expected a string, found a whole number";
        assert_eq!(mistake(Language::Zh, "wrong_type", &args, message), "这里应该是字符串，却是整数。");
        assert_eq!(mistake(Language::En, "wrong_type", &args, message), message);
        assert_eq!(mistake(Language::Zh, "no_such_code", &args, message), message);
        let args = [("what", "a generator (yield)".to_owned())];
        assert!(mistake(Language::Zh, "outside_subset", &args, "").starts_with("生成器（yield）"));
    }

    #[test]
    fn a_cookie_we_do_not_know_is_ignored() {
        assert_eq!(of_page(&headers(&[("cookie", "language=tlh"), ("accept-language", "zh")])), Language::Zh);
    }
}
