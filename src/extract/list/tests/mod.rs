//! Tests of column pages.
//!
//! Owns a small page of every layout. Never fetches a page.

mod habits;
mod json;
mod rows;
mod scripted;
mod selectors;

use super::*;

const BASE: &str = "http://www.example.gov.cn/xxgk/gzdt/";

fn read(html: &str) -> ColumnPage {
    read_with(html, &ListRules::default())
}

fn read_with(html: &str, rules: &ListRules) -> ColumnPage {
    column_page(html, &Url::parse(BASE).unwrap(), rules, Above::Unknown)
}

/// `PATH TITLE DATE` of each item, the path from the base on.
fn lines(page: &ColumnPage) -> Vec<String> {
    let line = |item: &Item| {
        let date = item
            .published_on
            .map_or("-".to_owned(), |date| date.to_string());
        let url = item.url.as_str();
        let url = url.strip_prefix(BASE).unwrap_or(url);
        format!("{url} {} {date}", item.title)
    };
    page.items.iter().map(line).collect()
}

/// What every layout below shows.
const THREE: [&str; 3] = [
    "202512/t20251229_3.html 区长调研冬季供暖工作 2025-12-29",
    "202512/t20251226_2.html 我区召开安全生产会议 2025-12-26",
    "202512/t20251201_1.html 全区秋粮收购工作完成 2025-12-01",
];

/// Fills `{url}`, `{title}`, `{date}`, `{year}`, `{month}` and `{day}` of a row for each item.
fn rows(row: &str) -> String {
    let rows = THREE.iter().map(|line| {
        let parts: Vec<&str> = line.split(' ').collect();
        row.replace("{url}", parts[0])
            .replace("{title}", parts[1])
            .replace("{date}", parts[2])
            .replace("{year}", &parts[2][..4])
            .replace("{month}", &parts[2][5..7])
            .replace("{day}", &parts[2][8..])
    });
    rows.collect()
}

const BOILERPLATE: &str = r#"
    <div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/xxgk/">政务公开栏目</a></li>
    <li><a href="/zmhd/index.html">政民互动栏目</a></li></ul><span>2025年12月30日 星期二</span></div>
    <div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/xxgk/">政务公开</a></div>"#;

const FOOTER: &str = r#"
    <div class="hot"><h3>点击排行</h3><ul><li><a href="/a/t20240101_8.html">去年的一条旧闻</a> 2024-01-01</li>
    <li><a href="/a/t20240102_9.html">去年的又一条旧闻</a> 2024-01-02</li></ul></div>
    <div class="footer"><a href="/gywm/t20190101_5.html">关于我们</a> 更新日期：2019-01-01
    <a href="https://beian.miit.gov.cn/">晋ICP备12345678号</a></div>"#;

#[test]
fn every_layout_of_a_list_gives_the_same_items() {
    for (name, before, row, after) in [
        (
            "ul",
            "<ul>",
            "<li><a href='./{url}'>{title}</a><span>{date}</span></li>",
            "</ul>",
        ),
        (
            "date first",
            "<ul>",
            "<li><span>[{date}]</span><a href='{url}'>{title}</a></li>",
            "</ul>",
        ),
        (
            "one link around all",
            "<ul>",
            "<li><a href='{url}'><b>{title}</b><i>{date}</i></a></li>",
            "</ul>",
        ),
        (
            "table",
            "<table><tr><th>标题</th><th>日期</th></tr>",
            "<tr><td><a href='{url}'>{title}</a></td><td>{date}</td></tr>",
            "</table>",
        ),
        (
            "a table for each",
            "<div>",
            "<table><tr><td><a href='{url}'>{title}</a></td><td>{date}</td></tr></table>",
            "</div>",
        ),
        (
            "dl",
            "<dl>",
            "<dt><a href='{url}'>{title}</a></dt><dd>{date}</dd>",
            "</dl>",
        ),
        (
            "dl, date first",
            "<dl>",
            "<dd>{date}</dd><dt><a href='{url}'>{title}</a></dt>",
            "</dl>",
        ),
        (
            "br",
            "<div>",
            "<a href='{url}'>{title}</a> ({year}年{month}月{day}日)<br>",
            "</div>",
        ),
        (
            "div",
            "<div>",
            "<div><div><h4><a href='{url}'>{title}</a></h4></div><p>发布时间：\n {date} \n</p></div>",
            "</div>",
        ),
        (
            "large day",
            "<ul>",
            "<li><div><h3>{day}</h3><p>{year}-{month}</p></div><div><a href='{url}'>{title}</a></div></li>",
            "</ul>",
        ),
        (
            "year apart",
            "<ul>",
            "<li><a href='{url}'>{title}</a><span><b>{month}-{day}</b><i>{year}</i></span></li>",
            "</ul>",
        ),
        (
            "year in a comment",
            "<ul>",
            "<li><a href='{url}'>{title}</a><span><!-- {year} -->\n{month}-{day}</span></li>",
            "</ul>",
        ),
        (
            "year in the URL",
            "<ul>",
            "<li><a href='{url}'>{title}</a><span>{month}-{day}</span></li>",
            "</ul>",
        ),
        (
            "category",
            "<ul>",
            "<li>[<a href='../zwdt/'>政务动态</a>]<a href='{url}'>{title}</a><span>{date}</span></li>",
            "</ul>",
        ),
        (
            "picture",
            "<div>",
            "<div><a href='{url}'><img src='{day}.jpg'></a><a href='{url}'>{title}</a><p>{date}</p></div>",
            "</div>",
        ),
        (
            "summary",
            "<ul>",
            "<li><a href='{url}'>{title}</a><p>{year}年{month}月{day}日，区长带队前往多个供热站和社区实地查看冬季供暖保障工作，并听取了各部门的汇报，要求做好民生保障。</p><em>{date}</em></li>",
            "</ul>",
        ),
        (
            "pointer",
            "<table>",
            "<tr><td>{title}</td><td>{date}</td><td><a href='{url}'>查看</a></td></tr>",
            "</table>",
        ),
        (
            "papers",
            "<table><tr><td>名称</td><td>成文日期</td><td>发布日期</td></tr>",
            "<tr><td><a href='{url}'>{title}</a></td><td>2020-01-01</td><td>{date}</td></tr>",
            "</table>",
        ),
        (
            "papers, other order",
            "<table><tr><td>名称</td><td>发布日期</td><td>成文日期</td></tr>",
            "<tr><td><a href='{url}'>{title}</a></td><td>{date}</td><td>2020-01-01</td></tr>",
            "</table>",
        ),
        (
            "a list for each",
            "<div>",
            "<ul class=x><li><a href='{url}'>{title}</a><span>{date}</span></li></ul>",
            "</div>",
        ),
        (
            "cut",
            "<ul>",
            "<li><a href='{url}' title='{title}'>区长调…</a><span>{date}</span></li>",
            "</ul>",
        ),
    ] {
        let page = format!("{BOILERPLATE}{before}{}{after}{FOOTER}", rows(row));
        assert_eq!(lines(&read(&page)), THREE, "{name}");
    }
}

