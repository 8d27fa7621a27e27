//! The first sentences of an article, for lists and for feeds without full text.

/// Characters at which a summary may end, from the first sentence end on that it reaches.
const ENOUGH: usize = 120;
/// The most characters a summary has.
const MOST: usize = 200;
/// A sentence end before this character leaves too little to be a summary.
const TOO_FEW: usize = 40;

/// The beginning of `text` up to a sentence end (。！？；) between 120 and 200 characters, else up
/// to the last one before that, else the first 200 characters and an ellipsis. `None` without text.
///
/// Captions are no sentences of the text; they are taken where there is nothing else. It reads no
/// further than it must, whatever the length of `text`.
pub(super) fn summary(text: &str) -> Option<String> {
    let is_caption = |line: &&str| line.trim_start().starts_with(['▲', '△']);
    let only_captions = text.lines().all(|line| is_caption(&line));
    let mut chars = text
        .lines()
        .filter(|line| only_captions || !is_caption(line))
        .flat_map(str::split_whitespace)
        .flat_map(|word| std::iter::once(' ').chain(word.chars()))
        .skip(1);
    let start: Vec<char> = chars.by_ref().take(MOST).collect();
    if start.is_empty() {
        return None;
    }
    if chars.next().is_none() {
        return Some(start.into_iter().collect());
    }
    let ends = || (0..start.len()).filter(|&at| ends_sentence(&start, at));
    let end = ends()
        .find(|&at| at + 1 >= ENOUGH)
        .or_else(|| ends().rfind(|&at| at >= TOO_FEW));
    Some(match end {
        Some(end) => start[..=end].iter().collect(),
        None => start[..MOST - 1].iter().chain(&['…']).collect(),
    })
}

/// Whether a sentence ends with the character at `at`; a closing quote belongs to its sentence.
fn ends_sentence(chars: &[char], at: usize) -> bool {
    let is_end = |at: usize| {
        chars
            .get(at)
            .is_some_and(|c| matches!(c, '。' | '！' | '？' | '；'))
    };
    let is_quote = |at: usize| {
        chars
            .get(at)
            .is_some_and(|c| matches!(c, '”' | '’' | '」' | '』' | '）' | '》'))
    };
    if is_quote(at) {
        at > 0 && is_end(at - 1)
    } else {
        is_end(at) && !is_quote(at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_its_own_summary() {
        assert_eq!(
            summary("一句话。\n\n又一句").as_deref(),
            Some("一句话。 又一句")
        );
        assert_eq!(summary(" \n\u{3000}"), None);
        assert_eq!(summary(&"字".repeat(MOST)).unwrap().chars().count(), MOST);
    }

    #[test]
    fn captions_are_left_out_unless_there_is_nothing_else() {
        let text = "大会开幕。\n▲会场\n下午分组。";
        assert_eq!(summary(text).as_deref(), Some("大会开幕。 下午分组。"));
        assert_eq!(summary("▲会场\n▲代表").as_deref(), Some("▲会场 ▲代表"));
    }

    #[test]
    fn a_long_text_is_cut_at_a_sentence_end() {
        let sentence = format!("{}。", "字".repeat(49));
        assert_eq!(summary(&sentence.repeat(9)).unwrap(), sentence.repeat(3));
        let quoted = format!("“{}！”{}", "字".repeat(130), "后".repeat(300));
        assert!(summary(&quoted).unwrap().ends_with("！”"));
        let early = format!("{sentence}{}", "字".repeat(400));
        assert_eq!(summary(&early).unwrap(), sentence);
    }

    #[test]
    fn a_text_without_sentences_is_cut_with_an_ellipsis() {
        let cut = summary(&"字".repeat(3_000_000)).unwrap();
        assert_eq!(cut.chars().count(), MOST);
        assert!(cut.ends_with("字…"));
    }
}
