//! The text of `--help`.

/// The text that `--help` prints.
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
  --catalog              Also relay the list of all repositories of a registry. Off by default.
  --dist FOLDER          The built page [default: the page inside this program, if it was built with
                         one, or dist in the current folder].
                           --dist /usr/share/waybill

  --tls-cert FILE        Serve https with this certificate chain, in PEM. SIGHUP reads it again.
  --tls-key FILE         Its private key, in PEM.
  --trust-forwarded-for ADDRESS[/PREFIX]
                         Believe what a front server at this address says in X-Forwarded-For about
                         the client, whose limits these are. Nobody else is believed. May be
                         repeated.
                           --trust-forwarded-for 10.0.0.0/8

  --client-requests N    Open requests of one client [default: 64].
  --client-rate N        Requests of one client a second, in the long run [default: 100].
  --client-burst N       Requests of one client at once, ahead of that rate [default: 1000].
  --client-connections N Open connections of one client [default: 256].
  --connections N        Open connections of all clients together [default: 1024]. Where all are taken,
                         one without a request gives way.

  --log FORM             A line for each request on standard error: text, json or off
                         [default: text]. It holds method, host, status, bytes and time.
  --metrics ADDRESS:PORT Show counters for Prometheus at http://ADDRESS:PORT/metrics. Off by default.
                           --metrics 127.0.0.1:9100
  --drain-seconds N      How long open requests may take to end when the proxy is stopped
                         [default: 30].
  --help                 Print this.
  --version              Print the version.

Each flag has an environment variable: WAYBILL_LISTEN for --listen, WAYBILL_TLS_CERT for --tls-cert,
WAYBILL_PUSH=1 for --push. Where a flag may be repeated, commas separate the values. A flag wins over
its variable, and adds to it where it may be repeated.

/healthz answers 200 under any name. Once the proxy is to stop (SIGTERM or SIGINT) its port takes
nobody new, and /healthz answers 503 at the address of --metrics.

Certificates of private authorities are read from the system's store, or from the file that the
environment variable SSL_CERT_FILE names.
";
