//! `docker save` before 1.10: `repositories`, and a folder for each layer with its config.
//!
//! Source: moby v28 `image/tarexport/load.go` (`legacyLoad`).

use super::reading::Reading;
use super::source::{ReadError, Source};

impl<S: Source> Reading<'_, S> {
    pub(super) async fn legacy(&mut self) -> Result<(), ReadError> {
        Ok(())
    }
}
