//! The command line, and the environment variables that stand for its flags.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use lexopt::prelude::*;

pub use crate::config::flag_error::{FlagError, ValueError};
pub use crate::config::help::HELP;
use crate::config::settings::{Config, TlsFiles};

/// The flags that take a value. Those that may be repeated come first.
const VALUED: [&str; 15] = [
    "host",
    "allow",
    "trust-forwarded-for",
    "listen",
    "dist",
    "tls-cert",
    "tls-key",
    "client-requests",
    "client-rate",
    "client-burst",
    "client-connections",
    "connections",
    "log",
    "metrics",
    "drain-seconds",
];

/// How many of them may be repeated.
const REPEATED: usize = 3;

/// What the command line asks for.
#[derive(Debug)]
pub enum Invocation {
    /// To run the proxy.
    Run(Box<Config>),
    /// To print [`HELP`].
    Help,
    /// To print the version.
    Version,
}

/// Reads the arguments, without the program's name, and the environment. Flags win over their variables, and add to
/// those that may be repeated.
///
/// Fails at the first argument or variable that is not understood. Flags win over their variables, and add to
pub fn parse<I>(
    arguments: I,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Invocation, FlagError>
where
    I: IntoIterator<Item: Into<OsString>>,
{
    let mut builder = ConfigBuilder::default();
    for (place, flag) in VALUED.into_iter().enumerate() {
        let name = variable(flag);
        let Some(value) = environment(&name).filter(|value| !value.is_empty()) else {
            continue;
        };
        if place >= REPEATED {
            builder.set(&name, flag, value)?;
            continue;
        }
        for value in shown(&value).split(',').map(str::trim) {
            builder.set(&name, flag, value.into())?;
        }
    }
    builder.config.push = switch("push", &environment)?;
    builder.config.catalog = switch("catalog", &environment)?;
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("push") => builder.config.push = true,
            Long("catalog") => builder.config.catalog = true,
            Long("help") | Short('h') => return Ok(Invocation::Help),
            Long("version") | Short('V') => return Ok(Invocation::Version),
            Long(name) => match VALUED.into_iter().find(|flag| *flag == name) {
                Some(flag) => builder.set(&format!("--{flag}"), flag, parser.value()?)?,
                None => return Err(argument.unexpected().into()),
            },
            other => return Err(other.unexpected().into()),
        }
    }
    builder.finish()
}

/// Reads the variable of a flag without a value: `1` switches it on.
fn switch(flag: &str, environment: &impl Fn(&str) -> Option<OsString>) -> Result<bool, FlagError> {
    let name = variable(flag);
    match environment(&name).map(|value| shown(&value)).as_deref() {
        None | Some("" | "0") => Ok(false),
        Some("1") => Ok(true),
        Some(found) => Err(FlagError::Value {
            name,
            found: found.to_owned(),
            cause: ValueError::Switch,
        }),
    }
}

/// Names the environment variable of a flag.
fn variable(flag: &str) -> String {
    format!("WAYBILL_{}", flag.replace('-', "_").to_ascii_uppercase())
}

fn shown(value: &OsString) -> String {
    value.to_string_lossy().into_owned()
}

