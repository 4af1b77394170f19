//! The same images converted by skopeo and here: equal bytes, of manifest and config.

use std::path::{Path, PathBuf};

use waybill_core::Digest;
use waybill_core::conversion::{
    ConfigBytes, Converted, Form, ReadLayer, Refusal, convert, from_schema1,
};
use waybill_testkit::empty_folder;
use waybill_testkit::image::{Image, has, read, skopeo_copy};

/// Configs, each with the number of its layers. All have a history that fits, so that they can go to schema 1 as well.
const CONFIGS: &[(&str, usize)] = &[
    (
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created":"2020-01-02T03:04:05Z","created_by":"a"}]}"#,
        1,
    ),
    // The order of members and white space.
    (
        "{ \"os\" : \"linux\",\n\t\"history\": [ {\"comment\": \"c\", \"created_by\": \"a\"} ], \"rootfs\": {\"diff_ids\": diffIds, \"type\": \"layers\"}, \"architecture\": \"arm64\", \"variant\": \"v8\" }\n",
        1,
    ),
    // Every member of image-spec, and those that only docker has.
    (
        r#"{"architecture":"amd64","os":"windows","os.version":"10.0.1","os.features":["win32k"],"variant":"v2","created":"2020-01-02T03:04:05.120000000+00:00","author":"A <a@b> & c","container":"abc","docker_version":"20.10","config":{"Hostname":"h","Domainname":"","User":"u","AttachStdin":false,"ExposedPorts":{"80/tcp":{},"443/tcp":{}},"Tty":true,"Env":["A=<b>&c","PATH=/"],"Cmd":["sh","-c","x"],"Image":"x","Volumes":{"/v":{}},"WorkingDir":"/w","Entrypoint":["/e"],"OnBuild":["RUN x"],"Labels":{"z":"1","a":"2<"},"StopSignal":"SIGTERM","StopTimeout":5,"Shell":["/bin/bash"],"ArgsEscaped":true,"Memory":0},"container_config":{"Cmd":["x"]},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created":"2020-01-02T03:04:05Z","created_by":"ADD <x> & y","comment":"c"},{"created":"2020-01-02T03:04:05.000000001+02:00","created_by":"RUN b","author":"me","empty_layer":true},{"created_by":"RUN c","empty_layer":false}],"moby.buildkit.buildinfo.v1":"x"}"#,
        2,
    ),
    // A health check.
    (
        r#"{"architecture":"amd64","os":"linux","config":{"Healthcheck":{"Test":["CMD","x"],"Interval":1000,"StartPeriod":5,"Retries":3}},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a"}]}"#,
        1,
    ),
    // Characters: beyond ASCII and beyond U+FFFF, the line separators, escapes that need not be, controls.
    (
        r#"{"architecture":"amd64","os":"linux","author":"日本 😀 é \u00e9 \ud83d\ude00 \u003c \/ \u2028 \u007f \u0001 \t","config":{"Labels":{"中":"文","ا":"ب"}},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"日本 \u2029 \"quoted\" \\ x"}]}"#,
        1,
    ),
    (
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"author\":\"a\u{2028}b\u{2029}c\u{7f}d\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":diffIds},\"history\":[{\"created_by\":\"\u{2028}\"}]}",
        1,
    ),
    // Empty values of every kind.
    (
        r#"{"created":null,"author":"","architecture":"","os":"","config":{"User":"","ExposedPorts":{},"Env":[],"Entrypoint":[],"Cmd":[],"Volumes":{},"WorkingDir":"","Labels":{},"StopSignal":"","ArgsEscaped":false},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"","author":"","comment":"","empty_layer":false}]}"#,
        1,
    ),
    // null of every kind.
    (
        r#"{"author":null,"architecture":"amd64","os":"linux","os.features":null,"config":{"User":null,"ExposedPorts":null,"Env":null,"Entrypoint":null,"Cmd":null,"Volumes":null,"Labels":null,"ArgsEscaped":null},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created":null,"created_by":null,"empty_layer":null}]}"#,
        1,
    ),
    (
        r#"{"architecture":"amd64","os":"linux","config":null,"rootfs":{"type":"layers","diff_ids":diffIds},"history":[null]}"#,
        1,
    ),
    // null inside.
    (
        r#"{"architecture":"amd64","os":"linux","config":{"Env":["A=1",null],"ExposedPorts":{"80/tcp":null},"Labels":{"a":null}},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a"}]}"#,
        1,
    ),
    // Names in another case are the same names in Go.
    (
        r#"{"Architecture":"amd64","OS":"linux","Author":"me","config":{"env":["A=1"],"CMD":["sh"]},"rootFS":{"Type":"layers","Diff_IDs":diffIds},"history":[{"CREATED_BY":"a"}]}"#,
        1,
    ),
    // Times: fractions, offsets, none at all.
    (
        r#"{"created":"2020-01-02T03:04:05.100200300Z","architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created":"1970-01-01T00:00:00Z","created_by":"a"},{"created":"2020-12-31T23:59:59.999999999-11:30","created_by":"b"},{"created":"0001-01-01T00:00:00Z","created_by":"c"}]}"#,
        3,
    ),
    (
        r#"{"created":"2020-01-02T03:04:05-00:00","architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created":"2020-01-02T03:04:05.000000000+05:30","created_by":"a"}]}"#,
        1,
    ),
    // Every step but one made no layer; the last made none.
    (
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a"},{"created_by":"b","empty_layer":true},{"created_by":"c","empty_layer":true}]}"#,
        1,
    ),
    (
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"ENV","empty_layer":true},{"created_by":"a"},{"created_by":"b"}]}"#,
        2,
    ),
    // An image of nothing but metadata.
    (
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"LABEL a=b","empty_layer":true}]}"#,
        0,
    ),
    // Members that nobody defines, with nesting, numbers as they are written, and names that need escapes.
    (
        r#"{"architecture":"amd64","os":"linux","x":{"b":1.50,"a":[1e2,-0,{"z":null}]},"a<b>":"&","\u00e9":"e","rootfs":{"type":"layers","diff_ids":diffIds,"more":1},"history":[{"created_by":"a","more":"x"}]}"#,
        1,
    ),
    // Members with the names that schema 1 has for itself.
    (
        r#"{"architecture":"amd64","os":"linux","id":"mine","parent":"mine","throwaway":false,"comment":"c","Size":5,"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a"},{"created_by":"b","empty_layer":true}]}"#,
        1,
    ),
    // What docker before 1.8.3 wrote is written anew on the way back.
    (
        r#"{"architecture":"amd64","os":"linux","docker_version":"1.7.1","created":"2015-01-02T03:04:05.123Z","config":{"Hostname":"h","Cmd":["a"],"Env":null,"Entrypoint":"/bin/sh","ExposedPorts":{"1/tcp":{}}},"container_config":{"Cmd":["/bin/sh","-c"," #(nop) CMD"]},"Size":12,"extra":1,"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a","created":"2015-01-02T03:04:05.120Z"}]}"#,
        1,
    ),
    (
        r#"{"architecture":"amd64","os":"linux","docker_version":"1.8.3","container_config":{"Cmd":["/bin/sh","-c","x"]},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a"}]}"#,
        1,
    ),
    // What comes back has the author of its newest entry.
    (
        r#"{"architecture":"s390x","os":"linux","author":"me","comment":"all","container_config":{"Cmd":["x","y <z>"]},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a","author":"you","comment":"<b>"},{"created_by":"b","author":"them"}]}"#,
        2,
    ),
    // Many layers.
    (
        r#"{"architecture":"riscv64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"1"},{"created_by":"2"},{"created_by":"3"},{"created_by":"4"},{"created_by":"5"},{"created_by":"6"},{"created_by":"7"}]}"#,
        7,
    ),
];

