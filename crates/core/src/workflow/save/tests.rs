use super::*;
use crate::save::LeftOut;
use crate::workflow::copy::{self, Choice, Depth, Scope, Wanted};
use crate::workflow::fetch::{Generation, Received};

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn source() -> Reference {
    "ghcr.io/owner/app:1.0".parse().expect("a reference")
}

/// An image of one layer of so many bytes, and its config.
fn image(seed: &str, size: u64) -> (Vec<u8>, Vec<u8>) {
    let config = format!(r#"{{"os":"linux","architecture":"{seed}","rootfs":{{"diff_ids":[]}}}}"#);
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
            "config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},
            "layers":[{{"mediaType":"{GZIP}","digest":"{}","size":{size}}}]}}"#,
        Digest::sha256(config.as_bytes()),
        config.len(),
        Digest::sha256(seed.as_bytes()),
    );
    (manifest.into_bytes(), config.into_bytes())
}

fn gather(model: &mut copy::Model, answer: &dyn Fn(Wanted) -> copy::Msg) {
    let mut effects = copy::update(model, copy::Msg::Gather(Depth::Configs));
    while let Some(effect) = effects.pop() {
        if let copy::Effect::Fetch { wanted, .. } = effect {
            effects.extend(copy::update(model, answer(wanted)));
        }
    }
}

/// What goes along of these documents, the first of which the source names.
fn selection(documents: &[Vec<u8>], choose: impl FnOnce(&mut Choice)) -> Selection {
    let (mut model, _) = copy::Model::open(&source(), Generation(1));
    let answer = |wanted| copy::Msg::Received {
        generation: Generation(1),
        result: Ok(Received::local(match &wanted {
            Wanted::Root => documents[0].clone().into(),
            Wanted::Manifest(digest) | Wanted::Config(digest) => {
                let is_it = |bytes: &&Vec<u8>| Digest::sha256(bytes) == *digest;
                let found = documents.iter().find(is_it);
                found.expect("a document").clone().into()
            }
            Wanted::Referrers(_) | Wanted::Tag(_) | Wanted::OtherTag(_) | Wanted::Again => {
                unreachable!("nobody chose what it is for")
            }
        })),
        wanted,
    };
    copy::update(&mut model, answer(Wanted::Root));
    // All of it comes first, and only some of it is chosen then.
    gather(&mut model, &answer);
    let mut choice = model.choice().clone();
    choose(&mut choice);
    copy::update(&mut model, copy::Msg::Choose(choice));
    gather(&mut model, &answer);
    let selection = model.selection().expect("it may be copied");
    selection.expect("all of it is here")
}

fn of_image(size: u64, form: Form) -> Model {
    let (manifest, config) = image("amd64", size);
    let selection = selection(&[manifest, config], |_| {});
    Model::new(selection, vec![source()], form)
}

fn why() -> Why {
    Why::Words("it broke".to_owned())
}

#[test]
fn a_file_is_known_to_the_byte_before_it_is_written() {
    for (form, name) in [
        (Form::Hybrid, "app-1.0.tar"),
        (Form::FolderTar, "app-1.0.dir.tar"),
        (Form::Folder, "app-1.0"),
    ] {
        let model = of_image(9 << 30, form);
        assert_eq!(*model.phase(), Phase::Planned);
        assert_eq!(model.file_name(&source()), name);
        let steps = model.steps();
        assert_eq!(steps.iter().map(Step::size).sum::<u64>(), model.size());
        assert_eq!(model.key(), of_image(9 << 30, form).key());
        assert_ne!(model.key(), of_image(8 << 30, form).key());
        let is_file = |step: &&Step| matches!(step, Step::File(_));
        let files = steps.iter().filter(is_file).count();
        assert_eq!(files, if form == Form::Folder { 4 } else { 0 });
    }
}

#[test]
fn a_docker_archive_has_its_layers_read_first() {
    let mut model = of_image(7, Form::Docker);
    assert_eq!((model.phase(), model.size()), (&Phase::Unmeasured(7), 0));
    assert!(update(&mut model, Msg::Save).is_empty(), "not known yet");
    let layer = Digest::sha256(b"amd64");
    let effects = update(&mut model, Msg::Measure);
    let wanted = Effect::Measure(Blob {
        digest: layer.clone(),
        size: 7,
    });
    assert_eq!(effects, [wanted]);
    update(&mut model, Msg::Measured(3));
    assert_eq!(*model.phase(), Phase::Measuring(3));
    // What fails is measured again.
    update(&mut model, Msg::Unpacked(layer.clone(), Err(why())));
    assert_eq!(*model.phase(), Phase::Failed(why()));
    assert_eq!(update(&mut model, Msg::Measure).len(), 1);
    let unpacked = Unpacked {
        diff_id: Digest::sha256(b"unpacked"),
        size: 1024,
    };
    assert!(update(&mut model, Msg::Unpacked(layer, Ok(unpacked.clone()))).is_empty());
    assert_eq!(*model.phase(), Phase::Planned);
    let is_layer = |step: &Step| matches!(step, Step::Content(Content::Unpacked(_, known)) if *known == unpacked);
    assert!(model.steps().iter().any(is_layer));
    assert_eq!(model.file_name(&source()), "app-1.0.docker.tar");
}

