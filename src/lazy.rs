//! Parts of the program: what one page alone needs comes apart from the rest, and only when it is wanted.
//!
//! A part is what nothing but one function made by `apart!` reaches: its code, its texts, its tables of methods. So the
//! function answers with an object behind which everything of that page stands, and the rest of the program calls only
//! that. `crates/bundle` cuts the parts off; without the feature `split` the program is whole, as for `trunk serve`
//! and in tests.

use std::fmt;

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
            Self::Failed => "the network or the server failed, or Waybill was renewed since this page was opened",
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