/// Where this test may write; emptied first.
fn folder(name: &str) -> PathBuf {
    let within = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conversion");
    empty_folder(within, name)
}

/// Copies from one folder to another in a format; what skopeo said where it would not.
fn copy(format: &str, from: &Path, to: &Path) -> Result<(), String> {
    let folder = |path: &Path| format!("dir:{}", path.display());
    skopeo_copy(&["--format", format, &folder(from), &folder(to)])
}

/// Compares manifest and config with those in a folder that skopeo wrote.
fn compare(what: &str, ours: &Converted, source: &[u8], folder: &Path) {
    let written = std::fs::read(folder.join("manifest.json")).expect("a manifest");
    // Of a signed manifest the payload, since each copy has another key.
    let theirs = read(&written).digest_input().expect("a payload").to_vec();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if ours.media_type.is_schema1() {
        assert_eq!(text(&ours.manifest), text(&theirs), "{what}");
        return;
    }
    let config = ours.config.as_deref().unwrap_or(source);
    let name = read(&theirs)
        .image()
        .and_then(|image| image.config.clone()?.digest)
        .expect("a config");
    let their_config = std::fs::read(folder.join(name.encoded())).expect("a config");
    assert_eq!(text(config), text(&their_config), "{what}: config");
    // Of an image without layers skopeo writes `null`, which is no list.
    let theirs = text(&theirs).replace("\"layers\":null", "\"layers\":[]");
    assert_eq!(text(&ours.manifest), theirs, "{what}: manifest");
}

