//! Texts, files, films and pictures of article pages: in handlers, in viewers, after surplus tags,
//! in what only a script shows.
//!
//! Owns small pages in manners met on portals. Never fetches.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dibao::config::ArticleRules;
use dibao::extract::{Confidence, Extracted, article, inline_hash, inline_picture};
use dibao::model::{ContentKind, Field};
use url::Url;

const ONE: &str =
    "五月六日，苍梧镇在文化站举办春耕技术培训，来自十二个村的种植户参加，农技员讲解了育秧和施肥。";
const TWO: &str =
    "培训要求，各村要抢抓农时，备足种子和化肥，遇到病虫害及时上报，农技站安排专人到田间指导。";
const THREE: &str =
    "镇里还公布了咨询的地点和时间，种植户可以在每周三上午到农技站当面询问，不收取任何费用。";

/// A page whose text stands in `text`, between a head, a sidebar and a foot.
fn page(text: &str) -> String {
    format!(
        "<title>苍梧镇举办春耕培训_苍梧镇人民政府</title><div class=top><a href=/>首页</a><a href=/zw/>政务公开</a></div>
         <div class=place>当前位置：<a href=/>首页</a> &gt; <a href=/zw/>镇村动态</a></div>
         <div class=main><h1>苍梧镇举办春耕培训</h1><div class=info>发布时间：2024-05-07 09:00 来源：苍梧镇</div>{text}</div>
         <div class=side><h3>镇情简介</h3><p>苍梧镇位于县城北部，辖十二个村，物产丰富，交通便利，欢迎各方宾客前来观光。</p></div>
         <div class=foot>版权所有：苍梧镇人民政府 备案号：00000000</div>"
    )
}

fn read(html: &str) -> Extracted {
    let base = Url::parse("http://www.cangwu.example/zw/202405/t1.html").unwrap();
    article(html, &base, &ArticleRules::default())
}

/// What is read of a page with this text.
fn of(text: &str) -> Extracted {
    read(&page(&format!("<div id=zoom>{text}</div>")))
}

fn files(found: &Extracted) -> Vec<(&str, &str)> {
    let files = found.body.attachments.iter();
    files
        .map(|file| (file.url.path(), file.name.as_str()))
        .collect()
}

fn pictures(found: &Extracted) -> Vec<&str> {
    let images = found.body.images.iter();
    images.map(|image| image.url.path()).collect()
}

#[test]
fn a_file_whose_address_a_click_names_is_attached_and_linked() {
    for link in [
        "<a href='javascript:;' onclick=\"downloadFile('/f/b.docx')\">附件：报名表</a>",
        "<a href='javascript:openFile(\"/f/b.docx\",\"1\")'>附件：报名表</a>",
        "<a href='javascript:void(0)' onclick=\"window.open('/f/b.docx')\">附件：报名表</a>",
        "<a href='#' data-href='/f/b.docx'>附件：报名表</a>",
        "<a data-url='/f/b.docx'>附件：报名表</a>",
        "<span onclick=\"location.href='/f/b.docx'\">附件：报名表</span>",
        "<button onclick=\"down('/f/b.docx')\">附件：报名表</button>",
        "<input type=button value=附件：报名表 onclick=\"window.open('/f/b.docx')\">",
    ] {
        let found = of(&format!("<p>{ONE}</p><p>{link}</p><p>{TWO}</p>"));
        assert_eq!(files(&found), [("/f/b.docx", "附件：报名表")], "{link}");
        let linked = "href=\"http://www.cangwu.example/f/b.docx\"";
        assert!(
            found.body.body_html.contains(linked),
            "{link}: {}",
            found.body.body_html
        );
    }
    // A function of the page may make the address.
    for (link, script, path) in [
        (
            "<a href='javascript:down(7)'>报名表.docx</a>",
            "function down(id){ window.open('/f/get?id=' + id) }",
            "/f/get",
        ),
        (
            "<a href='#' onclick=\"down('b.docx')\">报名表.docx</a>",
            "var up='/f/'; function down(f){ location.href = up + f; }",
            "/f/b.docx",
        ),
    ] {
        let found = of(&format!(
            "<p>{ONE}</p><p>{link}</p><p>{TWO}</p><script>{script}</script>"
        ));
        assert_eq!(files(&found), [(path, "报名表.docx")], "{link}");
        let linked = format!("href=\"http://www.cangwu.example{path}");
        assert!(
            found.body.body_html.contains(&linked),
            "{link}: {}",
            found.body.body_html
        );
    }
    for link in [
        "<a href='javascript:f(\"/f/\"+id+\".docx\")'>附件：报名表</a>",
        "<a href='javascript:share(\"/zw/t2.html\")'>附件：报名表</a>",
        "<a href='javascript:f(17)'>附件：报名表</a>",
    ] {
        let found = of(&format!("<p>{ONE}</p><p>{link}</p><p>{TWO}</p>"));
        assert_eq!(files(&found), [], "{link}");
    }
}

