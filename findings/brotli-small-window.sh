#!/usr/bin/env bash
# brotli 9.1.1 (crates.io), the encoder of many servers and tools in Rust.
#
# Expected: a smaller window costs less memory and time. That is what the parameter is for: RFC 7932, 9.1,
#   and the encoder's own documents name it as a limit of memory.
# Seen: at quality 5 to 8, a window of 16 bits or less takes a table of 32 MiB, for a page of any size. One
#   of 17 bits takes 1 MiB at quality 5. The reference encoder has a small table for small windows; this
#   one has not ported it, and falls back to the table for files of many megabytes. The table is cleared
#   by the system page by page, as it is touched: a page of 33 KB took 24 ms in place of 1.2 ms.
# Why it matters: who fits the window to the size of a small page, as one does for feeds and articles of
#   some kilobytes, pays twenty times for it and saves nothing. Ask for 17 bits or more.
source "$(dirname "$0")/lib.sh"

seen=$(rust_program 'brotli = "=9.1.1"' <<'END'
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The largest piece of memory that was asked for.
static LARGEST: AtomicUsize = AtomicUsize::new(0);

struct Noting;

unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        System.alloc(layout)
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        System.alloc_zeroed(layout)
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        System.dealloc(memory, layout)
    }
}

#[global_allocator]
static NOTING: Noting = Noting;

fn main() {
    let page: String = (1..400)
        .map(|n| format!("<li><a href=\"/gzdt/{n}.html\">关于第{n}批老旧小区改造的通知</a></li>"))
        .collect();
    for (quality, window) in [(4, 16), (5, 15), (5, 16), (5, 17), (7, 16), (7, 17)] {
        let params = brotli::enc::BrotliEncoderParams {
            quality,
            lgwin: window,
            size_hint: page.len(),
            ..Default::default()
        };
        LARGEST.store(0, Ordering::Relaxed);
        let mut packed = Vec::new();
        brotli::BrotliCompress(&mut page.as_bytes(), &mut packed, &params).unwrap();
        let largest = LARGEST.load(Ordering::Relaxed) >> 10;
        println!("quality {quality}, window {window}: a table of {largest} KiB");
    }
}
END
)

compare "$seen" <<'END'
quality 4, window 16: a table of 512 KiB
quality 5, window 15: a table of 32768 KiB
quality 5, window 16: a table of 32768 KiB
quality 5, window 17: a table of 1024 KiB
quality 7, window 16: a table of 32768 KiB
quality 7, window 17: a table of 8192 KiB
END
