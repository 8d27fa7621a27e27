//! Wrong configuration: each mistake is told with its file, its line, what it is, and the remedy.
//!
//! Owns the mistakes that people make. Never asks a portal.

use std::path::Path;
use std::process::{Command, Output};

const FEED: &str = "feeds/lucheng/news.toml";
const URL: &str = "url = \"http://www.lc.gov.cn/\"\n";

/// `dibao check --offline` with these files, and with these variables.
fn check(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dibao(folder.path(), &["check", "--offline"], variables)
}

fn dibao(at: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dibao"))
        .current_dir(at)
        .args(args)
        .env_remove("DIBAO_LOG")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// It is refused: the message begins with this place, and has this remedy.
fn refused(files: &[(&str, &str)], begins: &str, remedy: &str) {
    let output = check(files, &[]);
    let error = told(&output);
    assert_eq!(output.status.code(), Some(2), "{files:?}: {error}");
    let (problem, rest) = error.split_once("\n  remedy: ").unwrap();
    let begins = format!("dibao: {begins}");
    assert!(problem.starts_with(&begins), "{begins} is not in: {error}");
    assert!(rest.contains(remedy), "{remedy} is not in: {error}");
    // Names of the program's own types are no words.
    for raw in ["struct", "variant", "Unexpected", "Spec", "invalid type"] {
        assert!(!error.contains(raw), "{raw}: {error}");
    }
}

/// A feed file with these lines after its address is refused on line 3.
fn refused_feed(lines: &str, begins: &str, remedy: &str) {
    let text = format!("{URL}{lines}\n");
    refused(&[(FEED, &text)], &format!("{FEED}:3: {begins}"), remedy);
}

fn job(cron: &str) -> String {
    format!("\n[[job]]\ncolumns = [\"lucheng/*\"]\ncron = \"{cron}\"\n")
}

#[test]
fn a_broken_selector_is_told_in_words() {
    for (selector, why, remedy) in [
        (
            "li[",
            "a bracket or a quotation mark may be open",
            "write CSS",
        ),
        (
            "li:contains('a')",
            "a pseudo-class that is not known",
            "CSS",
        ),
        ("a::attr(href)", "a pseudo-class that is not known", "CSS"),
        ("//div[@id='zoom']", "it is an XPath", "div#zoom"),
        ("ul >", "nothing follows its last sign", "CSS"),
        ("li..a", "a name is missing after a dot", "CSS"),
        ("", "names no element", "CSS"),
        ("#1a", "begins with a digit", "[id=\"1a\"]"),
        ("div{color:red}", "a sign stands where none may", "CSS"),
    ] {
        let begins = format!("key `list.item`: {selector:?} is not a CSS selector: ");
        refused_feed(&format!("[list]\nitem = \"{selector}\""), &begins, remedy);
        let output = check(
            &[(FEED, &format!("{URL}[list]\nitem = \"{selector}\""))],
            &[],
        );
        assert!(told(&output).contains(why), "{}", told(&output));
    }
    // A label is read for single fields alone, and has no ASCII sign.
    let begins = "key `article.body`: \"正文\" is a label";
    refused_feed("[article]\nbody = \"正文\"", begins, "#zoom");
    let begins = "key `article.issuer`: \"发布机构:\" is not a CSS selector";
    refused_feed("[article]\nissuer = \"发布机构:\"", begins, "\"发布机构\"");
}

#[test]
fn a_value_of_another_kind_is_told_with_how_to_write_it() {
    for (lines, begins, remedy) in [
        (
            "[fetch]\ndelay = 3",
            "key `fetch.delay`: 3 is not a length of time",
            "delay = \"3s\"",
        ),
        (
            "[fetch]\ndelay = 3.5",
            "key `fetch.delay`: 3.5 is not",
            "delay = \"3s\"",
        ),
        (
            "[fetch]\ndelay = \"3\"",
            "key `fetch.delay`: \"3\" is not",
            "\"3s\" for seconds",
        ),
        (
            "[fetch]\ndelay = 3s",
            "is not valid TOML at `delay = …`",
            "double quotes",
        ),
        (
            "[fetch]\nrobots = \"false\"",
            "key `fetch.robots`: \"false\" is not true or",
            "robots = false",
        ),
        (
            "[publish]\nlimit = \"50\"",
            "key `publish.limit`: \"50\" is not a whole",
            "limit = 50",
        ),
        (
            "[publish]\nlimit = -1",
            "key `publish.limit`: -1 is not a whole",
            "limit = 50",
        ),
        (
            "[limits]\nstored = 5",
            "key `limits.stored`: 5 is not a size",
            "stored = \"5MiB\"",
        ),
        (
            "[fields]\nrequired = \"source\"",
            "key `fields.required`: \"source\" is not",
            "= [\"source\"]",
        ),
        (
            "[fields]\nrequired = [\"number\"]",
            "key `fields.required`: \"number\" is not known",
            "index_number",
        ),
        (
            "title = \"a\"\npaused = 2026-03-01",
            "key `paused`: 2026-03-01 is not a day",
            "\"2026-03-01\"",
        ),
    ] {
        refused_feed(lines, begins, remedy);
    }
    let feed = (FEED, URL);
    let two = format!(
        "{}{}",
        job("@daily"),
        "[[job]]\ncolumns = \"a/*\"\ncron = \"@daily\""
    );
    for (file, text, begins, remedy) in [
        (
            "feeds/lucheng/portal.toml",
            "code = 140406",
            ":1: key `code`: 140406 is not a text",
            "\"140406\"",
        ),
        (
            "cron.toml",
            &two,
            ":6: key `job.columns`: \"a/*\" is not a list",
            "[\"a/*\"]",
        ),
        (
            "cron.toml",
            "[job]\ncolumns = []",
            ":1: key `job`: [job] is not a list",
            "[[job]]",
        ),
        (
            "cron.toml",
            "\n[[job]]\ncron = \"@daily\"",
            ":2: key `job.columns`: is missing",
            "add it",
        ),
        (
            "dibao.toml",
            "[archive]\nkeep = 5",
            ":2: key `archive.keep`: 5 is not an age",
            "\"5y\"",
        ),
        (
            "dibao.toml",
            "[[api]]\nrate = 5",
            ":1: key `api`: [[api]] is not one table",
            "write [api]",
        ),
        (
            "dibao.toml",
            "[api]\nforwarded = \"::1\"",
            ":2: key `api.forwarded`: \"::1\" is not",
            "true",
        ),
        (
            "topics/heat.toml",
            "title = \"a\"\nquery = 5",
            ":2: key `query`: 5 is not a text",
            "\"5\"",
        ),
    ] {
        refused(&[feed, (file, text)], &format!("{file}{begins}"), remedy);
    }
}

#[test]
fn all_errors_of_a_file_are_told_at_once_and_what_follows_from_them_is_not() {
    let feed = "titel = \"a\"\nurl = \"www.lc.gov.cn\"\n[list]\nitem = \"li[\"\ninitial = \"3\"\npages = \"x\"\n\
                [article]\nbody = \"ul >\"\nissuer = \"//b\"\n[fetch]\ndelay = 3\nrobots = \"no\"\n\
                charset = \"x\"\ntimeout = \"5\"\n[limits]\nrequests = 0\nstored = \"5MB\"\nqueue = 1\n";
    let cron = "timezone = \"Mars\"\n[[job]]\ncolumns = [\"*/*\"]\ncron = \"61 * * * *\"\njitter = \"3\"\n\
                [[job]]\ncolumns = [\"a/[\"]\ncrom = \"@daily\"\n";
    let service = "connections = 0\nhubb = \"x\"\n[api]\nrate = 0\n[archive]\nkeep = \"5d\"\n\
                   [[webhook]]\nurl = \"x\"\nsecret = \"y\"\n[[webhook]]\nurl = \"z\"\nsecret = \"y\"\n";
    let output = check(
        &[
            (FEED, feed),
            ("feeds/lucheng/portal.toml", "code = \"1\"\nlevel = \"x\"\n"),
            ("cron.toml", cron),
            ("dibao.toml", service),
        ],
        &[],
    );
    let error = told(&output);
    assert_eq!(output.status.code(), Some(2), "{error}");
    let of = |file: &str| -> Vec<String> {
        let begins = format!("{file}:");
        let lines = error.lines().filter_map(|line| {
            let line = line.strip_prefix("dibao: ").unwrap_or(line);
            let (number, rest) = line.strip_prefix(&begins)?.split_once(": key `")?;
            Some(format!("{number} {}", rest.split_once('`')?.0))
        });
        lines.collect()
    };
    let feed = [
        "1 titel",
        "2 url",
        "4 list.item",
        "5 list.initial",
        "6 list.pages",
        "8 article.body",
        "9 article.issuer",
        "11 fetch.delay",
        "12 fetch.robots",
        "13 fetch.charset",
        "14 fetch.timeout",
        "16 limits.requests",
        "17 limits.stored",
        "18 limits.queue",
    ];
    assert_eq!(of(FEED), feed, "{error}");
    assert_eq!(
        of("feeds/lucheng/portal.toml"),
        ["1 code", "2 level"],
        "{error}"
    );
    // The second job has its `cron` under a wrong name: it is not missing, too.
    assert_eq!(of("cron.toml"), ["8 job.crom"], "{error}");
    let service = [
        "1 connections",
        "2 hubb",
        "4 api.rate",
        "6 archive.keep",
        "8 webhook.url",
        "11 webhook.url",
    ];
    assert_eq!(of("dibao.toml"), service, "{error}");
    // Each has its own remedy.
    assert_eq!(
        error.matches("\n  remedy: ").count(),
        14 + 2 + 1 + 6,
        "{error}"
    );
    let output = check(
        &[
            (FEED, URL),
            (
                "cron.toml",
                cron.split("[[job]]\ncolumns = [\"a").next().unwrap(),
            ),
        ],
        &[],
    );
    let error = told(&output);
    for key in [
        "cron.toml:1: key `timezone`",
        "cron.toml:4: key `job.cron`",
        "cron.toml:5: key `job.jitter`",
    ] {
        assert!(error.contains(key), "{key}: {error}");
    }
}

#[test]
fn a_secret_is_never_shown_in_an_error() {
    for line in [
        "secret = 4711",
        "secret = \"4711",
        "password = 4711",
        "password = x4711",
    ] {
        let text = format!("[[deliver]]\nname = \"a\"\nkind = \"ntfy\"\n{line}\n");
        let output = check(&[(FEED, URL), ("dibao.toml", &text)], &[]);
        let error = told(&output);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("dibao.toml:4: "), "{error}");
        assert!(!error.contains("4711"), "{error}");
    }
}

