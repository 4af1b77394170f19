# shellcheck shell=bash
# What serve, test, release and bench share: the tools they need, and how to get them. To be sourced.
#
# WAYBILL_TOOLS names the folder for tools that are built here (default: .tools in the project).
# A tool that is on PATH already at the right version is used as it is.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=${WAYBILL_TOOLS:-$root/.tools}
export WAYBILL_TOOLS=$tools
export PATH="$tools/bin:$root/scripts/node_modules/.bin:$PATH"

trunk_version=0.21.14
cargo_deny_version=0.20.2
crane_version=v0.22.1
regctl_version=v0.11.7
oras_version=v1.3.6
manifest_tool_version=v2.1.9
buildx_version=v0.38.1
node_major=20

say() { printf '%s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

# choose_stages [STAGE...]: puts these into `stages`, or all of `all_stages` where none is named.
choose_stages() {
    stages=("$@")
    (($#)) || stages=("${all_stages[@]}")
    local stage
    for stage in "${stages[@]}"; do
        if [[ " ${all_stages[*]} " != *" $stage "* ]]; then
            say "scripts/$(basename "$0"): no stage is called $stage; there are: ${all_stages[*]}"
            exit 2
        fi
    done
}

# The version of wasm-bindgen in Cargo.lock: the command line tool must be of the same.
wasm_bindgen_version() {
    awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, "", $3); print $3 }' "$root/Cargo.lock"
}

# version_is TOOL VERSION: whether the tool on PATH says that it is of this version.
version_is() { has "$1" && [[ "$("$1" --version 2>/dev/null) " == *" $2 "* ]]; }

need_cargo() {
    has cargo && return
    say "Rust is missing. Install it with rustup: see https://rustup.rs"
    return 1
}

# need_rust_target TARGET: its standard library.
need_rust_target() {
    need_cargo || return
    [[ -d "$(rustc --print sysroot)/lib/rustlib/$1" ]] && return
    say "Installing the $1 target"
    if has rustup; then
        rustup target add "$1"
    else
        say "This Rust is not rustup's: install its standard library for $1"
        return 1
    fi
}

need_wasm_target() { need_rust_target wasm32-unknown-unknown; }

# install_crate CRATE VERSION [FLAG...]: builds a command line tool into $tools.
# Unoptimised on purpose: these only steer rustc and wasm-opt, and so take minutes less to build.
install_crate() {
    local crate=$1 version=$2
    shift 2
    local install=(cargo install --debug --root "$tools" --version "$version" "$@" "$crate")
    say "Building $crate $version into $tools (once; takes minutes)"
    # A crate's own lock file may name versions that the registry's index does not have yet.
    CARGO_PROFILE_DEV_DEBUG=0 "${install[@]}" --locked || CARGO_PROFILE_DEV_DEBUG=0 "${install[@]}"
}

# For the tests in a browser, and for Trunk: the bundle is made without it.
need_wasm_bindgen() {
    local version
    version=$(wasm_bindgen_version)
    version_is wasm-bindgen "$version" && version_is wasm-bindgen-test-runner "$version" && return
    need_cargo && install_crate wasm-bindgen-cli "$version" --force
}

# For those who change the page: `trunk serve`.
need_trunk() {
    version_is trunk "$trunk_version" && return
    need_cargo && install_crate trunk "$trunk_version" --no-default-features --features rustls --force
}

need_cargo_deny() {
    version_is cargo-deny "$cargo_deny_version" && return
    need_cargo && install_crate cargo-deny "$cargo_deny_version" --force
}

need_node() {
    if has node && has npm && (($(node --print 'process.versions.node.split(".")[0]') >= node_major)); then
        return
    fi
    say "Node.js $node_major or newer with npm is missing"
    return 1
}

# need_npm FOLDER: the packages of FOLDER/package-lock.json.
need_npm() {
    need_node || return
    # npm writes this file when it has installed; a newer lock file means that it must again.
    [[ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ]] && return
    say "Installing the npm packages of ${1#"$root/"}"
    npm ci --prefix "$1" --no-audit --no-fund --loglevel=error >&2
}

need_wasm_opt() { need_npm "$root/scripts" && wasm-opt --version >/dev/null; }

# need_debian PACKAGE...: installs what is missing where apt is there and we may, else says what to do.
need_debian() {
    local package missing=()
    for package; do
        has "$(debian_program "$package")" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if has apt-get && ((EUID == 0)); then
        say "Installing ${missing[*]}"
        apt-get update -qq >&2 &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
    else
        say "Missing: ${missing[*]}. On Debian: sudo apt-get install ${missing[*]}"
        return 1
    fi
}

debian_program() {
    case $1 in
        chromium-driver) echo chromedriver ;;
        musl-tools) echo musl-gcc ;;
        nginx-light) echo nginx ;;
        *) echo "$1" ;;
    esac
}

# need_go_tool PROGRAM MODULE VERSION PACKAGE: a Go program at a pinned version, where Go is there.
need_go_tool() {
    local program=$1 module=$2 version=$3 package=$4
    if ! has go; then
        has "$program" && return
        say "$program is missing: install Go and run this again, or put $program $version on PATH"
        return 1
    fi
    local build=$'\tmod\t'$module$'\t'$version
    [[ -x "$tools/bin/$program" ]] && go version -m "$tools/bin/$program" | grep -qF "$build" && return
    say "Building $program $version into $tools"
    GOBIN="$tools/bin" go install -trimpath "$module/$package@$version" 2>&1 | grep -v '^go: downloading' >&2
    [[ -x "$tools/bin/$program" ]]
}

