//! Tests of portals' habits in writing an item's title and date.
//!
//! Owns their small pages. Never fetches a page.

use super::*;

fn reads_as(row: &str, expected: [&str; 3]) {
    let page = read(&format!("{BOILERPLATE}<ul>{}</ul>{FOOTER}", rows(row)));
    assert_eq!(lines(&page), expected, "{row}");
}

#[test]
fn a_date_that_ends_or_begins_the_link_is_the_items() {
    for row in [
        "<li><a href='{url}'>{title} {date}</a></li>",
        "<li><a href='{url}'>{title}[{date}]</a></li>",
        "<li><a href='{url}'>{title}（{date}）</a></li>",
        "<li><a href='{url}'>{date} {title}</a></li>",
        "<li><a href='{url}'>[{date}]{title}</a></li>",
        "<li><a href='{url}'>{title}（{date}）</a><i>{date}</i></li>",
        "<li><a href='{url}'><b>{day}</b><span>{year}-{month}</span><p>{title}</p></a></li>",
        "<li><a href='{url}'><p>{title}</p><i>{day}日</i><i>{year}年{month}月</i></a></li>",
        "<li><a href='{url}'><i>{month}-{day}</i><i>{year}</i>{title}</a></li>",
    ] {
        reads_as(row, THREE);
    }
}

#[test]
fn a_date_of_the_title_stays_with_it() {
    for (row, after) in [
        (
            "<li><a href='{url}'>{title}（2024年12月1日）</a><i>{date}</i></li>",
            "（2024年12月1日）",
        ),
        (
            "<li><a href='{url}'>{title}[2024-12-01]</a><i>{date}</i></li>",
            "[2024-12-01]",
        ),
    ] {
        let with_date = THREE.map(|line| {
            let (head, date) = line.rsplit_once(' ').unwrap();
            format!("{head}{after} {date}")
        });
        reads_as(row, with_date.each_ref().map(String::as_str));
    }
}

#[test]
fn the_items_own_date_beats_others() {
    for row in [
        "<li><div><b>{day}</b><i>{year}-{month}</i></div><div><h3><a href='{url}'>{title}</a></h3>\
         <p>办法自2024年12月1日起施行。</p></div></li>",
        "<li><a href='{url}'>{title}</a><p>于2024年12月1日召开。</p><i>{date}</i></li>",
        "<li><i>{date}</i><a href='{url}'>{title}</a><p>2024年12月1日发布的办法。</p></li>",
        "<li><a href='{url}'>{title}</a><p>成文日期：2024-12-01　发布日期：{date}</p></li>",
        "<li><a href='{url}'>{title}</a><p>发布日期：{date}　成文日期：2024-12-01</p></li>",
        "<li><a href='{url}'>{title}</a><i>发布日期：</i><b>{date}</b><i>成文日期：</i><b>2024-12-01</b></li>",
    ] {
        reads_as(row, THREE);
    }
}

#[test]
fn marks_are_no_part_of_a_title() {
    for row in [
        "<li><a href='{url}'><font color=red>[置顶]</font>{title}</a><i>{date}</i></li>",
        "<li><a href='{url}'><em>置顶</em> {title}</a><i>{date}</i></li>",
        "<li><a href='{url}'>【置顶】{title}</a><i>{date}</i></li>",
        "<li><a href='{url}'>{title}<span>NEW</span></a><i>{date}</i></li>",
        "<li><a href='{url}'>{title}<b>热</b></a><i>{date}</i></li>",
        "<li><a href='{url}'>{title}[新]</a><i>{date}</i></li>",
        "<li><a href='{url}' title='标题：{title}&#13;发布时间：{date}'>{title}</a><i>{date}</i></li>",
        "<li><a href='{url}' title='标题：{title}&#10;点击：7'>区长…</a><i>{date}</i></li>",
    ] {
        reads_as(row, THREE);
    }
    let word = "<li><a href='{url}'><b>新</b>{title}</a><i>{date}</i></li>";
    let page = read(&format!("<ul>{}</ul>", rows(word)));
    assert_eq!(page.items[0].title, "新区长调研冬季供暖工作");
}