#[derive(Default)]
struct ConfigBuilder {
    config: Config,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl ConfigBuilder {
    /// Sets what `flag` stands for; `name` is how the person wrote it, as a flag or a variable.
    fn set(&mut self, name: &str, flag: &str, value: OsString) -> Result<(), FlagError> {
        let found = shown(&value);
        self.try_set(flag, value).map_err(|cause| FlagError::Value {
            name: name.to_owned(),
            found,
            cause,
        })
    }

    fn try_set(&mut self, flag: &str, value: OsString) -> Result<(), ValueError> {
        let (config, text) = (&mut self.config, shown(&value));
        match flag {
            "host" => config.hosts.push(text.parse().map_err(ValueError::Host)?),
            "allow" => config.allow.push(text.parse().map_err(ValueError::Allow)?),
            "trust-forwarded-for" => config
                .trusted
                .push(text.parse().map_err(ValueError::Trusted)?),
            "listen" => config.listen = address(&text)?,
            "dist" => config.dist = Some(value.into()),
            "tls-cert" => self.certificate = Some(value.into()),
            "tls-key" => self.key = Some(value.into()),
            "client-requests" => config.limits.client_requests = number(&text)?,
            "client-rate" => config.limits.client_rate = number(&text)?,
            "client-burst" => config.limits.client_burst = number(&text)?,
            "client-connections" => config.limits.client_connections = number(&text)?,
            "connections" => config.limits.connections = number(&text)?,
            "log" => config.log = text.parse().map_err(ValueError::Log)?,
            "metrics" => config.metrics = Some(address(&text)?),
            "drain-seconds" => {
                config.limits.drain =
                    Duration::from_secs(text.parse().map_err(|_| ValueError::Seconds)?);
            }
            _ => unreachable!("{flag} is not in the list"),
        }
        Ok(())
    }

    fn finish(self) -> Result<Invocation, FlagError> {
        let Self {
            mut config,
            certificate,
            key,
        } = self;
        config.tls = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (Some(_), None) => {
                return Err(FlagError::Half {
                    missing: "--tls-key",
                });
            }
            (None, Some(_)) => {
                return Err(FlagError::Half {
                    missing: "--tls-cert",
                });
            }
        };
        Ok(Invocation::Run(Box::new(config)))
    }
}

fn address(text: &str) -> Result<SocketAddr, ValueError> {
    text.parse().map_err(|_| ValueError::Address)
}

