//! An article's title and day where its page and its row say different things: pages in the manners
//! of several systems, with what a reader sees on them.
//!
//! Owns these pages, all invented. Never fetches.

use dibao::config::ArticleRules;
use dibao::extract::{Confidence, Extracted, article_or_stub};
use dibao::model::{Field, ListRow};
use url::Url;

const TITLE: &str = "青石县召开冬季供暖工作调度会";
const LONG: &str = "青石县人民政府办公室关于做好冬季供暖工作的通知";
/// The name of a section, in `<title>` and banner.
const BRANCH: &str = "青石市公共资源交易中心石河县分中心";
const TEXT: &str = "<p>会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬，确保市场供应充足，把各项任务落到实处。</p>\
                    <p>会议要求，各有关单位要提前备足燃料，加密管网巡查频次，建立值班制度，确保群众反映的问题当日办结。</p>";
const LINE: &str = "请各单位于本周五前报名。";
const MENU: &str = "<div class=header><a href=/>首页</a><a href=/zwgk/>政务公开</a><a href=/tzgg/>通知公告</a></div>";
const PATH: &str = "<div class=crumbs>当前位置：<a href=/>首页</a> &gt; <a href=/xwzx/>新闻中心</a> &gt; <a href=/tzgg/>通知公告</a></div>";
const FACTS: &str =
    "<div class=info><span>发布时间：2025-11-20 09:30</span> <span>来源：县融媒体中心</span></div>";
const FOOTER: &str = "<div class=footer>版权所有：青石县人民政府　网站标识码：1300000000</div>";

fn page(title: &str, inner: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title></head><body>{inner}</body></html>"
    )
}

/// A page with a menu and a footer.
fn whole(title: &str, inner: &str) -> String {
    page(title, &format!("{MENU}{inner}{FOOTER}"))
}

fn read(html: &str, row: Option<(&str, Option<&str>)>) -> Extracted {
    let base = Url::parse("http://www.x.gov.cn/xw/7.html").unwrap();
    let row = row.map(|(title, day)| ListRow {
        title: title.to_owned(),
        published_on: day.map(|day| day.parse().unwrap()),
    });
    article_or_stub(html, &base, &ArticleRules::default(), row.as_ref()).unwrap()
}

fn title(html: &str) -> String {
    read(html, None).title.unwrap_or_default()
}

fn day(page: &Extracted) -> String {
    let day = page.metadata.published_on.map(|day| day.to_string());
    day.unwrap_or_default()
}

#[test]
fn the_name_of_a_branch_in_title_tag_and_banner_is_no_title() {
    let facts = "<div>信息时间：2025-11-20　阅读次数：</div>";
    for inner in [
        format!(
            "<div class=ewb-header>{BRANCH}</div>{MENU}<h1>{TITLE}</h1>{facts}<div>{TEXT}</div>"
        ),
        format!(
            "<table><tr><td><b>{BRANCH}</b></td></tr></table>{MENU}{PATH}<div><h1>{TITLE}</h1>{facts}{TEXT}</div>"
        ),
        format!(
            "<div><span>{BRANCH}</span></div>{MENU}<h2>{TITLE}</h2><p>发布日期：2025-11-20</p><div id=content>{TEXT}</div>"
        ),
        format!(
            "<div class=sitename>{BRANCH}</div>{MENU}<div class=article-title>{TITLE}</div>{facts}{TEXT}"
        ),
        format!("<a href=/>{BRANCH}</a>{MENU}<h1>{TITLE}</h1>{facts}<p>{LINE}</p>"),
    ] {
        for tag in [BRANCH.to_owned(), format!("{BRANCH}-青石市公共资源交易网")] {
            assert_eq!(title(&page(&tag, &inner)), TITLE, "{tag} {inner}");
        }
    }
}

#[test]
fn the_name_of_a_column_above_an_article_is_no_title() {
    let line = format!("<p align=center><b>{TITLE}</b></p>");
    for text in [TEXT, LINE] {
        for inner in [
            format!(
                "{PATH}<div class=title>通知公告</div>{line}<p>发布时间：2025-11-20 来源：县府办</p><div>{text}</div>"
            ),
            format!(
                "{PATH}<h2>通知公告</h2><div>{line}<p>发布时间：2025-11-20</p><div>{text}</div></div>"
            ),
            format!(
                "<h3>工作动态</h3><table><tr><td>{TITLE}<tr><td>发布时间：2025-11-20<tr><td>{text}</table>"
            ),
            format!("{PATH}<h1>通知公告</h1><div>{line}<p>2025-11-20</p><div>{text}</div></div>"),
        ] {
            for tag in ["青石县人民政府", "通知公告", "青石县教育局"] {
                assert_eq!(title(&whole(tag, &inner)), TITLE, "{tag} {inner}");
            }
        }
    }
}

