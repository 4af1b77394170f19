//! Image configs: how an image runs, and how it was made.
//!
//! One value for the configs of OCI (image-spec `config.md`) and Docker (Docker image
//! specification v1.2), and for what schema 1 carries in its history. Here a config is read,
//! and its members are checked one by one; whether it fits the manifest or the list that names
//! it is for [`crate::workflow`] to say.
//!
//! [`ImageConfig::read`] reads the bytes of a config that was fetched. For schema 1 the
//! manifest's reader calls `read_members` on the text of its newest history entry, of which no
//! member is required.
//!
//! A value of the wrong form is kept as it was written, with a finding; one of the wrong kind,
//! such as a number for a text, is left out with one. The members of `config` have Go's names
//! (`Cmd`, `Env`), those around it are in lower case.
//!
//! Longer than most files: the members of one JSON object are read in the order of their
//! specification.

use crate::annotation;
use crate::annotation::Annotations;
use crate::descriptor::platform;
use crate::finding::{self, Code, Finding};
use crate::json::{self, JsonError, Pointer, Value};
use crate::lenient::{Field, Fields, Kind, Reader};
use crate::platform::Platform;
use crate::time::is_time;

/// The config of an image, OCI or Docker, or what schema 1 carries in its newest history entry.
///
/// Texts are as they were written; absent members are `None` or empty. Source: image-spec
/// `config.md`.
///
/// ```
/// use waybill_core::config::ImageConfig;
///
/// let (config, findings) = ImageConfig::read(
///     br#"{"os":"linux","architecture":"amd64","config":{"Cmd":["sh"],"Env":["A"]},
///         "rootfs":{"type":"layers","diff_ids":[]}}"#,
/// )?;
/// assert_eq!(config.command, ["sh"]);
/// assert_eq!(config.platform().map(ToString::to_string).as_deref(), Some("linux/amd64"));
/// assert_eq!(findings[0].pointer, "/config/Env/0");
/// assert_eq!(findings[0].message, "\"A\" is not of the form NAME=VALUE");
/// # Ok::<(), waybill_core::json::JsonError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageConfig {
    /// The machine it runs on: `os`, `architecture`, `variant`, `os.version`, `os.features`.
    pub platform: Platform,
    /// When it was made (RFC 3339), as it was written, also where that is no time. Builds that
    /// are reproducible often say 1970 or 0001.
    pub created: Option<String>,
    /// Who made it, and is responsible for it.
    pub author: Option<String>,
    /// The command's fixed front part (`Entrypoint`); what a person adds to `docker run` comes
    /// behind it.
    pub entrypoint: Vec<String>,
    /// The command, or the default arguments of the entrypoint (`Cmd`).
    pub command: Vec<String>,
    /// The user, by name or number: `user[:group]`; absent means root.
    pub user: Option<String>,
    /// The working directory.
    pub working_directory: Option<String>,
    /// Environment, `NAME=value`, in the author's order. Entries of another form are kept.
    pub environment: Vec<String>,
    /// The ports that it listens on, `80/tcp`, in the author's order. Nothing is opened by
    /// saying so.
    pub ports: Vec<String>,
    /// The directories that get a volume, where nobody gives one.
    pub volumes: Vec<String>,
    /// Labels in the author's order.
    pub labels: Annotations,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// The health check: Docker's, image-spec reserves the member.
    pub health_check: Option<HealthCheck>,
    /// The shell that its build used for `RUN` (Docker only).
    pub shell: Vec<String>,
    /// Instructions that run in the build of an image on top of this one (Docker only).
    pub on_build: Vec<String>,
    /// The steps that made it, base first. A builder may leave them out.
    pub history: Vec<HistoryStep>,
    /// The digests of the uncompressed layers, base first: not those of the manifest, which
    /// are of what is stored. Texts that are no digests are kept, with a finding; what is no
    /// text is an empty one, with a finding, so that each has the index of its layer.
    pub diff_ids: Vec<String>,
    /// Members that no specification names, as JSON text: of the whole only, not of those
    /// inside `config`. What schema 1 and old Docker builders wrote, such as `docker_version`,
    /// is left out here.
    pub unknown: Vec<(String, String)>,
    /// The places of what is of the wrong kind, and so left out here: an absent member has a
    /// default, one that is not readable has none. Filled where a config of its own is read.
    pub unreadable: Vec<Pointer>,
}

