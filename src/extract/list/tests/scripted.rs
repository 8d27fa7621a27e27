//! Tests of lists that only a script shows, and of lists in XML.
//!
//! Owns their small pages. Never fetches a page.

use super::*;

#[test]
fn markup_and_data_that_a_script_writes_are_a_list() {
    let row = "<li><a href=\"{url}\">{title}</a><i>{date}</i></li>";
    for script in [
        rows(&format!("document.write('{row}');\n")),
        format!(
            "var h = '<ul>';{} h += '</ul>'; $('#u').html(h)",
            rows(&format!("h += '{row}';"))
        ),
        format!("var all = [{}];", rows(&format!("'{row}',"))),
        rows(
            "document.write(\"<li><a href='\" + \"{url}\" + \"'>\" + \"{title}</a>\" + \"<i>{date}</i></li>\");",
        ),
        format!(
            "var all = [{}];",
            rows("{title: '{title}', url: '{url}', time: '{date}', top: isTop},")
        ),
        format!(
            "var all = []; {}",
            rows("all.push({ \"title\": \"{title}\", url: \"{url}\", date: '{date}' });\n")
        ),
        format!(
            "var all = []; {}",
            rows("all[0] = {title:'{title}',link:'{url}',pubDate:'{date}'};")
        ),
    ] {
        let page = read(&format!(
            "{BOILERPLATE}<ul id=u></ul><script>{script}</script>"
        ));
        assert_eq!(lines(&page), THREE, "{script}");
    }
    let row = rows(row);
    for holder in [
        format!("<textarea style='display:none'>{row}</textarea>"),
        format!("<template><ul>{row}</ul></template>"),
        format!("<script type=text/html>{row}</script>"),
        format!("<noscript><ul>{row}</ul></noscript>"),
    ] {
        assert_eq!(
            lines(&read(&format!("<ul id=u></ul>{holder}"))),
            THREE,
            "{holder}"
        );
    }
    for none in [
        // An old list, and a template that a script fills.
        format!("<!-- <ul>{row}</ul> -->"),
        "<script>h += '<li><a href=\"' + url + '\">' + title + '</a></li>'</script>".to_owned(),
        "<script type=text/html><li><a href='{{url}}'>{{title}}</a><i>{{date}}</i></li></script>"
            .to_owned(),
    ] {
        assert_eq!(read(&none).problems, [Problem::NoItems], "{none}");
    }
}

#[test]
fn an_address_that_a_function_makes_of_its_arguments_is_a_link() {
    let ids = ["3", "2", "1"];
    let wanted = |to: fn(&str) -> String| {
        let lines = ids.iter().zip(THREE);
        let lines =
            lines.map(|(id, line)| format!("{}{}", to(id), &line[line.find(' ').unwrap()..]));
        lines.collect::<Vec<String>>()
    };
    for (call, function) in [
        (
            "href='javascript:show({id})'",
            "function show(id){ window.open('show.aspx?id=' + id) }",
        ),
        (
            "href=# onclick=\"show('{id}')\"",
            "function show(i){ var u = 'show.aspx?id='+i; location.href = u; }",
        ),
        (
            "href='javascript:;' onclick='return show({id}, 7)'",
            "show = function(id, c) { location = `show.aspx?id=${id}` }",
        ),
    ] {
        let rows = THREE.iter().zip(ids).map(|(line, id)| {
            let parts: Vec<&str> = line.split(' ').collect();
            format!(
                "<li><a {}>{}</a><i>{}</i></li>",
                call.replace("{id}", id),
                parts[1],
                parts[2]
            )
        });
        let rows: String = rows.collect();
        let page = read(&format!("<ul>{rows}</ul><script>{function}</script>"));
        assert_eq!(
            lines(&page),
            wanted(|id| format!("show.aspx?id={id}")),
            "{call}"
        );
        let other = format!(
            "<ul>{rows}</ul><script>{}</script>",
            function.replace("show.aspx", "http://y.cn/")
        );
        assert_eq!(read(&other).problems, [Problem::NoItems], "{call}");
    }
    let row = rows("<tr onclick=\"open1('{url}','_blank')\"><td>{title}</td><td>{date}</td></tr>");
    assert_eq!(lines(&read(&format!("<table>{row}</table>"))), THREE);
}

