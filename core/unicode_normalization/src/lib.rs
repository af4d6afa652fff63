//! Stands for the crate of this name, which the Python parser asks for the NFKC of names that are not ASCII (PEP 3131). It
//! has no tables: a browser normalises by itself, and elsewhere ICU's are in the binary already. Of the crate's other
//! forms the parser asks for none, so they are not here.

/// What can be normalised.
pub trait UnicodeNormalization {
    /// Its characters in Normalization Form KC (Unicode Standard Annex 15).
    fn nfkc(self) -> std::vec::IntoIter<char>;
}

impl UnicodeNormalization for &str {
    fn nfkc(self) -> std::vec::IntoIter<char> {
        normalized(self).chars().collect::<Vec<_>>().into_iter()
    }
}

#[cfg(target_arch = "wasm32")]
fn normalized(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFKC").into()
}

#[cfg(not(target_arch = "wasm32"))]
fn normalized(text: &str) -> String {
    icu_normalizer::ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::UnicodeNormalization;

    #[test]
    fn names_are_compared_in_their_compatible_and_composed_form() {
        for (written, meant) in [("ｎａｍｅ", "name"), ("ﬁn", "fin"), ("e\u{301}", "é"), ("数据", "数据"), ("ª", "a")]
        {
            assert_eq!(written.nfkc().collect::<String>(), meant);
        }
    }
}
