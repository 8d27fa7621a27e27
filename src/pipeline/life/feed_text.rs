//! Single keys at the head of a feed file's text. Everything else stays as it is written.
//!
//! Owns the edits of the text. Never reads or writes a file.

/// The key by which a column is paused.
pub(super) const PAUSED: &str = "paused";
/// The key that says whose index numbers a column shares.
pub(super) const PORTAL: &str = "portal";

/// The text with this value of a key: in the place of the former one, or at the beginning; `None`
/// takes the key away. `value` is written in TOML.
pub(super) fn with_key(text: &str, key: &str, value: Option<&str>) -> String {
    let written = value.map(|value| format!("{key} = {value}\n"));
    let (mut after, mut is_head, mut is_done) = (String::new(), true, false);
    for line in text.split_inclusive('\n') {
        let begin = line.trim_start();
        is_head &= !begin.starts_with('[');
        let rest = begin.strip_prefix(key).map(str::trim_start);
        if is_head && rest.is_some_and(|rest| rest.starts_with('=')) {
            after.push_str(written.as_deref().filter(|_| !is_done).unwrap_or_default());
            is_done = true;
        } else {
            after.push_str(line);
        }
    }
    match written.filter(|_| !is_done) {
        Some(written) => format!("{written}{text}"),
        None => after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_set_replaced_and_taken_away_at_the_head_alone() {
        let text = "# 通知\nurl = \"http://a.example/\"\n\n[list]\nportal = \"x\"\n";
        let set = with_key(text, PORTAL, Some("\"a\""));
        assert_eq!(set, format!("portal = \"a\"\n{text}"));
        let again = with_key(&set, PORTAL, Some("\"b\""));
        assert_eq!(again, format!("portal = \"b\"\n{text}"));
        assert_eq!(with_key(&again, PORTAL, None), text);
        assert_eq!(with_key(text, PAUSED, None), text);
    }
}
