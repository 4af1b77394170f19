//! Copy into a file: its plan, its writing, what becomes of it.

use waybill::copy::{Destination, Effect, Msg};
use waybill_core::Digest;
use waybill_core::save::Unpacked;
use waybill_core::workflow::copy::{self, Wanted};
use waybill_core::workflow::fetch::Received;
use waybill_core::workflow::save::{Form, Msg as Save, Road, Why};

use super::Named;
use super::harness::{Done, Harness};

pub(crate) const STATES: &[Named] = &[
    ("save-chosen", || form(Form::Hybrid, Road::Picker)),
    ("save-planned", || planned(Form::Hybrid, Road::Picker)),
    ("save-planned-download", || {
        planned(Form::FolderTar, Road::Download)
    }),
    ("save-planned-kept", || planned(Form::Hybrid, Road::Kept)),
    ("save-planned-memory", || {
        planned(Form::Hybrid, Road::Memory)
    }),
    ("save-planned-folder", || {
        planned(Form::Folder, Road::Picker)
    }),
    ("save-unmeasured", || planned(Form::Docker, Road::Picker)),
    ("save-measuring", || {
        let harness = planned(Form::Docker, Road::Picker);
        save(harness, &[Save::Measure, Save::Measured(150_000_000)])
    }),
    ("save-measured", || {
        let harness = save(planned(Form::Docker, Road::Picker), &[Save::Measure]);
        let unpacked = Unpacked {
            diff_id: Digest::sha256(b"unpacked"),
            size: 900_000_000,
        };
        let layer = Digest::sha256(b"layer");
        save(harness, &[Save::Unpacked(layer, Ok(unpacked))])
    }),
    ("save-running", running),
    ("save-paused", || save(running(), &[Save::Pause])),
    ("save-interrupted", || {
        let why = Why::Words("the connection broke".to_owned());
        save(running(), &[Save::Interrupted(why)])
    }),
    ("save-failed", || {
        let why = "the registry sent other bytes than sha256:00 names: they hash to sha256:01";
        save(running(), &[Save::Failed(Why::Words(why.to_owned()))])
    }),
    ("save-cancelled", || save(running(), &[Save::Cancel])),
    ("save-saved", || save(running(), &[Save::Saved])),
];

const SOURCE: &str = "registry.example/team/app:1.0";

/// An image of one layer of 300 MB.
fn documents() -> [String; 2] {
    let config =
        r#"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{}","size":300000000}}]}}"#,
        Digest::sha256(config.as_bytes()),
        config.len(),
        Digest::sha256(b"layer"),
    );
    [manifest, config.to_owned()]
}

/// Sends a message, and answers what is asked of the source.
fn send(harness: &mut Harness, msg: Msg) {
    let [manifest, config] = documents();
    let mut done = harness.copy(msg);
    while let Some(effect) = done.pop() {
        if let Done::Copy(Effect::Source(copy::Effect::Fetch {
            generation, wanted, ..
        })) = effect
        {
            let bytes = match wanted {
                Wanted::Config(_) => &config,
                _ => &manifest,
            };
            let result = Ok(Received::local(bytes.clone().into_bytes().into()));
            let received = copy::Msg::Received {
                generation,
                wanted,
                result,
            };
            done.extend(harness.copy(Msg::Source(received)));
        }
    }
}

fn form(form: Form, road: Road) -> Harness {
    let mut harness = Harness::at("/copy");
    send(&mut harness, Msg::FromTyped(SOURCE.to_owned()));
    send(&mut harness, Msg::Submitted);
    send(&mut harness, Msg::Destination(Destination::File));
    send(&mut harness, Msg::Roads(road, true));
    send(&mut harness, Msg::Archive(form));
    harness
}

fn planned(archive: Form, road: Road) -> Harness {
    let mut harness = form(archive, road);
    send(&mut harness, Msg::Submitted);
    harness
}

fn save(mut harness: Harness, msgs: &[Save]) -> Harness {
    for msg in msgs {
        send(&mut harness, Msg::Save(msg.clone()));
    }
    harness
}

fn running() -> Harness {
    let mut msgs = vec![Save::Save, Save::Opened(Ok(()))];
    let times = [(0, 1_000), (50_000_000, 2_000), (100_000_000, 3_000)];
    msgs.extend(times.map(|(bytes, at)| Save::Written { bytes, at }));
    save(planned(Form::Hybrid, Road::Picker), &msgs)
}

#[test]
fn nothing_of_the_form_changes_while_a_file_is_written() {
    let mut harness = running();
    for msg in [
        Msg::FromTyped("other.example/a:1".to_owned()),
        Msg::Archive(Form::Docker),
        Msg::Destination(Destination::Registry),
        Msg::Submitted,
    ] {
        assert!(harness.copy(msg).is_empty());
    }
    let effects = harness.copy(Msg::Save(Save::Cancel));
    let cancels = |done: &Done| matches!(done, Done::Copy(Effect::Save(_)));
    assert!(effects.iter().any(cancels));
    // Then it may.
    send(&mut harness, Msg::Archive(Form::FolderTar));
    send(&mut harness, Msg::Submitted);
    let effects = harness.copy(Msg::Save(Save::Save));
    assert!(effects.iter().any(cancels), "it opens another file");
}

#[test]
fn the_page_is_guarded_only_while_a_file_is_written() {
    let mut harness = planned(Form::Hybrid, Road::Download);
    // A download begins by a link, which would ask whether to leave the page.
    let guards = |effects: &[Done]| {
        let mut guards = effects.iter().filter_map(|done| match done {
            Done::Copy(Effect::Guard(on)) => Some(*on),
            _ => None,
        });
        guards.next()
    };
    assert_eq!(guards(&harness.copy(Msg::Save(Save::Save))), None);
    let opened = Msg::Save(Save::Opened(Ok(())));
    assert_eq!(guards(&harness.copy(opened)), Some(true));
    assert_eq!(guards(&harness.copy(Msg::Save(Save::Saved))), Some(false));
}
