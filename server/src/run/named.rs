//! The scenarios that come with the binary, by name.

/// Name and text of the built-in scenario with this name.
pub fn find(name: &str) -> Option<(&'static str, &'static str)> {
    sockscope_web::SCENARIOS.iter().find(|(known, _)| *known == name).copied()
}
