//! Names that try to lead out of their folder.
//!
//! Owns these names. Never leaves loopback.

use super::machine::{COLUMN, Machine, told};

#[test]
fn fault_38_odd_names_are_refused_when_the_configuration_is_read() {
    for odd in [
        "NUL/news",
        "con/news",
        "lucheng/com1",
        "lucheng/lpt9",
        "lucheng/..x",
        "..x/news",
        "lucheng/a b",
        "lucheng/a\\b",
        "lucheng/a\nb",
        "lucheng/new\u{200b}s",
        // The first letter is Cyrillic, the last form full-width.
        "\u{43b}ucheng/news",
        "lucheng/\u{ff4e}ews",
        "lucheng/新闻",
        "articles/news",
        "api/news",
        "lucheng/NEWS",
    ] {
        let machine = Machine::new();
        machine.write(&format!("feeds/{odd}.toml"), "url = \"http://a.gov.cn/\"\n");
        for command in ["check", "run", "serve"] {
            let refused = machine.dibao(&[command]);
            let said = told(&refused);
            assert_eq!(refused.status.code(), Some(2), "{command} {odd:?}: {said}");
            assert!(said.contains("PORTAL/COLUMN"), "{odd:?}: {said}");
        }
        assert!(!machine.path("data").exists() && !machine.public().exists());
    }
    let machine = Machine::new();
    for odd in ["../etc", "a/../b", "/etc/passwd", "lucheng/", "luchen"] {
        let refused = machine.dibao(&["run", odd]);
        assert_eq!(refused.status.code(), Some(2), "{odd}: {}", told(&refused));
    }
    for odd in ["../up", "a/b", "", "nul", "\u{43b}ucheng"] {
        let feed = format!("url = \"http://a.gov.cn/\"\nportal = {odd:?}\n");
        machine.write("feeds/lucheng/other.toml", &feed);
        let refused = machine.dibao(&["check"]);
        let said = told(&refused);
        assert_eq!(refused.status.code(), Some(2), "{odd:?}: {said}");
        assert!(said.contains("`portal`"), "{odd:?}: {said}");
    }
}

#[test]
fn fault_38_no_url_leads_out_of_the_published_folder() {
    let machine = Machine::new();
    machine.run();
    machine.write("public/.dibao-x1.tmp", "half a feed");
    machine.write("public/lucheng/.secret/key", "a secret");
    let mut service = machine.serve();
    for path in [
        "/../cron.toml",
        "/../data/dibao.sqlite",
        "/lucheng/../../feeds/lucheng/work-news.toml",
        "/%2e%2e/feeds/lucheng/work-news.toml",
        "/..%2ffeeds/lucheng/work-news.toml",
        "/lucheng%2f..%2f..%2fdata%2fdibao.sqlite",
        "/%252e%252e/cron.toml",
        "/..%5cdata%5cdibao.sqlite",
        "/..\\data\\dibao.sqlite",
        "//etc/passwd",
        "/lucheng//etc/passwd",
        "/etc/passwd",
        "/lucheng/%00",
        "/index.html%00.png",
        "/.dibao-x1.tmp",
        "/%2edibao-x1.tmp",
        "/lucheng/.secret/key",
        "/lucheng%2f.secret%2fkey",
        "/lucheng/\u{ff0e}\u{ff0e}/index.html",
        "/nul",
        "/lucheng/CON",
        "/lucheng/work-news/dump",
        "/lucheng/work-news/dump/",
    ] {
        let answer = service.get(path);
        let is_refused = matches!(answer.status, 400 | 404);
        // A folder's name without the slash may lead to the folder, which has no page.
        let is_folder = path == "/lucheng/work-news/dump" && answer.status == 307;
        assert!(is_refused || is_folder, "{path}: {answer:?}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
    }
    let path = format!("/{COLUMN}/atom.xml");
    assert_eq!(service.get(&path).status, 200, "and it is still there");
    assert_eq!(service.stop(), Some(0));
}
