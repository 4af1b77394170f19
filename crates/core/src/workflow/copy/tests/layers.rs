//! Layers that have to be read before the plan.

use super::*;
use crate::conversion::{Compression, Packing, Refusal, Repacked, ToSign};
use crate::manifest::Format as ManifestFormat;
use crate::workflow::push::KnownBlob;

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// A layer: what it unpacks to is its text, and its digest that of the text with `.gz`.
fn layer(text: &str, media_type: &str) -> String {
    let packed = format!("{text}.gz");
    let digest = Digest::sha256(packed.as_bytes());
    format!(
        r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}}}"#,
        packed.len()
    )
}

/// An image of these layers, and how a list names it.
fn image(source: &mut Source, texts: &[&str], media_type: &str) -> (Digest, String) {
    let diff_ids: Vec<_> = texts
        .iter()
        .map(|text| format!("\"{}\"", Digest::sha256(text.as_bytes())))
        .collect();
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
        diff_ids.join(",")
    );
    let digest = source.put(&config);
    let layers: Vec<_> = texts.iter().map(|text| layer(text, media_type)).collect();
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":{}}},"layers":[{}],"annotations":{{"a":"b"}}}}"#,
        config.len(),
        layers.join(",")
    );
    let digest = source.put(&text);
    let entry = format!(
        r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":{}}}"#,
        text.len()
    );
    (digest, entry)
}

fn place() -> Repository {
    let reference: Reference = "here.example/compressed:1".parse().expect("a reference");
    Repository::from_reference(&reference)
}

/// What comes of reading a layer of that text.
fn read(layer: &Layer, text: &str) -> Read {
    let packed = |packing| format!("{text} {packing:?}");
    let repacked = layer.compression.map(|Compression { packing, .. }| {
        let packed = packed(packing);
        let repacked = Repacked {
            digest: Digest::sha256(packed.as_bytes()),
            size: packed.len() as u64,
            packing,
        };
        (repacked, place())
    });
    Read {
        size: text.len() as u64 + 3,
        diff_id: Digest::sha256(text.as_bytes()),
        repacked,
    }
}

/// Reads the layers, each of which is one of these texts; the digests in their order.
fn read_all(model: &mut Model, texts: &[&str]) -> Vec<Digest> {
    let mut effects = update(model, Msg::ReadLayers);
    let mut digests = Vec::new();
    while let Some(Effect::ReadLayer { generation, layer }) = effects.pop() {
        let is_it = |text: &&&str| Digest::sha256(format!("{text}.gz").as_bytes()) == layer.digest;
        let text = texts.iter().find(is_it).expect("one of them");
        digests.push(layer.digest.clone());
        let result = Ok(Box::new(read(&layer, text)));
        effects = update(model, Msg::LayerRead { generation, result });
    }
    assert!(effects.is_empty(), "{effects:?}");
    digests
}

#[test]
fn every_digest_is_known_before_the_plan() {
    let mut source = Source::default();
    let (_, one) = image(&mut source, &["base", "one"], GZIP);
    let (_, two) = image(&mut source, &["base", "two"], GZIP);
    let root = source.list(&[one, two]);
    let (mut model, _) = source.choose(&root, |choice| {
        choice.compression = Some(Packing::Zstd.into());
    });
    // What they become is not known, so nothing goes along yet. The base is read once.
    assert!(model.selection().expect("not refused").is_none());
    assert_eq!((model.unread().len(), model.unread_bytes()), (3, 19));
    let texts = ["base", "one", "two"];
    assert_eq!(read_all(&mut model, &texts).len(), 3);
    assert_eq!((model.unread().len(), model.read_bytes()), (0, 19));
    let selection = model.selection().expect("not refused").expect("whole");
    let again = How::Recompressed(2);
    assert_eq!(hows(&selection), [Rewritten(0), again, again]);
    let list = selection.root.list().expect("a list");
    for (entry, own) in list.entries.iter().zip(["one", "two"]) {
        let bytes = selection.here(entry.digest.as_ref().expect("a digest"));
        let bytes = bytes.expect("it is here");
        assert_eq!(entry.size, Some(bytes.len() as u64));
        let read = Manifest::read(bytes, &DeclaredTypes::none()).expect("an object");
        let image = read.0.image().expect("an image").clone();
        let named: Vec<_> = image.layers.iter().map(|it| it.digest.clone()).collect();
        let packed = |text: &str| Some(Digest::sha256(format!("{text} Zstd").as_bytes()));
        assert_eq!(named, [packed("base"), packed(own)]);
        assert_eq!(image.layers[0].media_type, Some(MediaType::new(ZSTD)));
        // The image's ID is that of its config, which stays.
        assert!(source.0.iter().any(|(digest, _)| {
            Some(digest) == image.config.as_ref().and_then(|it| it.digest.as_ref())
        }));
    }
    let target = "t.example/app:2".parse().expect("a target");
    let task = selection.task(&target, &[]).expect("a task");
    let known = |text: &str| KnownBlob {
        digest: Digest::sha256(format!("{text} Zstd").as_bytes()),
        size: text.len() as u64 + 5,
        source: place(),
    };
    for text in texts {
        assert!(task.known.contains(&known(text)), "{text}");
        assert_eq!(selection.source_of(&known(text).digest), &place());
    }
    let own = Digest::sha256(b"base.gz");
    assert_eq!(selection.source_of(&own), selection.source());
}

