use super::*;

#[test]
fn what_is_accepted_directly_needs_no_preflight() {
    for pair in [ACCEPT_DOCKER, ACCEPT_OCI] {
        assert!(pair.len() <= ACCEPT_BYTES, "{} bytes", pair.len());
    }
    assert!(
        ACCEPT_ALL
            .split(',')
            .all(|kind| MediaType::new(kind).meaning().is_some())
    );
}
