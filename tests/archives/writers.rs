//! Archives as real tools write them, of one image: each is listed under the digest that skopeo tells, and verified.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use waybill_blobs::archive::{Form, Opened, Outer, Verdict, open};
use waybill_core::digest::Digest;
use waybill_testkit::registries::run_now;

use super::harness::{
    Folder, Made, Memory, OCI_INDEX, OCI_MANIFEST, codes, descriptor, digest, folder, gzip, index,
    layout, named, opened, run, saved, skopeo, without,
};

/// What a tool wrote.
struct Written {
    name: &'static str,
    form: Form,
    /// How skopeo reads it; `None` where it does not.
    transport: Option<&'static str>,
    /// Whether it holds no manifest, so that the digest is of one that was made.
    made: bool,
}

const WRITTEN: &[Written] = &[
    Written {
        name: "skopeo-docker.tar",
        form: Form::DockerArchive,
        transport: Some("docker-archive"),
        made: true,
    },
    Written {
        name: "skopeo-oci.tar",
        form: Form::OciArchive,
        transport: Some("oci-archive"),
        made: false,
    },
    Written {
        name: "skopeo-dir",
        form: Form::Directory,
        transport: Some("dir"),
        made: false,
    },
    Written {
        name: "skopeo-dir.tar",
        form: Form::Directory,
        transport: None,
        made: false,
    },
    Written {
        name: "skopeo-oci",
        form: Form::OciLayout,
        transport: Some("oci"),
        made: false,
    },
    Written {
        name: "crane.tar",
        form: Form::DockerArchive,
        transport: Some("docker-archive"),
        made: true,
    },
    Written {
        name: "crane-legacy.tar",
        form: Form::DockerArchive,
        transport: Some("docker-archive"),
        made: true,
    },
    Written {
        name: "crane-oci",
        form: Form::OciLayout,
        transport: Some("oci"),
        made: false,
    },
    Written {
        name: "regctl.tar",
        form: Form::Hybrid,
        transport: Some("oci-archive"),
        made: false,
    },
    Written {
        name: "regctl.tar.gz",
        form: Form::Hybrid,
        transport: None,
        made: false,
    },
    Written {
        name: "oras",
        form: Form::OciLayout,
        transport: Some("oci"),
        made: false,
    },
    Written {
        name: "buildah-docker.tar",
        form: Form::DockerArchive,
        transport: Some("docker-archive"),
        made: true,
    },
    Written {
        name: "buildah-oci.tar",
        form: Form::OciArchive,
        transport: Some("oci-archive"),
        made: false,
    },
    // Two names: skopeo would ask which.
    Written {
        name: "umoci",
        form: Form::OciLayout,
        transport: None,
        made: false,
    },
];

/// A registry on loopback, ended with the test.
struct Registry(Child, u16);

impl Registry {
    fn start(folder: &Path) -> Option<Self> {
        // A port that was free a moment ago.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let settings = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"127.0.0.1:{port}\"}}\n",
            folder.join("registry").display()
        );
        let settings = saved(folder, "registry.yml", settings.as_bytes());
        let child = Command::new("docker-registry")
            .args(["serve", &settings])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            without("docker-registry");
            return None;
        };
        let mut log = BufReader::new(child.stderr.take().expect("a pipe"));
        let registry = Self(child, port);
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            let length = log.read_line(&mut line).expect("text");
            assert!(length > 0, "the registry ended");
        }
        // What it says later is read, or it would wait.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Some(registry)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a tool; false where it is not here.
fn wrote(folder: &Path, program: &str, arguments: &[&str]) -> bool {
    match run(folder, program, arguments) {
        Some(Ok(_)) => true,
        Some(Err(complaint)) => panic!("{program} {arguments:?}: {complaint}"),
        None => {
            without(program);
            false
        }
    }
}

/// Lets every tool that is here write the image `from`, an OCI layout.
fn write_all(folder: &Path) {
    let copy = |to: &str| {
        wrote(
            folder,
            "skopeo",
            &["copy", "-q", "--dest-tls-verify=false", "oci:from:x", to],
        )
    };
    if !copy("docker-archive:skopeo-docker.tar:h.example/a:1") {
        return;
    }
    copy("oci-archive:skopeo-oci.tar:h.example/a:1");
    copy("dir:skopeo-dir");
    copy("oci:skopeo-oci:h.example/a:1");
    wrote(
        folder,
        "tar",
        &["-C", "skopeo-dir", "-cf", "skopeo-dir.tar", "."],
    );
    if let Some(registry) = Registry::start(folder) {
        let image = format!("127.0.0.1:{}/a:1", registry.1);
        copy(&format!("docker://{image}"));
        for (form, name) in [
            ("tarball", "crane.tar"),
            ("legacy", "crane-legacy.tar"),
            ("oci", "crane-oci"),
        ] {
            let form = format!("--format={form}");
            wrote(
                folder,
                "crane",
                &["pull", "--insecure", &form, &image, name],
            );
        }
        let host = format!("reg=127.0.0.1:{},tls=disabled", registry.1);
        for arguments in [&["regctl.tar"][..], &["--compress", "regctl.tar.gz"]] {
            let (name, flags) = arguments.split_last().expect("a name");
            let all = [
                &["--host", &host, "image", "export"],
                flags,
                &[&image, name],
            ]
            .concat();
            wrote(folder, "regctl", &all);
        }
        wrote(
            folder,
            "oras",
            &[
                "copy",
                "--from-plain-http",
                &image,
                "--to-oci-layout",
                "oras:1",
            ],
        );
    }
    let stores = ["--storage-driver=vfs", "--root=store", "--runroot=run"];
    let buildah = |arguments: &[&str]| {
        let all = [&stores[..], arguments].concat();
        // Without root it has nowhere to keep an image.
        let ran = run(folder, "buildah", &all);
        if ran.is_none() {
            without("buildah");
        }
        ran.is_some_and(|ran| ran.is_ok())
    };
    if buildah(&["pull", "-q", "oci-archive:skopeo-oci.tar"]) {
        buildah(&[
            "push",
            "-q",
            "h.example/a:1",
            "docker-archive:buildah-docker.tar:h.example/a:1",
        ]);
        buildah(&[
            "push",
            "-q",
            "h.example/a:1",
            "oci-archive:buildah-oci.tar:h.example/a:1",
        ]);
    }
    if wrote(folder, "umoci", &["init", "--layout", "umoci"]) {
        copy("oci:umoci:x");
        wrote(
            folder,
            "umoci",
            &["tag", "--image", "umoci:x", "h.example/a:1"],
        );
    }
}

