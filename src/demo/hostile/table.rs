//! The table of faults between a portal and a reader, with the right reaction to each.
//!
//! Owns the numbers. The table also has faults that portals do not cause, with their causes, so
//! that it is complete. Never serves a fault.

use super::tls::Handshake;
use super::variants::Variant;
use super::{
    bombs, charsets, connections, contents, floods, identities, layouts, lists, markup, misnamed,
    onward, redirects, robots, statuses, stubs,
};

/// A fault.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Its number, from 1.
    pub number: u8,
    /// What goes wrong.
    pub failure: &'static str,
    /// What dibao does.
    pub right: &'static str,
    /// Who causes it.
    pub cause: &'static str,
    /// How the hostile portal serves it; empty if portals do not cause it.
    pub variants: &'static [Variant],
}

impl Fault {
    /// The host that serves a variant.
    pub fn host(&self, variant: &Variant) -> String {
        format!("fault-{:02}-{}.test", self.number, variant.name)
    }
}

/// All faults, by number.
pub fn faults() -> &'static [Fault] {
    FAULTS
}

/// The variant that a host serves.
pub(super) fn variant(host: &str) -> Option<&'static Variant> {
    let (number, name) = host
        .strip_prefix("fault-")?
        .strip_suffix(".test")?
        .split_once('-')?;
    let number: u8 = number.parse().ok()?;
    let fault = FAULTS.iter().find(|fault| fault.number == number)?;
    fault.variants.iter().find(|variant| variant.name == name)
}

const fn portal(
    number: u8,
    failure: &'static str,
    right: &'static str,
    variants: &'static [Variant],
) -> Fault {
    Fault {
        number,
        failure,
        right,
        cause: "the portal",
        variants,
    }
}

const fn other(
    number: u8,
    cause: &'static str,
    failure: &'static str,
    right: &'static str,
) -> Fault {
    Fault {
        number,
        failure,
        right,
        cause,
        variants: &[],
    }
}

static HANDSHAKES: &[Variant] = &[
    Variant::shaking(
        "self-signed",
        "a certificate that vouches for itself",
        Handshake::SelfSigned,
    ),
    Variant::shaking(
        "wrong-name",
        "a certificate for another host",
        Handshake::WrongName,
    ),
    Variant::shaking(
        "expired",
        "a certificate that ran out in 2020",
        Handshake::Expired,
    ),
    Variant::shaking("plain", "plain HTTP where TLS should be", Handshake::Plain),
    Variant::shaking("old", "TLS 1.0 and nothing newer", Handshake::Old),
];