#[test]
fn a_sites_name_as_heading_and_lists_beside_an_article_are_no_title() {
    let list = "<h3>热点新闻</h3><ul><li><a href=/1>某镇开展安全生产检查</a></li><li><a href=/2>某村修好道路</a></li>\
                <li><a href=/3>某乡开展植树</a></li></ul>";
    for (tag, inner) in [
        (
            format!("{TITLE}-石城在线"),
            format!(
                "<h1><a href=/>石城在线</a></h1>{MENU}<div class=tt>{TITLE}</div>{FACTS}{TEXT}"
            ),
        ),
        (
            format!("{TITLE}-石城发布"),
            format!("<h1>石城发布</h1>{MENU}{PATH}<p><strong>{TITLE}</strong></p>{FACTS}{TEXT}"),
        ),
        (
            "石城发布".to_owned(),
            format!(
                "{MENU}{PATH}<div>{list}</div><div><h2 class=bt>{TITLE}</h2>{FACTS}<div>{TEXT}</div></div>"
            ),
        ),
        (
            "石城发布".to_owned(),
            format!(
                "<div class=banner><h1>石城发布</h1><p>权威信息 及时发布</p></div>{MENU}<h2 class=tit>{TITLE}</h2>{FACTS}<div>{TEXT}</div>"
            ),
        ),
        (
            "石城发布".to_owned(),
            format!("<h1>石城发布</h1>{MENU}<h2>{TITLE}</h2>{FACTS}<div>{TEXT}</div>"),
        ),
        (
            format!("{TITLE}_石城发布"),
            format!(
                "{MENU}{PATH}<h1>{TITLE}</h1><div>{list}</div><div>{FACTS}<div>{TEXT}</div></div>"
            ),
        ),
        (
            TITLE.to_owned(),
            format!(
                "{MENU}<div class=crumb>当前位置：<a href=/>首页</a> &gt; {TITLE}</div><h1>{TITLE}</h1>{FACTS}{TEXT}"
            ),
        ),
        (
            "石城发布".to_owned(),
            format!(
                "{MENU}{PATH}<h1>{TITLE}</h1><h3>——石河县冬季工作侧记</h3>{FACTS}<div>{TEXT}</div>"
            ),
        ),
    ] {
        assert_eq!(title(&page(&tag, &inner)), TITLE, "{inner}");
    }
}

#[test]
fn a_page_without_menu_and_footer_is_read_like_one_with_them() {
    for inner in [
        format!(
            "<h1>{TITLE}</h1><div>发布时间：2025-11-20 来源：县府办</div><div><p>{LINE}</p></div>"
        ),
        format!("<h1>{TITLE}</h1><p>2025-11-20 来源：县府办</p><p>{LINE}</p>"),
        format!("<div><h2>{TITLE}</h2><span>日期：2025-11-20</span><div>{LINE}</div></div>"),
    ] {
        for tag in [TITLE, "青石县政府", ""] {
            let found = read(&page(tag, &inner), None);
            assert_eq!(found.title.as_deref(), Some(TITLE), "{tag} {inner}");
            assert_eq!(day(&found), "2025-11-20", "{tag} {inner}");
            assert_eq!(found.body.body_text, LINE, "{tag} {inner}");
        }
    }
}

#[test]
fn a_title_of_several_lines_is_whole() {
    for (tag, head) in [
        (
            "青石县人民政府",
            "<h1>青石县人民政府办公室<br>关于做好冬季供暖工作的通知</h1>",
        ),
        (
            "青石县人民政府",
            "<div class=bt>青石县人民政府办公室</div><div class=bt>关于做好冬季供暖工作的通知</div>",
        ),
        (
            LONG,
            "<h1><p>青石县人民政府办公室</p><p>关于做好冬季</p><p>供暖工作的通知</p></h1>",
        ),
        (
            LONG,
            "<table><tr><td><p>青石县人民政府办公室</p><p>关于做好冬季供暖工作的通知</p></table>",
        ),
        (
            "青石县人民政府办公室关于做好冬季供暖工作的通知-青石县人民政府",
            "<p align=center>青石县人民政府办公室</p><p align=center>关于做好冬季供暖工作的通知</p>",
        ),
    ] {
        let html = whole(
            tag,
            &format!("{PATH}{head}{FACTS}<div id=zoom>{TEXT}</div>"),
        );
        assert_eq!(title(&html), LONG, "{head}");
    }
    let lines = "<td><p><span>回望历史&nbsp; 激发情怀</span></p><p><span>我校组织观看纪录片</span></p></td>";
    let tag = "回望历史  激发情怀  我校组织观看纪录片-某大学";
    let html = whole(tag, &format!("<table><tr>{lines}</table>{FACTS}{TEXT}"));
    assert_eq!(title(&html), "回望历史 激发情怀我校组织观看纪录片");
}

