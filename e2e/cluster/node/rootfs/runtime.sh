# shellcheck shell=bash
# containerd and the kubelet, inside a container that shares the machine's cgroups.

# A root of its own: the kubelet kills what it finds beside its pods, and two nodes on one machine would find each other's.
# The container's own cgroup is best, since Docker removes it with the container; but where all controllers are one
# hierarchy (version 2), a cgroup that has processes may not hand its controllers on.
find_cgroup_root() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    printf '/cluster-%s' "$node_name"
  else
    sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup
  fi
}
cgroup_root=$(find_cgroup_root)
readonly cgroup_root

prepare_mounts() {
  local hierarchy
  mount --make-rshared /
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    mount -o remount,rw "$hierarchy" 2>/dev/null || true
  done
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then mkdir -p "/sys/fs/cgroup$cgroup_root"; fi
}

remove_cgroups() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    find "/sys/fs/cgroup$cgroup_root" -depth -type d -exec rmdir {} \;
  fi
}

start_containerd() {
  write_pod_network
  cat >"$configuration/containerd.toml" <<TOML
version = 2
root = "$state/containerd"
state = "/run/k3s/containerd"
[grpc]
  address = "$CONTAINERD_ADDRESS"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  # Machines that withhold CAP_SYS_RESOURCE let nobody lower a score.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$configuration/cni"
TOML
  start containerd containerd --config "$configuration/containerd.toml"
  wait_until "containerd to answer" 60 ctr version
  wait_until "the pause image" 30 ctr --namespace k8s.io images import /usr/local/lib/cluster/pause.tar
}

start_kubelet() {
  cat >"$configuration/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $pki/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet.crt
tlsPrivateKeyFile: $pki/kubelet.key
containerRuntimeEndpoint: unix://$CONTAINERD_ADDRESS
cgroupDriver: cgroupfs
cgroupRoot: $cgroup_root
failCgroupV1: false
failSwapOn: false
# Bears with kernel settings that a container may not write.
featureGates: {KubeletInUserNamespace: true}
clusterDNS: [$dns_address]
clusterDomain: cluster.local
# Images were loaded by hand, so none may be thrown away; and a developer's disk is often nearly full.
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
YAML
  start kubelet kube kubelet --config "$configuration/kubelet.yaml" --kubeconfig "$pki/kubelet.kubeconfig" \
    --hostname-override "$node_name" --node-ip "$node_address"
}

# A node that was restarted is still called ready from before; only a heartbeat of this start counts.
node_is_ready() {
  api "/api/v1/nodes/$node_name" | jq --exit-status --argjson started "$started_at" \
    '.status.conditions[] | select(.type == "Ready" and .status == "True" and (.lastHeartbeatTime | fromdate) >= $started)'
}
