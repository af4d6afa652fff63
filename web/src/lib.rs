//! The site as it was packed by the build: files, scenarios and texts as tables. It serves nothing and decides nothing.

/// One file of the site, in every encoding it is kept in.
#[derive(Debug)]
pub struct Asset {
    /// Where it is served: `/en/`, `/assets/site.0a1b2c3d4e5f.css`.
    pub path: &'static str,
    /// Its media type, with the charset where it is text.
    pub content_type: &'static str,
    /// Strong entity tag of the identity encoding, quotes included (RFC 9110, 8.8.3).
    pub etag: &'static str,
    /// The bytes as they are.
    pub identity: &'static [u8],
    /// The bytes in gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
    /// The bytes in brotli, where that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// Whether the path changes with the content, so that it may be cached for ever.
    pub immutable: bool,
}

/// A language of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// Both, in the order of every table here.
    pub const ALL: [Language; 2] = [Language::En, Language::Zh];

    /// As it stands in paths, in `lang` attributes and in the cookie `language`.
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
        }
    }

    /// The language with this code; a region behind it is ignored: `zh-CN` is `zh`.
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or(code);
        Language::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary.trim()))
    }
}

/// Every file of the site, sorted by path. The page for what is not found stands at `/en/404` and `/zh/404`.
pub static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The scenarios that come with the site, as `(name, file)`, in the order in which they are shown.
pub static SCENARIOS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// `(key, text)` of each language in the order of [`Language::ALL`], sorted by key.
pub static TEXTS: [&[(&str, &str)]; 2] = include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The file at this path.
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().map(|index| &ASSETS[index])
}

/// The file of the scenario with this name.
pub fn scenario(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// A text by its key, such as `site.title`; its arguments stand in it as `{name}`.
pub fn text(language: Language, key: &str) -> Option<&'static str> {
    let texts = TEXTS[language as usize];
    texts.binary_search_by(|(known, _)| (*known).cmp(key)).ok().map(|index| texts[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_stands_in_both_languages() {
        let pages = |language: Language| -> Vec<String> {
            let prefix = format!("/{}/", language.code());
            ASSETS.iter().filter_map(|asset| asset.path.strip_prefix(&prefix)).map(str::to_string).collect()
        };
        assert_eq!(pages(Language::En), pages(Language::Zh));
        assert!(pages(Language::En).len() >= 3 + SCENARIOS.len());
    }

    #[test]
    fn every_asset_is_found_by_its_path() {
        for asset in ASSETS {
            assert!(std::ptr::eq(super::asset(asset.path).expect("it is in the table"), asset));
        }
        assert!(super::asset("/en/nowhere").is_none());
    }

    #[test]
    fn a_region_behind_a_language_is_ignored() {
        assert_eq!(Language::from_code("zh-Hans-CN"), Some(Language::Zh));
        assert_eq!(Language::from_code("EN_us"), Some(Language::En));
        assert_eq!(Language::from_code("fr"), None);
    }

    #[test]
    fn texts_are_found_in_both_languages() {
        for (index, language) in Language::ALL.into_iter().enumerate() {
            for (key, words) in TEXTS[index] {
                assert_eq!(text(language, key), Some(*words));
            }
        }
        assert_eq!(text(Language::En, "site.no_such_key"), None);
    }

    #[test]
    fn first_text_of_a_page_costs_at_most_sixty_kilobytes() {
        let style: usize = ASSETS.iter().filter(|asset| asset.path.starts_with("/assets/site.")).map(packed).sum();
        for asset in ASSETS.iter().filter(|asset| asset.content_type.starts_with("text/html")) {
            let size = packed(asset) + style;
            assert!(size <= 60 * 1024, "{} and its style take {size} bytes", asset.path);
        }
    }

    fn packed(asset: &Asset) -> usize {
        asset.brotli.unwrap_or(asset.identity).len()
    }
}
