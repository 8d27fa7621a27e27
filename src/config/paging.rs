//! `pages` under `[list]`: how a portal numbers its list pages.
//!
//! Owns the names for feed files. Never reads a pager.

use std::str::FromStr;

/// How a portal numbers its list pages: like a family of CMS, or by links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingFamily {
    /// TRS WCM.
    Trs,
    /// Hanweb (大汉).
    Hanweb,
    /// UCAP (开普).
    Ucap,
    /// VSB (博达).
    Vsb,
    /// gkmlpt, the disclosure platform of Guangdong.
    Gkmlpt,
    /// By the link 下一页.
    Links,
}

impl PagingFamily {
    const ALL: [Self; 6] = [
        Self::Trs,
        Self::Hanweb,
        Self::Ucap,
        Self::Vsb,
        Self::Gkmlpt,
        Self::Links,
    ];

    /// Its name in feed files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trs => "trs",
            Self::Hanweb => "hanweb",
            Self::Ucap => "ucap",
            Self::Vsb => "vsb",
            Self::Gkmlpt => "gkmlpt",
            Self::Links => "next",
        }
    }

    /// The names for feed files.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.map(Self::name).to_vec()
    }
}

impl FromStr for PagingFamily {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|family| family.name() == text)
            .ok_or(())
    }
}