#[test]
fn what_a_viewer_shows_is_a_file() {
    for viewer in [
        "<script>var pics = [\"/l/1.jpg\"];showVsbpdfIframe(\"/l/a.pdf\",\"100%\",\"600\",pics);</script>",
        "<script>PDFObject.embed('\\/l\\/a.pdf', '#box')</script>",
        "<script>/* show('/l/old.pdf') */ var u = '/l/a.pdf'; // '/l/older.pdf'\nview(u)</script>",
        "<iframe src='/pdfjs/web/viewer.html?file=/l/a.pdf' width=800 height=600></iframe>",
        "<iframe src='/plugin/show.html?doc=%2Fl%2Fa.pdf' width=800 height=600></iframe>",
        "<iframe src='/plugin/viewer.html#/l/a.pdf' width=800 height=600></iframe>",
        "<embed src=/l/a.pdf width=800>",
        "<object data=/l/a.pdf type=application/pdf>您的浏览器不支持 PDF 预览</object>",
        "<embed src=/FlexPaperViewer.swf flashvars='PDFFile=/l/a.pdf&Scale=0.6'>",
        "<object><param name=movie value=/v.swf><param name=flashvars value='doc=/l/a.pdf&x=1'></object>",
        "<div pdfsrc=/l/a.pdf></div>",
    ] {
        let found = of(&format!("<p>{viewer}</p>"));
        let paths: Vec<&str> = files(&found).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/l/a.pdf"], "{viewer}");
        assert_eq!(found.body.body_text, "", "{viewer}");
    }
}

#[test]
fn films_and_sounds_are_files_and_players_links() {
    for (film, path, media_type, poster) in [
        (
            "<video src=/v/a.mp4 poster=/v/a.jpg></video>",
            "/v/a.mp4",
            "video/mp4",
            true,
        ),
        (
            "<video poster=/v/a.jpg><source src=/v/a.webm type=video/webm><source src=/v/a.mp4>您的浏览器不支持</video>",
            "/v/a.webm",
            "video/webm",
            true,
        ),
        (
            "<audio controls><source src=/v/a.mp3></audio>",
            "/v/a.mp3",
            "audio/mpeg",
            false,
        ),
        ("<embed src=/v/a.mp4>", "/v/a.mp4", "video/mp4", false),
        (
            "<video src='/play?id=1'></video>",
            "/play",
            "video/mp4",
            false,
        ),
        (
            "<script name=_videourl vurl='/v/a.mp4' src=/vsb.js></script>",
            "/v/a.mp4",
            "video/mp4",
            false,
        ),
    ] {
        let found = of(&format!("<p>{film}</p>"));
        let file = &found.body.attachments[0];
        assert_eq!(
            (file.url.path(), file.media_type.as_deref()),
            (path, Some(media_type)),
            "{film}"
        );
        assert_eq!(found.body.attachments.len(), 1, "{film}");
        assert_eq!(found.body.content(), ContentKind::Media, "{film}");
        assert_eq!(pictures(&found).len(), usize::from(poster), "{film}");
    }
    let player =
        "<iframe src='https://v.example.cn/player.html?vid=1' width=640 height=400></iframe>";
    let found = of(player);
    assert!(
        found
            .body
            .body_html
            .contains("href=\"https://v.example.cn/player.html?vid=1\"")
    );
    assert_eq!(found.body.content(), ContentKind::Media);
    for frame in [
        "<iframe src='/count.html' width=1 height=1></iframe>",
        "<iframe src='about:blank'></iframe>",
        "<iframe src='https://w.example.cn/share.html' width=300 height=200></iframe>",
        "<iframe src='https://v.example.cn/player.html' style='display:none'></iframe>",
    ] {
        assert!(of(frame).body.is_empty(), "{frame}");
    }
}

