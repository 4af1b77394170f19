//! What cannot be converted, each with its reason, before a byte is written.

use waybill_core::conversion::{ConfigBytes, Document, Form, Refusal, convert, from_schema1};
use waybill_testkit::image::{Image, read};

const CONFIG: &str = r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a"},{"created_by":"b"}]}"#;
const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn schema1() -> Form {
    Form::DockerSchema1 {
        name: "library/a".to_owned(),
        tag: "1".to_owned(),
    }
}

/// An OCI image of two layers, with `from` in its manifest exchanged once.
fn changed(from: &str, to: &str) -> Image {
    let mut image = Image::new(true, CONFIG, 2);
    let text = String::from_utf8(image.manifest).expect("text");
    assert!(text.contains(from), "{from}");
    image.manifest = text.replacen(from, to, 1).into_bytes();
    image
}

fn refusal(image: &Image, form: &Form) -> Refusal {
    convert(&image.read(), &image.config, form).expect_err("it cannot be converted")
}

#[test]
fn layers_that_the_form_does_not_know() {
    let encrypted = changed(GZIP, &format!("{GZIP}+encrypted"));
    for form in [Form::DockerSchema2, schema1()] {
        assert_eq!(refusal(&encrypted, &form), Refusal::Encrypted(0));
    }
    let zstd = changed(GZIP, "application/vnd.oci.image.layer.v1.tar+zstd");
    for form in [Form::DockerSchema2, schema1()] {
        assert_eq!(refusal(&zstd, &form), Refusal::Zstd(0));
    }
    let foreign = changed(
        GZIP,
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    );
    assert_eq!(refusal(&foreign, &schema1()), Refusal::NotDistributed(0));
    let attestation = changed(GZIP, "application/vnd.in-toto+json");
    for form in [Form::DockerSchema2, schema1()] {
        assert!(matches!(
            refusal(&attestation, &form),
            Refusal::LayerType(0, Some(_))
        ));
    }
}

#[test]
fn artifacts_and_mixed_families() {
    let helm = changed(
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.cncf.helm.config.v1+json",
    );
    assert!(matches!(
        refusal(&helm, &Form::DockerSchema2),
        Refusal::Artifact(Some(_))
    ));
    let mixed = changed(
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    );
    assert!(matches!(
        refusal(&mixed, &Form::DockerSchema2),
        Refusal::OtherFamily(_)
    ));
    let list = read(br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#);
    assert_eq!(
        convert(&list, b"{}", &Form::DockerSchema2),
        Err(Refusal::NotAnImage)
    );
}

#[test]
fn a_history_that_would_lose_layers() {
    let histories = [(1, 2), (2, 1), (2, 3)];
    for (steps, layers) in histories {
        let history = vec![r#"{"created_by":"a"}"#; steps].join(",");
        let config = format!(
            r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":diffIds}},"history":[{history}]}}"#
        );
        let image = Image::new(false, &config, layers);
        assert_eq!(
            refusal(&image, &schema1()),
            Refusal::HistoryDiffers { steps, layers }
        );
    }
    let none = Image::new(false, r#"{"architecture":"amd64","os":"linux"}"#, 0);
    assert_eq!(refusal(&none, &schema1()), Refusal::NoHistory);
}

#[test]
fn a_config_that_is_another_one() {
    let image = Image::new(true, CONFIG, 2);
    let refused = convert(&image.read(), b"{}", &Form::DockerSchema2);
    assert!(matches!(refused, Err(Refusal::ConfigDiffers(_))));
}

#[test]
fn what_two_clients_read_differently() {
    for twice in [
        r#"{"architecture":"amd64","architecture":"arm64","os":"linux","history":[{"created_by":"a"}]}"#,
        r#"{"architecture":"amd64","ARCHITECTURE":"arm64","os":"linux","history":[{"created_by":"a"}]}"#,
        r#"{"architecture":"amd64","os":"linux","config":{"Labels":{"a":"1","a":"2"}},"history":[{"created_by":"a"}]}"#,
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"history\":[{\"created_by\":\"a\"}]} x",
        "\u{feff}{\"architecture\":\"amd64\",\"os\":\"linux\",\"history\":[{\"created_by\":\"a\"}]}",
    ] {
        let image = Image::new(false, twice, 1);
        let refused = refusal(&image, &Form::Oci(ConfigBytes::AsSkopeo));
        assert!(
            matches!(refused, Refusal::Ambiguous(Document::Config, _)),
            "{twice}: {refused}"
        );
        // Kept as it is, nobody has to read it.
        let kept = convert(&image.read(), &image.config, &Form::Oci(ConfigBytes::Kept));
        assert_eq!(kept.expect("only types change").config, None, "{twice}");
    }
    // Labels that differ in case are two labels.
    let labels = r#"{"architecture":"amd64","os":"linux","config":{"Labels":{"a":"1","A":"2"}}}"#;
    let image = Image::new(false, labels, 0);
    let converted = convert(
        &image.read(),
        &image.config,
        &Form::Oci(ConfigBytes::AsSkopeo),
    );
    let config = converted.expect("two labels").config.expect("a config");
    let config = String::from_utf8(config).expect("text");
    assert!(config.contains(r#""Labels":{"A":"2","a":"1"}"#), "{config}");
}

#[test]
fn what_is_of_the_form_already_is_given_back() {
    for (is_oci, form) in [
        (true, Form::Oci(ConfigBytes::AsSkopeo)),
        (true, Form::Oci(ConfigBytes::Kept)),
        (false, Form::DockerSchema2),
    ] {
        let image = Image::new(is_oci, CONFIG, 2);
        let converted = convert(&image.read(), b"not even asked for", &form).expect("as it is");
        assert_eq!(converted.manifest, image.manifest);
        assert_eq!((converted.config, converted.lost), (None, vec![]));
    }
}

#[test]
fn what_only_oci_has_is_lost_by_name() {
    let mut image = Image::new(true, CONFIG, 2);
    let text = String::from_utf8(image.manifest).expect("text");
    let text = text.replacen("\"size\"", "\"annotations\":{\"a\":\"b\"},\"size\"", 2);
    let more = r#""annotations":{"c":"d"},"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"x":1,"layers""#;
    image.manifest = text.replacen("\"layers\"", more, 1).into_bytes();
    let converted = convert(&image.read(), &image.config, &Form::DockerSchema2);
    let lost = converted.expect("it can be converted").lost;
    let pointers: Vec<&str> = lost.iter().map(|lost| lost.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/config/annotations",
            "/layers/0/annotations",
            "/subject",
            "/annotations",
            "/x"
        ]
    );
}

#[test]
fn schema_1_needs_its_layers_read() {
    let image = Image::new(false, CONFIG, 2);
    let converted = convert(&image.read(), &image.config, &schema1()).expect("schema 1");
    let manifest = read(&converted.manifest);
    for layers in [vec![], vec![None, None]] {
        let refused = from_schema1(&manifest, &layers, &Form::DockerSchema2);
        assert_eq!(refused, Err(Refusal::LayersUnread));
    }
    assert_eq!(
        convert(&manifest, b"{}", &Form::DockerSchema2),
        Err(Refusal::LayersUnread)
    );
    // The name of the repository and the tag are of the manifest.
    let text = String::from_utf8(converted.manifest).expect("text");
    assert!(text.starts_with(r#"{"name":"library/a","tag":"1","architecture":"amd64","#));
}
