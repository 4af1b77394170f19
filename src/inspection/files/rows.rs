//! Which rows are in view, and where they stand, however many there are.

use std::ops::Range;

use super::message::Scroll;

/// Browsers draw nothing that is higher, in pixels; some end at 17 million.
const HIGHEST: f64 = 10_000_000.0;

/// How many rows are asked for at once.
pub const ASKED: u32 = 120;

/// How many rows above and below those in view are drawn, so that a row is there before it is seen.
const AROUND: u32 = 8;

/// How high a row is as long as nobody measured one, in pixels.
const ROW: f64 = 28.0;

/// The rows of a list as they stand in what scrolls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rows {
    /// How many there are.
    pub total: u32,
    /// How they are scrolled.
    pub scroll: Scroll,
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a row is far below what both types hold"
)]
fn whole(rows: f64) -> u32 {
    rows.max(0.0) as u32
}

impl Rows {
    fn row(&self) -> f64 {
        if self.scroll.row > 1.0 {
            self.scroll.row
        } else {
            ROW
        }
    }

    /// How high all rows are together.
    #[must_use]
    pub fn height(&self) -> f64 {
        (f64::from(self.total) * self.row()).min(HIGHEST)
    }

    /// How many rows fit into the view.
    #[must_use]
    pub fn in_view(&self) -> u32 {
        whole(self.scroll.height / self.row()).max(1)
    }

    /// By how much it scrolls from the first row to the last: in rows, and in pixels.
    fn span(&self) -> (f64, f64) {
        let rows = f64::from(self.total) - self.scroll.height / self.row();
        (rows.max(0.0), (self.height() - self.scroll.height).max(0.0))
    }

    /// The first row in view, with the part of it that is scrolled past.
    fn first(&self) -> f64 {
        let (rows, pixels) = self.span();
        if pixels <= 0.0 {
            return 0.0;
        }
        // Where all rows are higher than browsers draw, a pixel is more than itself.
        (self.scroll.top / pixels).clamp(0.0, 1.0) * rows
    }

    /// The rows to draw.
    #[must_use]
    pub fn drawn(&self) -> Range<u32> {
        let first = whole(self.first());
        let end = first + self.in_view() + 2 + AROUND;
        first.saturating_sub(AROUND)..end.min(self.total)
    }

    /// The rows to ask for, so that those in view are in the middle.
    #[must_use]
    pub fn asked(&self) -> Range<u32> {
        let drawn = self.drawn();
        let more = ASKED.saturating_sub(drawn.end - drawn.start) / 2;
        let from = drawn.start.saturating_sub(more);
        from..from + ASKED.max(drawn.end - drawn.start)
    }

    /// How far from the top the drawn row of that number stands.
    #[must_use]
    pub fn top(&self, row: u32) -> f64 {
        let above = (self.first() - f64::from(row)) * self.row();
        (self.scroll.top - above).max(0.0)
    }

    /// How far to scroll so that a row is in view; `None` where it is.
    #[must_use]
    pub fn to_see(&self, row: u32) -> Option<f64> {
        let (first, row) = (self.first(), f64::from(row));
        let in_view = self.scroll.height / self.row();
        let wanted = if row < first {
            row
        } else if row + 1.0 > first + in_view {
            row + 1.0 - in_view
        } else {
            return None;
        };
        let (rows, pixels) = self.span();
        (rows > 0.0).then(|| (wanted / rows).clamp(0.0, 1.0) * pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(total: u32, top: f64) -> Rows {
        Rows {
            total,
            scroll: Scroll {
                top,
                height: 280.0,
                row: 28.0,
            },
        }
    }

    #[test]
    fn few_rows_are_drawn_however_many_there_are() {
        for total in [0, 1, 9, 10, 11, 1_000, 300_000, 2_000_000] {
            for part in 0..=10 {
                let height = at(total, 0.0).height();
                let rows = at(total, (height - 280.0).max(0.0) * f64::from(part) / 10.0);
                let drawn = rows.drawn();
                assert!(
                    drawn.len() <= 30 && drawn.end <= total,
                    "{total} {part} {drawn:?}"
                );
                let asked = rows.asked();
                assert!(asked.start <= drawn.start && asked.end >= drawn.end);
                assert!(total == 0 || !drawn.is_empty());
            }
            let end = at(total, at(total, 0.0).height());
            assert_eq!(end.drawn().end, total, "the last row is there at the end");
        }
    }

    #[test]
    fn each_row_stands_where_it_is_scrolled_to() {
        for (total, row) in [(100, 57), (300_000, 299_999), (2_000_000, 1_234_567)] {
            let top = at(total, 0.0).to_see(row).expect("it is out of view");
            let rows = at(total, top);
            assert_eq!(rows.to_see(row), None);
            assert!(rows.drawn().contains(&row));
            let place = rows.top(row) - top;
            assert!((-0.5..=252.5).contains(&place), "{total} {row} {place}");
        }
        // As long as they fit, they stand where they would stand without any of this.
        assert!((at(1_000, 500.0).top(40) - 1120.0).abs() < 0.001);
    }
}
