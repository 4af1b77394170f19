//! What real tools signed holds, with what they gave; and with nothing else.

use waybill_signatures::{Given, Verdict};

use super::harness::all;

#[test]
fn everything_that_a_tool_signed_holds_with_its_key() {
    for fixture in all() {
        let report = fixture.check();
        let is_other = fixture.name == "cosign/two-signers-payload";
        assert!(report.holds() || is_other, "{}: {report:#?}", fixture.name);
        let failed = report
            .steps
            .iter()
            .filter(|step| step.verdict == Verdict::Fails);
        assert_eq!(failed.count(), usize::from(!report.holds()), "{report:#?}");
    }
}

#[test]
fn nothing_holds_without_a_key() {
    for fixture in all() {
        let report = fixture.check_with(&Given::default());
        assert_eq!(
            report.conclusion.verdict,
            Verdict::NotChecked,
            "{report:#?}"
        );
    }
}

#[test]
fn nothing_holds_with_the_key_of_another() {
    let fixtures = all();
    for fixture in &fixtures {
        for other in fixtures.iter().filter(|other| other.given != fixture.given) {
            let report = fixture.check_with(&other.given);
            if fixture.name == "cosign/two-signers-payload" {
                continue;
            }
            assert!(
                !report.holds(),
                "{} with {}: {report:#?}",
                fixture.name,
                other.name
            );
        }
    }
}
