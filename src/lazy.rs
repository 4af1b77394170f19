//! Parts of the program: what one page alone needs comes apart from the rest, and only when it is wanted.
//!
//! A part is what nothing but one function made by `apart!` reaches: its code, its texts, its tables of methods. So the
//! function of a page answers with what mounts the page's component, and the rest of the program calls nothing of that
//! page. `crates/bundle` cuts the parts off; without the feature `split` the program is whole, as for `trunk serve`
//! and in tests.

use std::fmt;

use crate::shell::{Link, Mount};

/// Makes a function that brings its part of the program and answers then: `PART: fn NAME(…) -> … { … }`. It may be
/// called again after a failure.
macro_rules! apart {
    (
        $part:ident:
        $(#[$doc:meta])*
        $visible:vis fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty $body:block
    ) => {
        $(#[$doc])*
        #[cfg(feature = "split")]
        $visible async fn $name($($argument: $type),*) -> Result<$output, $crate::lazy::LoadError> {
            #[wasm_split_helpers::wasm_split($part, fallible)]
            fn apart($($argument: $type),*) -> Result<$output, $crate::lazy::LoadError> {
                Ok($body)
            }
            apart($($argument),*).await
        }

        $(#[$doc])*
        #[cfg(not(feature = "split"))]
        #[allow(clippy::unused_async, reason = "it is here already")]
        $visible async fn $name($($argument: $type),*) -> Result<$output, $crate::lazy::LoadError> {
            Ok($body)
        }
    };
}

pub(crate) use apart;

/// A part of the program that did not come. The browser's console has its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The browser says that it is offline.
    Offline,
    /// Anything else.
    Failed,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offline => "this browser is offline, try again when it is online",
            Self::Failed => {
                "the network or the server failed, or Waybill was renewed since \
                this page was opened"
            }
        })
    }
}

impl std::error::Error for LoadError {}

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for LoadError {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        if crate::browser::dom::is_offline() {
            Self::Offline
        } else {
            Self::Failed
        }
    }
}

/// What a page needs beside its program and is loaded when it is wanted: here or not.
#[derive(Clone, Copy, Debug, Default)]
pub struct LazyPart {
    /// Whether it is here.
    pub is_here: bool,
    /// Why it did not come.
    pub failed: Option<LoadError>,
    loading: bool,
}

impl LazyPart {
    /// Makes a part that is here already, or is not.
    #[must_use]
    pub fn new(is_here: bool) -> Self {
        Self {
            is_here,
            ..Self::default()
        }
    }

    /// Begins to load it; false where it is here or on its way.
    pub fn begin_to_load(&mut self) -> bool {
        if self.is_here || self.loading {
            return false;
        }
        self.failed = None;
        self.loading = true;
        true
    }

    /// Takes that it came, or why it did not.
    pub fn loaded(&mut self, came: Result<(), LoadError>) {
        self.loading = false;
        self.is_here = came.is_ok();
        self.failed = came.err();
    }
}

/// A page whose part of the program is loaded when it is wanted, as the shell holds it: there or not, and what it is to
/// be told once it is. Its commands are `C`.
#[derive(Debug)]
pub struct LazyPage<C: 'static> {
    /// Mounts the page; `None` until the part came.
    pub mount: Option<Mount<C>>,
    /// Why the part did not come.
    pub failed: Option<LoadError>,
    loading: bool,
    link: Option<Link<C>>,
    waiting: Vec<C>,
}

impl<C> Default for LazyPage<C> {
    fn default() -> Self {
        Self {
            mount: None,
            failed: None,
            loading: false,
            link: None,
            waiting: Vec::new(),
        }
    }
}

impl<C> LazyPage<C> {
    /// Makes a page whose program is here already.
    #[must_use]
    pub fn here(mount: Mount<C>) -> Self {
        Self {
            mount: Some(mount),
            ..Self::default()
        }
    }

    /// Tells whether the page is mounted, so that it hears at once.
    #[must_use]
    pub fn is_mounted(&self) -> bool {
        self.link.is_some()
    }

    /// Begins to load the part; false where it is there or on its way.
    pub fn begin_to_load(&mut self) -> bool {
        if self.mount.is_some() || self.loading {
            return false;
        }
        self.failed = None;
        self.loading = true;
        true
    }

    /// Takes the part once it came, or why it did not.
    pub fn loaded(&mut self, came: Result<Mount<C>, LoadError>) {
        self.loading = false;
        match came {
            Ok(mount) => self.mount = Some(mount),
            Err(error) => self.failed = Some(error),
        }
    }

    /// Takes the link of the page that was mounted, and returns what it is to be told first.
    pub fn mounted(&mut self, link: Link<C>) -> Vec<C> {
        self.link = Some(link);
        std::mem::take(&mut self.waiting)
    }

    /// Returns what is told to the page now; `None` where it is kept until the page is mounted.
    pub fn tell(&mut self, command: C) -> Option<C> {
        if self.link.is_some() {
            return Some(command);
        }
        self.waiting.push(command);
        None
    }

    /// Sends a command to the page, which is mounted.
    pub fn send(&self, command: C) {
        if let Some(link) = &self.link {
            link.emit(command);
        }
    }

    /// Lists what the page is to be told once it is mounted, to be changed.
    pub fn waiting(&mut self) -> &mut Vec<C> {
        &mut self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_may_have_happened() {
        let said =
            "the network or the server failed, or Waybill was renewed since this page was opened";
        assert_eq!(LoadError::Failed.to_string(), said);
        assert_eq!(
            LoadError::Offline.to_string(),
            "this browser is offline, try again when it is online"
        );
    }
}