#[test]
fn a_picture_is_found_wherever_its_address_stands() {
    for picture in [
        "<noscript><img src=/p/a.jpg></noscript>",
        "<img src=/blank.gif><noscript><img src=/p/a.jpg></noscript>",
        "<img src=/p/a.jpg data-src=https://mmbiz.qpic.cn/mmbiz_jpg/x/640>",
        "<img data-src=/p/a.jpg><noscript><img src=/p/small.jpg></noscript>",
        "<img srcset='/p/a.jpg 1x, /p/b.jpg 2x'>",
        "<img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7' data-srcset='/p/a.jpg 900w, /p/b.jpg 300w'>",
        "<picture><source srcset=/p/a.jpg><img src='data:image/svg+xml;base64,PHN2Zy8+'></picture>",
        "<picture><source srcset=/p/a.jpg><source srcset=/p/b.jpg></picture>",
        "<img src=/images/blank.png lazy-src=/p/a.jpg>",
        "<img data-lazyload=/p/a.jpg>",
        "<input type=image src=/p/a.jpg>",
        "<img src=/p/a.jpg srcset='/p/b.jpg 2x'>",
    ] {
        let found = of(&format!("<p>{picture}</p>"));
        assert_eq!(pictures(&found), ["/p/a.jpg"], "{picture}");
        assert_eq!(found.body.body_html.matches("<img").count(), 1, "{picture}");
    }
}

#[test]
fn the_icon_of_a_file_is_no_picture() {
    for icon in [
        "<img src=/up/2024/6165.gif><a href=/f/a.doc>清单.doc</a>",
        "<img style='vertical-align:middle' src=/up/9.png> <a href='javascript:;' title=清单.xlsx>清单.xlsx</a>",
        "<a href=/f/a.pdf><img src=/up/1.gif>清单.pdf</a>",
        "<img src=/img/icon_doc16.gif>清单",
        "<img src=/img/pdf-small.svg>清单",
    ] {
        let found = of(&format!("<p>{ONE}</p><p>{icon}</p>"));
        assert_eq!(pictures(&found), [""; 0], "{icon}");
    }
    for picture in [
        "<img src=/up/a.jpg><a href=/f/a.doc>清单.doc</a>",
        "<img src=/up/a.png width=600><a href=/f/a.doc>清单.doc</a>",
        "<img src=/up/a.png><a href=/zw/>更多</a>",
    ] {
        let found = of(&format!("<p>{ONE}</p><p>{picture}</p>"));
        assert_eq!(pictures(&found).len(), 1, "{picture}");
    }
}

#[test]
fn a_picture_in_the_page_is_kept_or_its_place_says_so() {
    let png = "iVBORw0KGgoAAAANSUhEUgAAAMgAAABkCAYAAADDhn8LAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let html = page(&format!(
        "<div id=zoom><p><img src='data:image/png;base64,{png}' alt=图></p></div>"
    ));
    let found = read(&html);
    assert_eq!(found.body.body_text, "（此处图片未收录，请看原网页）");
    assert!(found.body.images.is_empty() && !found.body.body_html.contains("data:"));
    let rules = ArticleRules {
        inline_pictures: true,
        ..ArticleRules::default()
    };
    let base = Url::parse("http://www.cangwu.example/zw/202405/t1.html").unwrap();
    let kept = article(&html, &base, &rules);
    let image = &kept.body.images[0];
    assert_eq!(image.url.path(), "/zw/202405/t1.html");
    let bytes = inline_picture(&html, inline_hash(&image.url).unwrap()).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    assert!(kept.body.body_html.contains(image.url.as_str()));
    assert!(!kept.body.body_html.contains("data:"));
    // A large one does not take the rest of the page with it.
    let large = format!("{}{}", &png[..60], "A".repeat(200_000));
    let html = page(&format!(
        "<div id=zoom><p>{ONE}</p><p><img src='data:image/png;base64,{large}'></p><p>{TWO}</p></div>"
    ));
    let found = article(&html, &base, &rules);
    assert_eq!(
        (
            found.body.images.len(),
            found.body.body_text.lines().count()
        ),
        (1, 2)
    );
}

