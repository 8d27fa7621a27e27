//! Markup that attacks readers, and characters that XML forbids.
//!
//! Owns how these faults are served. Never sanitises.

use super::answer::Answer;
use super::bodies::with_end;
use super::variants::{Spoils, Variant};

/// The newest article's title.
const TITLE: &str = "长治市潞城区第二届人民代表大会第六次会议开幕";

/// Attacks, each beside a text that must stay.
const ATTACKS: &str = "<p>甲<script>alert(1)</script></p><p onclick=\"alert(2)\">乙</p>\
                       <p><a href=\"javascript:alert(3)\">丙</a></p>\
                       <p><a href=\"data:text/html,<script>alert(4)</script>\">丁</a></p>\
                       <p><img src=x onerror=\"alert(5)\">戊</p><svg onload=\"alert(6)\"></svg>\
                       <iframe src=\"javascript:alert(7)\"></iframe>\
                       <p style=\"background:url(javascript:alert(8))\">己</p>\
                       <p><a href=\" java\tscript:alert(9)\">庚</a></p>\
                       <form action=\"/steal\"><p>辛</p><input name=\"password\"></form>";

pub(super) static ATTACKING: &[Variant] = &[Variant::new(
    "all",
    "scripts, handlers and script URLs in the newest article",
    Spoils::Article,
    |asked| Answer::page(with_end(&asked.page(), ATTACKS)),
)];

pub(super) static CHARACTERS: &[Variant] = &[
    Variant::new(
        "controls",
        "control characters, &#11; and U+FFFF in title and text",
        Spoils::Article,
        |asked| {
            let title = "长治市\u{b}潞城区&#11;第二届\u{8}人民代表&#xFFFF;大会第六次会议开幕";
            let page = asked.page().replace(TITLE, title);
            Answer::page(with_end(&page, "<p>尾\u{b}&#11;\u{1f}\u{fffe}&#0;巴</p>"))
        },
    ),
    Variant::new(
        "escapes",
        "]]>, & and < in title and text",
        Spoils::Article,
        |asked| {
            let title = "会议开幕]]&gt; A&amp;B &lt;b&gt;开幕&lt;/b&gt; &amp;lt;c&amp;gt; 之后";
            let page = asked.page().replace(TITLE, title);
            Answer::page(with_end(
                &page,
                "<p>尾]]&gt;巴 A&amp;B &lt;b&gt; &amp;lt;c&amp;gt;</p>",
            ))
        },
    ),
];