#[rustfmt::skip]
static FAULTS: &[Fault] = &[
    portal(1, "a server in trouble: 500, 502, 503, 504, 408", "tries four times with growing random waits, then reports; nothing is lost", statuses::TROUBLE),
    portal(2, "429 or 503 with Retry-After", "leaves the whole host alone for as long as it asks, at most a day", statuses::REST),
    portal(3, "404 or 410", "asks once; the article stays until a second look a day later; when much of a portal is gone at once, all of it stays", statuses::GONE),
    portal(4, "a firewall's 412 or 521", "`blocked-by-waf`: no quick retries, a long rest, and an incident for a person", statuses::WALLS),
    portal(5, "a firewall's script with status 200", "the same; never stored as an article", stubs::CHALLENGES),
    portal(6, "an error page with status 200", "`soft-404`, `log-in` or `maintenance`; never stored as an article, never written over a known one", stubs::SOFT),
    portal(7, "no answer", "`timeout` at the deadline; other hosts go on meanwhile", connections::SILENCE),
    portal(8, "an answer that comes byte by byte", "`timeout` at the same deadline, which holds for the whole answer", connections::DRIPS),
    portal(9, "an answer that breaks off", "`truncated`, and tried again; half a page is never read", connections::BROKEN_OFF),
    portal(10, "an empty answer, or another protocol", "`empty` or `garbage`; never taken for \"no news\"", connections::NOTHING),
    portal(11, "a compression bomb", "`too-large` at the size limit, counted after decompression; memory stays flat", bombs::COMPRESSED),
    portal(12, "endless pages, 200,000 elements deep, 200,000 attributes", "`too-large`, or read up to limits of depth and size, in bounded time", bombs::GIANTS),
    portal(13, "a wrong charset in header or page", "the bytes decide: BOM, UTF-8 with a character of three bytes, header, page, other UTF-8, statistics; the evidence is recorded", charsets::LABELS),
    portal(14, "bytes that are no characters", "U+FFFD in their place; the text around them is whole", charsets::BYTES),
    portal(15, "redirects in a circle or without end", "`redirect-loop` after ten; a redirect that only sets a cookie is followed", redirects::LOOPS),
    portal(16, "redirects and links into private networks, or to files", "`refused-address` or `refused-scheme`, at every hop, before connecting", redirects::INWARD),
    portal(17, "bad TLS: self-signed, wrong name, expired, too old", "`tls`; accepted only where the feed file says so, which `status` shows", HANDSHAKES),
    portal(18, "a new layout, in which selectors match nothing", "`layout-changed`, which names the selector; values found without it are taken where they look as usual; published articles stay", layouts::REBUILT),
    portal(19, "articles that lose a field", "an article without a required field is held back, without another field it is published; when most articles lose a usual field, an incident says so; new ones wait for title, index number, day, text and what the feed file names", layouts::FIELDS),
    portal(20, "a list that is suddenly empty", "`empty-list`; the feed keeps its entries", layouts::EMPTY),
    portal(21, "an edited article", "a revision under the same id; changed white space and counters are no edit", identities::EDITS),
    portal(22, "one index number on two documents", "two articles and an incident, `index-conflict`", identities::CONFLICTS),
    portal(23, "no index number", "the article is known by its URL; a number that comes later keeps the id", identities::MISSING),
    portal(24, "another index number at the same URL", "the same article under the same id", identities::CORRECTED),
    portal(25, "dates in the future, malformed or missing", "no date, or the date of first sight; no date pins an entry to the top", identities::DATES),
    portal(26, "scripts, handlers, javascript: and data: URLs", "removed wherever HTML is published; the text stays", markup::ATTACKING),
    portal(27, "characters that XML does not allow, ]]>", "removed from XML, escaped in JSON; titles are escaped once", markup::CHARACTERS),
    other(28, "the disk", "the disk is full", "the run fails; published files stay whole; dibao recovers by itself when there is room"),
    other(29, "the machine", "a kill or a crash at any point", "every file is old or new; the next run completes"),
    other(30, "the disk", "the disk loses written data", "reported as an error; not counted as stored"),
    other(31, "the operator", "two processes on one store", "one process has a host at a time; the other passes over the host and says so"),
    other(32, "the timetable", "a run takes longer than its turn", "the next turn is skipped and counted, not piled up"),
    other(33, "the clock", "the clock jumps; daylight saving; the machine's time zone", "no burst of runs and no long silence; portals' dates are Beijing time"),
    other(34, "another program", "another program locks the store", "waits for a bounded time, then `store-locked`"),
    other(35, "the disk", "the store is damaged, or of another version", "refused and left as it is; files are served all the same"),
    other(36, "readers", "readers ask again and again", "304; collecting is not slowed down"),
    other(37, "readers", "readers send or read slowly, or on many connections", "time limits, and a limit of connections"),
    other(38, "readers, the operator", "odd names, `..`, look-alikes", "refused when files are loaded; 404 over HTTP"),
    other(39, "readers", "readers read a feed while it is written", "a file is put in place whole"),
    portal(40, "robots.txt out of order, endless, forbidding", "5xx: the site is left alone meanwhile; forbidden pages are not fetched", robots::ROBOTS),
    portal(41, "a move to https or to another host", "followed and reported; ids stay", redirects::MOVES),
    portal(42, "pinned and reordered items", "no entry comes twice, none gets a new date", layouts::ORDER),
    portal(43, "relative links, <base>, redirected pages", "links are absolute, counted from where the page was found", layouts::LINKS),
    other(44, "the operator", "SIGTERM", "ends cleanly in bounded time, with exit code 0"),
    other(45, "mirrors", "a mirror stops midway through the changes", "it goes on after its last sequence number: nothing lost, nothing twice"),
    portal(46, "a page that only sends the browser on to another address", "followed like a redirect, under the same rules, at most three times; never stored as an article, never a reason to rest", onward::SENT_ON),
    portal(47, "addresses with bytes in another charset", "`Location` is followed byte by byte, and queries are encoded in the charset of their page, as browsers do", onward::BYTES),
    portal(48, "a list that is \"not modified\" for ever: constant ETag, Last-Modified of the future", "asked for without validators once a day and while the column is silent; after two lies they are dropped for that column", lists::VALIDATORS),
    portal(49, "a list with the oldest first, a page full of pinned items, an order by clicks", "known items end the walk only if their newest day is as new as what is known; the oldest first is walked from the last page up; `list-order` where news may stand anywhere", lists::ORDERS),
    portal(50, "a pager that only a script or a posted form turns", "`pager-unread`; a backfill is complete only where nothing speaks of more; `gap` where a full first page is all unknown and nothing behind it can be read", lists::PAGERS),
    portal(51, "an article without a text: a file, a viewer, a film, a picture, or a title alone", "published with the title and the day of its row or page, and with its files; a text that comes later revises it; words of tools and viewers prove no error", contents::WITHOUT_TEXT),
    portal(52, "a page whose `<title>` is its section's and whose day is another's", "title: the nearest heading, then the list's row; day: a label or tag, then the row, then a line beside the title, then the address", misnamed::OF_SECTION),
    portal(53, "sessions, clocks and counters in addresses and text", "no article, no revision and no request more; the address first seen stays", identities::VARYING),
    portal(54, "surplus end tags in the text", "the text goes on to the footer, the links to other articles or the next heading", contents::FALLEN_OUT),
    portal(55, "a list that is new at every look, list pages without end, huge pages", "limits for a column and day: what is beyond is left aside, told once as `flood`, and caught up later; nothing that is known is lost", floods::FLOODS),
    other(56, "the disk", "little room on the disk", "`disk-low` before `disk-full`: no pictures or files, no compressed copies and no backfills; then no collecting, while publishing goes on; all of it is caught up"),
    portal(57, "a text that is another one at every look", "three revisions, then `volatile`, told once: the newest text is published and no revision is told, until two looks are equal or the last one is over", floods::VOLATILE),
    other(58, "the disk", "a damaged row, a damaged or missing file of the archive", "named, and that article alone is held back; a backup that would hold damage fails"),
    other(59, "readers, receivers, the portal", "a slow portal, a slow receiver, a greedy reader", "nobody else waits for it: a column is published when it is done"),
    portal(60, "a notice of a move, or a gateway's error page, in the place of an article", "`moved` with the new address, or `maintenance`; never stored as that article", onward::IN_PLACE),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::answer::{Answer, AnswerStep, Asked};
    use super::super::{ARTICLE, COLUMN, NEIGHBOUR};
    use super::*;

    fn asked(host: &str, path: &str) -> Asked {
        Asked {
            host: host.to_owned(),
            path: path.to_owned(),
            head: String::new(),
            before: 0,
            here: ([127, 0, 0, 1], 80).into(),
            secure: false,
        }
    }

    #[test]
    fn the_table_is_whole_and_every_host_has_its_own_fault() {
        let numbers: Vec<u8> = FAULTS.iter().map(|fault| fault.number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        let mut hosts = BTreeSet::new();
        for fault in FAULTS {
            let is_portals = fault.cause == "the portal";
            assert_eq!(is_portals, !fault.variants.is_empty(), "{fault:?}");
            for own in fault.variants {
                let host = fault.host(own);
                assert_eq!(variant(&host).unwrap().does, own.does);
                assert!(hosts.insert(host), "{own:?}");
            }
        }
        for good in [
            "www.lc.gov.cn",
            "fault-03.test",
            "fault-03-411.test",
            "fault-x.test",
        ] {
            assert!(variant(good).is_none(), "{good}");
        }
    }

    #[test]
    fn every_fault_changes_what_is_served() {
        for fault in FAULTS {
            for variant in fault.variants {
                let host = fault.host(variant);
                let mut paths = [COLUMN, ARTICLE, NEIGHBOUR, "/robots.txt"].into_iter();
                let differs = paths.any(|path| {
                    let asked = asked(&host, path);
                    let (good, bad) = (Answer::good(&asked), (variant.serve)(&asked));
                    let told = (bad.status, headers(&bad)) != (good.status, headers(&good));
                    variant.spoils.covers(path) && (told || body(&bad) != body(&good))
                });
                let shaking = variant.handshake != Handshake::Good;
                assert!(differs || shaking, "{host} is as good as the replica");
            }
        }
    }

    fn parts(answer: &Answer) -> (String, Vec<u8>) {
        let Some(AnswerStep::Send(bytes)) = answer.steps.first() else {
            return (String::new(), Vec::new());
        };
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n");
        let (head, body) = bytes.split_at(end.unwrap_or(bytes.len()));
        (String::from_utf8_lossy(head).into_owned(), body.to_vec())
    }

    fn body(answer: &Answer) -> Vec<u8> {
        parts(answer).1
    }

    /// The headers that describe the body.
    fn headers(answer: &Answer) -> Vec<String> {
        let (head, _) = parts(answer);
        let lines = head.lines().map(str::to_owned);
        lines
            .filter(|line| line.starts_with("content-type") || line.starts_with("content-encoding"))
            .collect()
    }
}
