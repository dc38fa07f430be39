# shellcheck shell=bash disable=SC2154
# Go binaries from module sources. Sourced after lib.sh, never run.

mkdir -p "$artefacts/bin"

need_go() { command -v go >/dev/null || die "Go is needed, as new as keda/go.mod says, and no 'go' is on the PATH"; }

go_build() { # FOLDER BINARY PACKAGE [LINKER-FLAGS]
  (cd "$1" && CGO_ENABLED=0 GOFLAGS="-buildvcs=false -mod=readonly ${GOFLAGS:-}" \
    go build -trimpath -ldflags "-s -w ${4:-}" -o "$artefacts/bin/$2" "$3")
}

# Builds a binary unless it is there from the same sources. FUNCAPP_BINARY_CACHE may name a folder that has it compressed.
go_binary() { # NAME FOLDER CACHED-FILE USUALLY COMMAND...
  local name=$1 folder=$2 cached=${FUNCAPP_BINARY_CACHE:+$FUNCAPP_BINARY_CACHE/$3} usually=$4 hash
  shift 4
  hash=$(content_hash "$folder" "$cluster/go.sh")
  if [ -x "$artefacts/bin/$name" ] && [ "$(cat "$artefacts/bin/$name.content" 2>/dev/null)" = "$hash" ]; then return; fi
  if [ -n "$cached" ] && [ -f "$cached" ]; then
    apt_install zstd
    step "$name out of $cached" "seconds" unpack "$cached" "$artefacts/bin/$name"
  else
    need_go
    step "$name from source" "$usually" "$@"
  fi
  printf '%s\n' "$hash" >"$artefacts/bin/$name.content"
}

unpack() { # COMPRESSED BINARY
  zstd --decompress --force --quiet "$1" -o "$2"
  chmod 755 "$2"
}
