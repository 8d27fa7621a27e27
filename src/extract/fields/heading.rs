//! The heading of an article: the nearest one above its date and text.
//!
//! Owns the search among headings, and the choice between a heading and a line that `<title>`
//! repeats. Never reads labels or tags.

use std::ops::Range;

use scraper::Html;

use super::credits;
use super::frame::Frame;
use super::headings::{self, FIRST, Heading, rank};
use super::meta::Tags;
use super::title::{self, Found, MAX, MIN, Tag};
use super::title_lines::{self, LINES};
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::{boilerplate, bounds, dom, strings};

/// A shorter heading that nothing confirms may be a column's name.
const SHORT: usize = 8;

/// A page's head, in which its title is sought.
#[derive(Debug)]
pub(in crate::extract) struct Head<'a> {
    html: &'a Html,
    cells: &'a Cells,
    tags: &'a Tags,
    tag: Option<Tag>,
    /// The cell of the line with date and author.
    facts: Option<usize>,
    /// The title's cell is before this one.
    end: usize,
    /// A heading begins before this cell.
    text: usize,
    frame: Frame,
}

impl<'a> Head<'a> {
    /// The head above the text `body`, outside the label block.
    pub(in crate::extract) fn new(
        html: &'a Html,
        cells: &'a Cells,
        tags: &'a Tags,
        block: &Range<usize>,
        body: &Range<usize>,
    ) -> Self {
        let facts = credits::facts(html, cells, block);
        let prose = bounds::first_prose(cells, body);
        let is_near = |line: usize| match prose < body.end {
            true => body.contains(&line) && line <= prose,
            false => body.is_empty() || line >= body.start,
        };
        let above = facts.filter(|line| is_near(*line));
        let end = (body.start + 3).min(cells.all.len()).max(body.start);
        Self {
            html,
            cells,
            tags,
            tag: Tag::new(html),
            facts,
            end: above.unwrap_or(end),
            text: above.unwrap_or(body.start),
            frame: Frame::new(html, cells, above.unwrap_or(end)),
        }
    }

    /// The heading of the text: before its first cell, or among its first cells.
    pub(in crate::extract) fn heading(&self) -> Option<Found> {
        let heading = self.nearest();
        let line = self.repeated();
        let found = match (heading, line) {
            (Some(heading), Some(line)) => Some(self.better(heading, line)),
            (Some(heading), None) => Some((self.lines_of(&heading), "heading")),
            (None, line) => line.map(|line| (self.lines(line), "heading as in <title>")),
        };
        found.map(|(text, found)| match found {
            "heading" if self.agrees(&text) => (text, "heading as in <title>"),
            _ => (text, found),
        })
    }

    /// The line right above the one with date and author. Pages without a heading have their title
    /// there.
    pub(in crate::extract) fn above(&self, line: usize) -> Option<Found> {
        let mut above = (0..line).rev();
        let nth = above.find(|nth| strings::len(&self.cells.all[*nth].text) > 0)?;
        let cell = &self.cells.all[nth];
        let heading = self.html.tree.get(cell.holder).filter(|holder| {
            rank(*holder).is_some() && (2..=3).contains(&self.cells.below(holder.id()).len())
        });
        let text = match heading.and_then(|holder| dom::short_text(holder, MAX)) {
            Some(lines) => strings::joined(&lines),
            None => self.lines(nth),
        };
        let fits = (MIN + 4..=MAX).contains(&strings::len(&text))
            && cell.linked == 0
            && !cell.hidden
            && !text.contains('。')
            && !self.frame.holds(&text, nth)
            && !boilerplate::is_path(&text)
            && !boilerplate::is_boilerplate(&text);
        fits.then_some((text, "line above date"))
    }

    /// The line above the line with date and author.
    pub(in crate::extract) fn above_facts(&self) -> Option<Found> {
        self.above(self.facts?)
    }

    /// Whether a text may be a name of the site or a column.
    pub(in crate::extract) fn is_name(&self, text: &str) -> bool {
        title::is_site(text, self.tags) || self.is_of_frame(text)
    }

    /// Whether a text also stands in the page's banner, navigation or breadcrumb, or is a plain line
    /// above the menu.
    pub(in crate::extract) fn is_of_frame(&self, text: &str) -> bool {
        let folded = strings::fold(text);
        let says = |nth: &usize| strings::fold(&self.cells.all[*nth].text) == folded;
        let mut lines = (0..self.end).filter(says).peekable();
        let is_above = lines.peek().is_some()
            && lines.all(|nth| !self.is_heading(nth) && self.has_menu(nth + 1..self.end));
        is_above || self.frame.holds(text, usize::MAX)
    }

    /// The `<title>` without the names of site and column.
    pub(in crate::extract) fn trimmed(&self) -> Option<Found> {
        title::trimmed(self.tag.as_ref()?, self.tags)
    }

    /// The title in a tag for sites that quote the page, unless it is a name of the site.
    pub(in crate::extract) fn told(&self) -> Option<Found> {
        let title = self
            .tags
            .get("og:title")
            .filter(|title| !self.is_name(title))?;
        Some((title.to_owned(), "meta og:title"))
    }