#[test]
fn dots_end_a_headline_or_show_that_it_is_cut() {
    let longer = format!("{TITLE}暨安全生产部署会");
    for dots in ["……", "…", "..."] {
        let own = format!("供暖路上，他们一直在{dots}");
        let cut = format!("{TITLE}暨安{dots}");
        for (tag, heading, row, expected) in [
            (
                format!("{own}_青石县人民政府"),
                format!("<h1>{own}</h1>"),
                None,
                &own,
            ),
            (
                "青石县人民政府".to_owned(),
                format!("<h2 class=title>{own}</h2>"),
                Some(own.as_str()),
                &own,
            ),
            (
                format!("{longer}_青石县人民政府"),
                format!("<h1>{cut}</h1>"),
                None,
                &longer,
            ),
            (
                "青石县人民政府".to_owned(),
                format!("<h1 title='{longer}'>{cut}</h1>"),
                None,
                &longer,
            ),
            (
                "青石县人民政府".to_owned(),
                format!("<h1>{cut}</h1>"),
                Some(longer.as_str()),
                &longer,
            ),
            (
                format!("{cut}_青石县人民政府"),
                format!("<p>{longer}</p>"),
                Some(cut.as_str()),
                &longer,
            ),
        ] {
            let html = whole(
                &tag,
                &format!("{PATH}{heading}{FACTS}<div id=zoom>{TEXT}</div>"),
            );
            let found = read(&html, row.map(|row| (row, None)));
            assert_eq!(found.title.as_ref(), Some(expected), "{heading} {tag}");
        }
    }
}

#[test]
fn tools_marks_and_readings_are_no_part_of_a_headline() {
    for inner in [
        "青石县召开冬季供暖工作调度会 打印 关闭",
        "青石县召开冬季供暖工作调度会【打印】",
        "青石县召开冬季供暖工作调度会<span class=new>NEW</span>",
        "<span class=tag>置顶</span>青石县召开冬季供暖工作调度会",
        "青石<ruby>县<rt>xiàn</rt></ruby>召开冬季供暖工作调度会",
        "<em>[置顶]</em> 青石县召开冬季供暖工作调度会 <a href=#>打印本页</a>",
    ] {
        for (open, close) in [("<h1>", "</h1>"), ("<div class=title>", "</div>")] {
            for place in ["<div id=zoom>", "<div>"] {
                let html = whole(
                    &format!("{TITLE}_青石县人民政府"),
                    &format!("{PATH}{open}{inner}{close}{FACTS}{place}{TEXT}</div>"),
                );
                let found = read(&html, None);
                assert_eq!(found.title.as_deref(), Some(TITLE), "{inner}");
                assert!(found.body.body_text.starts_with("会议指出"), "{inner}");
            }
        }
    }
}

#[test]
fn a_row_that_is_wrong_changes_nothing_that_the_page_says() {
    let heading = format!("<h1>{TITLE}</h1>");
    let line = format!("<p align=center><b>{TITLE}</b></p>");
    let other = "某镇开展安全生产检查";
    let related = format!("<ul><li><a href=/1>{other}</a></li></ul>");
    for row in [
        "青石县召开冬季供暖",
        "青石县召开冬季供暖...",
        "冬季供暖工作调度会",
        "【通知公告】青石县召开冬季供暖工作调度会",
        "NEW 青石县召开冬季供暖工作调度会",
        "[置顶]青石县召开冬季供暖工作调度会",
        other,
    ] {
        for (tag, head) in [
            (format!("{TITLE}-青石县人民政府"), &heading),
            ("青石县人民政府".to_owned(), &heading),
            (format!("{TITLE}-青石县人民政府"), &line),
            ("青石县人民政府".to_owned(), &line),
        ] {
            let html = whole(
                &tag,
                &format!("{PATH}{related}{head}{FACTS}<div id=zoom>{TEXT}</div>{related}"),
            );
            let found = read(&html, Some((row, Some("2025-12-01"))));
            assert_eq!(found.title.as_deref(), Some(TITLE), "{row} {head}");
            assert_eq!(day(&found), "2025-11-20", "{row}");
            for field in [Field::Title, Field::PublishedOn] {
                assert!(
                    !found.provenance[&field].starts_with("list"),
                    "{row} {head}"
                );
            }
        }
    }
    let tagged = format!(
        "<meta name=ArticleTitle content='{TITLE}'><meta name=PubDate content='2025-11-20 09:30'><p>{other}</p>{TEXT}"
    );
    let found = read(
        &whole("青石县人民政府", &tagged),
        Some((other, Some("2025-12-01"))),
    );
    assert_eq!(found.title.as_deref(), Some(TITLE));
    assert_eq!(day(&found), "2025-11-20");
}

