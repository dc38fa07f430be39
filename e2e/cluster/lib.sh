# shellcheck shell=bash disable=SC2034
# What the commands of this folder share. Sourced, never run.

cluster=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$cluster/../.." && pwd)
artefacts=$root/target/cluster
tools=$root/target/tools/bin
logs=$artefacts/log
mkdir -p "$artefacts" "$logs" "$tools"

# shellcheck source=versions.env
. "$cluster/versions.env"

export PATH=$tools:$PATH
export DOCKER_BUILDKIT=1

# Debian's client comes before any other: an engine of Debian 12 offers BuildKit, and only the client of the same
# package speaks it without a plug-in.
prefer_client_of_engine() {
  if [ -x /usr/sbin/dockerd ] && [ -x /usr/bin/docker ]; then ln -sfn /usr/bin/docker "$tools/docker"; fi
}
prefer_client_of_engine

# The name under which an image carries the hash of what it was made from.
readonly content_label=dev.functionapp.content

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

docker_answers() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# Runs a command with its output in a log, and tells of it: what, how long it usually takes, that it still lives.
step() { # WHAT USUALLY COMMAND...
  local what=$1 usually=$2 log pid began=$SECONDS told=$SECONDS
  shift 2
  log=$logs/$(tr -cs 'A-Za-z0-9.\n' - <<<"$what").log
  say "  $what (usually $usually)"
  "$@" >"$log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - told >= 30)); then
      told=$SECONDS
      say "  … $what: $((SECONDS - began)) s so far"
    fi
  done
  if wait "$pid"; then
    say "  $what: done in $((SECONDS - began)) s"
  else
    tail -n 40 "$log" >&2
    die "  $what failed after $((SECONDS - began)) s; all of it: $log"
  fi
}

# One hash over files, folders and words: the names and contents of the files, the words as they are.
content_hash() {
  local input
  for input in "$@"; do
    if [ -e "$input" ]; then
      (cd "$(dirname "$input")" && find "$(basename "$input")" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
    else
      printf '%s\n' "$input"
    fi
  done | sha256sum | cut -c1-32
}

image_content() { docker image inspect --format "{{index .Config.Labels \"$content_label\"}}" "$1" 2>/dev/null || true; }

image_is_fresh() { # IMAGE HASH
  [ "$(image_content "$1")" = "$2" ] || return 1
  say "$1 is up to date"
}

# Builds a folder's Dockerfile. What the image was before is removed, because nothing else would.
build_image() { # IMAGE HASH FOLDER DOCKER-BUILD-ARGUMENTS...
  local image=$1 hash=$2 folder=$3 before
  shift 3
  before=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || true)
  docker build --progress plain --label "$content_label=$hash" --tag "$image" "$@" "$folder"
  forget_image "$before" "$image"
}

forget_image() { # ID IMAGE
  [ -z "$1" ] || [ "$1" = "$(docker image inspect --format '{{.Id}}' "$2")" ] || docker image rm "$1" >/dev/null 2>&1 || true
}

apt_install() { # PACKAGE...
  local missing=() package
  for package in "$@"; do
    dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  [ "$(id -u)" = 0 ] || die "not root, so these Debian packages cannot be installed here: ${missing[*]}"
  step "Debian packages ${missing[*]}" "a minute" apt_get_install "${missing[@]}"
}

apt_get_install() {
  # A third-party source that does not answer must not stop what Debian alone has.
  apt-get update || true
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
}

# Where pip, npm and apt run inside a container behind a proxy that replaces certificates, they need what the host trusts.
host_ca_bundle() {
  local bundle
  for bundle in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
    if [ -n "$bundle" ] && [ -f "$bundle" ]; then say "$bundle"; return; fi
  done
  die "no CA bundle found on this machine; name one with SSL_CERT_FILE"
}