    /// The title as far as it is known before the text is: the line that `<title>` repeats, unless
    /// it is a name of the frame.
    pub(in crate::extract) fn likely(&self) -> Option<String> {
        let all = &self.cells.all;
        let lines = title::repeated(self.tag.as_ref()?, all, self.tags);
        let longest = lines
            .into_iter()
            .max_by_key(|nth| strings::len(&all[*nth].text))?;
        match self.frame.holds(&all[longest].text, longest) {
            true => self.nearest().map(|heading| heading.text),
            false => Some(all[longest].text.clone()),
        }
    }

    /// The `title` attribute of the heading or of an element in it, where the heading is cut.
    pub(in crate::extract) fn whole(&self) -> Option<Found> {
        let headings = self
            .html
            .tree
            .root()
            .descendants()
            .filter(|node| rank(*node).is_some());
        let mut whole = headings.filter_map(|node| {
            let text = dom::short_text(node, MAX).filter(|text| title::is_cut(text))?;
            let own = std::iter::once(node).chain(dom::elements(node));
            let mut titles = own.filter_map(|inner| dom::attr(inner, "title"));
            let whole = titles.find(|title| title::is_whole_of(title, &text))?;
            Some(whole.to_owned())
        });
        whole.next().map(|title| (title, "heading's title"))
    }

    /// Whether one element of the head, or two or three lines, show this text and nothing else.
    pub(in crate::extract) fn shows(&self, text: &str) -> bool {
        let wanted = strings::fold(text);
        let fits = |nth: usize| {
            let cell = &self.cells.all[nth];
            !cell.hidden && cell.linked == 0 && !self.is_listed(cell) && nth >= self.frame.below
        };
        (0..self.end).filter(|nth| fits(*nth)).any(|nth| {
            let mut said = String::new();
            let lines = (nth..self.end).take(LINES).take_while(|nth| fits(*nth));
            lines.into_iter().any(|nth| {
                said.push_str(&strings::fold(&self.cells.all[nth].text));
                said == wanted
            })
        })
    }

    fn is_listed(&self, cell: &Cell) -> bool {
        let holder = self.html.tree.get(cell.holder);
        holder.is_some_and(|holder| {
            let around = std::iter::once(holder).chain(holder.ancestors());
            around
                .take(4)
                .any(|node| matches!(dom::name(node), "li" | "option"))
        })
    }

    /// The nearest heading that is no name of the frame, an `h1` first.
    fn nearest(&self) -> Option<Heading> {
        let all = headings::above(
            self.html,
            self.cells,
            self.tag.as_ref(),
            self.tags,
            self.text,
        );
        let mut fitting: Vec<Heading> = all
            .iter()
            .filter(|found| self.fits(found))
            .cloned()
            .collect();
        if fitting.is_empty() {
            fitting = all;
        }
        let (firsts, others): (Vec<Heading>, Vec<Heading>) =
            fitting.into_iter().partition(|found| found.rank == FIRST);
        let first = firsts.into_iter().reduce(Heading::followed_by);
        let rank = others.iter().map(|found| found.rank).max();
        let others = others.into_iter().filter(|found| Some(found.rank) == rank);
        let other = others.reduce(Heading::followed_by);
        let found = match (first, other) {
            (Some(first), Some(other)) => {
                let is_nearer = other.cells.start >= first.cells.end;
                let is_better = self.agrees(&other.text) && !self.agrees(&first.text);
                // A heading above the menu is the site's.
                let is_sites = strings::len(&first.text) <= SHORT
                    && strings::len(&other.text) > SHORT
                    && self.has_menu(first.cells.end..other.cells.start);
                match is_nearer && (is_better || is_sites) {
                    true => other,
                    false => first,
                }
            }
            (first, other) => first.or(other)?,
        };
        Some(found)
    }

    fn fits(&self, found: &Heading) -> bool {
        let is_name = title::is_site(&found.text, self.tags)
            && strings::len(&found.text) <= SHORT * 2
            && !found.text.starts_with("关于");
        !self.frame.holds(&found.text, found.cells.start) && (!is_name || self.agrees(&found.text))
    }

    /// The better of a heading and a line that `<title>` repeats.
    fn better(&self, heading: Heading, line: usize) -> Found {
        let repeated = || (self.lines(line), "heading as in <title>");
        let own = || (self.lines_of(&heading), "heading");
        let text = &self.cells.all[line].text;
        if heading.cells.contains(&line) {
            return match self.agrees(&heading.text) {
                true => own(),
                false => repeated(),
            };
        }
        let is_name = self.frame.holds(text, line);
        let is_above = line < heading.cells.start;
        let is_doubtful = strings::len(&heading.text) <= SHORT && !self.agrees(&heading.text);
        let may_win = is_name || self.fits(&heading);
        let is_below_menu = || is_above && self.has_menu(line + 1..self.end);
        let is_clear = heading.rank == FIRST || !is_doubtful;
        let is_nearer = || is_above && is_clear && !self.is_heading(line);
        match may_win && (is_name || is_below_menu() || is_nearer()) {
            true => own(),
            false => repeated(),
        }
    }