#[test]
fn titles_are_whole() {
    for (anchor, title) in [
        (
            "<a href=a1.html title='全文标题很长的一条新闻'>全文标题很...</a>",
            "全文标题很长的一条新闻",
        ),
        (
            "<a href=a1.html title='全文标题很长的一条新闻'>全文标题很长</a>",
            "全文标题很长的一条新闻",
        ),
        (
            "<a href=a1.html title='点击打开'>一条完整的新闻</a>",
            "一条完整的新闻",
        ),
        (
            "<a href=a1.html title='标题：一条完整的新闻\n点击数：7'>一条完…</a>",
            "一条完整的新闻",
        ),
        (
            "<a href=a1.html>· 一条\u{a0} 完整的\u{200b}新闻&nbsp;</a>",
            "一条 完整的新闻",
        ),
        (
            "<a href=a1.html><h4>一条完整的新闻</h4><p>新闻的摘要</p></a>",
            "一条完整的新闻",
        ),
        (
            "<a href=a1.html>关于2025年12月29日停水的通知</a>",
            "关于2025年12月29日停水的通知",
        ),
    ] {
        let page = read(&format!(
            "<ul><li>{anchor}<span>2025-12-30</span></li></ul>"
        ));
        assert_eq!(page.items[0].title, title);
        assert_eq!(
            page.items[0].published_on.unwrap().to_string(),
            "2025-12-30"
        );
    }
}

#[test]
fn one_item_is_a_list_when_it_has_a_date_and_an_article_to_lead_to() {
    let one = "<ul><li><a href='t20251229_3.html'>唯一的一条新闻</a> 2025-12-29</li></ul>";
    assert_eq!(read(&format!("{BOILERPLATE}{one}{FOOTER}")).items.len(), 1);
    for other in [
        "<p>2025-12-29 <a href='/wzjc/post_123.html'>内容纠错</a></p>",
        "<p>2025-12-29 <a href='t20251229_3.docx'>附件：申请表.docx</a></p>",
        "<p>2025-12-29 来源：<a href='/gongbao/now.htm'>政府公报</a></p>",
    ] {
        assert_eq!(read(other).problems, [Problem::NoItems], "{other}");
    }
    let menu = "<ul><li><a href='/zwgk/'>政务公开</a> 2025-12-29</li></ul>";
    let page = read(&format!("{BOILERPLATE}{menu}{FOOTER}"));
    assert_eq!(
        (page.items, page.problems),
        (vec![], vec![Problem::NoItems])
    );
}

#[test]
fn pinned_items_stay_where_they_are_with_or_without_a_date() {
    let page = format!(
        "<ul><li><a href='t2.html'>置顶的办事指南</a></li>{}</ul>",
        rows("<li><a href='{url}'>{title}</a><span>{date}</span></li>")
    );
    let lines = lines(&read(&page));
    assert_eq!(lines[0], "t2.html 置顶的办事指南 -");
    assert_eq!(lines[1..], THREE);
}

