//! Tests of rows: links of scripts, rows without a link, head items, days without a year.
//!
//! Owns pages made by hand. Never fetches a page.

use super::*;

fn list(rows: &str) -> String {
    format!("<div class=\"main\"><ul class=\"list\">{rows}</ul></div>")
}

/// `FILE TITLE DATE` of the three articles of 2025.
const ROWS: [&str; 3] = [
    "a3.html 区长调研冬季供暖工作 2025-12-29",
    "a2.html 我区召开安全生产会议 2025-12-26",
    "a1.html 全区秋粮收购工作完成 2025-12-01",
];

/// The rows with an opening tag for each file.
fn rows_of(opening: &dyn Fn(&str) -> String, closing: &str) -> String {
    ROWS.iter()
        .map(|row| {
            let mut parts = row.split(' ');
            let mut part = || parts.next().unwrap();
            let (file, title, day) = (part(), part(), part());
            format!(
                "<li>{}{title}{closing}<span>{day}</span></li>",
                opening(file)
            )
        })
        .collect()
}

#[test]
fn an_address_that_stands_whole_in_a_call_or_an_attribute_is_a_link() {
    let openings: [&dyn Fn(&str) -> String; 9] = [
        &|file| format!("<a href=\"javascript:openDetail('/xxgk/gzdt/{file}')\">"),
        &|file| format!("<a href=\"javascript:void(view(&quot;./{file}&quot;))\">"),
        &|file| format!("<a href=\"javascript:;\" onclick=\"toDetail('7','./{file}','x')\">"),
        &|file| format!("<a onclick=\"return show(this, '{BASE}{file}');\">"),
        &|file| format!("<a href=\"#\" data-href=\"/xxgk/gzdt/{file}\">"),
        &|file| format!("<a href=\"javascript:void(0)\" data-url=\"{file}\">"),
        &|file| format!("<a href=\"###\" onclick=\"openUrl( '{BASE}{file}' )\">"),
        &|file| format!("<a href=\"\" data-url='./{file}'>"),
        &|file| format!("<a href=\"javascript:open_(%27./{file}%27);\">"),
    ];
    for opening in openings {
        let page = read(&list(&rows_of(opening, "</a>")));
        assert_eq!(lines(&page), ROWS, "{}", opening("a"));
    }
    let page = read(&list(&rows_of(
        &|file| format!("<span data-href=\"./{file}\">"),
        "</span>",
    )));
    assert_eq!(lines(&page), ROWS);
    let whole_rows: String = rows_of(&|_| "<b>".to_owned(), "</b>")
        .split("<li>")
        .filter(|row| !row.is_empty())
        .zip(["a3", "a2", "a1"])
        .map(|(row, file)| format!("<li onclick=\"to('/xxgk/gzdt/{file}.html')\">{row}"))
        .collect();
    assert_eq!(lines(&read(&list(&whole_rows))), ROWS);
}

#[test]
fn an_address_that_a_script_computes_is_no_link() {
    for opening in [
        "<a href=\"javascript:to('/xxgk/' + id + '.html')\">",
        "<a onclick=\"to('7')\">",
        "<a onclick=\"zoom('/xxgk/7.jpg')\">",
        "<a data-url=\"{{item.url}}\">",
    ] {
        let page = read(&list(&rows_of(&|_| opening.to_owned(), "</a>")));
        assert_eq!(lines(&page), Vec::<String>::new(), "{opening}");
    }
}

