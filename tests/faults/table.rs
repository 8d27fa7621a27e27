//! The table of faults: printed, written in docs/faults.md, and each row tested.
//!
//! Owns the comparison of the three. Never collects anything.

use std::process::Command;

use dibao::demo::hostile::faults;

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn every_fault_of_a_portal_has_its_test() {
    let folder = format!("{}/tests/faults", env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    for file in std::fs::read_dir(folder).unwrap() {
        tests.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap());
    }
    for fault in faults().iter().filter(|fault| !fault.variants.is_empty()) {
        let name = format!("fn fault_{:02}_", fault.number);
        assert!(tests.contains(&name), "{name}");
        for variant in fault.variants {
            let name = format!("\"{:02}-{}\"", fault.number, variant.name);
            let statuses = format!("\"{:02}-{{status}}\"", fault.number);
            let is_status = variant.name.parse::<u16>().is_ok() && tests.contains(&statuses);
            let is_named = is_status || tests.contains(&name);
            let by_host = tests.contains(&fault.host(variant));
            assert!(is_named || by_host, "no test names {name}");
        }
    }
}

#[test]
fn the_document_has_every_fault_and_who_causes_it() {
    let document = read("docs/faults.md");
    let rows: Vec<&str> = document
        .lines()
        .filter(|line| line.contains("`fault_"))
        .collect();
    let wanted = faults().iter().map(|fault| {
        format!(
            "| {} | {} | {} | {} | `fault_{:02}_…` |",
            fault.number, fault.cause, fault.failure, fault.right, fault.number
        )
    });
    assert_eq!(rows, wanted.collect::<Vec<_>>());
}

#[test]
fn the_demo_prints_the_table() {
    let output = Command::new(env!("CARGO_BIN_EXE_dibao"))
        .args(["demo", "--hostile", "--once"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let table = String::from_utf8(output.stdout).unwrap();
    for fault in faults() {
        assert!(table.contains(fault.failure) && table.contains(fault.right));
        for variant in fault.variants {
            assert!(table.contains(&fault.host(variant)), "{table}");
        }
    }
    assert!(table.contains("no portal's doing: the disk"));
}
