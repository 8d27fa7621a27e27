//! The icons that feed readers show beside our feeds.
//!
//! Owns the bytes, which are part of the binary; `assets/` has their sources. Never changes them.

use super::paths;

/// A square icon for JSON Feed and Atom.
const ICON: &[u8] = include_bytes!("../../assets/icon.png");
/// The same for small places.
const FAVICON: &[u8] = include_bytes!("../../assets/favicon.png");
/// The same as a drawing.
const DRAWING: &[u8] = include_bytes!("../../assets/icon.svg");
/// A logo for Atom, twice as wide as high.
const LOGO: &[u8] = include_bytes!("../../assets/logo.png");

/// Width and height of the logo in pixels. RSS allows at most 144 × 400.
pub(super) const LOGO_SIZE: (u32, u32) = (144, 72);

/// All icons, with their published paths.
pub const FILES: [(&str, &[u8]); 4] = [
    (paths::ICON, ICON),
    (paths::FAVICON, FAVICON),
    (paths::ICON_DRAWING, DRAWING),
    (paths::LOGO, LOGO),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logo_has_the_size_that_feeds_are_told() {
        let number = |at: usize| u32::from_be_bytes(LOGO[at..at + 4].try_into().unwrap());
        // The first chunk of a PNG has its width and height here.
        assert_eq!((number(16), number(20)), LOGO_SIZE);
    }
}
