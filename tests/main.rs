//! dibao's tests in one binary.
//!
//! Owns the list of modules, each with the behaviour that it shows. Never tests anything itself.
//!
//! - `accuracy`: how much is read right, by field, on the replica and real pages (`DIBAO_CORPUS`),
//!   and of whole columns (`DIBAO_BULK`)
//! - `add`: what `dibao add` finds at an address, shows and writes
//! - `api`: programs ask the service, and mirrors follow its changes
//! - `archive`: captures read back as they were sent, whatever was cut short, and warcio agrees
//! - `articles`: articles of every oddity, for the others; no tests of its own
//! - `attachments`: kept files stand in for the portal's, by what they are and not what they are called
//! - `attacks`: attacks in pages are neither published in the site and the feeds, nor run
//! - `backfill`: older pages go to the archive and past the live feed, whatever comes between
//! - `bad_input`: files that are not pages are refused by name, in bounded time and memory
//! - `bodies`: texts, files, films and pictures, wherever the page keeps them
//! - `cli`: the command line as scripts and people meet it: output, errors, exit codes
//! - `client_redirects`: pages that only send the browser on, and pages that look like them
//! - `clients`: newsboat, rss2email and parsers see each article once, whatever happens to it
//! - `corpus`: real pages that lose their text have none (`DIBAO_CORPUS`)
//! - `cost`: what reading a page costs, in instructions
//! - `data`: the files for programs give every article back
//! - `decode`: GB18030 against outside judges, up to the store (`DIBAO_VECTORS`)
//! - `disguised_errors`: errors inside a portal's own template are not articles
//! - `docs`: the documents match keys, parameters and figures, and links lead somewhere
//! - `drift`: a column's drift is reported, and no article is lost, doubled or spoiled
//! - `evidence`: an article's title and day, by what its page and its row say of them
//! - `families`: lists behind a shell and articles in parts, over loopback
//! - `faults`: the faults between a portal and a reader, one by one
//! - `faults_machine`: the faults of the machine, readers and operators, one test a fault
//! - `feeds`: written feeds parse back equal, outside judges find no flaw, and the history is whole
//! - `fetch`: manners and limits, against servers on loopback
//! - `fuzzed`: the fuzzer's corpus is read without a panic, the same every time, and safely
//! - `health`: the service's reports on itself: the status page, metrics, incidents
//! - `hostile`: attacks are harmless once published (`DIBAO_VECTORS`)
//! - `house`: the structure of the code is the one that ARCHITECTURE.md draws
//! - `identity`: which article a page is, case by case, and in any order of arrival
//! - `layouts`: the first column's label block in every layout that portals use
//! - `left_out`: columns with broken feed files stay as they were published, and others go on
//! - `life`: columns are renamed, moved, merged, paused, forgotten: ids stay, readers are led on
//! - `logs`: the log as programs and people read it
//! - `manners`: a hundred portals, by their own logs of who asked them when
//! - `many_machines`: several processes that share a store in PostgreSQL
//! - `migrate`: a store is copied into another database, whoever is killed, and publishes the same
//! - `mirror`: the example's copy equals the store, whoever is killed
//! - `names`: portals and columns by the names that readers know, and the address of the site
//! - `notify`: hubs, webhooks and people get every notice at least once, whatever fails
//! - `object_storage`: published into a bucket, on a real S3 server, the same as into a folder
//! - `operations`: the operator's commands: backup, restore, removal, retention
//! - `pages`: pages stand alone, link to existing files, and escape the text that they show
//! - `pictures`: kept pictures stand in for the portal's, never run, and go with their article
//! - `pipeline`: the replica portal, from its pages to the published files
//! - `polls`: what a poll without news asks for and leaves behind, and the order of requests
//! - `portal_quirks`: odd pages that real portals have, each by a small invented one
//! - `published`: publishing what changed gives the files of publishing everything
//! - `recheck`: articles that somebody asks to be read again now
//! - `reextract`: today's rules over the archive, and an article derived from its page again
//! - `reload`: a service follows its files while it runs, and runs under way go on
//! - `robots`: robots.txt against an outside judge (`DIBAO_VECTORS`), and against hostile files
//! - `search`: searches find their articles, over HTTP, and topics are feeds (`DIBAO_CORPUS`)
//! - `serving`: the server's answers to a poll, a mirror and a browser, and their cost
//! - `site`: pages in a real browser: no error, accessible, asking only the portal for pictures
//! - `stores`: the store of an earlier build is opened, and publishes the same
//! - `stub_pages`: stubs, and news that looks like them (`DIBAO_CORPUS`)
//! - `support`: code that the tests share; no tests of its own
//! - `template_titles`: a title that comes out alike for unlike rows gives way to the rows'
//! - `timetable`: when columns are due: expressions (`DIBAO_VECTORS`), zones, working, quiet hours
//! - `varying`: addresses that differ from fetch to fetch, in lists and within texts
//! - `why`: what became of an address, and what is held back
//! - `wrong_config`: wrong configuration is told by file, line, value and remedy
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
mod attachments;
mod attacks;
mod backfill;
mod bad_input;
mod bodies;
mod cli;
mod client_redirects;
mod clients;
mod corpus;
mod cost;
mod data;
mod decode;
mod disguised_errors;
mod docs;
mod drift;
mod evidence;
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
mod left_out;
mod life;
mod logs;
mod manners;
mod many_machines;
mod migrate;
mod mirror;
mod names;
mod notify;
mod object_storage;
mod operations;
mod pages;
mod pictures;
mod pipeline;
mod polls;
mod portal_quirks;
mod published;
mod recheck;
mod reextract;
mod reload;
mod robots;
mod search;
mod serving;
mod site;
mod stores;
mod stub_pages;
mod support;
mod template_titles;
mod timetable;
mod varying;
mod why;
mod wrong_config;
