use super::How::{Exact, LeftOut, Rewritten, Shrunk, Types};
use super::*;
use crate::conversion::ConfigBytes;
use crate::reference::Target;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

/// A registry of documents.
#[derive(Default)]
struct Source(Vec<(Digest, Rc<[u8]>)>);

impl Source {
    fn put(&mut self, text: &str) -> Digest {
        let digest = Digest::sha256(text.as_bytes());
        self.0.push((digest.clone(), text.as_bytes().into()));
        digest
    }

    fn config(&mut self, architecture: &str) -> String {
        let text = format!(
            r#"{{"architecture":"{architecture}","os":"linux","config":{{"Healthcheck":{{"Test":["NONE"]}}}},"rootfs":{{"type":"layers","diff_ids":[]}}}}"#
        );
        let digest = self.put(&text);
        format!(r#""digest":"{digest}","size":{}"#, text.len())
    }

    /// An image, and how a list names it.
    fn image(&mut self, architecture: &str) -> (Digest, String) {
        let config = self.config(architecture);
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json",{config}}},"layers":[],"annotations":{{"a":"b"}}}}"#
        );
        let digest = self.put(&text);
        let entry = format!(
            r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":{},"platform":{{"architecture":"{architecture}","os":"linux"}}}}"#,
            text.len()
        );
        (digest, entry)
    }

    fn attestation(&mut self, of: &Digest) -> String {
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json",{}}},"layers":[{{"mediaType":"application/vnd.in-toto+json","digest":"{of}","size":2}}]}}"#,
            self.config("unknown")
        );
        let digest = self.put(&text);
        format!(
            r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":{},"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{of}"}},"platform":{{"architecture":"unknown","os":"unknown"}}}}"#,
            text.len()
        )
    }

    fn list(&mut self, entries: &[String]) -> Digest {
        self.put(&format!(
            "{{\n \"schemaVersion\": 2,\n \"mediaType\": \"{INDEX}\",\n \"manifests\": [\n  {}\n ],\n \"x\": 1\n}}",
            entries.join(",\n  ")
        ))
    }

    /// Answers what is asked for until nothing is; how many questions there were.
    fn serve(&self, model: &mut Model, effects: Vec<Effect>, root: &Digest) -> usize {
        let mut open = effects;
        let mut asked = 0;
        while let Some(Effect::Fetch {
            generation, wanted, ..
        }) = open.pop()
        {
            asked += 1;
            let digest = wanted.digest().unwrap_or(root);
            let found = self.0.iter().find(|(known, _)| known == digest);
            let bytes = Rc::clone(&found.expect("it is here").1);
            let result = Ok(Received::local(bytes));
            open.extend(update(
                model,
                Msg::Received {
                    generation,
                    wanted,
                    result,
                },
            ));
        }
        asked
    }

    /// The source as it was read, with what was chosen of it.
    fn choose(&self, root: &Digest, choice: impl FnOnce(&mut Choice)) -> (Model, usize) {
        let reference = "r.example/app:1".parse().expect("a reference");
        let (mut model, effects) = Model::open(&reference, Generation(1));
        assert_eq!(self.serve(&mut model, effects, root), 1);
        let mut chosen = model.choice().clone();
        choice(&mut chosen);
        let depth = chosen.depth();
        update(&mut model, Msg::Choose(chosen));
        let effects = update(&mut model, Msg::Gather(depth));
        let asked = self.serve(&mut model, effects, root);
        (model, asked)
    }

    fn select(
        &self,
        root: &Digest,
        choice: impl FnOnce(&mut Choice),
    ) -> Result<Selection, Refused> {
        let (model, _) = self.choose(root, choice);
        model
            .selection()
            .map(|selection| selection.expect("all of it is here"))
    }
}

/// A list of two images with an attestation each.
fn two() -> (Source, Digest) {
    let mut source = Source::default();
    let mut entries = Vec::new();
    let images = ["amd64", "arm64"].map(|architecture| source.image(architecture));
    entries.extend(images.iter().map(|(_, entry)| entry.clone()));
    entries.extend(images.iter().map(|(digest, _)| source.attestation(digest)));
    let root = source.list(&entries);
    (source, root)
}

fn hows(selection: &Selection) -> Vec<How> {
    selection.changes.iter().map(|change| change.how).collect()
}

#[test]
fn an_exact_copy_reads_nothing_but_what_the_reference_names() {
    let (source, root) = two();
    let (model, asked) = source.choose(&root, |_| {});
    assert_eq!(asked, 0);
    let selection = model.selection().expect("not refused").expect("whole");
    assert_eq!(selection.digest, root);
    assert_eq!(hows(&selection), [How::Exact; 5]);
    let task = selection
        .task(&"t.example/app:2".parse().expect("a target"), &[])
        .expect("a task");
    assert_eq!((task.root.digest(), task.tag.as_str()), (&root, "2"));
    assert!(task.left_out.is_empty());
}

