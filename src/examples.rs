//! Examples that come with the page, so that they work without a registry. `tests/fixtures/make` makes them with real
//! tools. What they hold is a part of the program; their names are always here.

use crate::lazy::kept;

/// Names one example, for the first page.
#[derive(Clone, Copy, Debug)]
pub struct ExampleLink {
    /// The name in the address.
    pub name: &'static str,
    /// The link's text.
    pub title: &'static str,
    /// What it shows.
    pub about: &'static str,
}

/// Every example in the order of the first page.
pub const EXAMPLES: &[ExampleLink] = &[
    ExampleLink {
        name: "index",
        title: "An index for five platforms",
        about: "OCI image index, with provenance attestations",
    },
    ExampleLink {
        name: "list",
        title: "A list for three platforms",
        about: "Docker manifest list, as docker manifest push writes it",
    },
    ExampleLink {
        name: "image",
        title: "One small image",
        about: "OCI image manifest and config",
    },
    ExampleLink {
        name: "schema2",
        title: "An image by docker",
        about: "Docker schema 2",
    },
    ExampleLink {
        name: "schema1",
        title: "An image of the old days",
        about: "Docker schema 1, signed: its digest covers only a part of it",
    },
    ExampleLink {
        name: "lying",
        title: "A list that lies",
        about: "wrong size, two images for one platform, a child that is another",
    },
];

/// Holds the bytes of one example: a manifest and everything that it names.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The name in the address.
    pub name: &'static str,
    /// The digest that skopeo gives the manifest.
    pub digest: &'static str,
    /// The manifest itself.
    pub root: &'static [u8],
    /// The manifests and configs that it names, each with the digest it stands for; one may be a lie.
    pub blobs: &'static [(&'static str, &'static [u8])],
}

macro_rules! example {
    ($name:literal, $root:literal, [$($digest:literal),* $(,)?]) => {
        Example {
            name: $name,
            digest: concat!("sha256:", $root),
            root: include_bytes!(concat!("../static/examples/", $name, "/root.json")),
            blobs: &[$((
                concat!("sha256:", $digest),
                include_bytes!(concat!("../static/examples/", $name, "/sha256-", $digest, ".json")),
            ),)*],
        }
    };
}

static CONTENTS: &[Example] = &[
    example!(
        "index",
        "d8a91c5a6bd69d4708e447abe23028891c891b8d21d764333cc9d510d1162912",
        [
            "05c12ab584da0bcec78217319d9bbe56a423565311c107ecdc04bffc9c317464",
            "2b56d7618637103cc824c0a7b1865a8a2ff6672d5844932c4c29489183d43909",
            "36971743c11026e1d675206bb5399ef86993bad60c45d704bb765da2e9d6b88c",
            "48942105f64bcf07afe720dea4b2cb1217a285570f797d0237fc107629a51940",
            "4e0cf510e7d30a69eefc059774602c9f5a19e95748d09b9be6e92216c9cf8ff9",
            "53e993f1e2b9704b80d3da1376b0b4c5d15ef580b4fcf8638d123cb05e78dd61",
            "62aab93bb8a91707dfb5d46bf07a1bf4fcf2ceedf3a7c880256c68dc695d8d76",
            "6af43ddbfc9ce5ac2c1fea1e3e36c1a1a3f88d80d4841f4eb2e0ad3974cae4c3",
            "7632f655c8d7bd18590711df106414de7526348c60a3c14f110a390bc368b7c7",
            "923814996504d4fdb22776ceac63a9df3cf72a7bda4fdb4cc639950b28ca28a2",
            "b132d1574e7dca8519cdb510595c74ea63b0c69d19b257822a7647e36f07952d",
            "fc2b925489d728a79225160dae00475e52f8501f4fb5feae972db1a34ab0a308",
        ]
    ),
    example!(
        "list",
        "9db4794c13c41cd020bc939a1f795d4b5b6ce2af9fd86e510914cf0dd2ce136f",
        [
            "0b4c6e7a696c65a85c9478884454f79cc2d40195507c41f4960377077cce0dc6",
            "4e0cf510e7d30a69eefc059774602c9f5a19e95748d09b9be6e92216c9cf8ff9",
            "68e407a7109162c08168b29479d777de92e2eba158d265342bb5682761eef9a4",
            "6f2a231fb9c8933cc53a46ff08e7f43716db9c779aaca0588ab69ce4cda49f71",
        ]
    ),
    example!(
        "image",
        "158e60ea5ee26782e057cdebe35f8cbed61cf354e0b2fcf5fb8e2f234b03be6f",
        ["e0b67893297a1ee52a8979ed66ef519f540ad96d01c6f349e6da4f3e412d847b",]
    ),
    example!(
        "schema2",
        "68e407a7109162c08168b29479d777de92e2eba158d265342bb5682761eef9a4",
        ["4e0cf510e7d30a69eefc059774602c9f5a19e95748d09b9be6e92216c9cf8ff9",]
    ),
    example!(
        "schema1",
        "0c448fc00fcdbd387cab77e58997456d6bc6dd4baaae425b368c8518063500f9",
        []
    ),
    example!(
        "lying",
        "ff5f6986558f6c4639093166a7e2032d6ee988ede990f1f36165e7c9fc87c203",
        [
            "158e60ea5ee26782e057cdebe35f8cbed61cf354e0b2fcf5fb8e2f234b03be6f",
            "62aab93bb8a91707dfb5d46bf07a1bf4fcf2ceedf3a7c880256c68dc695d8d76",
            "fc2b925489d728a79225160dae00475e52f8501f4fb5feae972db1a34ab0a308",
        ]
    ),
];

kept! {
    examples:
    /// Brings the bytes of the examples.
    &'static [Example] = CONTENTS
}

/// Finds the example of that name; `None` where there is none, or they are not loaded.
#[must_use]
pub fn find(name: &str) -> Option<&'static Example> {
    here()?.iter().find(|example| example.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_before_the_program_lists_the_same_examples() {
        let page = std::fs::read_to_string("index.html").expect("the page");
        for ExampleLink { name, title, about } in EXAMPLES {
            let row = format!(
                "<li><a href=\"#/example/{name}\">{title}</a><span \
                    class=\"quiet\">{about}</span></li>"
            );
            assert!(page.contains(&row), "{row}");
        }
        assert_eq!(page.matches("#/example/").count(), EXAMPLES.len());
    }

    #[test]
    fn every_link_has_its_contents() {
        let links: Vec<_> = EXAMPLES.iter().map(|link| link.name).collect();
        let contents: Vec<_> = CONTENTS.iter().map(|example| example.name).collect();
        assert_eq!(links, contents);
    }

    #[test]
    fn every_file_of_the_examples_is_in_the_page() {
        for folder in std::fs::read_dir("static/examples").expect("the folder") {
            let folder = folder.expect("an entry").path();
            let example = find(
                folder
                    .file_name()
                    .and_then(|name| name.to_str())
                    .expect("a name"),
            )
            .expect("an example");
            assert_eq!(
                folder.read_dir().expect("a folder").count(),
                example.blobs.len() + 1,
                "{}",
                example.name
            );
        }
    }
}
