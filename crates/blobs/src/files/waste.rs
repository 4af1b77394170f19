//! What an image wastes, by dive's count and by ours.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::looks::why;
use super::query::{Costly, Dive, Waste};
use super::{Image, written};
use crate::dive::{Figures, Status, Thresholds};
use crate::tree::Reason;
use crate::waste;

/// How many files are told that cost most.
const TOLD: usize = 10;

pub(super) fn of(image: &Image) -> Waste {
    let Image { layers, tree, .. } = image;
    let found = waste::Waste::count(tree, layers, TOLD);
    let text = |node| format!("/{}", written(&tree.path(node)));
    let hidden = found.files.iter().map(|file| Costly {
        path: text(file.node),
        bytes: file.bytes,
        layer: file.place.layer,
        hidden: Some((file.hidden.layer, why(file.hidden.reason))),
        copies: 1,
    });
    let copied = found.duplicates.iter().filter_map(|copies| {
        let first = *copies.files.first()?;
        Some(Costly {
            path: text(first),
            bytes: copies.bytes(),
            layer: tree.visible(first)?.layer,
            hidden: None,
            copies: u32::try_from(copies.files.len()).unwrap_or(u32::MAX),
        })
    });
    let mut costly: Vec<_> = hidden.chain(copied).collect();
    costly.sort_by_key(|one| Reverse(one.bytes));
    costly.truncate(TOLD);
    let mut reasons: BTreeMap<Reason, u64> = BTreeMap::new();
    for (reason, bytes) in found.layers.iter().flat_map(|layer| &layer.hides) {
        let sum = reasons.entry(*reason).or_default();
        *sum = sum.saturating_add(*bytes);
    }
    Waste {
        seen: found.visible_bytes.saturating_sub(found.duplicate_bytes),
        duplicates: found.duplicate_bytes,
        hidden: found.hidden_bytes,
        reasons: reasons
            .into_iter()
            .map(|(reason, bytes)| (why(reason), bytes))
            .collect(),
        files: (found.hidden_files + found.duplicated) as u64,
        costly,
        is_partial: found.left_out > 0,
        dive: Some(
            Figures::count(layers)
                .map(|figures| dive(&figures))
                .map_err(|why| why.to_string()),
        ),
    }
}

fn dive(figures: &Figures) -> Dive {
    // Dive's own thresholds are shares, which it takes.
    let verdict = figures.verdict(&Thresholds::default()).ok();
    let failed = verdict.iter().flat_map(|verdict| {
        [
            (verdict.lowest_efficiency, "lowestEfficiency"),
            (verdict.highest_wasted_bytes, "highestWastedBytes"),
            (
                verdict.highest_user_wasted_percent,
                "highestUserWastedPercent",
            ),
        ]
    });
    let failed = failed.filter(|(status, _)| *status == Status::Failed);
    Dive {
        efficiency: percent(figures.score),
        wasted_bytes: figures.wasted_bytes,
        user_wasted: percent(figures.wasted_user_percent),
        passes: verdict.is_some_and(|verdict| verdict.passes()),
        failed: failed.map(|(_, name)| name.to_owned()).collect(),
    }
}

/// As Go writes `%2.4f %%`.
fn percent(share: f64) -> String {
    if share.is_nan() {
        "NaN %".to_owned()
    } else if share.is_infinite() {
        "+Inf %".to_owned()
    } else {
        format!("{:.4} %", share * 100.0)
    }
}