#[test]
fn what_is_compressed_so_already_is_not_read() {
    let mut source = Source::default();
    let (root, _) = image(&mut source, &["base", "one"], GZIP);
    let choice = |choice: &mut Choice| choice.compression = Some(Packing::Gzip.into());
    let selection = source.select(&root, choice).expect("not refused");
    assert_eq!((&selection.digest, hows(&selection)), (&root, vec![Exact]));
}

#[test]
fn a_layer_by_zstd_goes_into_dockers_format_where_it_becomes_one_by_gzip() {
    let mut source = Source::default();
    let (root, _) = image(&mut source, &["base"], ZSTD);
    let docker = |choice: &mut Choice| choice.format = Format::DockerSchema2;
    let refused = source.select(&root, docker);
    assert!(matches!(
        refused,
        Err(Refused::Conversion(None, Refusal::Zstd(0)))
    ));
    let (mut model, _) = source.choose(&root, |choice| {
        docker(choice);
        choice.compression = Some(Packing::Gzip.into());
    });
    read_all(&mut model, &["base"]);
    let selection = model.selection().expect("not refused").expect("whole");
    assert_eq!(hows(&selection), [How::Recompressed(1)]);
    assert_eq!(selection.root.format, ManifestFormat::DockerSchema2);
    let layer = &selection.root.image().expect("an image").layers[0];
    assert_eq!(layer.digest, Some(Digest::sha256(b"base Gzip")));
    assert_eq!(selection.changes[0].lost(), ["manifest /annotations"]);
    // And the other way: Docker's has none by zstd, so it becomes OCI first.
    let mut source = Source(vec![(
        selection.digest.clone(),
        Rc::clone(&selection.root.bytes),
    )]);
    let config = selection.root.image().and_then(|it| it.config.clone());
    let config = config.and_then(|it| it.digest).expect("a digest");
    let bytes = model.given();
    source
        .0
        .extend(bytes.into_iter().filter(|(digest, _)| *digest == config));
    let zstd = |choice: &mut Choice| choice.compression = Some(Packing::Zstd.into());
    let refused = source.select(&selection.digest, zstd);
    assert!(matches!(
        refused,
        Err(Refused::Conversion(None, Refusal::Zstd(0)))
    ));
    let (mut model, _) = source.choose(&selection.digest, |choice| {
        zstd(choice);
        choice.format = Format::Oci(ConfigBytes::Kept);
    });
    let effects = update(&mut model, Msg::ReadLayers);
    let [Effect::ReadLayer { generation, layer }] = &effects[..] else {
        panic!("a layer");
    };
    let result = Ok(Box::new(read(layer, "base")));
    let generation = *generation;
    update(&mut model, Msg::LayerRead { generation, result });
    let selection = model.selection().expect("not refused").expect("whole");
    assert_eq!(selection.root.format, ManifestFormat::OciManifest);
    let layer = &selection.root.image().expect("an image").layers[0];
    assert_eq!(layer.media_type, Some(MediaType::new(ZSTD)));
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_read() {
    let mut source = Source::default();
    let (root, _) = image(&mut source, &["base"], &[GZIP, "+encrypted"].concat());
    let refused = source.select(&root, |choice| {
        choice.compression = Some(Packing::Zstd.into());
    });
    assert!(matches!(
        refused,
        Err(Refused::Conversion(None, Refusal::Encrypted(0)))
    ));
    // An attestation would speak of a digest that is not there.
    let mut source = Source::default();
    let (digest, entry) = image(&mut source, &["base"], GZIP);
    let attestation = source.attestation(&digest);
    let root = source.list(&[entry, attestation]);
    let zstd = |choice: &mut Choice| choice.compression = Some(Packing::Zstd.into());
    let refused = source.select(&root, zstd);
    assert_eq!(refused.map(|_| ()), Err(Refused::Attested(0)));
    let (mut model, _) = source.choose(&root, |choice| {
        zstd(choice);
        choice.attestations = false;
    });
    read_all(&mut model, &["base"]);
    let selection = model.selection().expect("not refused").expect("whole");
    assert_eq!(
        hows(&selection),
        [Rewritten(1), How::Recompressed(1), LeftOut]
    );
}

#[test]
fn nothing_is_made_of_a_layer_that_is_not_what_its_config_says() {
    let mut source = Source::default();
    let (root, _) = image(&mut source, &["base", "one"], GZIP);
    let (mut model, _) = source.choose(&root, |choice| {
        choice.compression = Some(Packing::Zstd.into());
    });
    let effects = update(&mut model, Msg::ReadLayers);
    let [Effect::ReadLayer { generation, layer }] = &effects[..] else {
        panic!("a layer");
    };
    let generation = *generation;
    let other = Ok(Box::new(read(layer, "other")));
    let told = Msg::LayerRead {
        generation,
        result: other,
    };
    assert_eq!(update(&mut model, told), []);
    let Reading::Failed(Failure::NotLoaded(words)) = model.reading() else {
        panic!("{:?}", model.reading());
    };
    assert!(words.contains("and the config says"), "{words}");
    assert!(model.selection().expect("not refused").is_none());
    // It is asked for again, and then it is right.
    assert_eq!(read_all(&mut model, &["base", "one"]).len(), 2);
    assert!(model.selection().expect("not refused").is_some());
}

#[test]
fn a_layer_that_two_images_share_has_to_be_what_both_say() {
    let mut source = Source::default();
    let (_, one) = image(&mut source, &["base"], GZIP);
    // The same layer, and a config of another one.
    let (other, _) = image(&mut source, &["other"], GZIP);
    let of_other = source.0.iter().find(|(digest, _)| *digest == other);
    let text = String::from_utf8_lossy(&of_other.expect("it is here").1).into_owned();
    let digest = |text: &str| Digest::sha256(text.as_bytes()).to_string();
    let lying = text.replace(&digest("other.gz"), &digest("base.gz"));
    let lying = source.put(&lying.replace(r#""size":8"#, r#""size":7"#));
    let two = format!(
        r#"{{"mediaType":"{IMAGE}","digest":"{lying}","size":{}}}"#,
        text.len()
    );
    let root = source.list(&[one, two]);
    let (mut model, _) = source.choose(&root, |choice| {
        choice.compression = Some(Packing::Zstd.into());
    });
    assert_eq!(model.unread().len(), 1);
    assert_eq!(read_all(&mut model, &["base"]).len(), 1);
    assert!(matches!(
        model.selection(),
        Err(Refused::Conversion(Some(1), Refusal::DiffIdDiffers(0, _)))
    ));
}

#[test]
fn what_is_read_stops_with_what_it_was_for() {
    let mut source = Source::default();
    let (root, _) = image(&mut source, &["base"], GZIP);
    let (mut model, _) = source.choose(&root, |choice| {
        choice.compression = Some(Packing::Zstd.into());
    });
    let begin = |model: &mut Model| match &update(model, Msg::ReadLayers)[..] {
        [Effect::ReadLayer { generation, layer }] => (*generation, layer.clone()),
        other => panic!("{other:?}"),
    };
    let (generation, layer) = begin(&mut model);
    // Pressed twice, it is read once.
    assert_eq!(update(&mut model, Msg::ReadLayers), []);
    let received = 3;
    update(
        &mut model,
        Msg::LayerProgress {
            generation,
            received,
        },
    );
    assert_eq!((model.read_bytes(), model.layer_bytes()), (3, 7));
    let stopped = update(&mut model, Msg::Cancel);
    assert_eq!(stopped, [Effect::Abort, Effect::StopReading]);
    // What comes all the same is of another generation.
    let result = Ok(Box::new(read(&layer, "base")));
    let late = Msg::LayerRead { generation, result };
    assert_eq!(update(&mut model, late), []);
    assert!(model.selection().expect("not refused").is_none());
    let _ = begin(&mut model);
    let other = Choice {
        compression: Some(Packing::None.into()),
        ..model.choice().clone()
    };
    assert_eq!(
        update(&mut model, Msg::Choose(other)),
        [Effect::StopReading]
    );
    assert_eq!(model.reading(), &Reading::Idle);
}

#[test]
fn an_image_of_schema_1_goes_along_once_its_layers_were_read() {
    let mut source = Source::default();
    let history = r#"{\"id\":\"1111111111111111111111111111111111111111111111111111111111111111\",\"created\":\"2020-01-01T00:00:00Z\",\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{}}"#;
    let digest = Digest::sha256(b"base.gz");
    let root = source.put(&format!(
        r#"{{"schemaVersion":1,"name":"app","tag":"1","architecture":"amd64","fsLayers":[{{"blobSum":"{digest}"}}],"history":[{{"v1Compatibility":"{history}"}}]}}"#
    ));
    let exact = source.select(&root, |_| {});
    assert_eq!(exact.map(|_| ()), Err(Refused::Root(Ineligible::Schema1)));
    for (compression, packed) in [(None, "base.gz"), (Some(Packing::Zstd.into()), "base Zstd")] {
        let (mut model, _) = source.choose(&root, |choice| {
            choice.format = Format::Oci(ConfigBytes::Kept);
            choice.compression = compression;
        });
        assert_eq!((model.unread().len(), model.unread()[0].size), (1, None));
        assert!(model.selection().expect("not refused").is_none());
        read_all(&mut model, &["base"]);
        let selection = model.selection().expect("not refused").expect("whole");
        let image = selection.root.image().expect("an image");
        let named = image.layers[0].digest.clone();
        assert_eq!(named, Some(Digest::sha256(packed.as_bytes())));
        let config = image.config.as_ref().and_then(|it| it.digest.clone());
        let config = selection
            .here(&config.expect("a digest"))
            .expect("it is here");
        let diff_id = Digest::sha256(b"base").to_string();
        assert!(String::from_utf8_lossy(&config).contains(&diff_id));
    }
}

#[test]
fn an_image_becomes_one_of_schema_1_and_is_signed_before_the_plan() {
    let mut source = Source::default();
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","history":[{{"created_by":"one"}},{{"created_by":"two","empty_layer":true}}],"rootfs":{{"type":"layers","diff_ids":["{}"]}}}}"#,
        Digest::sha256(b"base")
    );
    let digest = source.put(&config);
    let root = source.put(&format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":{}}},"layers":[{}]}}"#,
        config.len(),
        layer("base", GZIP)
    ));
    let entry = format!(r#"{{"mediaType":"{IMAGE}","digest":"{root}","size":7}}"#);
    let list = source.list(&[entry]);
    let schema1 = |signed| {
        move |choice: &mut Choice| {
            choice.format = Format::DockerSchema1 { signed };
            choice.name = Some(("team/app".parse().expect("a path"), Tag::latest()));
        }
    };
    let refused = source.select(&list, schema1(false));
    assert_eq!(refused.map(|_| ()), Err(Refused::ListOfSchema1));
    let unsigned = source.select(&root, schema1(false)).expect("not refused");
    assert_eq!(unsigned.root.format, ManifestFormat::DockerSchema1);
    let text = String::from_utf8_lossy(&unsigned.root.bytes).into_owned();
    assert!(
        text.contains(r#""name":"team/app","tag":"latest""#),
        "{text}"
    );
    let target = "t.example/team/app".parse().expect("a target");
    let task = unsigned.task(&target, &[]).expect("a task");
    // It states no size, so that is told beside it; and the layer without entries is here.
    let base = Digest::sha256(b"base.gz");
    assert!(
        task.known
            .iter()
            .any(|it| it.digest == base && it.size == 7)
    );
    assert_eq!(unsigned.size_of(&base), Some(7));
    let empty = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
    assert!(
        task.given
            .iter()
            .any(|(digest, _)| digest.as_str() == empty)
    );

    let reference = "r.example/app:1".parse().expect("a reference");
    let (mut model, effects) = Model::open(&reference, Generation(1));
    source.serve(&mut model, effects, &root);
    let mut choice = model.choice().clone();
    schema1(true)(&mut choice);
    update(&mut model, Msg::Choose(choice));
    let asked = update(&mut model, Msg::Gather(Depth::Configs));
    let [
        Effect::Fetch {
            generation, wanted, ..
        },
    ] = &asked[..]
    else {
        panic!("{asked:?}");
    };
    let came = Msg::Received {
        generation: *generation,
        wanted: wanted.clone(),
        result: Ok(Received::local(config.as_bytes().into())),
    };
    let asked = update(&mut model, came);
    let [
        Effect::Sign {
            generation,
            payload,
        },
    ] = &asked[..]
    else {
        panic!("{asked:?}");
    };
    let generation = *generation;
    assert!(model.is_signing() && model.selection().expect("not refused").is_none());
    let to_sign = ToSign::new(payload.to_vec(), "2026-11-29T00:00:00Z").expect("a manifest");
    let signed = to_sign.signed(&[1; 32], &[2; 32], &[3; 64]).expect("a key");
    let told = |result| Msg::Signed {
        generation,
        payload: Rc::clone(payload),
        result,
    };
    let mut refused = model.clone();
    update(&mut refused, told(Err("no key".to_owned())));
    let why = Refused::NotSigned("no key".to_owned());
    assert_eq!(refused.selection().map(|_| ()), Err(why));
    assert_eq!(update(&mut model, told(Ok(signed.into()))), []);
    let selection = model.selection().expect("not refused").expect("whole");
    assert_eq!(selection.root.format, ManifestFormat::DockerSchema1Signed);
    // The digest is that of its payload, signed or not.
    assert_eq!(selection.digest, unsigned.digest);
    let task = selection.task(&target, &[]).expect("a task");
    assert_eq!(*task.root.digest(), unsigned.digest);
}