/// A Docker health check; durations are in nanoseconds, absent ones are the client's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthCheck {
    /// The test: `NONE`, or `CMD` with arguments, or `CMD-SHELL` with one text.
    pub test: Vec<String>,
    /// Between two checks, in nanoseconds.
    pub interval: Option<u64>,
    /// Until a check counts as failed, in nanoseconds.
    pub timeout: Option<u64>,
    /// After the start, until failures count, in nanoseconds.
    pub start_period: Option<u64>,
    /// How many failures make it unhealthy.
    pub retries: Option<u64>,
}

/// One step of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryStep {
    /// When (RFC 3339).
    pub created: Option<String>,
    /// The command as the builder recorded it.
    pub created_by: String,
    /// Who.
    pub author: Option<String>,
    /// The builder's remark.
    pub comment: Option<String>,
    /// Whether it made no layer.
    pub empty_layer: bool,
    /// The layer it made, as an index into the layers base first. In a config it is counted
    /// from the steps that are not empty, and `None` for the others; where the manifest has
    /// fewer layers it points behind them. In schema 1 each step has one, the empty ones too,
    /// since layers and steps go together one by one.
    pub layer: Option<usize>,
}

impl HistoryStep {
    /// The step as it may have stood in a Dockerfile.
    ///
    /// ```
    /// use waybill_core::config::HistoryStep;
    ///
    /// let step = |created_by: &str| {
    ///     HistoryStep { created_by: created_by.into(), ..Default::default() }.instruction()
    /// };
    /// assert_eq!(step("/bin/sh -c #(nop)  CMD [\"bash\"]"), "CMD [\"bash\"]");
    /// assert_eq!(step("/bin/sh -c apt-get update"), "RUN apt-get update");
    /// assert_eq!(step("RUN |1 V=2 /bin/sh -c make # buildkit"), "RUN make");
    /// assert_eq!(step("COPY a /b # buildkit"), "COPY a /b");
    /// ```
    ///
    /// What the builder put around the command goes: the shell, `#(nop)` of the old docker
    /// builder, the build arguments in front (`|1 V=2`), and the remark `# buildkit` at the
    /// end. Another text is given as it is, without white space around it; an empty one stays
    /// empty.
    #[must_use]
    pub fn instruction(&self) -> String {
        const SHELL: &str = "/bin/sh -c ";
        let text = self.created_by.trim();
        let text = text.strip_suffix("# buildkit").map_or(text, str::trim_end);
        let run = text.strip_prefix("RUN ").unwrap_or(text);
        // Build arguments stand in front of the shell as `|2 A=1 B=2`.
        let run = match run
            .strip_prefix('|')
            .and_then(|rest| rest.find(SHELL).and_then(|at| rest.get(at..)))
        {
            Some(after) => after,
            None => run,
        };
        match run.strip_prefix(SHELL) {
            Some(command) => match command.trim_start().strip_prefix("#(nop)") {
                Some(instruction) => instruction.trim_start().to_owned(),
                None => format!("RUN {}", command.trim_start()),
            },
            None => text.to_owned(),
        }
    }
}