#[test]
fn lines_that_are_the_text_s_own_stay() {
    for (text, lines) in [
        (
            "<pre>姓名    单位\n张三    一中\n李四    二中</pre>".to_owned(),
            3,
        ),
        (
            format!("<div style='white-space:pre-wrap'>{ONE}\n{TWO}\n\n{THREE}</div>"),
            3,
        ),
        (
            format!("<p style='color:red; WHITE-SPACE: pre-line'>{ONE}\n{TWO}</p>"),
            2,
        ),
        (
            format!("<span style='white-space: break-spaces'>{ONE}\n{TWO}</span>"),
            2,
        ),
        (format!("<p style='white-space:normal'>{ONE}\n{TWO}</p>"), 1),
        (
            format!("<pre style='white-space:normal'>{ONE}\n{TWO}</pre>"),
            1,
        ),
        (format!("<p>{ONE}\n{TWO}</p>"), 1),
    ] {
        let body = of(&text).body;
        assert_eq!(body.body_text.lines().count(), lines, "{text}");
        let breaks = body.body_html.matches("<br>").count() + 1;
        assert_eq!(breaks, lines, "{text}: {}", body.body_html);
    }
}

#[test]
fn numbers_beside_the_line_do_not_join_it() {
    for (text, plain) in [
        ("10<sup>2</sup>亩", "10²亩"),
        ("10<sup><span>-3</span></sup>", "10⁻³"),
        ("10<span style='vertical-align: super'>2</span>", "10²"),
        ("CO<sub>2</sub>", "CO₂"),
        ("PM<sub>2.5</sub>", "PM2.5"),
        ("10<sup>1.5</sup>", "10^1.5"),
        (
            "占<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>。",
            "占1/2。",
        ),
        (
            "3<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>倍",
            "3 1/2倍",
        ),
        ("<math><msup><mn>10</mn><mn>4</mn></msup></math>人", "10⁴人"),
        ("见说明<sup>[1]</sup>", "见说明[1]"),
    ] {
        let body = of(&format!("<p>{ONE}</p><p>{text}</p>")).body;
        assert_eq!(body.body_text.lines().nth(1), Some(plain), "{text}");
        assert!(!body.body_html.contains("102"), "{}", body.body_html);
    }
}

#[test]
fn a_text_goes_on_after_surplus_end_tags() {
    for depth in 0..5 {
        for surplus in 1..5 {
            for (open, close) in [
                ("<div class=TRS_Editor>", "</div>"),
                ("<div class=nr>", "</div>"),
            ] {
                let text = format!(
                    "{}{open}<p>{ONE}</p>{}<p>{TWO}</p><p>{THREE}</p><p>2024年5月6日</p>{close}{}",
                    "<div class=w>".repeat(depth),
                    "</div>".repeat(surplus),
                    "</div>".repeat(depth)
                );
                let after = "<p>责任编辑：某某</p><p>上一篇：<a href=/2>另一件事。</a></p>";
                let html = page(&format!("{text}{after}"));
                let found = read(&html);
                let lines: Vec<&str> = found.body.body_text.lines().collect();
                assert_eq!(
                    lines,
                    [ONE, TWO, THREE, "2024年5月6日"],
                    "{depth} {surplus} {open}"
                );
            }
        }
    }
}

#[test]
fn a_text_ends_where_something_else_begins() {
    for after in [
        "<h3>相关新闻</h3><p>别的会议在县城召开，各单位负责人参加了会议，会议部署了工作。</p>",
        "<p>免责声明：本网转载的文章均注明来源，如有侵权请与本站联系，我们将及时处理。</p>",
        "</div><p>【免责声明】本网站刊载的信息，仅供参考，不构成任何建议。</p><div>",
        "<p>上一篇：<a href=/2>别的会议在县城召开。</a></p><p>别的会议在县城召开，各单位负责人参加了会议。</p>",
        "<div class=related><p>别的会议在县城召开，各单位负责人参加了会议，会议部署了工作。</p></div>",
        "<p><a href=/2>别的会议在县城召开，各单位负责人参加了会议，会议部署了工作。</a></p>",
        "<p>主办：苍梧镇人民政府。地址：某县苍梧镇一号，邮编：000000，欢迎来信来访。</p>",
    ] {
        let html = page(&format!(
            "<div id=zoom><p>{ONE}</p><p>{TWO}</p></div></div>{after}<div>"
        ));
        let body = read(&html).body;
        let text = body.body_text.lines().collect::<Vec<_>>();
        assert_eq!(text, [ONE, TWO], "{after}");
    }
}