#[test]
fn a_row_names_an_article_whose_page_does_not() {
    let row = Some((TITLE, Some("2025-11-20")));
    for tag in ["青石县人民政府", "", "通知公告", BRANCH] {
        let found = read(&whole(tag, &format!("{PATH}<div>{TEXT}</div>")), row);
        assert_eq!(found.title.as_deref(), Some(TITLE), "{tag}");
        assert_eq!(day(&found), "2025-11-20", "{tag}");
        for field in [Field::Title, Field::PublishedOn] {
            assert_eq!(found.provenance[&field], "list", "{tag}");
            assert_eq!(found.confidence[&field], Confidence::Low, "{tag}");
        }
    }
    // The section's name also stands above the menu.
    let html = page(
        BRANCH,
        &format!("<div><b>{BRANCH}</b></div>{MENU}<div>{TEXT}</div>{FOOTER}"),
    );
    assert_eq!(read(&html, row).title.as_deref(), Some(TITLE));
    // `<title>` has the row's title undecorated.
    let html = whole(
        &format!("{TITLE}_青石县人民政府"),
        &format!("{PATH}<div>{TEXT}</div>"),
    );
    let found = read(&html, Some(("【通知】青石县召开冬季供暖工作调度会", None)));
    assert_eq!(found.title.as_deref(), Some(TITLE));
    // The page shows the row's title as one element in the article's place.
    for head in [
        format!("<h2>政务公开专题专栏集锦</h2><p><b>{TITLE}</b></p><p>&nbsp;</p>{FACTS}"),
        format!("<h3 class=title>青石县水务信息发布</h3><div>{TITLE}</div><div>作者：张三</div>"),
    ] {
        let found = read(
            &whole(
                "青石县水务信息发布",
                &format!("{PATH}{head}<div>{TEXT}</div>"),
            ),
            row,
        );
        assert_eq!(found.title.as_deref(), Some(TITLE), "{head}");
    }
}

#[test]
fn a_rows_day_comes_after_label_and_tag_and_before_all_else() {
    for (line, expected, found) in [
        (
            "<p>发布时间：2025-11-18</p>",
            "2025-11-18",
            "label 发布时间",
        ),
        (
            "<p>发布时间：<script>var d='2025年11月18日';if(d!=''){document.write(d);}</script> 字体：大</p>",
            "2025-11-18",
            "label 发布时间",
        ),
        (
            "<meta name=PubDate content='2025-11-18'>",
            "2025-11-18",
            "meta PubDate",
        ),
        ("<p>2025年11月18日</p>", "2025-11-20", "list"),
        ("<p>（2011年1月1日起施行）</p>", "2025-11-20", "list"),
        (
            "<p>发布时间：自2011年1月1日起施行</p>",
            "2025-11-20",
            "list",
        ),
        ("<p>发布时间：1970-01-01 08:00:00</p>", "2025-11-20", "list"),
        ("<p>生效日期：2011-01-01</p>", "2025-11-20", "list"),
        ("", "2025-11-20", "list"),
    ] {
        let html = whole(
            TITLE,
            &format!("{PATH}<h1>{TITLE}</h1>{line}<div id=zoom>{TEXT}</div>"),
        );
        let read = read(&html, Some((TITLE, Some("2025-11-20"))));
        assert_eq!(day(&read), expected, "{line}");
        assert_eq!(read.provenance[&Field::PublishedOn], found, "{line}");
    }
    let html = whole(
        TITLE,
        &format!("{PATH}<h1>{TITLE}</h1><p>（2011年1月1日起施行）</p><div id=zoom>{TEXT}</div>"),
    );
    assert_eq!(day(&read(&html, None)), "");
}

