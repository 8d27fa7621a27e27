//! rss2email, which sends a mail for each entry that it considers new.
//!
//! Owns the runs of rss2email. Never sends a mail to another machine.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Office, program, ran};
use crate::feeds::judges::has;

const FEEDS: [&str; 2] = ["atom.xml", "rss.xml"];

/// Instead of sending a mail, appends it to a file of its recipient's name.
const SENDMAIL: &str = "#!/bin/sh\nfor to; do :; done\ncat >> \"$HOME/mail-$to\"\n";

/// An rss2email that is subscribed to each feed at an address that leads on to it.
struct Rss2email {
    home: tempfile::TempDir,
}

impl Rss2email {
    fn subscribed(office: &Office) -> Self {
        let home = tempfile::tempdir().unwrap();
        let sendmail = home.path().join("sendmail");
        fs::write(&sendmail, SENDMAIL).unwrap();
        fs::set_permissions(&sendmail, fs::Permissions::from_mode(0o755)).unwrap();
        let mut config = format!(
            "[DEFAULT]\nfrom = dibao@news.example\nverbose = warning\n\
             email-protocol = sendmail\nsendmail = {}\n",
            sendmail.display()
        );
        for feed in FEEDS {
            let (base, name) = (&office.gateway.base_url, feed.replace(".xml", ""));
            config += &format!("[feed.{name}]\nurl = {base}old/{feed}\nto = {feed}\n");
        }
        fs::write(home.path().join("config"), config).unwrap();
        Self { home }
    }

    fn poll(&self) {
        let mut r2e = program("r2e", self.home.path());
        let told = ran(r2e.args(["-c", "config", "-d", "seen.json", "run"]));
        assert!(
            told.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&told.stderr)
        );
    }

    /// How many mails it has sent of each entry of a feed.
    fn sent(&self, feed: &str) -> BTreeMap<String, usize> {
        let mails = fs::read(self.home.path().join(format!("mail-{feed}"))).unwrap();
        let mails = String::from_utf8_lossy(&mails).into_owned();
        let ids = mails
            .lines()
            .filter_map(|line| line.strip_prefix("X-RSS-ID: "));
        let mut sent = BTreeMap::new();
        ids.for_each(|id| *sent.entry(id.to_owned()).or_default() += 1);
        sent
    }
}

/// Changes the portal, dibao and the address before this poll.
async fn befall(office: &mut Office, poll: usize, polls: usize) {
    let redirect = |office: &Office, status: u16| {
        for feed in FEEDS {
            let to = format!("{}/{feed}", super::COLUMN);
            office.gateway.redirect(&format!("old/{feed}"), status, &to);
        }
    };
    let is_at = |part: usize| poll == polls * part / 10;
    if is_at(0) {
        redirect(office, 302);
    }
    if is_at(2) {
        redirect(office, 307);
    }
    if is_at(3) {
        office.secure().await;
    }
    if is_at(4) {
        office.follow("https");
    }
    if is_at(5) {
        redirect(office, 301);
    }
    if is_at(6) {
        office.portal.rebuild();
    }
    if is_at(8) {
        office.publish_from_nothing().await;
    }
    if poll % 3 == 1 {
        let item = poll * 7 % office.portal.items.len();
        office.portal.edit(item);
    }
    if poll % 3 == 2 {
        office.portal.publish(office.bench.now);
    }
    if poll % 5 == 4 {
        office.restart().await;
        let item = poll * 11 % office.portal.items.len();
        office.portal.move_item(item);
    }
    office.portal.show_shuffled();
    office.run_after(2).await;
}

async fn no_mail_is_sent_twice(polls: usize) {
    if !has("r2e", &["--version"], "apt-get install rss2email") {
        return;
    }
    let mut office = Office::open().await;
    let rss2email = Rss2email::subscribed(&office);
    for poll in 0..polls {
        befall(&mut office, poll, polls).await;
        rss2email.poll();
    }
    // Those too that were taken down: what the list showed no more when all moved.
    let articles = office.bench.articles().await;
    assert_eq!(articles.len(), office.portal.items.len());
    let once = articles
        .iter()
        .map(|article| (article.id.urn().to_string(), 1));
    let once: BTreeMap<String, usize> = once.collect();
    for feed in FEEDS {
        assert_eq!(rss2email.sent(feed), once, "{feed}");
    }
    let visits = office.gateway.visits();
    let answered = |status: u16| visits.iter().filter(|visit| visit.status == status).count();
    for status in [200, 301, 302, 304, 307] {
        assert!(answered(status) > 0, "{status}: {visits:?}");
    }
    println!(
        "{polls} polls, {} articles, {} answers 200, {} answers 304",
        articles.len(),
        answered(200),
        answered(304)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rss2email_sends_no_mail_twice() {
    no_mail_is_sent_twice(20).await;
}

#[ignore = "takes a minute: ./soak"]
#[tokio::test(flavor = "multi_thread")]
async fn soak_rss2email_sends_no_mail_twice_in_a_hundred_polls() {
    no_mail_is_sent_twice(100).await;
}
