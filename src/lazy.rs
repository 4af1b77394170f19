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

/// Makes a part that brings one value and stays: `load()` brings it, and `here()` answers with it from then on. Where the
/// program is whole it is here from the start.
macro_rules! kept {
    ($part:ident: $(#[$doc:meta])* $type:ty = $value:expr) => {
        $crate::lazy::apart! {
            $part:
            $(#[$doc])*
            fn bring() -> $type {
                $value
            }
        }

        #[cfg(feature = "split")]
        thread_local! {
            static KEPT: std::cell::OnceCell<$type> = const { std::cell::OnceCell::new() };
        }

        /// Loads it, so that it is here from then on.
        ///
        /// # Errors
        ///
        /// Fails where its part of the program does not come; it may be called again.
        pub async fn load() -> Result<(), $crate::lazy::LoadError> {
            let value = bring().await?;
            keep(value);
            Ok(())
        }

        #[cfg(feature = "split")]
        fn keep(value: $type) {
            KEPT.with(|kept| {
                // Who asked twice gets the same one.
                kept.get_or_init(move || value);
            });
        }

        #[cfg(not(feature = "split"))]
        fn keep(_: $type) {}

        #[cfg(feature = "split")]
        fn here() -> Option<$type> {
            KEPT.with(|kept| kept.get().copied())
        }

        #[cfg(not(feature = "split"))]
        #[allow(clippy::unnecessary_wraps, reason = "it is here already")]
        fn here() -> Option<$type> {
            Some($value)
        }

        /// Tells whether it is here.
        #[must_use]
        pub fn is_here() -> bool {
            here().is_some()
        }
    };
}

pub(crate) use kept;

/// Loads the style of the parts beside a part that needs it, and answers with the part once both are here.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn styled<T>(part: impl Future<Output = Result<T, LoadError>>) -> Result<T, LoadError> {
    let style = crate::browser::style::load();
    let part = part.await;
    // Heard in any case: where it did not come, the next try asks for it again.
    if style.await {
        return part;
    }
    part.and(Err(LoadError::missing()))
}

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

impl LoadError {
    /// Of a file that did not come.
    fn missing() -> Self {
        if crate::browser::dom::is_offline() {
            Self::Offline
        } else {
            Self::Failed
        }
    }
}

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for LoadError {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self::missing()
    }
}

/// A part as the shell holds it: here or not, and why not. What it brings is `T`.
#[derive(Clone, Copy, Debug)]
pub struct LazyPart<T> {
    /// What it brought; `None` until it came.
    pub value: Option<T>,
    /// Why it did not come.
    pub failed: Option<LoadError>,
    loading: bool,
}

impl<T> LazyPart<T> {
    /// Makes a part that is here already with what it brings, or is not.
    #[must_use]
    pub fn new(value: Option<T>) -> Self {
        Self {
            value,
            failed: None,
            loading: false,
        }
    }

    /// Tells whether it is here.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.value.is_some()
    }

    /// Begins to load it; false where it is here or on its way.
    pub fn begin_to_load(&mut self) -> bool {
        if self.is_here() || self.loading {
            return false;
        }
        self.failed = None;
        self.loading = true;
        true
    }

    /// Takes it once it came, or why it did not.
    pub fn loaded(&mut self, came: Result<T, LoadError>) {
        self.loading = false;
        match came {
            Ok(value) => self.value = Some(value),
            Err(error) => self.failed = Some(error),
        }
    }
}

/// A page whose part of the program is loaded when it is wanted, as the shell holds it: there or not, and what it is to
/// be told once it is. Its commands are `C`.
#[derive(Debug)]
pub struct LazyPage<C: 'static> {
    /// Its part, which brings what mounts the page.
    pub part: LazyPart<Mount<C>>,
    link: Option<Link<C>>,
    waiting: Vec<C>,
}

impl<C> LazyPage<C> {
    /// Makes a page whose program is here already with what mounts it, or is not.
    #[must_use]
    pub fn new(mount: Option<Mount<C>>) -> Self {
        Self {
            part: LazyPart::new(mount),
            link: None,
            waiting: Vec::new(),
        }
    }

    /// Tells whether the page is mounted, so that it hears at once.
    #[must_use]
    pub fn is_mounted(&self) -> bool {
        self.link.is_some()
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
