//! GB18030 against the Encoding Standard's vectors, under the label that portals write: gb2312.

use std::path::Path;

use serde_json::Value;

/// Stands before every sequence: GB18030 that is no UTF-8, as on any real page, so that a
/// sequence which happens to be UTF-8 or ASCII too is not taken for that.
const PAGE: (&[u8], &str) = (b"<p>\xd6\xd0\xce\xc4</p>", "<p>中文</p>");

#[test]
fn every_gb18030_sequence_reads_as_the_standard_says() {
    let Ok(folder) = std::env::var("DIBAO_VECTORS") else {
        println!("skipped: DIBAO_VECTORS is not set");
        return;
    };
    let mut read = 0;
    let mut wrong = Vec::new();
    for name in ["gb18030_vectors.json", "gb18030_random.json"] {
        let text = std::fs::read_to_string(Path::new(&folder).join(name)).unwrap();
        for (hex, expected) in pairs(&serde_json::from_str(&text).unwrap()) {
            let bytes = [PAGE.0, &from_hex(&hex)].concat();
            let header = Some("text/html; charset=gb2312");
            let decoded = dibao::decode::decode(&bytes, header, None);
            read += 1;
            if decoded.text.strip_prefix(PAGE.1) != Some(&expected) {
                wrong.push((hex, expected, decoded));
            }
        }
    }
    println!("{read} sequences, {} wrong", wrong.len());
    assert!(read > 27_000, "only {read} sequences were found");
    assert!(wrong.is_empty(), "{:?}", &wrong[..wrong.len().min(5)]);
}

/// Every `[hex, text]` of a file, whatever groups they stand in.
fn pairs(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(list) => match list.as_slice() {
            [Value::String(hex), Value::String(text)] => vec![(hex.clone(), text.clone())],
            list => list.iter().flat_map(pairs).collect(),
        },
        Value::Object(groups) => groups.values().flat_map(pairs).collect(),
        _ => Vec::new(),
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect()
}