#[test]
fn what_a_click_opens_is_a_link() {
    for row in [
        "<li onclick=\"window.open('{url}')\"><span>{title}</span><i>{date}</i></li>",
        "<li onclick=\"location.href='{url}';\">{title}<i>{date}</i></li>",
        "<li><a href='javascript:;' onclick=\"window.open('{url}','_blank')\">{title}</a><i>{date}</i></li>",
        "<li><a href=\"javascript:window.open('{url}')\">{title}</a><i>{date}</i></li>",
        "<li onclick=\"window.open('{url}')\"><a href='javascript:void(0)'>{title}</a><i>{date}</i></li>",
    ] {
        reads_as(row, THREE);
    }
    let computed = rows("<li onclick=\"window.open('/a?id=' + id)\">{title}<i>{date}</i></li>");
    assert_eq!(read(&computed).problems, [Problem::NoItems]);
}

#[test]
fn a_short_title_is_an_item_among_its_like() {
    let long = rows("<li><a href='{url}'>{title}和一些说明</a></li>");
    let page = read(&format!(
        "<ul>{long}<li><a href='202511/t20251130_9.html'>简讯</a></li><li><a href='/gd/'>更早</a></li></ul>"
    ));
    assert_eq!(page.items.len(), 4);
    assert_eq!(page.items[3].title, "简讯");
}

#[test]
fn related_links_of_an_article_are_no_list() {
    let related = rows("<li><a href='{url}'>{title}</a><i>{date}</i></li>");
    let sentence = "<p>会议强调，要提高认识，细化任务，抓好落实，确保全年目标任务圆满完成。</p>";
    let label = "<p>发布时间：2025-12-30</p><p>来源：本网</p><p>索引号：000014349/2025-00001</p>";
    let tag = "<meta name=ArticleTitle content='我区召开会议'>";
    let few = sentence.repeat(3);
    let many = sentence.repeat(12);
    let line = "<p>发布时间：2025-12-30　来源：本网</p>";
    for (head, body) in [(tag, &few), (label, &few), (line, &few), ("", &many)] {
        let page = read(&format!("{head}<div>{body}</div><ul>{related}</ul>"));
        assert_eq!(page.problems, [Problem::NoItems], "{head}");
    }
    let named = "<meta name=ColumnName content=工作动态><meta name=ArticleTitle content=工作动态>";
    for (head, body) in [("", ""), ("", &few), (tag, ""), (named, &few)] {
        let page = read(&format!("{head}<div>{body}</div><ul>{related}</ul>"));
        assert_eq!(lines(&page), THREE, "{head}");
    }
    let summaries = rows("<li><a href='{url}'>{title}</a><i>{date}</i>SENTENCES</li>");
    let summaries = summaries.replace("SENTENCES", &many);
    assert_eq!(lines(&read(&format!("<ul>{summaries}</ul>"))), THREE);
}

#[test]
fn a_year_over_its_items_is_theirs_and_a_menu_of_years_is_nobodys() {
    let list = rows("<li><a href='/a/{day}.html'>{title}</a><i>{month}月{day}日</i></li>");
    let dates = |html: &str| -> Vec<Option<String>> {
        let page = read(html);
        assert_eq!(page.items.len(), 3, "{html}");
        let dates = page.items.iter().map(|item| item.published_on);
        dates.map(|date| Some(date?.to_string())).collect()
    };
    let known = ["2025-12-29", "2025-12-26", "2025-12-01"].map(|date| Some(date.to_owned()));
    assert_eq!(dates(&format!("<ul><li>2025年</li>{list}</ul>")), known);
    for menu in [
        "<li>2025</li><li>2024</li>",
        "<li><a href=/y>往年</a> <b>2024</b></li>",
    ] {
        assert_eq!(
            dates(&format!("<ul>{menu}{list}</ul>")),
            [None, None, None],
            "{menu}"
        );
    }
    let hits = list.replace("<i>", "<b>2014</b><i>");
    assert_eq!(dates(&format!("<ul>{hits}</ul>")), [None, None, None]);
}

#[test]
fn a_year_may_have_two_figures() {
    let list = rows("<li><em>[YY-{month}-{day}]</em><a href='{url}'>{title}</a></li>");
    assert_eq!(
        lines(&read(&format!("<ul>{}</ul>", list.replace("YY", "25")))),
        THREE
    );
}

