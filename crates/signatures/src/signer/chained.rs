//! The chain of the certificate that signed, to what was given, and the times for which it was made.

use waybill_core::time;

use crate::arithmetic::Arithmetic;
use crate::certificate::Certificate;
use crate::chain;
use crate::given::Given;
use crate::report::{Steps, What};
use crate::root::TrustedRoot;
use crate::sct;

/// A certificate that signed, with all that its chain is checked by.
pub(super) struct Chained<'a> {
    pub(super) leaf: &'a Certificate,
    pub(super) others: &'a [Certificate],
    pub(super) given: &'a Given,
    pub(super) times: &'a [i64],
    pub(super) now: i64,
}

impl Chained<'_> {
    /// Checks the chain to what was given, and that all of it was made for the time of signing; says to what.
    pub(super) async fn check(
        &self,
        steps: &mut Steps,
        needed: &mut Vec<What>,
        arithmetic: &impl Arithmetic,
    ) -> String {
        if self.given.certificates.is_empty() && self.given.root.is_none() {
            steps.not_checked(
                What::Chain,
                "no root was given, so whose certificate it is was not checked",
            );
            return String::new();
        }
        let mut why = None;
        if !self.given.certificates.is_empty() {
            let given = &self.given.certificates;
            match chain::find(self.leaf, self.others, given, arithmetic).await {
                Ok(chain) => {
                    steps.holds(What::Chain, "checked to the certificate you gave");
                    check_validity(steps, &chain, self.times, self.now);
                    return "the certificate you gave".to_owned();
                }
                Err(words) => why = Some(words),
            }
        }
        if let Some(root) = &self.given.root {
            match self.to_root(steps, root, arithmetic).await {
                Ok(()) => {
                    for (what, is_named) in [
                        (What::CertificateLog, !root.certificate_logs.is_empty()),
                        (What::Log, !root.logs.is_empty()),
                    ] {
                        if is_named {
                            needed.push(what);
                        }
                    }
                    return root.name.clone();
                }
                Err(words) => why = Some(words),
            }
        }
        steps.fails(What::Chain, why.unwrap_or_default());
        String::new()
    }

    /// Checks the chain to one of the root's authorities, at each checked time.
    async fn to_root(
        &self,
        steps: &mut Steps,
        root: &TrustedRoot,
        arithmetic: &impl Arithmetic,
    ) -> Result<(), String> {
        let mut why = format!("its issuer is not known to {}", root.name);
        for authority in &root.authorities {
            let Some(end) = authority.chain.last() else {
                continue;
            };
            let others = [&authority.chain[..authority.chain.len() - 1], self.others].concat();
            let end = std::slice::from_ref(end);
            let chain = match chain::find(self.leaf, &others, end, arithmetic).await {
                Ok(chain) => chain,
                Err(words) => {
                    why = words;
                    continue;
                }
            };
            let times = if self.times.is_empty() {
                std::slice::from_ref(&self.now)
            } else {
                self.times
            };
            let outside = times.iter().find(|time| !authority.period.holds(**time));
            if let Some(time) = outside {
                let time = time::from_1970(*time);
                why = format!("its issuer does not count at {time} by {}", root.name);
                continue;
            }
            steps.holds(What::Chain, format!("checked to {}", root.name));
            check_validity(steps, &chain, self.times, self.now);
            if !root.certificate_logs.is_empty()
                && let Some(issuer) = chain.get(1)
            {
                sct::check(steps, self.leaf, issuer, root, arithmetic).await;
            }
            return Ok(());
        }
        Err(why)
    }
}

/// Every certificate has to be made for every time of signing that was checked (CVE-2026-24122).
pub(super) fn check_validity(steps: &mut Steps, chain: &[Certificate], checked: &[i64], now: i64) {
    let times = if checked.is_empty() {
        std::slice::from_ref(&now)
    } else {
        checked
    };
    for time in times {
        let outside = chain
            .iter()
            .find(|certificate| !certificate.is_valid_at(*time));
        let Some(outside) = outside else {
            continue;
        };
        let (from, until) = outside.validity();
        let evidence = format!(
            "the certificate of {} was made for {} to {}",
            outside.names().join(", "),
            time::from_1970(from),
            time::from_1970(until)
        );
        if checked.is_empty() {
            steps.not_checked(
                What::Validity,
                format!("the time of signing was not checked, and now {evidence}"),
            );
        } else {
            let time = time::from_1970(*time);
            steps.fails(
                What::Validity,
                format!("it signed at {time}, and {evidence}"),
            );
        }
        return;
    }
    let count = chain.len();
    if checked.is_empty() {
        steps.holds(
            What::Validity,
            format!(
                "all {count} certificates are made for now; the time of signing was not checked"
            ),
        );
    } else {
        let times: Vec<_> = checked.iter().map(|time| time::from_1970(*time)).collect();
        let times = times.join(" and ");
        steps.holds(
            What::Validity,
            format!("all {count} certificates were made for the time of signing, {times}"),
        );
    }
}