#[test]
fn it_runs_pauses_goes_on_and_ends() {
    let mut model = of_image(7, Form::Hybrid);
    assert_eq!(update(&mut model, Msg::Save), [Effect::Open]);
    // Whoever chooses no place is asked again.
    update(&mut model, Msg::Opened(Err(None)));
    assert_eq!(*model.phase(), Phase::Planned);
    update(&mut model, Msg::Save);
    update(&mut model, Msg::Opened(Ok(())));
    assert_eq!(*model.phase(), Phase::Running);
    for (bytes, at) in [(0, 1000), (1, 1010), (1000, 2000), (2000, 3000)] {
        update(&mut model, Msg::Written { bytes, at });
    }
    assert_eq!((model.written(), model.rate()), (2000, Some(1000)));
    let left = (model.size() - 2000).div_ceil(1000);
    assert_eq!(model.seconds_left(), Some(left));
    assert_eq!(update(&mut model, Msg::Pause), [Effect::Pause]);
    assert_eq!(model.rate(), None, "a pause is no slow time");
    assert_eq!(update(&mut model, Msg::GoOn), [Effect::GoOn]);
    update(&mut model, Msg::Interrupted(why()));
    assert_eq!(*model.phase(), Phase::Interrupted(why()));
    assert_eq!(update(&mut model, Msg::GoOn), [Effect::GoOn]);
    update(&mut model, Msg::Saved);
    assert_eq!(*model.phase(), Phase::Saved);
    assert_eq!(model.written(), model.size());
    assert!(update(&mut model, Msg::Failed(why())).is_empty());
    assert_eq!(*model.phase(), Phase::Saved);
}

#[test]
fn what_was_cancelled_or_failed_begins_anew() {
    for msg in [Msg::Cancel, Msg::Failed(why())] {
        let mut model = of_image(7, Form::Hybrid);
        update(&mut model, Msg::Save);
        update(&mut model, Msg::Opened(Ok(())));
        update(&mut model, Msg::Written { bytes: 5, at: 0 });
        let is_cancelled = matches!(msg, Msg::Cancel);
        let effects = update(&mut model, msg);
        assert_eq!(effects == [Effect::Cancel], is_cancelled);
        // Nothing that is still under way counts.
        update(&mut model, Msg::Written { bytes: 6, at: 0 });
        update(&mut model, Msg::Saved);
        assert!(matches!(model.phase(), Phase::Cancelled | Phase::Failed(_)));
        assert_eq!(update(&mut model, Msg::Save), [Effect::Open]);
        assert_eq!(model.written(), 0);
    }
}

#[test]
fn chosen_platforms_keep_the_list_and_its_digest() {
    let images = [image("amd64", 7), image("arm64", 8)];
    let entry = |(manifest, _): &(Vec<u8>, Vec<u8>)| {
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{}}}"#,
            Digest::sha256(manifest),
            manifest.len()
        )
    };
    let entries: Vec<_> = images.iter().map(entry).collect();
    let list = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}}"#,
        entries.join(",")
    );
    let mut documents = vec![list.clone().into_bytes()];
    for (manifest, config) in &images {
        documents.extend([manifest.clone(), config.clone()]);
    }
    let sparse = selection(&documents, |choice| {
        choice.scope = Scope::Sparse;
        choice.chosen = vec![true, false];
    });
    let model = Model::new(sparse, vec![source()], Form::Hybrid);
    assert_eq!(model.root().digest, Digest::sha256(list.as_bytes()));
    let archive = model.archive().expect("a plan");
    let left = LeftOut::NotHere(Digest::sha256(&images[1].0));
    assert_eq!(archive.left_out, [left]);
    // skopeo's docker archive has no lists.
    let all = selection(&documents, |_| {});
    let digest = all.digest.clone();
    let model = Model::new(all, vec![source()], Form::Docker);
    assert_eq!(*model.phase(), Phase::Refused(SaveError::List(digest)));
}
