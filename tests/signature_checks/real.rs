//! What real tools signed holds, with what they gave; and with nothing else.

use waybill_signatures::{Given, Verdict, What, summary};

use super::harness::{all, find};

#[test]
fn everything_that_a_tool_signed_holds_with_its_key() {
    for fixture in all() {
        let report = fixture.check();
        let is_other = fixture.name == "cosign/two-signers-payload";
        assert!(report.holds() || is_other, "{}: {report:#?}", fixture.name);
        let failed = report.steps.iter().filter(|step| step.verdict == Verdict::Fails);
        assert_eq!(failed.count(), usize::from(!report.holds()), "{report:#?}");
    }
}

#[test]
fn nothing_holds_without_a_key() {
    for fixture in all() {
        let report = fixture.check_with(&Given::default());
        assert_eq!(report.conclusion.verdict, Verdict::NotChecked, "{report:#?}");
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
            assert!(!report.holds(), "{} with {}: {report:#?}", fixture.name, other.name);
        }
    }
}

#[test]
fn of_two_signers_one_holds_and_the_other_is_said_to_be_another() {
    let reports: Vec<_> = all()
        .iter()
        .filter(|one| one.name == "cosign/two-signers-payload")
        .map(super::harness::Fixture::check)
        .collect();
    assert_eq!(summary(&reports), "1 of 2 signatures and signed statements hold with what you gave");
    let _ = (find("cosign/p256-payload"), What::Bytes);
}
