//! The command line.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use lexopt::prelude::*;

use crate::config::{AllowedError, Config};
use crate::host::HostError;

/// What `--help` prints.
pub const HELP: &str = "\
Serves the Waybill page, and relays its requests to registries that refuse browsers.

Usage: waybill-proxy [OPTIONS]

  --listen ADDRESS:PORT  Where to listen [default: 127.0.0.1:8080]. Port 0 takes a free one.
                         Other addresses than 127.0.0.1 let other machines use the proxy.
                           --listen 0.0.0.0:8080 --host waybill.example
  --host NAME[:PORT]     Also answer to this name, such as the one of a front server. Requests for
                         other names than the address listened on are refused. May be repeated.
                           --host waybill.example
  --allow HOST:PORT      Also reach this registry although its address is private. Public
                         registries need no flag. It is reached over https; write http:// in front
                         for one that speaks plain http. May be repeated.
                           --allow 10.0.0.5:5000 --allow http://localhost:5000
  --push                 Also relay requests that write, so that the page can push. Off by default.
  --dist FOLDER          The built page [default: dist, in the current folder].
                           --dist /usr/share/waybill
  --quiet                Do not write a line for each request.
  --help                 Print this.
  --version              Print the version.

Certificates of private authorities are read from the system's store, or from the file that the
environment variable SSL_CERT_FILE names.
";

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// To run the proxy.
    Run(Box<Config>),
    /// To print [`HELP`].
    Help,
    /// To print the version.
    Version,
}

/// Reads the arguments, without the program's name.
pub fn parse<I>(arguments: I) -> Result<Command, FlagError>
where
    I: IntoIterator<Item: Into<OsString>>,
{
    let mut config = Config::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("listen") => {
                let text = parser.value()?.string()?;
                config.listen = text.parse::<SocketAddr>().map_err(|_| FlagError::Listen { found: text })?;
            }
            Long("allow") => config.allow.push(value(&mut parser, |found, cause| FlagError::Allow { found, cause })?),
            Long("host") => config.hosts.push(value(&mut parser, |found, cause| FlagError::Host { found, cause })?),
            Long("dist") => config.dist = parser.value()?.into(),
            Long("push") => config.push = true,
            Long("quiet") => config.quiet = true,
            Long("help") | Short('h') => return Ok(Command::Help),
            Long("version") | Short('V') => return Ok(Command::Version),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Command::Run(Box::new(config)))
}

fn value<T: FromStr>(parser: &mut lexopt::Parser, fail: impl Fn(String, T::Err) -> FlagError) -> Result<T, FlagError> {
    let text = parser.value()?.string()?;
    text.parse().map_err(|cause| fail(text, cause))
}

/// What is wrong with the command line.
#[derive(Debug)]
pub enum FlagError {
    /// `--listen` is not an address with a port.
    Listen {
        /// What it is.
        found: String,
    },
    /// `--allow` names no registry.
    Allow {
        /// What it is.
        found: String,
        /// Why.
        cause: AllowedError,
    },
    /// `--host` is no host.
    Host {
        /// What it is.
        found: String,
        /// Why.
        cause: HostError,
    },
    /// An unknown flag, or one without its value.
    Usage(lexopt::Error),
}

impl From<lexopt::Error> for FlagError {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error)
    }
}

impl fmt::Display for FlagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { found } => {
                write!(f, "--listen {found:?} is not an address with a port, such as 127.0.0.1:8080 or [::1]:8080")
            }
            Self::Allow { found, cause } => {
                write!(f, "--allow {found:?}: {cause}; it needs the form HOST:PORT or http://HOST:PORT")
            }
            Self::Host { found, cause } => write!(f, "--host {found:?}: {cause}; it needs the form NAME or NAME:PORT"),
            Self::Usage(error) => write!(f, "{error}; see --help"),
        }
    }
}

impl std::error::Error for FlagError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(line: &str) -> Config {
        match parse(line.split_whitespace()) {
            Ok(Command::Run(config)) => *config,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn error(line: &str) -> String {
        parse(line.split_whitespace()).expect_err(line).to_string()
    }

    #[test]
    fn nothing_is_open_by_default() {
        let config = config("");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.dist.to_str(), Some("dist"));
        assert!(config.allow.is_empty() && config.hosts.is_empty() && !config.push && !config.quiet);
    }

    #[test]
    fn every_flag_is_read() {
        let line = "--listen [::1]:0 --allow 10.0.0.5:5000 --allow=http://localhost:5000 --push --host waybill.example \
                    --dist /srv/page --quiet";
        let config = config(line);
        assert_eq!(config.listen.to_string(), "[::1]:0");
        let allowed: Vec<String> = config.allow.iter().map(ToString::to_string).collect();
        assert_eq!(allowed, ["https://10.0.0.5:5000", "http://localhost:5000"]);
        assert_eq!(config.hosts[0].to_string(), "waybill.example");
        assert_eq!(config.dist.to_str(), Some("/srv/page"));
        assert!(config.push && config.quiet);
        for flag in ["--listen", "--allow", "--push", "--host", "--dist", "--quiet", "--help", "--version"] {
            assert!(HELP.contains(&format!("\n  {flag} ")), "{flag}");
        }
        assert!(matches!(parse(["--help"]), Ok(Command::Help)));
        assert!(matches!(parse(["--version"]), Ok(Command::Version)));
    }

    #[test]
    fn errors_say_what_is_expected() {
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
        assert_eq!(error("--pusch"), "invalid option '--pusch'; see --help");
        assert_eq!(error("--allow"), "missing argument for option '--allow'; see --help");
    }
}