fn schema1() -> Form {
    Form::DockerSchema1 {
        name: String::new(),
        tag: String::new(),
    }
}

#[test]
fn every_form_has_skopeos_bytes() {
    if !has("skopeo") {
        return;
    }
    let as_skopeo = Form::Oci(ConfigBytes::AsSkopeo);
    let mut refused = vec![];
    for (index, (config, layers)) in CONFIGS.iter().enumerate() {
        for is_oci in [false, true] {
            let image = Image::new(is_oci, config, *layers);
            let root = folder(&format!("{index}-{is_oci}"));
            image.write(&root.join("from"));
            let other = if is_oci {
                ("v2s2", Form::DockerSchema2)
            } else {
                ("oci", as_skopeo.clone())
            };
            for (format, form) in [other, ("v2s1", schema1())] {
                let what = format!("config {index} to {format}");
                let to = root.join(format);
                let theirs = copy(format, &root.join("from"), &to);
                let ours = convert(&image.read(), &image.config, &form);
                let (Ok(()), Ok(ours)) = (&theirs, &ours) else {
                    assert!(
                        theirs.is_err() && ours.is_err(),
                        "{what}: {theirs:?}, {ours:?}"
                    );
                    refused.push(what);
                    continue;
                };
                compare(&what, ours, &image.config, &to);
            }
        }
    }
    // An entrypoint that is one text: image-spec has a list there.
    assert_eq!(refused, ["config 18 to oci"]);
}