#[test]
fn a_row_without_a_link_gives_its_day_to_nobody() {
    let own = "a3.html 区长调研冬季供暖工作 2025-12-29";
    let none = "a2.html 我区召开安全生产会议 -";
    let last = "a1.html 全区秋粮收购工作完成 2025-12-01";
    for html in [
        // Lines of one element.
        "<div class=\"list\"><a href=a3.html>区长调研冬季供暖工作</a> 2025-12-29<br>\
         <a href=a2.html>我区召开安全生产会议</a><br>关于会议改期的通知 2025-12-20<br>\
         <a href=a1.html>全区秋粮收购工作完成</a> 2025-12-01<br></div>",
        "<div class=\"list\"><a href=a3.html>区长调研冬季供暖工作</a> 2025-12-29<br>\
         <a href=a2.html>我区召开安全生产会议</a><br><a href=\"javascript:;\">关于会议改期的通知</a> \
         2025-12-20<br><a href=a1.html>全区秋粮收购工作完成</a> 2025-12-01<br></div>",
        // Rows of their own.
        "<ul><li><a href=a3.html>区长调研冬季供暖工作</a><i>2025-12-29</i></li>\
         <li><a href=a2.html>我区召开安全生产会议</a></li>\
         <li><a href=\"javascript:;\">关于会议改期的通知</a><i>2025-12-20</i></li>\
         <li><a href=a1.html>全区秋粮收购工作完成</a><i>2025-12-01</i></li></ul>",
        // Cards with a label that the rules do not know.
        "<ul><li><a href=a3.html><h2>区长调研冬季供暖工作</h2><p>摘要。</p><i>时日：2025-12-29</i></a></li>\
         <li><a href=a2.html><h2>我区召开安全生产会议</h2><p>摘要。</p></a></li>\
         <li><a href=\"javascript:;\"><h2>关于会议改期的通知</h2><i>时日：2025-12-20</i></a></li>\
         <li><a href=a1.html><h2>全区秋粮收购工作完成</h2><p>摘要。</p><i>时日：2025-12-01</i></a></li></ul>",
    ] {
        assert_eq!(lines(&read(html)), [own, none, last], "{html}");
    }
}

#[test]
fn a_day_on_which_something_ends_or_begins_to_hold_is_not_the_rows() {
    let rows = "<li><a href=a3.html>区长调研冬季供暖工作</a><i>截止日期：2026-12-29</i></li>\
                <li><a href=a2.html>我区召开安全生产会议</a><i>生效日期：2026-12-26</i></li>\
                <li><a href=a1.html>全区秋粮收购工作完成</a><i>2025-12-01</i></li>";
    let wanted = [
        "a3.html 区长调研冬季供暖工作 -",
        "a2.html 我区召开安全生产会议 -",
        "a1.html 全区秋粮收购工作完成 2025-12-01",
    ];
    assert_eq!(lines(&read(&list(rows))), wanted);
}

#[test]
fn a_head_item_above_the_list_is_an_item() {
    let rows = rows_of(&|file| format!("<a href=\"{file}\">"), "</a>");
    let title = "全区经济工作会议召开";
    for (head, day) in [
        (
            format!("<div class=\"tt\"><h2><a href=a9.html>{title}</a></h2></div>"),
            "-",
        ),
        (
            format!(
                "<div><a href=a9.html><img src=9.jpg></a><h3><a href=a9.html>{title}</a></h3>\
                 <p>会议总结了今年的工作，部署明年的任务。<a href=a9.html>[详细]</a></p></div>"
            ),
            "-",
        ),
        (
            format!("<div class=\"headline\"><a href=a9.html>{title}</a><em>2025-12-30</em></div>"),
            "2025-12-30",
        ),
        (
            format!("<p><strong><a href=a9.html>{title}</a></strong></p>"),
            "-",
        ),
        (
            format!(
                "<div><a href=a9.html><img src=9.jpg></a><div><h2><a href=a9.html>{title}</a></h2>\
                 <p>会议总结了今年的工作。<a href=a9.html>[详细]</a></p><i>2025年12月30日</i></div></div>"
            ),
            "2025-12-30",
        ),
    ] {
        let page = read(&format!(
            "<div class=\"header\"><h1><a href=/a0.html>某县人民政府网站</a></h1></div>\
             <div class=\"main\">{head}<ul class=\"list\">{rows}</ul></div>"
        ));
        let first = format!("a9.html {title} {day}");
        let wanted: Vec<&str> = std::iter::once(first.as_str()).chain(ROWS).collect();
        assert_eq!(lines(&page), wanted, "{head}");
        // In a box of its own.
        let page = read(&format!(
            "<div class=\"header\"><h1><a href=/a0.html>某县人民政府网站</a></h1></div>\
             <div class=\"m-lead\">{head}</div>\n<div class=\"m-list\"><ul>{rows}</ul></div>"
        ));
        assert_eq!(lines(&page), wanted, "{head}");
    }
    for other in [
        "<h2><a href=\"/xxgk/gzdt/\">全区工作动态栏目</a></h2>",
        "<h2><a href=\"http://other.gov.cn/a9.html\">全区经济工作会议召开</a></h2>",
        "<p><a href=a9.html>全区经济工作会议召开</a></p>",
        "<div class=\"nav\"><h3><a href=a9.html>全区经济工作会议召开</a></h3></div>",
    ] {
        let page = read(&format!(
            "<div class=\"main\">{other}<ul class=\"list\">{rows}</ul></div>"
        ));
        assert_eq!(lines(&page), ROWS, "{other}");
    }
}