# The same for manifest-tool, in a copy of its module: `go install` asks for the list of its versions, which not every
# module proxy gives, and the folder of dependencies in its module is not whole.
need_manifest_tool() {
    local version=$manifest_tool_version module folder
    version_is manifest-tool "$version" && return
    if ! has go; then
        has manifest-tool && return
        say "manifest-tool is missing: install Go and run this again, or put manifest-tool $version on PATH"
        return 1
    fi
    say "Building manifest-tool $version into $tools"
    module=$(go mod download -json "github.com/estesp/manifest-tool/v2@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
    folder=$(mktemp -d)
    [[ -n $module ]] && cp -r "$module/." "$folder" && chmod -R u+w "$folder" && rm -rf "$folder/vendor" &&
        (cd "$folder" && go build -mod=mod -trimpath -ldflags "-X main.version=$version" \
            -o "$tools/bin/manifest-tool" ./cmd/manifest-tool 2>&1 | grep -v '^go: downloading' >&2)
    rm -rf "$folder"
    [[ -x "$tools/bin/manifest-tool" ]]
}

need_crane() { need_go_tool crane github.com/google/go-containerregistry "$crane_version" cmd/crane; }

need_regctl() { need_go_tool regctl github.com/regclient/regclient "$regctl_version" cmd/regctl; }

# docker's plug-in; it also runs alone.
need_buildx() { need_go_tool buildx github.com/docker/buildx "$buildx_version" cmd/buildx; }

need_judges() {
    local status=0
    need_crane || status=1
    need_regctl || status=1
    need_go_tool oras oras.land/oras "$oras_version" cmd/oras || status=1
    need_manifest_tool || status=1
    return "$status"
}

# with_wasm_flags FLAGS COMMAND...: runs it so that cargo compiles for wasm32 with these flags.
with_wasm_flags() {
    # Panics name their place in the source; the path of this machine's crates is nobody's business, and has weight.
    local crates=${CARGO_HOME:-$HOME/.cargo}/registry/src flags=$1
    shift
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=$crates=crates $flags" "$@"
}

# with_page_flags COMMAND...: the same for crates/bundle, which needs the relocations of the page.
with_page_flags() { with_wasm_flags -Clink-args=--emit-relocs "$@"; }

# build_worker PACKAGE PROFILE: builds a worker, with SIMD, in a folder of its own: other flags would have cargo build
# everything anew.
build_worker() {
    with_wasm_flags -Ctarget-feature=+simd128 cargo build --package "$1" --target wasm32-unknown-unknown \
        --profile "$2" --target-dir "${CARGO_TARGET_DIR:-$root/target}/worker" --locked
}

# Builds the page's bundle into dist/, with brotli and gzip files beside each asset, if something changed.
build_bundle() {
    need_wasm_target && need_wasm_opt && build_bundler || return
    cd "$root" || return
    local mark=dist/index.html.br inputs=(
        src crates/archive-worker crates/blobs crates/bundle crates/core crates/documents-worker crates/files-worker crates/opfs crates/pack-worker crates/signatures crates/worker crates/yaml static index.html Trunk.toml Cargo.toml Cargo.lock rust-toolchain.toml
        scripts/bundle scripts/package-lock.json
    )
    [[ -f $mark && -z "$(find "${inputs[@]}" -newer "$mark" -print -quit)" ]] && return
    mkdir -p target
    touch target/bundle-started
    with_page_flags cargo build --package waybill --target wasm32-unknown-unknown --release --features split --locked &&
        build_worker waybill-worker worker && build_worker waybill-files-worker files-worker &&
        build_worker waybill-archive-worker archive-worker && build_worker waybill-documents-worker documents-worker &&
        build_worker waybill-pack-worker archive-worker &&
        node scripts/bundle/build.mjs "$bundler" "$linked_page" "$linked_worker" "$linked_files" "$linked_archive" \
            "$linked_documents" "$linked_pack" dist || return
    # The mark is as old as the build's start: a source changed meanwhile is newer.
    touch -r target/bundle-started "$mark"
}

# The page as build_bundle links it.
linked_page=${CARGO_TARGET_DIR:-$root/target}/wasm32-unknown-unknown/release/waybill.wasm

# The workers as build_worker links them: those of files, archives, documents and of packing are built for size, as the page is.
linked_worker=${CARGO_TARGET_DIR:-$root/target}/worker/wasm32-unknown-unknown/worker/waybill_worker.wasm
linked_archive=${CARGO_TARGET_DIR:-$root/target}/worker/wasm32-unknown-unknown/archive-worker/waybill_archive_worker.wasm
linked_documents=${CARGO_TARGET_DIR:-$root/target}/worker/wasm32-unknown-unknown/documents-worker/waybill_documents_worker.wasm
linked_pack=${CARGO_TARGET_DIR:-$root/target}/worker/wasm32-unknown-unknown/archive-worker/waybill_pack_worker.wasm
linked_files=${CARGO_TARGET_DIR:-$root/target}/worker/wasm32-unknown-unknown/files-worker/waybill_files_worker.wasm

# Builds crates/bundle, which makes programs and scripts of the linked page; its path is then in "$bundler". Once is
# enough for a script: cargo would wait for the proxy's build, which has its lock.
build_bundler() {
    [[ -n ${bundler:-} ]] && return
    need_cargo || return
    cargo build --manifest-path "$root/Cargo.toml" --package waybill-bundle --locked || return
    bundler=${CARGO_TARGET_DIR:-$root/target}/debug/waybill-bundle
}

# Builds the proxy, quickly: `scripts/release` builds the one for others to run. Its path is then in "$proxy".
build_proxy() {
    need_cargo || return
    cargo build --manifest-path "$root/Cargo.toml" --package waybill-proxy --locked || return
    # shellcheck disable=SC2034 # for whoever sources this
    proxy=${CARGO_TARGET_DIR:-$root/target}/debug/waybill-proxy
}