/// The members of a config by image-spec.
const MEMBERS: &[&str] = &[
    "created",
    "author",
    "architecture",
    "os",
    "os.version",
    "os.features",
    "variant",
    "config",
    "rootfs",
    "history",
];
/// What schema 1 and old Docker builders write beside them.
const OLD_MEMBERS: &[&str] = &[
    "id",
    "parent",
    "container",
    "container_config",
    "docker_version",
    "throwaway",
];
/// The members of `config` inside it, image-spec's and Docker's. Others are neither kept nor
/// noted; a name that differs from one of these only in case is.
const RUN_MEMBERS: &[&str] = &[
    "User",
    "ExposedPorts",
    "Env",
    "Entrypoint",
    "Cmd",
    "Volumes",
    "WorkingDir",
    "Labels",
    "StopSignal",
    "Shell",
    "OnBuild",
    "Healthcheck",
    "ArgsEscaped",
];
/// What is found in a manifest and in a config has a rule for each: who refuses what, and where it
/// is specified, differs.
const IN_CONFIG: &[(Code, Code)] = &[
    (Code::WrongType, Code::ConfigType),
    (Code::MissingField, Code::ConfigMissing),
    (Code::NullRequired, Code::ConfigMissing),
    (Code::NullValue, Code::ConfigNull),
    (Code::DigestMalformed, Code::DiffId),
    (Code::PlatformSpelling, Code::ConfigPlatform),
    (Code::PlatformVariant, Code::ConfigPlatform),
    (Code::PlatformName, Code::ConfigPlatformName),
];
const STEP_MEMBERS: &[&str] = &["created", "created_by", "author", "comment", "empty_layer"];

