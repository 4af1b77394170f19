//! What comes up while a push is planned: sources and sizes that are learned late, and what is there
//! already.

use super::*;

/// An index with one entry for each of these manifests, and its own descriptor.
fn index(manifests: &[&[u8]], rest: &str) -> (Vec<u8>, Descriptor) {
    let entry = |bytes: &&[u8]| {
        let one = descriptor(bytes, MediaType::OCI_MANIFEST);
        let (digest, size) = (one.digest_text, bytes.len());
        let media_type = if bytes.windows(11).any(|text| text == b"\"manifests\"") {
            MediaType::OCI_INDEX
        } else {
            MediaType::OCI_MANIFEST
        };
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
    };
    let entries = manifests.iter().map(entry).collect::<Vec<_>>().join(",");
    let bytes = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{entries}]{rest}}}"#,
        MediaType::OCI_INDEX
    )
    .into_bytes();
    let own = descriptor(&bytes, MediaType::OCI_INDEX);
    (bytes, own)
}

/// The answer of a source that has one of these contents.
fn read_of(contents: &[&[u8]], request: &Request) -> Option<Outcome> {
    let Request::ReadSource { digest, .. } = request else {
        return nothing_there(request);
    };
    let bytes = contents
        .iter()
        .find(|bytes| Digest::sha256(bytes) == *digest)?;
    Some(Outcome::Read(Ok(crate::registry::answer::Fetched {
        bytes: bytes.to_vec(),
        content_type: None,
        docker_content_digest: None,
        via: Via::Direct,
        from_session: false,
    })))
}

/// Answers everything but the reading of sources, and then that.
fn plan_late(model: &mut Model, effects: Vec<Effect>, contents: &[&[u8]]) {
    let late = answer(model, effects, &nothing_there);
    let left = answer(model, late, &|request| read_of(contents, request));
    assert_eq!(left, []);
}

