//! The first sentences of an article, for lists and for feeds without full text.
//!
//! Owns where a summary ends. Never changes a sentence.

/// A summary ends at the first end of a sentence after this many characters.
const ENOUGH: usize = 120;
/// The most characters a summary has, unless its first sentence is longer.
const MOST: usize = 200;
/// A first sentence with more characters is cut.
const LONGEST: usize = 400;
/// An end of a sentence before this character would make the summary too short.
const TOO_FEW: usize = 40;

/// The beginning of `text` up to the end of a sentence (。！？) between 120 and 200 characters, else
/// up to the last one before that, else a whole long first sentence, else up to the last ；, else
/// the first 200 characters and an ellipsis. `None` for an empty text.
///
/// Captions are left out unless there is nothing else. It does not read more of `text` than needed.
pub(super) fn summary(text: &str) -> Option<String> {
    let is_caption = |line: &&str| line.trim_start().starts_with(['▲', '△']);
    let only_captions = text.lines().all(|line| is_caption(&line));
    let mut chars = text
        .lines()
        .filter(|line| only_captions || !is_caption(line))
        .flat_map(str::split_whitespace)
        .flat_map(|word| std::iter::once(' ').chain(word.chars()))
        .skip(1);
    let start: Vec<char> = chars.by_ref().take(LONGEST).collect();
    if start.is_empty() {
        return None;
    }
    if start.len() <= MOST {
        return Some(start.into_iter().collect());
    }
    let chars = start.as_slice();
    let ends = |marks| (0..chars.len()).filter(move |&at| ends_with(chars, at, marks));
    let within = |at: &usize| *at < MOST;
    let end = ends(SENTENCE)
        .find(|&at| at + 1 >= ENOUGH && at < MOST)
        .or_else(|| ends(SENTENCE).filter(within).rfind(|&at| at >= TOO_FEW))
        .or_else(|| ends(SENTENCE).find(|&at| at >= MOST))
        .or_else(|| ends(CLAUSE).filter(within).rfind(|&at| at >= TOO_FEW));
    Some(match end {
        Some(end) => start[..=end].iter().collect(),
        None => start[..MOST - 1].iter().chain(&['…']).collect(),
    })
}

const SENTENCE: &[char] = &['。', '！', '？'];
const CLAUSE: &[char] = &['；'];

/// Whether a sentence ends before `at` with one of these marks, also inside a closing quote.
fn ends_with(chars: &[char], at: usize, marks: &[char]) -> bool {
    let is_end = |at: usize| chars.get(at).is_some_and(|c| marks.contains(c));
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
        let clauses = format!("{}；", "字".repeat(49)).repeat(5) + &sentence.repeat(3);
        assert_eq!(summary(&clauses).unwrap().chars().count(), 300);
        let first = format!("{}。", "字".repeat(299));
        assert_eq!(summary(&first.repeat(2)).unwrap(), first);
        let list = format!("{}；", "字".repeat(49)).repeat(20);
        assert!(summary(&list).unwrap().ends_with('；'));
    }

    #[test]
    fn a_text_without_sentences_is_cut_with_an_ellipsis() {
        let cut = summary(&"字".repeat(3_000_000)).unwrap();
        assert_eq!(cut.chars().count(), MOST);
        assert!(cut.ends_with("字…"));
    }
}