    /// Whether links of a menu stand between two lines.
    fn has_menu(&self, between: Range<usize>) -> bool {
        const LINKS: usize = 3;
        const CHARS: usize = 8;
        let cells = self.cells.all.get(between).unwrap_or_default();
        let cells = cells.iter().filter(|cell| cell.linked > 0);
        let linked = cells.filter(|cell| !cell.is_boilerplate());
        let (links, chars) = linked.fold((0, 0), |(links, chars), cell| {
            (links + 1, chars + cell.linked)
        });
        links >= LINKS || chars >= CHARS
    }

    fn is_heading(&self, line: usize) -> bool {
        let holder = self.html.tree.get(self.cells.all[line].holder);
        holder.and_then(rank).is_some()
    }

    /// The line that `<title>` repeats, rather one that is no name of the frame.
    fn repeated(&self) -> Option<usize> {
        let cells = &self.cells.all[..self.end];
        let lines = title::repeated(self.tag.as_ref()?, cells, self.tags);
        let own = lines.iter().copied();
        let own = own.filter(|nth| !self.frame.holds(&cells[*nth].text, *nth));
        let longest = |nth: &usize| strings::len(&cells[*nth].text);
        own.max_by_key(longest)
            .or_else(|| lines.iter().copied().max_by_key(longest))
            .or_else(|| self.in_lines())
    }

    /// The first line of a title whose lines `<title>` repeats together.
    fn in_lines(&self) -> Option<usize> {
        (0..self.end).find(|nth| {
            title_lines::from(self.tag.as_ref(), &self.cells.all[..self.end], *nth).is_some()
        })
    }

    /// The whole title of which a line is a part.
    fn lines(&self, line: usize) -> String {
        let cells = &self.cells.all[..self.end.max(line + 1)];
        title_lines::joined(self.tag.as_ref(), cells, line)
    }

    /// A heading's text, with the lines beside it that belong to it.
    fn lines_of(&self, heading: &Heading) -> String {
        match heading.cells.len() {
            1 => {
                let whole = self.lines(heading.cells.start);
                if strings::len(&whole) > strings::len(&heading.text) {
                    whole
                } else {
                    heading.text.clone()
                }
            }
            _ => heading.text.clone(),
        }
    }

    /// Whether `<title>` has this text and then the site's name, or the reverse.
    fn agrees(&self, text: &str) -> bool {
        self.tag
            .as_ref()
            .is_some_and(|tag| tag.has_title(text, self.tags))
    }

    /// The heading, unless it is a short one that nothing confirms, while the line above the date is
    /// another one below it.
    pub(in crate::extract) fn line_over(&self, heading: &str) -> Option<Found> {
        let is_doubtful = strings::len(heading) <= SHORT && !self.agrees(heading);
        let facts = self.facts.filter(|_| is_doubtful)?;
        let (line, found) = self.above(facts)?;
        let nth = bounds::cell_of(self.cells, heading, &(0..0))?;
        (strings::fold(&line) != strings::fold(heading) && nth < facts).then_some((line, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading_of(html: &Html, cells: &Cells) -> Option<Found> {
        let end = cells.all.len();
        Head::new(html, cells, &Tags::default(), &(0..0), &(end - 1..end)).heading()
    }

    #[test]
    fn the_line_that_the_title_tag_repeats_is_the_heading() {
        let page = "<title>某县召开会议-纪检</title><h1>某某网</h1><td><span>某县召开会议</span></td><div><p>会议指出。";
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let found = heading_of(&html, &cells);
        assert_eq!(
            found.map(|(title, _)| title).as_deref(),
            Some("某县召开会议")
        );
    }

    #[test]
    fn a_title_that_the_title_tag_breaks_off_or_sets_last_is_found_whole() {
        for tag in [
            "关于开展2023年度农村危房改...-某县人民政府",
            "关于开展2023年度农村危房改…",
            "某县人民政府 工作动态 关于开展2023年度农村危房改造的通知",
        ] {
            let title = "关于开展2023年度农村危房改造的通知";
            let page =
                format!("<title>{tag}</title><p align=center><b>{title}</b></p><div><p>会议指出。");
            let html = Html::parse_document(&page);
            let cells = Cells::new(html.tree.root());
            let found = heading_of(&html, &cells);
            assert_eq!(
                found.map(|(title, _)| title).as_deref(),
                Some(title),
                "{tag}"
            );
        }
    }

    #[test]
    fn a_title_over_two_lines_is_one() {
        let page = "<h1>某县人民政府<br>关于 A B 的\n通知</h1><div><p>会议指出。";
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let found = heading_of(&html, &cells);
        let title = found.map(|(title, _)| title);
        assert_eq!(title.as_deref(), Some("某县人民政府关于 A B 的通知"));
    }

    #[test]
    fn the_nearest_heading_is_taken_where_the_title_tag_names_the_column() {
        let page = "<title>通知公告</title><h1>当前位置：首页</h1><h1>某县召开会议</h1><h3 hidden>隐藏的标题</h3><div><p>会议指出。";
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let found = heading_of(&html, &cells);
        assert_eq!(found, Some(("某县召开会议".to_owned(), "heading")));
    }
}
