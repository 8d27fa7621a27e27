//! `pages` under `[list]`: the manner in which a portal numbers its list pages.
//!
//! Owns the names that feed files may write. Never knows a pager itself.

use std::str::FromStr;

/// The manner in which a portal numbers its list pages: a CMS family's, or plain links.
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
    /// No family's: the link that says 下一页.
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

    /// The names that feed files may give.
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
