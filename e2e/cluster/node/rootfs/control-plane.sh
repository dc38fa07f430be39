# shellcheck shell=bash
# etcd, API server, controllers and scheduler. Admission and feature gates are Kubernetes' own defaults, on purpose.

start_etcd() {
  # Without fsync, since a node that loses its machine is made anew rather than mended.
  start etcd kube etcd --data-dir "$state/etcd" --log-level warn --unsafe-no-fsync \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster default=http://127.0.0.1:2380
}

start_api_server() {
  start api-server kube kube-apiserver \
    --etcd-servers http://127.0.0.1:2379 \
    --bind-address 0.0.0.0 --secure-port 6443 --advertise-address "$node_address" \
    --tls-cert-file "$pki/api-server.crt" --tls-private-key-file "$pki/api-server.key" \
    --client-ca-file "$pki/ca.crt" \
    --service-cluster-ip-range "$service_range" \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-account-key-file "$pki/sa.pub" --service-account-signing-key-file "$pki/sa.key" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged \
    --kubelet-preferred-address-types InternalIP --kubelet-certificate-authority "$pki/ca.crt" \
    --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key" \
    --enable-aggregator-routing \
    --proxy-client-cert-file "$pki/front-proxy.crt" --proxy-client-key-file "$pki/front-proxy.key" \
    --requestheader-client-ca-file "$pki/ca.crt" --requestheader-allowed-names front-proxy-client \
    --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
    --requestheader-extra-headers-prefix X-Remote-Extra-
}

start_controllers() {
  local config=$pki/controller-manager.kubeconfig
  # The defaults of the autoscaler, 15 s and 300 s, would make every scaling test a matter of minutes.
  start controller-manager kube kube-controller-manager \
    --kubeconfig "$config" --authentication-kubeconfig "$config" --authorization-kubeconfig "$config" \
    --leader-elect=false --use-service-account-credentials \
    --service-account-private-key-file "$pki/sa.key" --root-ca-file "$pki/ca.crt" \
    --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key" \
    --horizontal-pod-autoscaler-sync-period 5s --horizontal-pod-autoscaler-downscale-stabilization 30s
}

start_scheduler() {
  local config=$pki/scheduler.kubeconfig
  start scheduler kube kube-scheduler --leader-elect=false \
    --kubeconfig "$config" --authentication-kubeconfig "$config" --authorization-kubeconfig "$config"
}

start_api_server_with_etcd() {
  start_etcd
  start_api_server
  wait_until "the API server to be ready" 120 api /readyz
}
