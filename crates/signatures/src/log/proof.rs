//! Proofs that an entry is in a log, and what a log signed of itself. Source: RFC 9162, 2.1.3.2; C2SP `tlog-checkpoint`.

use waybill_core::base64;
use waybill_core::json::Object;

use super::fields::{inner, number, text};
use crate::arithmetic::{Arithmetic, Hash};
use crate::key::{Choice, PublicKey, hash};
use crate::limits;
use crate::root::Log;

/// A proof that an entry is in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) index: u64,
    pub(crate) size: u64,
    pub(crate) root: Vec<u8>,
    pub(crate) hashes: Vec<Vec<u8>>,
    pub(crate) checkpoint: Option<String>,
}

impl Proof {
    pub(super) fn read(proof: &Object<'_>) -> Option<Self> {
        let hashes = match proof.get("hashes") {
            None => Vec::new(),
            Some(hashes) => {
                let hashes = hashes.as_array()?;
                if hashes.len() > limits::PROOF_HASHES {
                    return None;
                }
                let hashes = hashes.iter().map(|one| base64::decode(one.as_str()?));
                hashes.collect::<Option<_>>()?
            }
        };
        let index = match proof.get("logIndex") {
            None => 0,
            Some(_) => number(proof, "logIndex")?,
        };
        let checkpoint = inner(proof, &["checkpoint"]).and_then(|one| text(one, "envelope"));
        Some(Self {
            index,
            size: number(proof, "treeSize")?,
            root: base64::decode(text(proof, "rootHash")?)?,
            hashes,
            checkpoint: checkpoint.map(str::to_owned),
        })
    }

    /// The root that the hashes from a leaf up come to. Source: RFC 9162, 2.1.3.2.
    pub(super) fn computed(&self, leaf: &[u8]) -> Option<Vec<u8>> {
        let node = |left: &[u8], right: &[u8]| hash(Hash::Sha256, &[&[1], left, right].concat());
        let (mut place, mut last) = (self.index, self.size.checked_sub(1)?);
        if place > last {
            return None;
        }
        let mut root = hash(Hash::Sha256, &[&[0], leaf].concat());
        for sibling in &self.hashes {
            if last == 0 {
                return None;
            }
            if place % 2 == 1 || place == last {
                root = node(sibling, &root);
                while place.is_multiple_of(2) && place != 0 {
                    (place, last) = (place / 2, last / 2);
                }
            } else {
                root = node(&root, sibling);
            }
            (place, last) = (place / 2, last / 2);
        }
        (last == 0).then_some(root)
    }
}

/// Checks what a log signed of itself: its size and root are the proof's, and one signature is the log's. The error
/// says whether it could not be computed, and why.
pub(super) async fn check_checkpoint(
    checkpoint: &str,
    proof: &Proof,
    log: &Log,
    arithmetic: &impl Arithmetic,
) -> Result<String, (bool, String)> {
    let fails = |why: &str| (false, why.to_owned());
    let (head, lines) = checkpoint
        .split_once("\n\n")
        .ok_or_else(|| fails("it has no signatures"))?;
    let mut facts = head.split('\n');
    let origin = facts.next().filter(|origin| !origin.is_empty());
    let origin = origin.ok_or_else(|| fails("it names no log"))?;
    let size = facts.next().and_then(|size| size.parse().ok());
    let root = facts.next().and_then(base64::decode);
    if size != Some(proof.size) || root.as_ref() != Some(&proof.root) {
        return Err(fails("its size or root is not the proof's"));
    }
    let signed = format!("{head}\n");
    let hint = log.id.get(..4).unwrap_or_default();
    let mut refused = None;
    for line in lines.lines().take(limits::CHECKPOINT_LINES) {
        let signature = line
            .strip_prefix("\u{2014} ")
            .and_then(|line| line.split_once(' '));
        let Some((name, signature)) = signature else {
            continue;
        };
        let is_its = origin == name
            || origin
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(" - "));
        let signature = base64::decode(signature);
        let signature = signature
            .as_deref()
            .and_then(|signature| signature.strip_prefix(hint));
        let (true, Some(signature)) = (is_its, signature) else {
            continue;
        };
        let key: &PublicKey = &log.key;
        match key
            .verify(
                arithmetic,
                Choice::Exactly(Hash::Sha256),
                signed.as_bytes(),
                signature,
            )
            .await
        {
            Ok(Some(scheme)) => return Ok(scheme.to_string()),
            Ok(None) => {}
            Err(unavailable) => refused = Some(unavailable),
        }
    }
    Err(match refused {
        Some(unavailable) => (true, unavailable.reason().to_owned()),
        None => fails("none of its signatures is the log's"),
    })
}