#[test]
fn cron_forms_of_other_programs_are_refused_with_what_to_write_or_mean_the_same() {
    for (cron, why, remedy) in [
        ("@reboot", "is not a word that is known", "@hourly"),
        ("@every 5m", "is not a word that is known", "*/20 * * * *"),
        ("daily", "it has one field", "@daily, or 0 0 * * *"),
        ("*/90 * * * *", "a step of 90 is too long", "0 */2 * * *"),
        ("*/120 * * * *", "a step of 120 is too long", "0 */2 * * *"),
        ("0 */25 * * *", "a step of 25 is too long", "up to 23"),
        ("61 * * * *", "minute 61 does not exist", "0 to 59"),
        ("0 9 * * MO-FR", "weekday `MO-FR`", "five fields"),
        ("H/15 * * * *", "a sign of Jenkins", "*/15"),
        ("* * * *", "it has 4 fields", "five fields"),
        ("0 0 12 ? * 2-6", "counts from 1 for Sunday", "MON-FRI"),
        ("0 0 12 ? * 6L", "counts from 1 for Sunday", "FRI#L"),
        ("0 0 12 ? * 2#2", "counts from 1 for Sunday", "MON#2"),
        ("0 0 12 ? * L", "says no weekday", "FRI#L"),
        ("0 0 12 LW * ?", "known to Quartz alone", "15W"),
        (
            "0 0 12 L-3 * ?",
            "known to Quartz alone",
            "L for the last day",
        ),
        ("0 0 12 * * ? 2026", "seven fields", "leave the year out"),
        ("0 12 * * ? *", "has no meaning", "write * there"),
    ] {
        let text = job(cron);
        let begins = format!("cron.toml:4: key `job.cron`: {cron:?} is not a cron expression: ");
        let files = [(FEED, URL), ("cron.toml", text.as_str())];
        refused(&files, &begins, remedy);
        assert!(told(&check(&files, &[])).contains(why), "{cron}: {why}");
    }
    // What means one thing everywhere is taken: the next time is that of the other.
    for (cron, plain) in [
        ("@midnight", "0 0 * * *"),
        ("@annually", "0 0 1 1 *"),
        ("*/60 * * * *", "0 * * * *"),
        ("0 0 12 * * ?", "0 12 * * *"),
        ("0 0 12 ? * SAT", "0 12 * * SAT"),
        ("0 0 12 ? * FRIL", "0 12 * * FRI#L"),
        ("0 0 12 L * ?", "0 12 L * *"),
    ] {
        let next = |cron: &str| {
            let output = check(&[(FEED, URL), ("cron.toml", &job(cron))], &[]);
            assert_eq!(output.status.code(), Some(0), "{cron}: {}", told(&output));
            let line = String::from_utf8(output.stdout).unwrap();
            line.split("next ").nth(1).unwrap().trim().to_owned()
        };
        assert_eq!(next(cron), next(plain), "{cron}");
    }
}