#[test]
fn a_list_without_dates_must_be_unmistakable() {
    let list = rows("<li><a href='{url}'>{title}和一些说明</a></li>");
    let page = read(&format!("{BOILERPLATE}<ul>{list}</ul>{FOOTER}"));
    assert_eq!(page.items.len(), 3);
    assert!(page.items.iter().all(|item| item.published_on.is_none()));
    let menu = rows("<li><a href='/{day}/'>一个有点长的栏目名称</a></li>");
    assert_eq!(
        read(&format!("<ul>{menu}</ul>")).problems,
        [Problem::NoItems]
    );
}

#[test]
fn a_url_stands_once_without_fragment_and_absolute() {
    let page = read(
        "<base href='//other.example.gov.cn/a/'><ul>
        <li><a href='t20251229_1.html#x'>第一条新闻标题</a> 2025-12-29</li>
        <li><a href='../a/t20251229_1.html'>第一条新闻标题</a> 2025-12-29</li>
        <li><a href='javascript:open(1)'>脚本里的新闻</a> 2025-12-28</li>
        <li><a href='ftp://x/t20251229_7.html'>别处的新闻标题</a> 2025-12-28</li>
        <li><a href='https://mp.weixin.qq.com/s/abc?x=1'>转载的一条新闻</a> 2025-12-27</li></ul>",
    );
    assert_eq!(
        lines(&page),
        [
            "http://other.example.gov.cn/a/t20251229_1.html 第一条新闻标题 2025-12-29",
            "https://mp.weixin.qq.com/s/abc?x=1 转载的一条新闻 2025-12-27",
        ]
    );
}

#[test]
fn a_date_that_nothing_completes_stays_out() {
    let page = read("<ul><li><a href='a1.html'>一条没有年份的新闻</a><i>12-29</i></li></ul>");
    assert_eq!(lines(&page), ["a1.html 一条没有年份的新闻 -"]);
}

#[test]
fn hanweb_keeps_its_items_in_a_script() {
    let records = rows(
        "<record><![CDATA[<li><a href='{url}' title='{title}'>{title}</a><span>{date}</span></li>]]></record>",
    );
    let page = format!(
        "{BOILERPLATE}<div id=1><script type='text/xml'><datastore><nextgroup><![CDATA[<a href='/x'></a>]]>\
         </nextgroup><recordset>{records}</recordset></datastore></script></div>{FOOTER}"
    );
    assert_eq!(lines(&read(&page)), THREE);
    let cells = page
        .replace("<li>", "<tr><td>")
        .replace("</li>", "</td></tr>");
    assert_eq!(lines(&read(&cells)), THREE);
}

#[test]
fn a_column_is_called_by_its_tag_or_its_title() {
    for (head, title) in [
        (
            "<meta name=ColumnName content='工作动态'><title>x</title>",
            "工作动态",
        ),
        ("<meta content='工作动态' name='columnname'>", "工作动态"),
        (
            "<meta name=ColumnName content=null><title>工作动态-某某区人民政府网站</title>",
            "工作动态",
        ),
        ("<title>某某区人民政府 | 工作动态</title>", "工作动态"),
        ("<title>\n 工作动态 </title>", "工作动态"),
        ("<title>某某区人民政府</title>", "某某区人民政府"),
    ] {
        assert_eq!(read(head).title.as_deref(), Some(title), "{head}");
    }
    assert_eq!(read("<p>x").title, None);
}

#[test]
fn hostile_pages_are_read_in_bounded_time() {
    let start = cpu_time::ThreadTime::now();
    let row = "<li><a href=a1.html>一条新闻的标题</a><i>2025-12-29</i>";
    for page in [
        String::new(),
        "<div>".repeat(200_000) + row,
        row.repeat(60_000),
        format!("{}{}", "<div>".repeat(1000), row.repeat(20_000)),
        "<a href=x>12-29".repeat(100_000),
        "2025-12-29 ".repeat(200_000),
        "<!--2025-->12-29<b>".repeat(50_000),
        "<![CDATA[<recordset>]]>".repeat(50_000),
        format!("<script>{}", "createPageHTML(1,".repeat(100_000)),
        format!("<a href=x>{}", "2025-12<b>29</b>".repeat(50_000)),
        "<li onclick=\"window.open('x.html')\">12-29".repeat(50_000),
        "<b>1</b><a href=2.html>".repeat(50_000),
        format!("<script>{}", "a=1,createPageHTML('a',".repeat(100_000)),
        format!("<a href=x.html>{}</a>", "2025-12-29 ".repeat(100_000)),
        "<base href='http://['><a href='http://['>x</a>\u{0}\u{fffd}".repeat(1000),
    ] {
        read(&page);
    }
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

proptest::proptest! {
    #[test]
    fn any_page_is_read(page in "(<(li|ul|a href=x[0-9]{1,3}.html|td|tr|/li|/a|!--|/table|table|i)>|20[0-9]{2}-|[0-9]{2}-[0-9]{2}|[年月日新闻]{1,5}|[ -~]{1,3}){0,60}") {
        let found = read(&page);
        let urls: HashSet<_> = found.items.iter().map(|item| &item.url).collect();
        assert_eq!(urls.len(), found.items.len());
    }
}
