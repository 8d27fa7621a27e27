//! Bad TLS.

use super::{Case, messages, reasons};
use crate::support::replica::column_of;

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
