//! Signs of a firewall's script in place of the page.
//!
//! Owns the marks of the firewalls of Chinese portals. Never tries to get past one.

/// Statuses with which a firewall sends its script (412: 瑞数, 521: 加速乐).
const WALLS: [u16; 2] = [412, 521];

/// Marks of a firewall's script on a page with status 200.
const MARKS: [&str; 7] = [
    "document.cookie",
    "__jsl_clearance",
    "$_ts",
    "C3VK=",
    "acw_sc__",
    "CT6T",
    "_0x",
];

/// A firewall's page is small; this many bytes of a page are searched.
pub(super) const LOOKED_AT: usize = 64 * 1024;

/// Whether an answer comes from a firewall: it has a firewall's status and a script, or the page is
/// only a script that sets a cookie.
pub(super) fn is_wall(status: u16, body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body.get(..LOOKED_AT).unwrap_or(body));
    let text = text.to_ascii_lowercase();
    if !text.contains("<script") {
        return false;
    }
    if WALLS.contains(&status) {
        return true;
    }
    let marked = MARKS
        .iter()
        .any(|mark| text.contains(&mark.to_ascii_lowercase()));
    status == 200 && body.len() <= LOOKED_AT && marked && is_only_script(&text)
}

/// Whether the page has no text outside scripts.
fn is_only_script(text: &str) -> bool {
    let mut rest = text;
    let mut in_script = false;
    loop {
        let (before, after) = match rest.split_once('<') {
            Some((before, after)) => (before, after),
            None => (rest, ""),
        };
        if !in_script && !before.trim().is_empty() {
            return false;
        }
        if after.is_empty() {
            return true;
        }
        if after.starts_with("script") {
            in_script = true;
        } else if after.starts_with("/script") {
            in_script = false;
        }
        rest = match after.split_once('>') {
            Some((_, rest)) if !in_script || after.starts_with("script") => rest,
            _ if in_script => after,
            _ => return true,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_are_known() {
        for (status, page) in [
            (412, "<html><script>$_ts={}</script></html>"),
            (521, "<script>document.cookie='__jsl_clearance=1'</script>"),
            (
                200,
                "<html><head><script type=a>\nif (a<b) {document.cookie='C3VK=1'; location.reload()}</script></head> </html>",
            ),
            (
                200,
                "<!DOCTYPE html><script src=x></script><script>$_ts=window['$_ts'];</script>",
            ),
        ] {
            assert!(is_wall(status, page.as_bytes()), "{status} {page}");
        }
    }

    #[test]
    fn pages_are_not() {
        for (status, page) in [
            (412, "<p>Precondition Failed</p>"),
            (521, ""),
            (503, "<script>document.cookie=1</script>"),
            (200, "<script>document.cookie='a=1'</script><p>正文</p>"),
            (200, "<script>location='index.html'</script>"),
            (200, "<p>document.cookie"),
        ] {
            assert!(!is_wall(status, page.as_bytes()), "{status} {page}");
        }
    }
}