#[test]
fn a_line_below_the_text_may_say_when() {
    for line in [
        "<p>发布时间：2025-11-20 来源：县府办</p>",
        "<div class=from>来源：县府办 发布日期：2025-11-20</div>",
    ] {
        let html = whole(
            TITLE,
            &format!("{PATH}<div><h1>{TITLE}</h1><div>{TEXT}</div>{line}</div>"),
        );
        let found = read(&html, Some((TITLE, Some("2025-12-01"))));
        assert_eq!(day(&found), "2025-11-20", "{line}");
    }
}

#[test]
fn a_cut_heading_in_the_texts_own_element_is_not_repeated() {
    let longer = format!("{TITLE}暨安全生产部署会");
    let heading = format!("<h1>{TITLE}暨安…</h1><p>发布时间：2025-11-20</p>");
    for html in [
        whole(
            &format!("{longer}_青石县人民政府"),
            &format!("<div>{heading}{TEXT}</div>"),
        ),
        page(&longer, &format!("{heading}{TEXT}")),
    ] {
        let found = read(&html, None);
        assert_eq!(found.title.as_ref(), Some(&longer));
        assert!(
            found.body.body_text.starts_with("会议指出"),
            "{}",
            found.body.body_text
        );
    }
}

#[test]
fn values_that_a_script_writes_are_read() {
    let html = whole(
        TITLE,
        &format!(
            "{PATH}<h1>{TITLE}</h1><div>发布时间：<script>var pubdata='2013年07月31日';\nif(pubdata!=''){{document.write(pubdata);}}</script>\
             <script>var ly='县供热办';if(ly!=''){{document.write('文章来源：'+ly+'&emsp;');}}</script> 字体：大 中 小</div><div id=zoom>{TEXT}</div>"
        ),
    );
    let found = read(&html, None);
    assert_eq!(day(&found), "2013-07-31");
    assert_eq!(found.metadata.source.as_deref(), Some("县供热办"));
    assert!(found.body.body_text.starts_with("会议指出"));
}

#[test]
fn systems_set_title_and_date_each_in_their_way() {
    for (tag, inner) in [
        (
            "",
            format!(
                "<div id=img-content><h1 class=rich_media_title> {TITLE} </h1><div><span>青石发布</span> <em id=publish_time>2025-11-20 09:30</em></div><div id=js_content>{TEXT}</div></div>"
            ),
        ),
        (
            "青石县人民政府 通知公告",
            format!(
                "{MENU}<table><tr><td class=title align=center>{TITLE}<tr><td>发布日期：2025-11-20　信息来源：县府办<tr><td><div id=zoom>{TEXT}</div></table>"
            ),
        ),
        (
            "石河县党建网",
            format!(
                "<table><tr><td><a href=i.asp>首页</a>|<a href=l.asp?c=1>党建要闻</a></table><table><tr><td align=center><font size=4 color=red><b>{TITLE}</b></font><tr><td>作者：张三　发布时间：2025-11-20　点击：<script src=c.asp></script><tr><td>{TEXT}</table>"
            ),
        ),
        (
            "石河大学",
            format!(
                "{MENU}<form name=_newscontent_fromname><table><tr><td class=titlestyle1>{TITLE}<tr><td><span class=timestyle1>2025-11-20 09:30</span> <span>校办</span><tr><td class=contentstyle1><div id=vsb_content>{TEXT}</div></table></form>"
            ),
        ),
        (
            "石河县门户",
            format!(
                "{MENU}<ucaptitle>{TITLE}</ucaptitle><div class=pages-date>2025-11-20 09:30 <span>来源：县府办</span></div><div id=UCAP-CONTENT>{TEXT}</div>"
            ),
        ),
    ] {
        let found = read(&page(tag, &inner), None);
        assert_eq!(found.title.as_deref(), Some(TITLE), "{inner}");
        assert_eq!(day(&found), "2025-11-20", "{inner}");
    }
}

#[test]
fn the_offices_that_issue_a_text_below_its_title_are_no_title() {
    let title = "青石市2023年国民经济和社会发展统计公报";
    for offices in [
        "青石市统计局　国家统计局青石调查队",
        "青石市统计局",
        "青石市发展和改革委员会 青石市财政局",
    ] {
        for (above, below) in [
            ("div class=tit", "div class=subtit"),
            ("h2", "h2"),
            ("h3", "p class=title2"),
        ] {
            let inner = format!(
                "{PATH}<{above}>{title}</{}><{below}>{offices}</{}>{FACTS}<div>{TEXT}</div>",
                above.split(' ').next().unwrap(),
                below.split(' ').next().unwrap()
            );
            let html = whole("统计公报-青石市统计局", &inner);
            assert_eq!(self::title(&html), title, "{inner}");
        }
    }
}

