//! Bad TLS.
//!
//! Owns the faults of certificates and handshakes. Never leaves loopback.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::{Case, messages, reasons};
use crate::support::replica::{bytes, column_of};

#[tokio::test(flavor = "multi_thread")]
async fn fault_17_bad_tls_is_not_accepted_in_silence() {
    for fault in [
        "17-self-signed",
        "17-wrong-name",
        "17-expired",
        "17-plain",
        "17-old",
    ] {
        let mut case = Case::collected(fault).await;
        case.bench.column = column_of("lucheng/work-news", "https", &case.host, "");
        let report = case.run().await;
        assert_eq!(reasons(&report), ["tls"], "{fault}: {report}");
        assert!(messages(&report).contains("https://"), "{fault}: {report}");
        let visits = case.hostile.visits(&case.host);
        assert!(
            visits.iter().all(|visit| !visit.secure),
            "nothing was asked"
        );
        // The feeds call the column by its address, which is https for now.
        assert_eq!(case.bench.articles().await, case.articles, "{fault}");
        case.bench.column = column_of("lucheng/work-news", "http", &case.host, "");
        case.heals().await;
        case.unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_17_bad_tls_is_accepted_where_the_feed_file_says_so() {
    for (fault, tls) in [
        ("17-self-signed", "unverified"),
        ("17-wrong-name", "legacy"),
        ("17-expired", "legacy"),
    ] {
        let mut case = Case::broken(fault).await;
        let more = format!("fetch.tls = {tls:?}");
        case.bench.column = column_of("lucheng/work-news", "https", &case.host, &more);
        case.reads_all().await;
        let visits = case.hostile.visits(&case.host);
        assert!(visits.iter().all(|visit| visit.secure), "{fault}");
        // The archive has the same of both clients.
        let warc = bytes(&case.bench.folder.path().join("data/warc"));
        let mut text = Vec::new();
        for file in warc.values() {
            let mut records = MultiGzDecoder::new(file.as_slice());
            records.read_to_end(&mut text).unwrap();
        }
        let text = String::from_utf8_lossy(&text);
        let count = |line: &str| text.matches(line).count();
        assert_eq!(count("WARC-Type: response\r\n"), visits.len(), "{fault}");
        let addresses = count("WARC-IP-Address: 127.0.0.1\r\n");
        assert_eq!(addresses, count("WARC-IP-Address: "), "{fault}");
        assert!(addresses >= visits.len(), "{fault}");
    }
}