/// Unpacks what is compressed as a whole.
fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    let opened = run_now(open(&Memory::of(bytes.clone()))).expect("it is read");
    if matches!(opened, Opened::Archive(_)) {
        return bytes;
    }
    let mut unpacked = Vec::new();
    let mut outer = Outer::new();
    let pushed = outer.push(&bytes, &mut |bytes| unpacked.extend(bytes));
    pushed.expect("it unpacks");
    outer
        .finish(&mut |bytes| unpacked.extend(bytes))
        .expect("it ends");
    unpacked
}

#[test]
fn what_tools_write_is_listed_under_the_digest_that_skopeo_tells() {
    let folder = folder("writers");
    let plain = Made::new("a", 3);
    let image = Made {
        layers: plain.layers.iter().map(|layer| gzip(layer)).collect(),
        ..plain.clone()
    };
    for (name, bytes) in layout(&image, "x") {
        saved(&folder, &format!("from/{name}"), &bytes);
    }
    write_all(&folder);
    let mut count = 0;
    for written in WRITTEN {
        let path = folder.join(written.name);
        if !path.exists() {
            continue;
        }
        count += 1;
        let (archive, judged) = if path.is_dir() {
            let source = Folder::read(&path);
            let mut archive = opened(&source);
            let judged = run_now(archive.verify(&source, &mut |_| {})).expect("it is read");
            (archive, judged)
        } else {
            super::harness::verified(&unpacked(std::fs::read(&path).expect("a file")))
        };
        let name = written.name;
        assert_eq!(archive.form, written.form, "{name}");
        assert_eq!(archive.images.len(), 1, "{name}: {:#?}", archive.images);
        let found = &archive.images[0];
        assert_eq!(found.made, written.made, "{name}");
        assert!(archive.may_be_pushed(0), "{name}: {:#?}", archive.findings);
        assert_eq!(judged[0].verdict, Verdict::Verified, "{name}: {judged:?}");
        assert_eq!(codes(&archive), Vec::<&str>::new(), "{name}");
        assert_eq!(found.layers().map(<[_]>::len), Some(3), "{name}");
        let own = found.digest.as_ref().map_or("", Digest::as_str);
        if written.made {
            assert_eq!(own, digest(plain.skopeos().as_bytes()), "{name}");
        }
        if let Some(transport) = written.transport {
            let told = skopeo(&folder, &format!("{transport}:{name}")).expect("it wrote these");
            assert_eq!(told.as_deref(), Ok(own), "{name}");
        }
        let is_named = !matches!(name, "skopeo-dir" | "skopeo-dir.tar" | "crane-oci");
        assert_eq!(!found.names.is_empty(), is_named, "{name}");
    }
    // At least skopeo's own, where skopeo is.
    if run(&folder, "skopeo", &["--version"]).is_some() {
        assert!(count >= 5, "{count}");
    }
}

/// A list of platforms, copied by skopeo as a whole into each form that takes one.
#[test]
fn lists_that_skopeo_copies_have_all_their_images() {
    let folder = folder("writers-lists");
    // Plain layers would be compressed on their way.
    let images = [Made::new("a", 1), Made::new("b", 2)].map(|image| Made {
        layers: image.layers.iter().map(|layer| gzip(layer)).collect(),
        ..image
    });
    let mut entries = Vec::new();
    for (image, architecture) in images.iter().zip(["amd64", "arm64"]) {
        let mut entry = descriptor(OCI_MANIFEST, &image.manifest());
        entry["platform"] = serde_json::json!({"os": "linux", "architecture": architecture});
        entries.push(entry);
        for (name, bytes) in layout(image, "x") {
            saved(&folder, &format!("from/{name}"), &bytes);
        }
    }
    let list = index(&entries);
    saved(
        &folder,
        &format!("from/{}", super::harness::blob(&list)),
        &list,
    );
    let top = index(&[named(descriptor(OCI_INDEX, &list), "x")]);
    saved(&folder, "from/index.json", &top);
    for to in ["dir:to-dir", "oci-archive:to.tar:x"] {
        if !wrote(
            &folder,
            "skopeo",
            &["copy", "-q", "--all", "oci:from:x", to],
        ) {
            return;
        }
    }
    let directory = opened(&Folder::read(&folder.join("to-dir")));
    let archive = opened(&Memory::of(
        std::fs::read(folder.join("to.tar")).expect("a file"),
    ));
    for archive in [directory, archive] {
        let digests = archive
            .images
            .iter()
            .map(|image| image.digest.as_ref().expect("one").to_string());
        let manifests = images.iter().map(|image| digest(&image.manifest()));
        let expected: Vec<_> = [digest(&list)].into_iter().chain(manifests).collect();
        assert_eq!(digests.collect::<Vec<_>>(), expected);
        assert!((0..3).all(|image| archive.may_be_pushed(image)));
    }
}
