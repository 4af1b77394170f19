//! `waybill-proxy` serves the built page and relays to registries that refuse browsers.
//!
//! It is nobody's open relay: only requests of the registry API are relayed, only for its own page, and only to public
//! addresses or to registries named when it was started. It stores neither credentials nor content, and it is not
//! trusted: the page checks every digest itself.
//!
//! [`App`] is the whole proxy but for its sockets: a request in, an answer out. [`listen`] and [`serve()`] put it on a
//! socket, on as many threads as there are [`Worker`]s; [`serve_metrics`] shows its counters on another. What may be
//! set is a [`Config`], which [`flags::parse`] reads from a command line.
//!
//! ```
//! use waybill_proxy::flags::{Invocation, parse};
//! use waybill_proxy::special_block;
//!
//! let arguments = ["--listen", "127.0.0.1:0", "--allow", "http://10.0.0.5:5000"];
//! let Ok(Invocation::Run(config)) = parse(arguments, |_| None) else {
//!     panic!("these are good arguments");
//! };
//! assert_eq!(config.allow[0].to_string(), "http://10.0.0.5:5000");
//! assert!(config.serves_this_machine() && !config.push);
//!
//! // Without --allow, the address would be refused:
//! let block = special_block("10.0.0.5".parse()?).expect("not public");
//! assert_eq!(block.meaning(), "a private address");
//! # Ok::<(), std::net::AddrParseError>(())
//! ```
//!
//! # Rooms
//!
//! A request goes through them from top to bottom; each knows those below it, and none knows one above.
//!
//! | room | what it decides |
//! | --- | --- |
//! | `server` | which connections are taken, what a head may look like, whose requests are answered and how many |
//! | `relay` | what of a request and of its answer passes, which token endpoints are asked, what any cache may keep |
//! | `config` | what the person who starts the proxy decides, and the command line |
//! | `upstream` | how a host may be spelled and which address is dialled: the one gate to the network; redirects |
//! | `body` | how large and how slow a body may be, in either direction |
//!
//! Beside them: `error_response` has the status and the code of every refusal, `assets` the page's files, `log` and
//! `metrics` what is written and counted, `http_cache` what caches are told, `limits` what nobody can set.

mod server;
mod relay;
mod config;
mod upstream;
mod body;
mod error_response;
mod assets;
mod log;
mod metrics;
mod http_cache;
mod limits;

pub use crate::assets::AssetsError;
pub use crate::body::error::BodyError;
pub use crate::config::flags;
pub use crate::config::limits::Limits;
pub use crate::config::settings::{Config, TlsFiles};
pub use crate::config::trusted_proxy::{TrustedProxy, TrustedProxyError};
pub use crate::log::{Log, LogError};
pub use crate::metrics::Metrics;
pub use crate::relay::cache::{BUFFERED_BYTES, BUFFERED_FOR, HASHED_BYTES};
pub use crate::server::accept::{listen, serve};
pub use crate::server::app::App;
pub use crate::server::logged_body::LoggedBody;
pub use crate::server::metrics::serve_metrics;
pub use crate::server::tls::{ServerTls, TlsError};
pub use crate::server::worker::Worker;
pub use crate::upstream::allowed::{Allowed, AllowedError};
pub use crate::upstream::authority::{Authority, Host, HostError, HostRule};
pub use crate::upstream::ip_blocks::{SpecialBlock, special_block};
pub use crate::upstream::network::{Network, Pending};
