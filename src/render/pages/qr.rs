//! A QR code of an address, for phones.
//!
//! Owns its drawing: one path, in units of the code's squares. Never makes a code by itself: the
//! library does.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// The margin that ISO/IEC 18004 asks for, in squares.
const MARGIN: usize = 4;

/// The code of this address; nothing for one that is too long for a code.
pub(super) fn code(address: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::M) else {
        return html! {};
    };
    let width = code.width();
    let side = width + 2 * MARGIN;
    html! {
        svg viewBox=(format!("0 0 {side} {side}")) role="img" aria-label=(format!("二维码 QR code: {address}")) {
            path d=(path(&code.to_colors(), width)) {}
        }
    }
}

/// The dark squares of each row, run by run.
fn path(colors: &[Color], width: usize) -> String {
    let mut path = String::new();
    for (row, colors) in colors.chunks(width.max(1)).enumerate() {
        let mut column = 0;
        for run in colors.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, length) = (column + MARGIN, row + MARGIN, run.len());
                // Writing to a string cannot fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            column += run.len();
        }
    }
    path
}