#[test]
fn a_signature_below_the_files_and_a_paragraph_above_a_table_belong_to_the_text() {
    let text = format!(
        "<p>{ONE}</p><p>附件：</p><p>1.名单</p><p>2.回执</p><p><a href='javascript:;'>附件下载</a></p><p>2024年5月6日</p><p>责任编辑：某某</p>"
    );
    let body = read(&page(&text)).body;
    assert_eq!(body.body_text.lines().next_back(), Some("2024年5月6日"));
    let rows = "<tr><td>姓名</td><td>单位</td></tr>".to_owned()
        + &"<tr><td>张三</td><td>苍梧镇第一初级中学，二〇二四年入职，从事语文教学。</td></tr>"
            .repeat(9);
    for before in ["根据文件要求，现将名单公示如下：", "现将名单公示如下。"]
    {
        let text = format!("<div><p>{before}</p><table>{rows}</table><p>2024年5月6日</p></div>");
        let body = read(&page(&text)).body;
        let lines: Vec<&str> = body.body_text.lines().collect();
        assert_eq!(lines.first(), Some(&before));
        assert_eq!(lines.last(), Some(&"2024年5月6日"));
    }
}

#[test]
fn a_text_that_only_a_script_shows_is_read_last() {
    let text = format!("<p>{ONE}</p><p>{TWO}</p>");
    let escaped = text.replace('<', "&lt;").replace('>', "&gt;");
    let quoted = text.replace("</", "<\\/");
    for hidden in [
        format!("<div id=zoom><div id=c></div><input type=hidden value='{escaped}'></div>"),
        format!("<div id=zoom></div><textarea id=t style='display:none'>{escaped}</textarea>"),
        format!("<div id=zoom></div><script type=text/template>{text}</script>"),
        format!("<div id=zoom></div><template>{text}</template>"),
        format!("<div id=zoom><script>document.write(\"{quoted}\")</script></div>"),
        format!("<div id=box></div><script>var a={{'b':'{quoted}'}};show(a)</script>"),
        format!("<div id=zoom><noscript>{text}</noscript></div>"),
        format!("<div id=zoom><script type=text/plain id=editor>{text}</script></div>"),
        format!("<div id=zoom></div><xmp style='display:none'>{text}</xmp>"),
        format!("<iframe srcdoc='{text}' width=800 height=600></iframe>"),
        format!(
            "<div id=zoom></div><script>zoom.innerHTML=Base64.decode('{}')</script>",
            STANDARD.encode(&text)
        ),
        format!(
            "<div id=zoom><script>document.write('<p>{ONE}</p>');document.write('<p>{TWO}</p>');</script></div>"
        ),
        format!(
            "<div id=zoom></div><script>var s='<p>{ONE}</p>';s+='<p>{TWO}</p>';show(s)</script>"
        ),
    ] {
        let found = read(&page(&hidden));
        let lines: Vec<&str> = found.body.body_text.lines().collect();
        assert_eq!(lines, [ONE, TWO], "{hidden}");
        assert_eq!(
            found.confidence.get(&Field::Body),
            Some(&Confidence::Low),
            "{hidden}"
        );
    }
    // What a page shows is its text.
    let both = format!(
        "<div id=zoom><p>{THREE}</p><textarea style='display:none'>{escaped}</textarea></div>"
    );
    assert_eq!(read(&page(&both)).body.body_text, THREE);
    let none = format!(
        "<div id=zoom></div><script>alert('{ONE}')</script><textarea>请输入您的意见。</textarea>"
    );
    assert!(read(&page(&none)).body.is_empty());
    let code = format!(
        "<div id=zoom></div><script>var a=\"<script>x<\\/script><p onclick=x()>{ONE}<\\/p><iframe src=/x><\\/iframe>\"</script>"
    );
    assert_eq!(read(&page(&code)).body.body_html, format!("<p>{ONE}</p>"));
}

