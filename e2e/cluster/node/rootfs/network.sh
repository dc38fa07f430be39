# shellcheck shell=bash
# How pods, Services and names are reached.

route_services_to_loopback() {
  # A packet to a Service without endpoints must end here, and never be sent out of the machine as somebody else's address.
  ip route replace "$service_range" dev lo
  ip address replace "$dns_address/32" dev lo
  sysctl -qw net.ipv4.ip_forward=1
}

# Every pod has its own routed link rather than a port of a bridge: packets between pods of one node then always pass
# through netfilter, which on a bridge needs a kernel module that a container cannot load.
write_pod_network() {
  local device
  device=$(ip route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p;q')
  mkdir -p "$configuration/cni"
  cat >"$configuration/cni/10-pods.conflist" <<JSON
{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": true,
      "mtu": $(cat "/sys/class/net/${device:-lo}/mtu"),
      "ipam": {"type": "host-local", "dataDir": "/run/cni/networks", "ranges": [[{"subnet": "$pod_range"}]], "routes": [{"dst": "0.0.0.0/0"}]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
JSON
}

start_service_proxy() {
  cat >"$configuration/service-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $pki/service-proxy.kubeconfig}
mode: iptables
clusterCIDR: $pod_range
hostnameOverride: $node_name
# The kernel's own limit is the machine's to set.
conntrack: {maxPerCore: 0}
YAML
  start service-proxy kube kube-proxy --config "$configuration/service-proxy.yaml"
}

dns_listens() { (: <"/dev/tcp/$dns_address/53") 2>/dev/null; }

start_dns() {
  cat >"$configuration/Corefile" <<COREFILE
.:53 {
  bind $dns_address
  errors
  cache 5
  kubernetes cluster.local in-addr.arpa {
    kubeconfig $pki/admin.kubeconfig
  }
  forward . /etc/resolv.conf
}
COREFILE
  start dns kube coredns -conf "$configuration/Corefile"
  wait_until "cluster DNS to listen" 60 dns_listens
}
