//! The second reader over image configs, and over what schema 1 holds of one.

use serde::Deserialize;
use serde_json::{Value, json};
use waybill_core::config::{HealthCheck, HistoryStep, ImageConfig};
use waybill_testkit::fixtures;

use super::read;
use super::second_reader::Pairs;

/// An image config, and what schema 1 keeps of one in `v1Compatibility`.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct SecondConfig {
    architecture: String,
    os: String,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    created: Option<String>,
    author: Option<String>,
    config: SecondRun,
    rootfs: SecondRoot,
    history: Vec<SecondStep>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SecondRun {
    user: Option<String>,
    exposed_ports: Pairs<Value>,
    env: Vec<String>,
    entrypoint: Vec<String>,
    cmd: Vec<String>,
    volumes: Pairs<Value>,
    working_dir: Option<String>,
    labels: Pairs<String>,
    stop_signal: Option<String>,
    healthcheck: Option<SecondHealth>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SecondHealth {
    test: Vec<String>,
    interval: Option<u64>,
    timeout: Option<u64>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct SecondRoot {
    diff_ids: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct SecondStep {
    created: Option<String>,
    created_by: String,
    comment: Option<String>,
    empty_layer: bool,
}

impl From<&ImageConfig> for SecondConfig {
    fn from(config: &ImageConfig) -> Self {
        let names =
            |names: &[String]| Pairs(names.iter().map(|name| (name.clone(), json!({}))).collect());
        let step = |step: &HistoryStep| SecondStep {
            created: step.created.clone(),
            created_by: step.created_by.clone(),
            comment: step.comment.clone(),
            empty_layer: step.empty_layer,
        };
        let health = |check: &HealthCheck| SecondHealth {
            test: check.test.clone(),
            interval: check.interval,
            timeout: check.timeout,
        };
        Self {
            architecture: config.platform.architecture.clone(),
            os: config.platform.os.clone(),
            variant: config.platform.variant.clone(),
            os_version: config.platform.os_version.clone(),
            created: config.created.clone(),
            author: config.author.clone(),
            config: SecondRun {
                user: config.user.clone(),
                exposed_ports: names(&config.ports),
                env: config.environment.clone(),
                entrypoint: config.entrypoint.clone(),
                cmd: config.command.clone(),
                volumes: names(&config.volumes),
                working_dir: config.working_directory.clone(),
                labels: Pairs(config.labels.to_vec()),
                stop_signal: config.stop_signal.clone(),
                healthcheck: config.health_check.as_ref().map(health),
            },
            rootfs: SecondRoot {
                diff_ids: config.diff_ids.clone(),
            },
            history: config.history.iter().map(step).collect(),
        }
    }
}

#[test]
fn configs_hold_the_same_and_their_history_makes_the_layers() {
    let mut compared = 0;
    for fixture in fixtures::all() {
        let (manifest, _) = read(fixture);
        let Some(image) = manifest.image() else {
            continue;
        };
        let Some(said) = image.config.as_ref().filter(|_| image.artifact().is_none()) else {
            continue;
        };
        let bytes = fixtures::blob(&said.digest_text);
        assert_eq!(
            said.digest.as_ref().and_then(|digest| digest.check(&bytes)),
            Some(true),
            "{}",
            fixture.name
        );
        assert_eq!(said.size, Some(bytes.len() as u64), "{}", fixture.name);
        let (ours, _) = ImageConfig::read(&bytes).expect("a JSON object");
        let theirs: SecondConfig = serde_json::from_slice(&bytes).expect(&fixture.name);
        assert_eq!(SecondConfig::from(&ours), theirs, "{}", fixture.name);
        // Every layer is made by one step, in order, and has one diff ID.
        // BuildKit's older attestations have a config without a history.
        let made: Vec<_> = ours.history.iter().filter_map(|step| step.layer).collect();
        let history = !fixture.name.contains("attested-older");
        assert_eq!(
            made,
            (0..image.layers.len())
                .filter(|_| history)
                .collect::<Vec<_>>(),
            "{}",
            fixture.name
        );
        assert_eq!(ours.diff_ids.len(), image.layers.len(), "{}", fixture.name);
        compared += 1;
    }
    assert!(compared >= 12, "only {compared} configs");
}

#[test]
fn the_steps_of_a_dockerfile_are_joined_to_the_layers_they_made() {
    let (manifest, _) = read(fixtures::find("docker-schema2/lantern-docker"));
    let digest = manifest
        .image()
        .and_then(|image| image.config.as_ref())
        .expect("a config")
        .digest_text
        .clone();
    let (config, _) = ImageConfig::read(&fixtures::blob(&digest)).expect("a JSON object");
    let made = config
        .history
        .iter()
        .filter_map(|step| Some(format!("{} {}", step.layer?, step.instruction())));
    assert_eq!(
        made.collect::<Vec<_>>(),
        [
            "0 COPY base/ /",
            "1 COPY build/lantern-amd64 /usr/bin/lantern",
            "2 COPY site/ /srv/www/",
            "3 WORKDIR /srv/www"
        ]
    );
    assert_eq!(config.platform.to_string(), "linux/amd64");
}

#[test]
fn schema_1_is_its_layers_and_history_turned_round() {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Schema1 {
        architecture: String,
        fs_layers: Vec<Pairs<String>>,
        history: Vec<Pairs<String>>,
    }
    #[derive(Deserialize)]
    struct Ran {
        #[serde(default)]
        throwaway: bool,
        container_config: Option<Value>,
    }
    for name in ["converted", "lantern-signed"].map(|name| format!("docker-schema1-signed/{name}"))
    {
        let fixture = fixtures::find(&name);
        let (manifest, _) = read(fixture);
        let image = manifest.image().expect("an image");
        let theirs: Schema1 = serde_json::from_slice(&fixture.bytes).expect(&name);
        let blobs: Vec<_> = theirs
            .fs_layers
            .iter()
            .rev()
            .map(|layer| layer.0[0].1.as_str())
            .collect();
        let layers: Vec<_> = image
            .layers
            .iter()
            .map(|layer| layer.digest_text.as_str())
            .collect();
        assert_eq!(layers, blobs, "{name}");
        let ours = image
            .inline_config
            .as_ref()
            .expect("schema 1 holds its config");
        assert_eq!(ours.platform.architecture, theirs.architecture, "{name}");
        assert_eq!(ours.history.len(), theirs.history.len(), "{name}");
        for (index, (ours, theirs)) in ours
            .history
            .iter()
            .zip(theirs.history.iter().rev())
            .enumerate()
        {
            let theirs: Ran = serde_json::from_str(&theirs.0[0].1).expect(&name);
            let ran = theirs
                .container_config
                .map(|ran| ran["Cmd"][0].as_str().expect("a command").to_owned());
            assert_eq!(ours.created_by, ran.unwrap_or_default(), "{name}");
            assert_eq!(
                (ours.empty_layer, ours.layer),
                (theirs.throwaway, Some(index)),
                "{name}"
            );
        }
        let newest: SecondConfig = serde_json::from_str(&theirs.history[0].0[0].1).expect(&name);
        assert_eq!(
            SecondConfig {
                history: Vec::new(),
                ..SecondConfig::from(ours)
            },
            newest,
            "{name}"
        );
    }
}