#[test]
fn xml_is_a_list_where_it_names_addresses_and_titles() {
    for xml in [
        format!(
            "<?xml version=\"1.0\"?><rss><channel><title>动态</title><link>{BASE}</link>{}</channel></rss>",
            rows(
                "<item><title>{title}</title><link>./{url}</link><pubDate>{date} 08:00:00</pubDate></item>"
            )
        ),
        format!(
            "\u{feff}<?xml version='1.0' encoding='utf-8'?>\n<list>{}</list>",
            rows(
                "<row id='1'><title><![CDATA[{title}]]></title><url>{url}</url><time>{date}</time></row>"
            )
        ),
        format!(
            "<feed>{}</feed>",
            rows(
                "<entry><title>{title}</title><link rel='alternate' href='{url}'/><published>{date}T08:00:00+08:00</published></entry>"
            )
        ),
    ] {
        assert_eq!(lines(&read(&xml)), THREE, "{xml}");
    }
    let page = rows("<li><a href='{url}'>{title}</a><i>{date}</i></li>");
    let xhtml = format!("<?xml version=\"1.0\"?><html><body><ul>{page}</ul></body></html>");
    assert_eq!(lines(&read(&xhtml)), THREE);
}

#[test]
fn a_title_that_is_cut_or_a_picture_is_read_where_it_stands_whole() {
    for row in [
        "<li title='{title}'><a href='{url}'>区长…</a><i>{date}</i></li>",
        "<li><a href='{url}'><span title='{title}'>{title}...</span></a><i>{date}</i></li>",
        "<li><a href='{url}'><img src=/p/1.jpg alt='{title}'></a><i>{date}</i></li>",
    ] {
        let row = rows(row).replace("区长调研冬季供暖工作...", "区长调研...");
        let page = read(&format!(
            "<ul>{}</ul>",
            row.replace("title='我区", "title='区长")
                .replace("title='全区", "title='区长")
        ));
        let first = lines(&page);
        assert_eq!(first.first().map(String::as_str), Some(THREE[0]), "{row}");
    }
}

#[test]
fn a_day_in_an_attribute_or_beside_its_month_is_the_items() {
    for row in [
        "<li><a href='a{day}.html'>{title}</a><span title='{date} 09:00'>3天前</span></li>",
        "<li><a href='a{day}.html'>{title}</a><em title='{date}'>昨天</em></li>",
        "<li><p class=d>{day}</p><p class=m>{year}/{month}</p><a href='a{day}.html'>{title}</a></li>",
        "<li><a href='a{day}.html'>{title}</a><span>[{year}{month}{day}]</span></li>",
    ] {
        let page = read(&format!("<ul>{}</ul>", rows(row)));
        let days: Vec<String> = page
            .items
            .iter()
            .filter_map(|item| Some(item.published_on?.to_string()))
            .collect();
        assert_eq!(days, ["2025-12-29", "2025-12-26", "2025-12-01"], "{row}");
    }
}

#[test]
fn a_list_behind_a_tab_gives_way_to_the_one_that_is_shown() {
    let shown = rows("<li><a href='{url}'>{title}</a><i>{date}</i></li>");
    let hidden = rows("<li><a href='/tz/{url}'>关于{title}的通知</a><i>{date}</i></li>");
    let tab = format!("<div style='display:none'><ul>{hidden}</ul></div>");
    assert_eq!(lines(&read(&format!("<ul>{shown}</ul>{tab}"))), THREE);
    assert_eq!(read(&tab).items.len(), 3);
}