#[test]
fn a_list_that_shrinks_keeps_every_other_byte() {
    let (source, root) = two();
    let selection = source
        .select(&root, |choice| {
            choice.scope = Scope::Shrunk;
            choice.chosen[0] = false;
        })
        .expect("not refused");
    // The attestation of the image that is left out is left out with it.
    assert_eq!(
        hows(&selection),
        [Shrunk(2), LeftOut, Exact, LeftOut, Exact]
    );
    let text = std::str::from_utf8(&selection.root.bytes).expect("text");
    let list = selection.root.list().expect("a list");
    assert_eq!(list.entries.len(), 2);
    assert_eq!(
        list.entries[1].attests(),
        list.entries[0].digest.as_ref().map(Digest::as_str)
    );
    assert!(text.starts_with("{\n \"schemaVersion\": 2,\n"), "{text}");
    assert!(
        text.contains("\"manifests\": [\n  {") && text.contains("},\n  {"),
        "{text}"
    );
    assert!(text.ends_with("}\n ],\n \"x\": 1\n}"), "{text}");
    assert_eq!(selection.changes[0].new.as_ref(), Some(&selection.digest));
    assert_eq!(selection.changes[0].old.as_ref(), Some(&root));
}

#[test]
fn every_place_of_a_list_can_be_cut_out() {
    let bytes = br#"{"manifests":[ {"a":1} , {"b":[2]},{"c":3} ],"x":0}"#;
    let cut = |kept: [bool; 3]| {
        let bytes = rewrite::shrink(bytes, &kept).expect("a list");
        String::from_utf8(bytes).expect("text")
    };
    assert_eq!(cut([true; 3]).as_bytes(), bytes);
    assert_eq!(
        cut([false, true, true]),
        r#"{"manifests":[ {"b":[2]},{"c":3} ],"x":0}"#
    );
    assert_eq!(
        cut([true, false, true]),
        r#"{"manifests":[ {"a":1},{"c":3} ],"x":0}"#
    );
    assert_eq!(
        cut([true, true, false]),
        r#"{"manifests":[ {"a":1} , {"b":[2]} ],"x":0}"#
    );
    assert_eq!(
        cut([false, false, true]),
        r#"{"manifests":[ {"c":3} ],"x":0}"#
    );
    assert_eq!(cut([false; 3]), r#"{"manifests":[  ],"x":0}"#);
    assert_eq!(
        rewrite::shrink(br#"{"manifests":[{}]}"#, &[true, true]),
        None
    );
}

#[test]
fn without_attestations_the_list_shrinks_too() {
    let (source, root) = two();
    let selection = source.select(&root, |choice| choice.attestations = false);
    let selection = selection.expect("not refused");
    assert_eq!(
        hows(&selection),
        [Shrunk(2), Exact, Exact, LeftOut, LeftOut]
    );
}

#[test]
fn a_sparse_list_keeps_its_digest_and_names_what_is_not_there() {
    let (source, root) = two();
    let selection = source
        .select(&root, |choice| {
            choice.scope = Scope::Sparse;
            choice.chosen[1] = false;
        })
        .expect("not refused");
    assert_eq!(
        (&selection.digest, hows(&selection)[0]),
        (&root, How::Sparse(2))
    );
    let task = selection
        .task(&"t.example/app:2".parse().expect("a target"), &[])
        .expect("a task");
    assert_eq!(task.left_out.len(), 2);
    assert!(task.left_out.is_sorted());
}

#[test]
fn one_image_goes_without_its_list() {
    let (source, root) = two();
    let only = |place: usize| {
        move |choice: &mut Choice| {
            choice.scope = Scope::One;
            choice.chosen.fill(false);
            choice.chosen[place] = true;
        }
    };
    let selection = source.select(&root, only(1)).expect("not refused");
    assert!(selection.root.image().is_some());
    assert_eq!(selection.changes[2].new.as_ref(), Some(&selection.digest));
    assert_eq!(selection.changes[0].new, None);
    let none = source.select(&root, |choice| {
        choice.scope = Scope::One;
        choice.chosen.fill(false);
    });
    assert_eq!(none.map(|_| ()), Err(Refused::NothingChosen));
    let both = source.select(&root, |choice| choice.scope = Scope::One);
    assert_eq!(both.map(|_| ()), Err(Refused::NotOne(2)));
}

#[test]
fn attestations_are_dropped_before_a_conversion_never_half_way_through_it() {
    let (source, root) = two();
    let docker = |attestations| {
        source.select(&root, |choice| {
            choice.format = Format::DockerSchema2;
            choice.attestations = attestations;
        })
    };
    assert!(matches!(docker(true), Err(Refused::Conversion(Some(2), _))));
    let selection = docker(false).expect("not refused");
    assert_eq!(
        hows(&selection),
        [Rewritten(2), Types, Types, LeftOut, LeftOut]
    );
    assert_eq!(selection.root.format, crate::manifest::Format::DockerList);
    // What the list names is here, under the digest that it names.
    for entry in &selection.root.list().expect("a list").entries {
        let digest = entry.digest.as_ref().expect("a digest");
        let bytes = selection.here(digest).expect("it is here");
        assert_eq!(digest.check(&bytes), Some(true));
        assert_eq!(entry.size, Some(bytes.len() as u64));
    }
    assert_eq!(selection.changes[1].lost(), ["manifest /annotations"]);
}

#[test]
fn what_has_the_format_already_keeps_its_bytes() {
    let (source, root) = two();
    let selection = source.select(&root, |choice| {
        choice.format = Format::Oci(ConfigBytes::AsSkopeo);
    });
    let selection = selection.expect("not refused");
    assert_eq!(selection.digest, root);
    assert_eq!(hows(&selection), [How::Exact; 5]);
}

#[test]
fn other_bytes_than_were_named_are_never_copied() {
    let (mut source, root) = two();
    let reference = "r.example/app:1".parse::<Reference>().expect("a reference");
    let pinned = reference.at(Target::Digest(Digest::sha256(b"other")));
    let (mut model, effects) = Model::open(&pinned, Generation(1));
    source.serve(&mut model, effects, &root);
    update(&mut model, Msg::Gather(Depth::Root));
    assert!(matches!(
        model.selection(),
        Err(Refused::Root(Ineligible::Mismatch(_)))
    ));
    // A child that is another one.
    let (_, bytes) = &mut source.0[1];
    *bytes = Rc::from(&b"{}"[..]);
    let refused = source.select(&root, |choice| choice.format = Format::DockerSchema2);
    assert!(matches!(refused, Err(Refused::Document(..))));
}

#[test]
fn what_did_not_come_is_asked_for_again() {
    let (source, root) = two();
    let reference = "r.example/app:1".parse().expect("a reference");
    let (mut model, _) = Model::open(&reference, Generation(1));
    let failed = Msg::Received {
        generation: Generation(1),
        wanted: Wanted::Root,
        result: Err(Failure::Cancelled),
    };
    assert_eq!(update(&mut model, failed), []);
    assert_eq!(model.failures().len(), 1);
    let effects = update(&mut model, Msg::Retry);
    source.serve(&mut model, effects, &root);
    assert!(model.root().done().is_some());
    // Cancelled on the way.
    let mut effects = update(&mut model, Msg::Gather(Depth::Configs));
    assert_eq!(effects.len(), 4);
    assert_eq!(update(&mut model, Msg::Cancel), [Effect::Abort]);
    assert_eq!(model.failures().len(), 4);
    // An answer that comes all the same is of another generation.
    let Some(Effect::Fetch {
        generation, wanted, ..
    }) = effects.pop()
    else {
        panic!("a question")
    };
    let late = Ok(Received::local(b"{}"[..].into()));
    let late = Msg::Received {
        generation,
        wanted,
        result: late,
    };
    assert_eq!(update(&mut model, late), []);
    let effects = update(&mut model, Msg::Retry);
    // The two attestations have one config.
    assert_eq!(source.serve(&mut model, effects, &root), 7);
    assert!(model.selection().expect("not refused").is_some());
}

mod layers;
mod platforms;

#[test]
fn buildx_is_told_of_plain_http_by_no_flag_and_so_leaves_it_out() {
    let (source, root) = two();
    let (model, _) = source.choose(&root, |_| {});
    let http = ["http.example:5000".parse().expect("a host")];
    let told = |target: &str| {
        let all = commands(&model, &target.parse().expect("a reference"), &[], &http);
        let buildx = all.into_iter().find(|made| made.tool == "docker buildx");
        buildx.expect("it can").left_out
    };
    for near in [
        "t.example/a:1",
        "localhost:5000/a:1",
        "127.0.0.2/a:1",
        "[::1]:5000/a:1",
    ] {
        assert_eq!(told(near), [""; 0], "{near}");
    }
    for far in ["http.example:5000/a:1", "t.localhost:5000/a:1"] {
        assert_eq!(
            told(far),
            ["plain http: a builder's buildkitd.toml says it"],
            "{far}"
        );
    }
}