#[test]
fn a_source_that_is_learned_late_is_used() {
    let layer = MediaType::new("application/vnd.oci.image.layer.v1.tar");
    let shared = descriptor(b"layer", layer.clone());
    let far = image(&[shared.clone(), descriptor(b"more", layer)]);
    // A blob: the image that is here has no source for it, the registry's has one.
    let here = image(&[shared]);
    let both = [&here, &far].map(|bytes| descriptor(bytes, MediaType::OCI_MANIFEST));
    let mut given = task(both.to_vec());
    given.sources[0] = None;
    given.given = vec![(Digest::sha256(&here), here.clone().into())];
    let (mut model, effects) = Model::open(given, Generation(1));
    let late = answer(&mut model, effects, &nothing_there);
    let lacks = "the target does not have it, and no source of it is known";
    let both = [0, 1].map(|place| format!("Blob({place}): {lacks}"));
    assert_eq!(failures(&model), both);
    answer(&mut model, late, &|request| read_of(&[&far], request));
    assert_eq!(failures(&model), [""; 0]);
    assert_eq!(model.phase(), Phase::Planned);
    assert_eq!(
        model
            .blobs()
            .iter()
            .map(|blob| blob.how)
            .collect::<Vec<_>>(),
        [Some(Transfer::Copy); 3]
    );
    // A manifest: the list that is here names it without a source, the registry's with one.
    let (here, entry) = index(&[&far], "");
    let (other, other_entry) = index(&[&far], r#","annotations":{"a":"b"}"#);
    let mut given = task(vec![entry, other_entry]);
    given.sources[0] = None;
    given.given = vec![(Digest::sha256(&here), here.clone().into())];
    let (mut model, effects) = Model::open(given.clone(), Generation(1));
    plan_late(&mut model, effects, &[&far, &other]);
    assert_eq!(failures(&model), [""; 0]);
    assert_eq!(model.phase(), Phase::Planned);
    assert_eq!((model.totals().manifests_put, model.blobs().len()), (4, 3));
    // And all below a manifest that is here itself.
    given.given.push((Digest::sha256(&far), far.clone().into()));
    let (mut model, effects) = Model::open(given.clone(), Generation(1));
    plan_late(&mut model, effects, &[&other]);
    assert_eq!(failures(&model), [""; 0]);
    // However deep.
    let (deep, deep_entry) = index(&[&here], "");
    let (deep_other, deep_other_entry) = index(&[&here], r#","annotations":{"c":"d"}"#);
    let deep_given = (Digest::sha256(&deep), deep.into());
    given.given.push(deep_given);
    let deep_task = Task {
        given: given.given,
        ..task(vec![deep_entry, deep_other_entry])
    };
    let mut deep_task = deep_task;
    deep_task.sources[0] = None;
    let (mut model, effects) = Model::open(deep_task, Generation(1));
    plan_late(&mut model, effects, &[&deep_other]);
    assert_eq!(failures(&model), [""; 0]);
    assert_eq!(model.phase(), Phase::Planned);
}

#[test]
fn a_manifest_that_is_there_after_all_is_not_counted_as_one_to_put() {
    let entry = descriptor(b"x", MediaType::OCI_MANIFEST);
    let mut nowhere = task(vec![entry]);
    nowhere.sources[0] = None;
    let (mut model, effects) = Model::open(nowhere, Generation(1));
    answer(&mut model, effects, &nothing_there);
    assert_eq!(model.failures().len(), 1);
    let effects = update(&mut model, Msg::Retry);
    answer(&mut model, effects, &|_| Some(Outcome::Has(Ok(true))));
    assert_eq!(model.manifests()[1].state, StepState::Present);
    let totals = model.totals();
    assert_eq!((totals.manifests_present, totals.manifests_put), (1, 1));
}

#[test]
fn a_size_that_is_stated_later_is_taken() {
    let layer = MediaType::new("application/vnd.oci.image.layer.v1.tar");
    let sized = descriptor(b"x", layer);
    let sizeless = Descriptor {
        size: None,
        ..sized.clone()
    };
    for layers in [
        [sizeless.clone(), sized.clone()],
        [sized.clone(), sizeless.clone()],
    ] {
        let (model, _) = planned(&layers);
        assert_eq!(failures(&model), [""; 0]);
        assert_eq!(model.blobs()[1].size, Some(1));
    }
    // Also where the target was asked for it before the second is read.
    let images = [image(&[sizeless]), image(&[sized])];
    let entries = images
        .iter()
        .map(|bytes| descriptor(bytes, MediaType::OCI_MANIFEST))
        .collect();
    let (mut model, effects) = Model::open(task(entries), Generation(1));
    let late = answer(&mut model, effects, &|request| {
        read_of(&[&images[0]], request)
    });
    assert_eq!(failures(&model), ["Blob(1): its entry has no valid size"]);
    answer(&mut model, late, &|request| read_of(&[&images[1]], request));
    assert_eq!(failures(&model), [""; 0]);
    assert_eq!(model.phase(), Phase::Planned);
}

#[test]
fn what_is_a_step_already_is_not_one_too_many() {
    let layer = MediaType::new("application/vnd.oci.image.layer.v1.tar");
    let blob = descriptor(b"x", layer);
    let bytes = image(std::slice::from_ref(&blob));
    let (mut model, _) = planned(std::slice::from_ref(&blob));
    let filler = model.blobs[0].clone();
    let rest = limits::PUSHED_STEPS - model.manifests.len() - model.blobs.len();
    model.blobs.extend(vec![filler; rest]);
    let digest = |one: &Descriptor| one.digest.clone().expect("a digest");
    let entry = descriptor(&bytes, MediaType::OCI_MANIFEST);
    assert_eq!(model.add_blob(&blob, &digest(&blob), None), Ok(1));
    assert_eq!(model.add_entry(&entry, None), Ok(1));
    let new = descriptor(b"y", MediaType::OCI_MANIFEST);
    assert_eq!(
        model.add_blob(&new, &digest(&new), None),
        Err(Failure::TooMany)
    );
    assert_eq!(model.add_entry(&new, None), Err(Failure::TooMany));
}

#[test]
fn a_list_that_its_tag_names_already_has_its_own_referrers_kept() {
    let subject = descriptor(b"subject", MediaType::OCI_MANIFEST);
    for (taken, steps) in [(false, 1), (true, 0)] {
        let written = Draft {
            subject: Some(subject.clone()),
            ..Draft::new(ListKind::OciIndex)
        };
        let task = Task {
            root: Root::Composed(written.write().into()),
            ..task(vec![])
        };
        let list = std::rc::Rc::clone(task.root.bytes());
        let tagged = |request: &Request| match request {
            Request::ReadTarget { .. } => {
                Some(Outcome::Read(Ok(crate::registry::answer::Fetched {
                    bytes: list.to_vec(),
                    content_type: None,
                    docker_content_digest: None,
                    via: Via::Direct,
                    from_session: false,
                })))
            }
            Request::PutManifest { .. } => {
                Some(Outcome::Put(Ok(crate::registry::push::PutOutcome {
                    via: Via::Direct,
                    subject_taken: taken,
                })))
            }
            Request::HasReferrers { .. } => None,
            request => nothing_there(request),
        };
        let (mut model, effects) = Model::open(task, Generation(1));
        answer(&mut model, effects, &tagged);
        assert_eq!(model.tag().state, StepState::Present);
        let effects = update(&mut model, Msg::Start);
        let left = answer(&mut model, effects, &tagged);
        assert_eq!((model.referrers().len(), left.len()), (steps, steps));
    }
}