impl ImageConfig {
    /// Reads a config, and says what is wrong in it; only bytes that are not a JSON object are
    /// an error.
    ///
    /// Findings are in the order of reading; of each code at most
    /// [`FINDINGS_OF_A_CODE`](crate::limits::FINDINGS_OF_A_CODE) are listed.
    ///
    /// The bytes may be those of any config: whoever reads an artifact's has to know that the
    /// findings mean nothing there. Of an image `architecture`, `os` and `rootfs` with `type`
    /// and `diff_ids` are required.
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<Finding>), JsonError> {
        let document = json::read(bytes)?;
        let reader = Reader::new(document.anomalies);
        let fields = Fields::root(&reader, &document.object);
        let mut config = Self::read_members(&fields, &fields.required());
        check_required(&fields);
        let mut findings = reader.into_findings();
        for finding in &mut findings {
            let twin = IN_CONFIG.iter().find(|(code, _)| *code == finding.code);
            finding.code = twin.map_or(finding.code, |(_, twin)| *twin);
            if finding.code == Code::ConfigType {
                config.unreadable.push(finding.pointer.clone());
            }
        }
        Ok((config, finding::bounded(findings)))
    }

    /// Whether everything at and below a place could be read: `/config/User`.
    ///
    /// ```
    /// use waybill_core::config::ImageConfig;
    ///
    /// let (config, _) = ImageConfig::read(br#"{"config":{"User":1000,"Cmd":["a",1]}}"#)?;
    /// assert!(!config.is_readable("/config/User") && !config.is_readable("/config/Cmd"));
    /// assert!(config.is_readable("/config/Entrypoint"));
    /// # Ok::<(), waybill_core::json::JsonError>(())
    /// ```
    #[must_use]
    pub fn is_readable(&self, pointer: &str) -> bool {
        let covers = |outer: &str, inner: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.unreadable
            .iter()
            .all(|other| !covers(pointer, other) && !covers(other, pointer))
    }

    /// Whether every part of the platform that is there could be read.
    #[must_use]
    pub fn is_platform_readable(&self) -> bool {
        [
            "/os",
            "/architecture",
            "/variant",
            "/os.version",
            "/os.features",
        ]
        .into_iter()
        .all(|part| self.is_readable(part))
    }

    /// Returns the platform, where both its required parts are there.
    #[must_use]
    pub fn platform(&self) -> Option<&Platform> {
        Some(&self.platform)
            .filter(|platform| !platform.os.is_empty() && !platform.architecture.is_empty())
    }

    /// Reads what an image's config and schema 1's newest history entry have in common.
    ///
    /// Wrong members are left out with a finding, so a config is never refused for one of them.
    /// `required` is the same object, to read those members with that only a config has to have.
    pub(crate) fn read_members(fields: &Fields<'_>, required: &Fields<'_>) -> Self {
        let mut config = Self {
            platform: platform::read_members(fields, required),
            created: read_time(fields),
            author: fields.some_text("author"),
            unknown: fields.unknown(MEMBERS),
            ..Self::default()
        };
        config.platform.variant = config
            .platform
            .variant
            .filter(|variant| !variant.is_empty());
        fields.names(MEMBERS);
        platform::check(fields, &config.platform);
        config
            .unknown
            .retain(|(name, _)| !OLD_MEMBERS.contains(&name.as_str()));
        if let Some(run) = fields.object("config") {
            config.read_run(&run);
        }
        if let Some(rootfs) = required.object("rootfs") {
            rootfs.names(&["type", "diff_ids"]);
            let required = rootfs.required();
            // Read for what is found in them; what is no text keeps its place below.
            required.texts("diff_ids");
            let values = rootfs.get("diff_ids").and_then(Value::as_array);
            config.diff_ids = vec![String::new(); values.map_or(0, <[_]>::len)];
            for (index, diff_id) in required.text_elements("diff_ids") {
                let pointer = || rootfs.pointer_to("diff_ids").element(index);
                rootfs.reader().digest(diff_id, pointer);
                diff_id.clone_into(&mut config.diff_ids[index]);
            }
        }
        let steps = fields.array("history");
        config.history = steps
            .filter_map(|step| step.fields("a step"))
            .map(|step| read_step(&step))
            .collect();
        for (layer, step) in config
            .history
            .iter_mut()
            .filter(|step| !step.empty_layer)
            .enumerate()
        {
            step.layer = Some(layer);
        }
        config
    }

    /// Reads the member `config`: how the image is run.
    fn read_run(&mut self, run: &Fields<'_>) {
        run.names(RUN_MEMBERS);
        // What is not set: image-spec's schema allows `null` for Entrypoint, Cmd, Volumes and
        // Labels, and docker writes it for the others too.
        let unset = run.nullable();
        self.entrypoint = unset.texts("Entrypoint");
        self.command = unset.texts("Cmd");
        self.user = run.some_text("User");
        self.working_directory = run.some_text("WorkingDir");
        self.environment = unset.texts("Env");
        self.ports = read_set(run, "ExposedPorts");
        self.volumes = read_set(&unset, "Volumes");
        self.labels = annotation::read_labels(&unset);
        self.stop_signal = run.some_text("StopSignal");
        self.shell = unset.texts("Shell");
        self.on_build = unset.texts("OnBuild");
        self.health_check = unset
            .object("Healthcheck")
            .map(|check| HealthCheck::read(&check));
        self.check_forms(run);
    }

    /// Says which values clients would refuse or read differently: variables without a name or
    /// `=`, ports, an empty volume, the signal.
    ///
    /// All are kept as they were written. Source: image-spec `config.md`, the members of
    /// `config`.
    fn check_forms(&self, run: &Fields<'_>) {
        let is_variable = |text: &str| text.find('=').is_some_and(|at| at > 0);
        let find = |pointer, message| run.reader().find(Code::ConfigForm, pointer, message);
        for (index, text) in run
            .text_elements("Env")
            .filter(|(_, text)| !is_variable(text))
        {
            let message = format!("{text:?} is not of the form NAME=VALUE");
            find(run.pointer_to("Env").element(index), message);
        }
        for port in self.ports.iter().filter(|port| !is_port(port)) {
            let message = format!("{port:?} is not a port, as 80, 80/tcp or 80/udp is");
            find(run.pointer_to("ExposedPorts").child(port), message);
        }
        if self.volumes.iter().any(String::is_empty) {
            let pointer = run.pointer_to("Volumes").child("");
            find(pointer, "the path is empty".to_owned());
        }
        if let Some(signal) = self
            .stop_signal
            .as_ref()
            .filter(|signal| !is_signal(signal))
        {
            let message = format!("{signal:?} is not a signal, as SIGTERM, SIGRTMIN+3 or 15 is");
            find(run.pointer_to("StopSignal"), message);
        }
    }

    /// Counts the steps of the history that made a layer: as many as the manifest has layers,
    /// in a whole history.
    #[must_use]
    pub fn layer_steps(&self) -> usize {
        self.history.iter().filter(|step| !step.empty_layer).count()
    }
}