#[test]
fn a_short_text_stays_in_its_place() {
    let words = "<ul><li>如果您无法在线浏览此 PDF 文件，则可以</li><li>下载此 <a href=/l/a.pdf>PDF 文件</a></li></ul>";
    for (text, said) in [
        ("<div id=zoom><p>见附件。</p></div>".to_owned(), "见附件。"),
        ("<div class=con><p>见附件。</p></div>".to_owned(), "见附件。"),
        ("<div class=con><p><a href=/f/a.pdf>名单.pdf</a></p></div>".to_owned(), "名单.pdf"),
        (format!("<div id=zoom>{words}</div><ul><li>附件【<a href=/l/a.pdf>名单.pdf</a>】</li></ul>"), ""),
        ("<div id=zoom></div><div class=tools><a href=#>我要推荐</a> <a href=#>网站纠错</a></div>".to_owned(), ""),
        ("<div class=con></div>".to_owned(), ""),
    ] {
        let body = read(&page(&text)).body;
        let shown = ["首页", "镇情", "物产", "版权", "推荐"];
        assert!(!shown.iter().any(|word| body.body_text.contains(word)), "{text}: {}", body.body_text);
        assert!(body.body_text.starts_with(said), "{text}: {}", body.body_text);
    }
}

/// Where no element is named for the text, the player with its poster is all that a search finds.
#[test]
fn a_film_alone_in_an_unnamed_place_is_attached_with_its_poster() {
    let film = "<div class=box><video poster=/p/a.jpg preload=none><source src=/v/a.mp4 type=video/mp4>您的浏览器不支持 video 标签。</video></div>
                <div class=more><h3>往期节目</h3><ul><li><a href=/zw/t2.html><img src=/p/b.jpg><p>苍梧新闻五月六日</p></a></li></ul></div>";
    let found = read(&page(film));
    assert_eq!(files(&found), [("/v/a.mp4", "a.mp4")]);
    assert_eq!(pictures(&found), ["/p/a.jpg"]);
    assert_eq!(found.body.body_text, "");
    assert_eq!(found.body.content(), ContentKind::Media);
}

/// What leads a reader into a network of his own, or pretends another host, is not passed on.
#[test]
fn a_text_leads_nobody_into_his_own_network() {
    for address in [
        "http://127.0.0.1:8080/f/b.docx",
        "HTTP://192.168.1.1/f/b.docx",
        "//10.20.30.40/f/b.docx",
        "http://169.254.169.254/latest/meta-data/b.docx",
        "http://[::1]/f/b.docx",
        "http://2130706433/f/b.docx",
        "http://localhost:631/f/b.docx",
    ] {
        let found = of(&format!(
            "<p>{ONE}</p><p>{TWO}</p><p><a href='{address}'>附件：报名表</a></p>\
             <p><img src='{}'></p><p>{THREE}</p>",
            address.replace("docx", "png")
        ));
        let html = &found.body.body_html;
        assert!(
            html.contains(THREE) && found.body.body_text.contains("报名表"),
            "{address}"
        );
        assert!(
            !html.contains("b.docx") && !html.contains("b.png"),
            "{address}: {html}"
        );
        assert_eq!(files(&found), [], "{address}");
        assert_eq!(pictures(&found), Vec::<&str>::new(), "{address}");
    }
    let found = of(&format!(
        "<p>{ONE}</p><p>{TWO}</p><p><a href='http://www.gov.cn:x@other.example/1.html'>详见</a></p>"
    ));
    let html = &found.body.body_html;
    assert!(html.contains("\"http://other.example/1.html\""), "{html}");
}

#[test]
fn a_title_has_no_characters_that_turn_it_round() {
    let html = page(&format!("<div id=zoom><p>{ONE}</p><p>{TWO}</p></div>"));
    let title = "苍梧镇举办春耕培训";
    for sign in ['\u{202e}', '\u{2066}', '\u{2069}', '\u{200f}', '\u{61c}'] {
        let spoilt = html.replace(title, &format!("苍梧镇{sign}举办春耕{sign}培训"));
        let found = read(&spoilt);
        assert_eq!(found.title.as_deref(), Some(title), "{sign:?}");
    }
}