#[test]
fn schema_1_comes_back_as_skopeo_brings_it_back() {
    if !has("skopeo") {
        return;
    }
    for (index, (config, layers)) in CONFIGS.iter().enumerate() {
        let image = Image::new(false, config, *layers);
        let root = folder(&format!("back-{index}"));
        image.write(&root.join("from"));
        assert_eq!(copy("v2s1", &root.join("from"), &root.join("v1")), Ok(()));
        let manifest = read(&std::fs::read(root.join("v1/manifest.json")).expect("a manifest"));
        let mut read_layers = image.layers.iter().map(|layer| ReadLayer {
            size: layer.stored.len() as u64,
            diff_id: layer.diff_id.clone(),
        });
        let steps = &manifest.image().expect("an image").inline_config;
        let steps = &steps.as_ref().expect("a history").history;
        let layers: Vec<_> = steps
            .iter()
            .map(|step| {
                if step.empty_layer {
                    None
                } else {
                    read_layers.next()
                }
            })
            .collect();
        for (format, form) in [
            ("v2s2", Form::DockerSchema2),
            ("oci", Form::Oci(ConfigBytes::AsSkopeo)),
        ] {
            let what = format!("config {index} back to {format}");
            let to = root.join(format);
            assert_eq!(copy(format, &root.join("v1"), &to), Ok(()), "{what}");
            let ours = match from_schema1(&manifest, &layers, &form) {
                Ok(ours) => ours,
                // Go reads `rootFS` and `rootfs` as one member, others as two.
                Err(Refusal::Ambiguous(..)) if index == 10 && format == "oci" => continue,
                Err(refusal) => panic!("{what}: {refusal}"),
            };
            compare(&what, &ours, &[], &to);
        }
    }
}

#[test]
fn what_skopeo_refuses_is_refused_here() {
    if !has("skopeo") {
        return;
    }
    let config = |history: &str, more: &str| {
        format!(
            r#"{{"architecture":"amd64","os":"linux",{more}"rootfs":{{"type":"layers","diff_ids":diffIds}},"history":[{history}]}}"#
        )
    };
    let step = r#"{"created_by":"a"}"#;
    for (index, (config, format, form)) in [
        (config("", ""), "v2s1", schema1()),
        (config(&[step, step].join(","), ""), "v2s1", schema1()),
        (
            config(step, r#""created":"yesterday","#),
            "oci",
            Form::Oci(ConfigBytes::AsSkopeo),
        ),
        (
            config(step, r#""created":"2020-01-02t03:04:05Z","#),
            "oci",
            Form::Oci(ConfigBytes::AsSkopeo),
        ),
        (
            config(step, r#""author":5,"#),
            "oci",
            Form::Oci(ConfigBytes::AsSkopeo),
        ),
        (
            config(step, r#""config":{"Cmd":"sh"},"#),
            "oci",
            Form::Oci(ConfigBytes::AsSkopeo),
        ),
        (
            config(step, r#""config":{"Labels":{"a":1}},"#),
            "oci",
            Form::Oci(ConfigBytes::AsSkopeo),
        ),
        (config(r#"{"created_by":["a"]}"#, ""), "v2s1", schema1()),
    ]
    .into_iter()
    .enumerate()
    {
        let image = Image::new(false, &config, 1);
        let root = folder(&format!("refused-{index}"));
        image.write(&root.join("from"));
        let theirs = copy(format, &root.join("from"), &root.join("to"));
        assert!(theirs.is_err(), "{config}");
        convert(&image.read(), &image.config, &form).expect_err(&config);
    }
}

#[test]
fn a_rewritten_config_has_the_digest_that_its_manifest_names() {
    let image = Image::new(false, CONFIGS[2].0, CONFIGS[2].1);
    let form = Form::Oci(ConfigBytes::AsSkopeo);
    let converted = convert(&image.read(), &image.config, &form).expect("it can be converted");
    let config = converted.config.expect("a config");
    let named = read(&converted.manifest);
    let named = named
        .image()
        .and_then(|image| image.config.clone())
        .expect("a config");
    assert_eq!(named.digest, Some(Digest::sha256(&config)));
    assert_eq!(named.size, Some(config.len() as u64));
    let lost: Vec<&str> = converted
        .lost
        .iter()
        .map(|lost| lost.pointer.as_str())
        .collect();
    assert_eq!(
        lost,
        [
            "/container",
            "/docker_version",
            "/container_config",
            "/moby.buildkit.buildinfo.v1",
            "/config/Hostname",
            "/config/Domainname",
            "/config/AttachStdin",
            "/config/Tty",
            "/config/Image",
            "/config/OnBuild",
            "/config/StopTimeout",
            "/config/Shell",
            "/config/Memory",
        ]
    );
}