#[test]
fn a_pointer_beside_the_date_is_called_as_the_other_link_to_the_same() {
    reads_as(
        "<div><h3><a href='{url}'>{title}</a></h3><p><span>来源：某县融媒</span><i>{date}</i><a href='{url}'>查看详情&gt;&gt;</a></p></div>",
        THREE,
    );
}

#[test]
fn a_torn_attribute_and_an_animation_change_nothing() {
    reads_as(
        "<li><a href='{url}' title=\"{title} ' target=\">{title}</a><i>{date}</i></li>",
        THREE,
    );
    let row = "<li><a href='{url}'>{title}</a><i>{date}</i></li>";
    let one = rows(row);
    let two = one.replace("20251", "20241").replace("2025-", "2024-");
    let page = read(&format!(
        "<div><ul class='l wow animated'>{one}</ul><ul class='l wow fadeInUp'>{two}</ul></div>"
    ));
    assert_eq!(page.items.len(), 6);
}

#[test]
fn a_further_part_of_a_listed_article_is_no_item() {
    let row =
        |url: &str, title: &str| format!("<li><a href='{url}'>{title}</a><i>2025-12-29</i></li>");
    let page = read(&format!(
        "<ul>{}{}{}{}</ul>",
        row("t20251229_3.html", "区长调研冬季供暖工作"),
        row("t20251229_3_1.html", "区长调研冬季供暖工作"),
        row("t20251229_3_2.html", "我区召开安全生产会议"),
        row("show.jsp?id=5", "全区秋粮收购工作完成"),
    ));
    assert_eq!(page.items.len(), 3, "{page:?}");
}

#[test]
fn a_card_is_titled_by_its_first_paragraph_and_a_time_says_its_date_to_machines() {
    let card = |nth| {
        format!(
            "<a class=item href=/art/2026/art_{nth}{nth}{nth}11.html><div class=date><p>18</p><p>2026.06</p></div><div><p class=t>市政府召开第{nth}次常务会议</p><p class=s>市政府召开第{nth}次常务会议，会议传达学习有关精神……</p></div></a>"
        )
    };
    let cards: String = (10..16).map(card).collect();
    let page = read(&format!("<div>{cards}</div>"));
    assert_eq!(page.items.len(), 6);
    assert_eq!(page.items[0].title, "市政府召开第10次常务会议");
    let row = |nth| {
        format!(
            "<li><a href=/gongbao/2026/t20260{nth}_11{nth}.html>市政府召开第{nth}次常务会议</a><time datetime='2025-12-{nth}T08:00:00+08:00'>12-{nth}</time></li>"
        )
    };
    let rows: String = (10..16).map(row).collect();
    let page = read(&format!("<ul>{rows}</ul>"));
    let day = page.items[0].published_on.map(|day| day.to_string());
    assert_eq!(day.as_deref(), Some("2025-12-10"));
}

#[test]
fn a_linked_time_beside_a_heading_is_the_day_and_no_title() {
    let row = |number: u32, title: &str, month: u32, day: u32| {
        format!(
            "<article class=post><header><h2><a href='/archives/{number}'>{title}</a></h2><div>\
             <span>发布于 <a href='/archives/{number}'><time \
             datetime='2025-{month:02}-{day:02}T09:14:27+08:00'>{month}月 {day}, 2025</time></a>\
             </span></div></header><p>现将有关事项通告如下 […] \
             <a href='/archives/{number}'>继续阅读</a></p></article>"
        )
    };
    let rows = [
        row(645, "区长调研冬季供暖工作", 12, 29),
        row(638, "我区召开安全生产会议", 12, 26),
        row(631, "全区秋粮收购工作完成", 12, 1),
    ];
    let page = read(&format!("<main>{}</main>", rows.concat()));
    let told = page.items.iter().map(|item| {
        let day = item.published_on.map(|day| day.to_string());
        (item.title.as_str(), day.unwrap_or_default())
    });
    let told: Vec<(&str, String)> = told.collect();
    assert_eq!(
        told,
        [
            ("区长调研冬季供暖工作", "2025-12-29".to_owned()),
            ("我区召开安全生产会议", "2025-12-26".to_owned()),
            ("全区秋粮收购工作完成", "2025-12-01".to_owned()),
        ]
    );
}