#[test]
fn a_feed_file_in_the_wrong_place_is_told_with_where_it_belongs() {
    for (path, begins, remedy) in [
        (
            "feeds/news.toml",
            "is not in a portal's folder",
            "feeds/lucheng/news.toml",
        ),
        (
            "feeds/a/b/news.toml",
            "is not in a portal's folder",
            "one folder up",
        ),
        ("feeds/cron.toml", "lies in feeds", "mv feeds/cron.toml ."),
    ] {
        refused(
            &[(FEED, URL), (path, URL)],
            &format!("{path}: {begins}"),
            remedy,
        );
    }
    // Copies that editors and file systems keep are none.
    let hidden = [
        (FEED, URL),
        ("feeds/lucheng/.#news.toml", "x"),
        ("feeds/._a.toml", "x"),
    ];
    let output = check(&hidden, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn a_pattern_that_matches_no_column_is_told_and_nothing_is_refused() {
    let jobs = "[[job]]\ncolumns = [\"luchegn/*\"]\ncron = \"@daily\"\n\
                [[job]]\ncolumns = [\"lucheng/\"]\ncron = \"@daily\"\n\
                [[job]]\ncolumns = [\"*/*\"]\ncron = \"@daily\"\n\
                [[job]]\ncolumns = [\"lucheng/news\"]\ncron = \"@daily\"\n";
    let hook = "[[webhook]]\nurl = \"https://a.example/\"\ncolumns = [\"x/y\"]\n\
                secret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\"\n";
    let files = [(FEED, URL), ("cron.toml", jobs), ("dibao.toml", hook)];
    let output = check(&files, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    for line in [
        "cron.toml:2: key `job.columns`: \"luchegn/*\" matches no column\n  remedy: did you mean \"lucheng/*\"?",
        "cron.toml:5: key `job.columns`: \"lucheng/\" matches no column\n  remedy: write \"lucheng/*\"",
        "cron.toml:11: key `job.columns`: an earlier job matches all of its columns",
        "dibao.toml:3: key `webhook.columns`: \"x/y\" matches no column",
    ] {
        assert!(told(&output).contains(line), "{line}: {}", told(&output));
    }
    // A run says so, too, before it asks a portal.
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::create_dir_all(at.join("feeds/lucheng")).unwrap();
    std::fs::write(at.join(FEED), "url = \"http://127.0.0.1:9/\"\n").unwrap();
    std::fs::write(at.join("cron.toml"), jobs).unwrap();
    let run = dibao(at, &["run"], &[("DIBAO_LOG", "error")]);
    assert!(
        told(&run).contains("\"luchegn/*\" matches no column"),
        "{}",
        told(&run)
    );
}

#[test]
fn a_wrong_variable_is_told_by_its_own_name() {
    for (name, value) in [
        ("DIBAO_BASE_URL", "news.example"),
        ("DIBAO_HUB", "hub.example"),
        ("DIBAO_CONNECTIONS", "many"),
    ] {
        let output = check(&[(FEED, URL)], &[(name, value)]);
        assert_eq!(output.status.code(), Some(2));
        let begins = format!("dibao: {name}: {value:?} is not ");
        assert!(told(&output).starts_with(&begins), "{}", told(&output));
    }
}

#[test]
fn a_variable_names_each_folder_and_an_option_wins_over_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::create_dir_all(at.join("etc/feeds/lucheng")).unwrap();
    std::fs::write(at.join("etc").join(FEED), URL).unwrap();
    std::fs::write(at.join("etc/jobs.toml"), job("7 7 * * *")).unwrap();
    std::fs::write(at.join("etc/settings.toml"), "hub = \"x\"\n").unwrap();
    let mut variables = vec![
        ("DIBAO_FEEDS", "etc/feeds"),
        ("DIBAO_CRON", "etc/jobs.toml"),
        ("DIBAO_DATA", "var/data"),
        ("DIBAO_PUBLIC", "var/public"),
    ];
    let output = dibao(at, &["check", "--offline"], &variables);
    let line = String::from_utf8(output.stdout).unwrap();
    assert!(line.contains("  7 7 * * *  "), "{line}");
    // The demo has folders of its own: the variables name those of real articles.
    let demo = dibao(at, &["demo", "--once"], &variables);
    assert_eq!(demo.status.code(), Some(0), "{}", told(&demo));
    assert!(at.join("demo/public/index.html").exists());
    assert!(!at.join("var").exists());
    let named = ["--data", "own", "publish"];
    let published = dibao(at, &named, &variables);
    assert_eq!(published.status.code(), Some(0), "{}", told(&published));
    assert!(at.join("own").exists() && at.join("var/public/index.html").exists());
    assert!(!at.join("var/data").exists());
    variables.push(("DIBAO_SETTINGS", "etc/settings.toml"));
    let wrong = dibao(at, &["check", "--offline"], &variables);
    assert!(
        told(&wrong).starts_with("dibao: etc/settings.toml:1: key `hub`"),
        "{}",
        told(&wrong)
    );
}
