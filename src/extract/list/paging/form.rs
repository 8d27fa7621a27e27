//! Pagers that send a form with the page's number in its address.
//!
//! Owns the address that such a form would ask for. Never follows a form that is posted.

use scraper::ElementRef;
use url::Url;

use super::anchor;
use crate::extract::family::query;
use crate::extract::family::sheet::Sheet;
use crate::extract::page::dom::Attributes;

/// The most fields of a form to send.
const FIELDS: usize = 40;

/// The address of the page after this one, by a form with a page number and a link that sends it.
pub(super) fn next(sheet: &Sheet<'_>, total: Option<u32>) -> Option<Url> {
    let mut elements = sheet.document.root_element().descendent_elements();
    let turns = elements.find(|element| anchor::is_named_next(*element))?;
    let sends = [turns.attribute("onclick"), turns.attribute("href")];
    let calls = sends
        .into_iter()
        .flatten()
        .any(|script| script.contains('('));
    if !(calls && sheet.text.contains("submit(")) {
        return None;
    }
    let forms = sheet.document.root_element().descendent_elements();
    let mut forms = forms.filter(|element| element.value().name() == "form");
    forms.find_map(|form| of_form(sheet, form, total))
}

fn of_form(sheet: &Sheet<'_>, form: ElementRef<'_>, total: Option<u32>) -> Option<Url> {
    let is_sent_by_address = form
        .attribute("method")
        .is_none_or(|method| method.trim().eq_ignore_ascii_case("get"));
    let fields: Vec<(&str, &str)> = form
        .descendent_elements()
        .filter(|element| element.value().name() == "input")
        .filter_map(|input| {
            Some((
                input.attribute("name")?,
                input.attribute("value").unwrap_or_default(),
            ))
        })
        .take(FIELDS)
        .collect();
    let is_number = |(name, _): &&(&str, &str)| query::is_number(name);
    let (_, number) = fields
        .iter()
        .find(is_number)
        .filter(|_| is_sent_by_address)?;
    let number = number.trim().parse::<u32>().unwrap_or(1).max(1);
    if total.is_some_and(|total| number >= total) {
        return None;
    }
    let next = number.checked_add(1)?.to_string();
    let mut url = sheet.own(
        form.attribute("action")
            .filter(|to| !to.trim().is_empty())
            .unwrap_or("?"),
    )?;
    url.query_pairs_mut()
        .clear()
        .extend_pairs(fields.iter().map(|field| {
            let value = if is_number(&field) {
                next.as_str()
            } else {
                field.1
            };
            (field.0, value)
        }));
    Some(url)
}