fn number<T: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, ValueError> {
    text.parse()
        .ok()
        .filter(|number| *number >= T::from(1))
        .ok_or(ValueError::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Log;

    fn read(line: &str, environment: &[(&str, &str)]) -> Result<Invocation, FlagError> {
        let find = |name: &str| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.into())
        };
        parse(line.split_whitespace(), find)
    }

    fn config_of(line: &str, environment: &[(&str, &str)]) -> Config {
        match read(line, environment) {
            Ok(Invocation::Run(config)) => *config,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn error(line: &str, environment: &[(&str, &str)]) -> String {
        read(line, environment).expect_err(line).to_string()
    }

    fn all<T: ToString>(items: &[T]) -> String {
        items
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn nothing_is_open_by_default() {
        let config = config_of("", &[]);
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(
            config.allow.is_empty()
                && config.hosts.is_empty()
                && config.trusted.is_empty()
                && !config.push
                && !config.catalog
        );
        assert_eq!(
            (config.dist, config.metrics, config.tls, config.log),
            (None, None, None, Log::Text)
        );
    }

    #[test]
    fn every_flag_is_read() {
        let line = "--listen [::1]:0 --allow 10.0.0.5:5000 --allow=http://localhost:5000 --push --catalog --host waybill.example \
                    --dist /srv/page --log json --metrics 127.0.0.1:9100 --drain-seconds 0 --tls-cert a.pem \
                    --tls-key b.pem --trust-forwarded-for 10.0.0.0/8 --client-requests 1 --client-rate 2 \
                    --client-burst 3 --client-connections 4 --connections 5";
        let config = config_of(line, &[]);
        assert_eq!(config.listen.to_string(), "[::1]:0");
        assert_eq!(
            all(&config.allow),
            "https://10.0.0.5:5000 http://localhost:5000"
        );
        assert_eq!(
            (all(&config.hosts), all(&config.trusted)),
            ("waybill.example".into(), "10.0.0.0/8".into())
        );
        assert_eq!(config.dist, Some("/srv/page".into()));
        assert_eq!(
            config.metrics.map(|address| address.to_string()).as_deref(),
            Some("127.0.0.1:9100")
        );
        assert_eq!(
            config.tls,
            Some(TlsFiles {
                certificate: "a.pem".into(),
                key: "b.pem".into()
            })
        );
        assert!(config.push && config.catalog && config.log == Log::Json);
        let limits = config.limits;
        assert_eq!(
            (
                limits.client_requests,
                limits.client_rate,
                limits.client_burst
            ),
            (1, 2, 3)
        );
        assert_eq!(
            (limits.client_connections, limits.connections, limits.drain),
            (4, 5, Duration::ZERO)
        );
        for flag in VALUED
            .into_iter()
            .chain(["push", "catalog", "help", "version"])
        {
            assert!(HELP.contains(&format!("\n  --{flag} ")), "{flag}");
        }
        assert!(matches!(read("--help", &[]), Ok(Invocation::Help)));
        assert!(matches!(read("--version", &[]), Ok(Invocation::Version)));
    }

    #[test]
    fn the_environment_stands_for_flags() {
        let environment = [
            ("WAYBILL_LISTEN", "0.0.0.0:80"),
            ("WAYBILL_ALLOW", "a.lan, http://b.lan"),
            ("WAYBILL_TRUST_FORWARDED_FOR", "10.0.0.1,fd00::/8"),
            ("WAYBILL_PUSH", "1"),
            ("WAYBILL_LOG", "off"),
            ("WAYBILL_DRAIN_SECONDS", "5"),
            ("WAYBILL_DIST", ""),
        ];
        let config = config_of("--log json --allow c.lan", &environment);
        assert_eq!(config.listen.to_string(), "0.0.0.0:80");
        assert_eq!(
            all(&config.allow),
            "https://a.lan http://b.lan https://c.lan"
        );
        assert_eq!(all(&config.trusted), "10.0.0.1/32 fd00::/8");
        assert!(config.push && config.log == Log::Json && config.dist.is_none());
        assert_eq!(config.limits.drain, Duration::from_secs(5));
        assert!(!config_of("", &[("WAYBILL_PUSH", "0")]).push);
        assert!(config_of("", &[("WAYBILL_CATALOG", "1")]).catalog);
        assert_eq!(
            error("", &[("WAYBILL_PUSH", "yes")]),
            "WAYBILL_PUSH \"yes\" is neither 1 nor 0"
        );
        assert_eq!(
            error("", &[("WAYBILL_HOST", "a,b@c")]).split(": ").next(),
            Some("WAYBILL_HOST \"b@c\"")
        );
    }

    #[test]
    fn errors_say_what_is_expected() {
        let error = |line: &str| error(line, &[]);
        assert_eq!(
            error("--listen 8080"),
            "--listen \"8080\" is not an address with a port, such as 127.0.0.1:8080 or [::1]:8080"
        );
        assert_eq!(
            error("--allow ftp://a"),
            "--allow \"ftp://a\": the scheme is neither https nor http; it needs the form HOST:PORT or http://HOST:PORT"
        );
        assert_eq!(
            error("--host a."),
            "--host \"a.\": host \"a.\" ends with a dot, write it without; it needs the form NAME or NAME:PORT"
        );
        assert_eq!(
            error("--trust-forwarded-for all"),
            "--trust-forwarded-for \"all\": it is not an address, nor a block of addresses such as 10.0.0.0/8"
        );
        assert_eq!(
            error("--log loud"),
            "--log \"loud\": the log is text, json or off"
        );
        assert_eq!(
            error("--client-rate 0"),
            "--client-rate \"0\" is not a number from 1 on"
        );
        assert_eq!(
            error("--drain-seconds 1s"),
            "--drain-seconds \"1s\" is not a number of seconds"
        );
        assert_eq!(
            error("--tls-cert a"),
            "a certificate and its key go together: --tls-key is missing"
        );
        assert_eq!(
            error("--tls-key a"),
            "a certificate and its key go together: --tls-cert is missing"
        );
        assert_eq!(error("--pusch"), "invalid option '--pusch'; see --help");
        assert_eq!(
            error("--allow"),
            "missing argument for option '--allow'; see --help"
        );
    }
}
