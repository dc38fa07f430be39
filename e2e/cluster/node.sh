# shellcheck shell=bash
# A node for one command, started as Testcontainers' K3sContainer does. Sourced after lib.sh; expects `node`, the container's
# name, and KUBECONFIG, the file to write.
# shellcheck disable=SC2154

eventually() { # SECONDS COMMAND...
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.5
  done
}

start_node() { # IMAGE SERVER-ARGUMENTS...
  local image=$1
  shift
  docker run --detach --name "$node" --privileged --cgroupns host --volume /sys/fs/cgroup:/sys/fs/cgroup:rw \
    --tmpfs /run --tmpfs /var/run --publish 127.0.0.1::6443 "$image" server --tls-san=localhost "$@"
}

# Since the last start, lest the word of an earlier one be taken for it.
says_synced() {
  docker logs --since "$(docker inspect --format '{{.State.StartedAt}}' "$node")" "$node" 2>&1 | grep -q 'Node controller sync successful'
}

runs() { [ "$(docker inspect --format '{{.State.Running}}' "$node")" = true ]; }

synced_or_dead() { says_synced || ! runs; }

comes_up() {
  eventually 120 synced_or_dead
  if ! says_synced; then docker logs "$node"; return 1; fi
  write_kubeconfig
}

write_kubeconfig() {
  local address
  address=$(docker port "$node" 6443/tcp) || return
  docker exec "$node" cat /etc/rancher/k3s/k3s.yaml | sed "s#https://.*:6443#https://localhost:${address##*:}#" >"$KUBECONFIG"
}
