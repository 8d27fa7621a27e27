//! Items that Hanweb's jpage keeps in a script as XML, from which the browser shows them.
//!
//! Owns the search for these records. Never reads them: each is a piece of HTML like any other.

/// The records of the page as HTML, each in an element of its own; `None` if there are none.
pub(super) fn records(html: &str) -> Option<String> {
    let start = html.find("<recordset")?;
    let rest = &html[start..];
    let set = &rest[..rest.find("</recordset").unwrap_or(rest.len())];
    let mut page = String::new();
    for record in set.split("<![CDATA[").skip(1) {
        let record = record.split("]]>").next().unwrap_or(record);
        // Outside a table, table cells would be dropped; their content stays.
        page.push_str("<div class=\"record\">");
        page.push_str(record);
        page.push_str("</div>");
    }
    (!page.is_empty()).then_some(page)
}
