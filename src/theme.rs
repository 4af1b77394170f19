//! The colours of the page.

/// Names the colours of the page: those of the system, or light or dark always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Warm paper.
    Light,
    /// Deep ink.
    Dark,
}

impl Theme {
    /// Every theme in order.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Returns the theme's name, as it is kept and written into the page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}