#[test]
fn the_name_in_the_bar_of_a_mobile_page_is_no_title() {
    for bar in [
        "<header class='bar bar-nav'><a class='icon icon-left'></a><h1 class=title>领导活动</h1><a class='icon icon-home' href=/m/></a></header>",
        "<header><a href='javascript:history.back()'><i></i></a><h1>领导活动</h1></header>",
    ] {
        let inner = format!(
            "{bar}<div><div class=art-t>{TITLE}</div><div class=art-i><span>2025-11-20 09:30</span><span>青石日报</span></div>{TEXT}</div>"
        );
        assert_eq!(title(&page("领导活动", &inner)), TITLE, "{bar}");
    }
    // An article's own head.
    let inner = format!(
        "{MENU}<article><header><h1>{TITLE}</h1><a href=/></a></header>{FACTS}{TEXT}</article>{FOOTER}"
    );
    assert_eq!(title(&page("青石县人民政府", &inner)), TITLE);
}

#[test]
fn a_labelled_title_over_several_lines_has_no_spaces_for_them() {
    let title = "青石市财政局关于印发《青石市资产处置管理暂行办法》的通知";
    let lines = "青石市财政局关于印发《青石市资产<br/>处置管理暂行办法》的通知";
    for block in [
        format!(
            "<table><tr><th>索引号：</th><td>QS011-2018-00046</td><th>发文机关：</th><td>青石市财政局</td></tr><tr><th>标　题：</th><td colspan=3><span>{lines}</span></td></tr><tr><th>发文字号：</th><td>青财资〔2018〕17号</td><th>发布日期：</th><td>2018年05月29日</td></tr></table>"
        ),
        format!(
            "<dl><dt>索引号：</dt><dd>QS011-2018-00046</dd><dt>信息名称：</dt><dd>{lines}</dd><dt>发布日期：</dt><dd>2018-05-29</dd></dl>"
        ),
    ] {
        let inner = format!("{block}<div class=cont>{TEXT}</div>");
        assert_eq!(
            self::title(&whole("青石市政府信息公开网", &inner)),
            title,
            "{block}"
        );
    }
}

#[test]
fn the_time_of_a_time_element_is_read_from_what_it_has_for_programs() {
    for meta in [
        "<span>发布于 <a href=/7><time class=published datetime='2025-11-20T09:14:27+08:00'>11月 20, 2025</time><time class=updated datetime='2025-11-29T17:01:50+08:00'>11月 29, 2025</time></a></span>",
        "<p><time datetime='2025-11-20'>周四</time></p>",
    ] {
        let inner = format!(
            "<article><h1>{TITLE}</h1><div>{meta}</div><div class=entry><p>缴费时间：2025年3月1日至6月30日。</p>{TEXT}</div></article>"
        );
        assert_eq!(
            day(&read(&whole(TITLE, &inner), None)),
            "2025-11-20",
            "{meta}"
        );
    }
}

#[test]
fn a_source_ends_before_people_and_the_next_label() {
    for line in [
        "来源：青石县融媒体中心 记者 张三",
        "来源：青石县融媒体中心（记者 张三 李四）",
        "来源：青石县融媒体中心　通讯员：李四",
        "来源：青石县融媒体中心作者：王五",
        "来源：青石县融媒体中心/全媒体记者 张三",
        "<i>来源：青石县融媒体中心</i><i>播放：<b></b></i>",
        "<i>来源：青石县融媒体中心</i><i>播放量：12</i>",
    ] {
        let inner = format!("<h1>{TITLE}</h1><p>发布时间：2025-11-20 {line}</p>{TEXT}");
        let read = read(&whole(TITLE, &inner), None);
        assert_eq!(
            read.metadata.source.as_deref(),
            Some("青石县融媒体中心"),
            "{line}"
        );
    }
    for source in ["青石日报记者站", "中国记者网", "青石县作者协会"] {
        let inner = format!("<h1>{TITLE}</h1><p>发布时间：2025-11-20 来源：{source}</p>{TEXT}");
        let read = read(&whole(TITLE, &inner), None);
        assert_eq!(read.metadata.source.as_deref(), Some(source));
    }
}
