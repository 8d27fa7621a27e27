//! The image and the compose file, as far as they can be judged without an engine for containers.
//!
//! Owns these checks. Never builds an image.

use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn packaging(name: &str) -> String {
    std::fs::read_to_string(root().join("packaging").join(name)).unwrap()
}

#[test]
fn the_compose_files_are_such_by_the_specification() {
    let judged = |file: &Path| {
        Command::new("check-jsonschema")
            .args(["--builtin-schema", "vendor.compose-spec"])
            .arg(file)
            .output()
    };
    for name in ["compose.yaml", "compose-machines.yaml"] {
        let Ok(output) = judged(&root().join("packaging").join(name)) else {
            println!("skipped: check-jsonschema is not installed (./setup installs it)");
            return;
        };
        assert!(output.status.success(), "{output:?}");
        let folder = tempfile::tempdir().unwrap();
        let broken = folder.path().join(name);
        let text = packaging(name).replace("depends_on:", "depends_of:");
        std::fs::write(&broken, text).unwrap();
        assert!(!judged(&broken).unwrap().status.success());
    }
}

/// Files that the program includes at compile time stand in folders that are sent to the engine.
#[test]
fn the_image_is_built_from_all_that_the_program_includes() {
    let ignore = packaging("Dockerfile.dockerignore");
    let sent: Vec<&str> = ignore
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    for path in &sent {
        assert!(root().join(path).exists(), "{path}");
    }
    assert!(sent.contains(&"build.rs"));
    let mut included = 0;
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let includes = text.lines().filter(|line| line.contains("include_"));
            for line in includes {
                let Some(outside) = line.split("../").last().filter(|_| line.contains("../"))
                else {
                    continue;
                };
                let outside = outside.split('"').next().unwrap();
                included += 1;
                let is_sent = sent.iter().any(|path| outside.starts_with(path));
                assert!(is_sent, "{}: {outside}", path.display());
            }
        }
    }
    assert!(included > 5, "{included}");
}

#[test]
fn the_health_check_and_the_proxy_ask_where_the_image_listens() {
    let (image, compose) = (packaging("Dockerfile"), packaging("compose.yaml"));
    let port = image.split("DIBAO_LISTEN=0.0.0.0:").nth(1).unwrap();
    let port = port.split_whitespace().next().unwrap();
    assert!(image.contains(&format!("EXPOSE {port}")));
    assert!(image.contains(&format!("http://127.0.0.1:{port}/healthz")));
    let there = format!("127.0.0.1:{port}");
    assert!(packaging("nginx-proxy.conf").contains(&format!("server {there};")));
    assert!(compose.contains(&format!("s/{there}/dibao:{port}/")));
    let machines = packaging("compose-machines.yaml");
    assert!(machines.contains(&format!("s/{there}/serve:{port}/")));
    let subnet = compose.split("subnet: ").nth(1).unwrap();
    let subnet = subnet.split_whitespace().next().unwrap();
    for document in ["docs/operating.md", "docs/zh/operating.md"] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        assert!(
            text.contains(&format!("forwarded = [\"{subnet}\"]")),
            "{document}"
        );
    }
}