#[test]
fn days_without_a_year_take_it_from_the_rows_above() {
    let rows: String = ["[置顶]", "", "", ""]
        .iter()
        .zip(["06-01", "01-08", "01-03", "12-30"])
        .enumerate()
        .map(|(at, (mark, day))| {
            format!(
                "<li><b>{mark}</b><a href=b{at}.html>第{at}次会议在县城召开</a><i>[{day}]</i></li>"
            )
        })
        .collect();
    let html = list(&rows);
    let days = |above: Above| -> Vec<String> {
        let url = Url::parse(BASE).unwrap();
        let page = column_page(&html, &url, &ListRules::default(), above);
        let days = page.items.iter().map(|item| item.published_on);
        days.map(|day| day.map_or("-".to_owned(), |day| day.to_string()))
            .collect()
    };
    let sight = Above::Sight("2026-01-09".parse().unwrap());
    assert_eq!(days(sight), ["-", "2026-01-08", "2026-01-03", "2025-12-30"]);
    let row = Above::Row("2024-02-01".parse().unwrap());
    assert_eq!(days(row), ["-", "2024-01-08", "2024-01-03", "2023-12-30"]);
    assert_eq!(days(Above::Unknown), ["-", "-", "-", "-"]);
}

#[test]
fn a_page_says_whether_more_pages_follow() {
    let rows = rows_of(&|file| format!("<a href=\"{file}\">"), "</a>");
    let further = |pager: &str| {
        let page = read(&format!(
            "<div class=\"main\"><ul class=\"list\">{rows}</ul>{pager}</div>"
        ));
        assert_eq!(page.next, None, "{pager}");
        page.further
    };
    for pager in [
        "",
        "<div class=\"page\">共3条</div>",
        "<a href=\"/more/\">更多</a>",
    ] {
        assert_eq!(further(pager), Further::None, "{pager}");
    }
    for pager in [
        "<div>第30页/共30页 <a href=\"javascript:go(30)\">下一页</a></div>",
        "<div>共<b>1</b>页 当前第<b>1</b>页</div>",
        "<div>1/1页</div>",
        "<div><a href=\"p_1.html\">上一页</a><span>下一页</span></div>",
        "<div><a>下一页</a></div>",
        "<div><a class=\"next disabled\" href=\"javascript:go(3)\">下一页</a></div>",
        "<script>createPageHTML(3, 2, 'index', 'html')</script>",
    ] {
        assert!(matches!(further(pager), Further::Last(_)), "{pager}");
    }
    for pager in [
        "<div>第1页/共30页 <a href=\"javascript:__doPostBack('p','2')\">下一页</a></div>",
        "<div>页次：1/30 <a href=\"javascript:;\">下一页</a></div>",
        "<div>共30页 <a href=\"javascript:next()\">下一页</a></div>",
        "<form method=post><input type=submit value=\"下一页\"></form>",
        "<div><b>1</b> <a href=\"javascript:toPage(2)\">2</a> <a href=\"javascript:toPage(3)\">3</a></div>",
        "<button id=\"more\">加载更多</button>",
        "<div class=\"load\" onclick=\"load()\">点击加载更多</div>",
        "<script>$('#p').pagination({pageIndex:1,pageSize:3,total:20,callback:function(n){load(n)}})</script>",
    ] {
        assert!(
            matches!(further(pager), Further::Unread(_)),
            "{pager}: {:?}",
            further(pager)
        );
    }
}

#[test]
fn a_date_in_a_hidden_pop_up_of_a_row_is_not_its_day() {
    let head = "<tr><th>标题</th><th>成文日期</th><th>发布日期</th></tr>";
    for style in ["style=\"display:none\"", "hidden"] {
        let rows: String = ROWS
            .iter()
            .map(|row| {
                let parts: Vec<&str> = row.split(' ').collect();
                let (file, title, day) = (parts[0], parts[1], parts[2]);
                format!(
                    "<tr><td><a href=\"{file}\">{title}</a><div {style}><p>标题：{title}</p>
                     <p>成文日期：2025-11-01</p></div></td><td>2025-11-01</td><td>{day}</td></tr>"
                )
            })
            .collect();
        let page = read(&format!("<table>{head}{rows}</table>"));
        assert_eq!(lines(&page), ROWS, "{style}");
    }
}
