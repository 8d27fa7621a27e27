//! dibao's tests, one binary. What each module shows:
//!
//! - `accuracy`: how much is read right, by field, on the replica and real pages (`DIBAO_CORPUS`)
//! - `add`: what `dibao add` finds at an address, shows and writes
//! - `api`: what programs ask the service for, and what mirrors follow
//! - `archive`: captures come back as they were sent, whatever was cut short, and warcio agrees
//! - `articles`: articles of every oddity, for the others; no tests of its own
//! - `backfill`: older pages go to the archive and past the live feed, whatever comes between
//! - `bad_input`: files that are no page are refused by name, in bounded time and memory
//! - `cli`: the command line as scripts and people meet it: output, errors, exit codes
//! - `clients`: newsboat, rss2email and parsers see each article once, whatever happens to it
//! - `corpus`: real pages that lose their text have none (`DIBAO_CORPUS`)
//! - `data`: what programs fetch gives every article back
//! - `decode`: GB18030 against outside judges, up to the store (`DIBAO_VECTORS`)
//! - `disguised_errors`: errors inside a portal's own template are no articles
//! - `docs`: the documents are true to keys, parameters and figures, and links lead somewhere
//! - `drift`: what changes in a column is told, and nothing of it is lost, doubled or spoiled
//! - `families`: lists behind a shell and articles in parts, over loopback
//! - `faults`: what goes wrong between a portal and a reader, fault by fault
//! - `faults_machine`: what the machine, readers and operators do to it, one test a fault
//! - `feeds`: written feeds parse back equal, outside judges find no flaw, and the history is whole
//! - `fetch`: manners and limits, against servers on loopback
//! - `fuzzed`: what the fuzzer kept is read without a panic, the same every time, and safely
//! - `health`: what the service says of itself: the status page, metrics, incidents
//! - `hostile`: attacks, and what is published of them (`DIBAO_VECTORS`)
//! - `house`: the structure of the code is the one that ARCHITECTURE.md draws
//! - `identity`: which article a page is, case by case, and in any order of arrival
//! - `layouts`: the first column's label block in every layout that portals use
//! - `logs`: the log as programs and people read it
//! - `manners`: a hundred portals, by their own account of who asked them when
//! - `mirror`: the example's copy equals the store, whoever is killed
//! - `notify`: hubs and webhooks hear of everything, at least once, whatever fails
//! - `operations`: what operators do: backup, restore, removal, retention
//! - `pages`: pages stand alone, link to what is there, and escape what they show
//! - `pictures`: kept pictures are shown in the portal's place, never run, and go with their article
//! - `pipeline`: the replica portal, from its pages to the published files
//! - `portal_quirks`: odd pages that real portals have, each by a small invented one
//! - `reextract`: today's rules over the archive, and an article derived from its page again
//! - `reload`: a service follows its files while it runs, and what runs goes on
//! - `robots`: robots.txt against an outside judge (`DIBAO_VECTORS`), and against hostile files
//! - `search`: what is searched for is found, over HTTP, and topics are feeds (`DIBAO_CORPUS`)
//! - `serving`: what a poll, a mirror and a browser get of the server, and what it costs
//! - `site`: pages in a real browser: no error, no flaw, nobody asked but the portal for pictures
//! - `stores`: the store of an earlier build is opened, and publishes what it did
//! - `stub_pages`: pages that are no page, and news that looks like it (`DIBAO_CORPUS`)
//! - `support`: what the tests share; no tests of its own
//! - `timetable`: when columns are due: expressions (`DIBAO_VECTORS`), zones, working and quiet hours
//! - `xss`: what attackers put into pages neither stands in the site and the feeds, nor runs
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it is skipped"
)]

mod accuracy;
mod add;
mod api;
mod archive;
mod articles;
mod backfill;
mod bad_input;
mod cli;
mod clients;
mod corpus;
mod data;
mod decode;
mod disguised_errors;
mod docs;
mod drift;
mod families;
mod faults;
mod faults_machine;
mod feeds;
mod fetch;
mod fuzzed;
mod health;
mod hostile;
mod house;
mod identity;
mod layouts;
mod logs;
mod manners;
mod mirror;
mod notify;
mod operations;
mod pages;
mod pictures;
mod pipeline;
mod portal_quirks;
mod reextract;
mod reload;
mod robots;
mod search;
mod serving;
mod site;
mod stores;
mod stub_pages;
mod support;
mod timetable;
mod xss;