impl HealthCheck {
    /// Reads a health check. A number that is 0 or negative is taken as absent.
    fn read(check: &Fields<'_>) -> Self {
        Self {
            interval: check.count("Interval"),
            timeout: check.count("Timeout"),
            start_period: check.count("StartPeriod"),
            retries: check.count("Retries"),
            test: check.texts("Test"),
        }
    }
}

/// Says what an image's config has to hold; what schema 1 carries inside need not.
fn check_required(fields: &Fields<'_>) {
    for name in ["architecture", "os", "rootfs"] {
        fields.require(name);
        fields.find_empty(name, Code::MissingField);
    }
    let rootfs = fields.field("rootfs");
    let Some(rootfs) = rootfs.and_then(Field::as_fields) else {
        return;
    };
    for name in ["type", "diff_ids"] {
        rootfs.require(name);
    }
    if let Some(kind) = rootfs
        .required()
        .text("type")
        .filter(|kind| kind != "layers")
    {
        let message = format!("type is {kind:?}, it has to be \"layers\"");
        rootfs.find_at("type", Code::RootfsType, message);
    }
}

/// Reads the member `created`.
///
/// A text that is no time of RFC 3339 is kept, with a finding.
pub(crate) fn read_time(fields: &Fields<'_>) -> Option<String> {
    let created = fields.text("created")?;
    if !is_time(&created) {
        let message = format!("created is {created:?}, it has to be a time of RFC 3339");
        fields.find_at("created", Code::TimeMalformed, message);
    }
    Some(created)
}

/// Reads the names of a member that is a set, which Go writes as an object of empty objects:
/// `{"80/tcp": {}}`.
///
/// The names count whatever stands behind them, in the author's order; a value that is neither
/// an object has a finding.
fn read_set(fields: &Fields<'_>, name: &str) -> Vec<String> {
    let Some(set) = fields.object(name) else {
        return Vec::new();
    };
    for (inner, value) in set.iter() {
        if matches!(value, Value::Null) {
            set.find_null(inner, Kind::Object);
        } else if !matches!(value, Value::Object(_)) {
            let message = format!("{inner} is {}, it has to be an empty object", value.kind());
            set.find_at(inner, Code::WrongType, message);
        }
    }
    set.iter().map(|(name, _)| name.to_owned()).collect()
}

/// A port or range of ports, with or without its protocol: docker knows sctp beside what
/// image-spec names.
///
/// `80`, `80/tcp` and `8000-8100/udp` are ports; `http`, `80/http` and `65536` are none.
///
/// Source: image-spec `config.md`, "ExposedPorts": `port/tcp`, `port/udp`, `port`.
fn is_port(text: &str) -> bool {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let is_number =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok();
    is_number(first) && is_number(last) && matches!(protocol, "tcp" | "udp" | "sctp")
}

/// A signal by its name or its number, which docker takes too.
///
/// The name begins with `SIG` in upper case, and is not looked up: `SIGANYTHING` is one.
fn is_signal(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"+-".contains(&b))
    };
    text.strip_prefix("SIG").is_some_and(is_name) || text.parse::<u8>().is_ok()
}

/// Reads one step of the history; which layer it made is counted once all steps are read.
fn read_step(step: &Fields<'_>) -> HistoryStep {
    step.names(STEP_MEMBERS);
    HistoryStep {
        created: read_time(step),
        created_by: step.text("created_by").unwrap_or_default(),
        author: step.some_text("author"),
        comment: step.some_text("comment"),
        empty_layer: step.flag("empty_layer"),
        layer: None,
    }
}

#[cfg(test)]
mod tests;
