//! What an image wastes, by dive's count and by ours.

use std::cmp::Reverse;

use super::looks::why;
use super::query::{Costly, Dive, Waste};
use super::{Image, written};
use crate::dive::{Figures, Rule, Thresholds, figures};
use crate::tree::Tree;
use crate::waste::{self, Duplicates};

/// How many files are told that cost most.
const TOLD: usize = 10;

pub(super) fn of(image: &Image) -> Waste {
    let Image { layers, tree, .. } = image;
    let found = waste::Waste::of(layers, tree);
    let duplicates = waste::duplicates(layers, tree);
    let text = |node| format!("/{}", written(&tree.path(node)));
    let hidden = found.files.iter().take(TOLD).map(|file| Costly {
        path: text(file.node),
        bytes: file.bytes,
        layer: file.place.layer,
        hidden: Some((file.hidden.layer, why(file.hidden.reason))),
        copies: 1,
    });
    let copied = duplicates.iter().take(TOLD).filter_map(|copies| {
        let first = *copies.files.first()?;
        Some(Costly {
            path: text(first),
            bytes: copies.extra(),
            layer: tree.visible(first)?.layer,
            hidden: None,
            copies: u32::try_from(copies.files.len()).unwrap_or(u32::MAX),
        })
    });
    let mut costly: Vec<_> = hidden.chain(copied).collect();
    costly.sort_by_key(|one| Reverse(one.bytes));
    costly.truncate(TOLD);
    let extra = duplicates
        .iter()
        .map(Duplicates::extra)
        .fold(0, u64::saturating_add);
    let sizes = tree.sizes(layers);
    let all = sizes.get(Tree::ROOT.number()).copied().unwrap_or(0);
    Waste {
        seen: all.saturating_sub(extra),
        duplicates: extra,
        hidden: found.bytes,
        reasons: found
            .reasons
            .iter()
            .map(|(reason, bytes)| (why(*reason), *bytes))
            .collect(),
        files: (found.files.len() + duplicates.len()) as u64,
        costly,
        is_partial: found.is_partial,
        dive: Some(
            figures(layers)
                .map(|figures| dive(&figures))
                .map_err(|why| why.to_string()),
        ),
    }
}

fn dive(figures: &Figures) -> Dive {
    let verdict = figures.verdict(&Thresholds::default());
    let rules = [
        (verdict.efficiency, "lowestEfficiency"),
        (verdict.wasted_bytes, "highestWastedBytes"),
        (verdict.user_wasted_percent, "highestUserWastedPercent"),
    ];
    let failed = rules.into_iter().filter(|(rule, _)| *rule == Rule::Failed);
    Dive {
        efficiency: percent(figures.score),
        wasted_bytes: figures.wasted_bytes,
        user_wasted: percent(figures.wasted_user_percent),
        passes: verdict.passes(),
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
