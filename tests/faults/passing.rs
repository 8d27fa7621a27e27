//! All faults of portals, one after another: no known article is lost.
//!
//! Owns the round over all of them. Never leaves loopback.

use dibao::demo::hostile;

use super::Case;

/// Faults that spoil what is fetched, and leave the documents themselves as they are.
const PASSING: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 40];

/// Those of them that keep a request waiting until it is given up.
const HANGING: [&str; 2] = ["07-", "08-"];

/// A portal is collected while it is well; then it misbehaves at a second look; then it is well
/// again.
async fn suffers(fault: &str) {
    let hangs = HANGING.iter().any(|hanging| fault.starts_with(hanging));
    let more = match hangs {
        true => "fetch.timeout = \"500ms\"",
        false => "",
    };
    let mut case = Case::collected_with(fault, more).await;
    case.run_after(2).await;
    case.unharmed().await;
    case.heals().await;
    case.unharmed().await;
    // Where the collector gives up waiting, the portal may still be answering; here it does not.
    if ["01-", "02-", "03-"]
        .iter()
        .any(|quick| fault.starts_with(quick))
    {
        let visits = case.hostile.visits(&case.host);
        let busiest = visits.iter().map(|visit| visit.at_once).max();
        assert_eq!(busiest, Some(1), "{fault}: never two requests at once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_passing_fault_of_a_portal_changes_what_is_known() {
    let faults = hostile::faults().iter();
    let passing = faults.filter(|fault| PASSING.contains(&fault.number));
    let faults: Vec<String> = passing
        .flat_map(|fault| {
            let name = |variant: &hostile::Variant| format!("{:02}-{}", fault.number, variant.name);
            fault.variants.iter().map(name)
        })
        .collect();
    assert!(faults.len() > 30, "{}", faults.len());
    let mut tasks = tokio::task::JoinSet::new();
    for fault in faults {
        tasks.spawn(async move { suffers(&fault).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}
