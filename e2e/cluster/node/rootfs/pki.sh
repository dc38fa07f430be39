# shellcheck shell=bash
# One authority for the life of the node; certificates and kubeconfigs anew at each start, since the address may have changed.

issue_authority() {
  [ ! -f "$pki/sa.pub" ] || return 0
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=kubernetes-ca -keyout "$pki/ca.key" -out "$pki/ca.crt"
  openssl genrsa -out "$pki/sa.key" 2048
  openssl rsa -in "$pki/sa.key" -pubout -out "$pki/sa.pub"
}

issue() { # NAME SUBJECT [ALTERNATIVE-NAMES]
  openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$pki/$1.key" -out "$pki/$1.csr"
  openssl x509 -req -days 3650 -in "$pki/$1.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -out "$pki/$1.crt" \
    -extfile <(printf 'keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n%s' "${3:+subjectAltName=$3}")
}

api_server_names() {
  local names=(DNS:localhost DNS:"$node_name" DNS:kubernetes DNS:kubernetes.default DNS:kubernetes.default.svc
    DNS:kubernetes.default.svc.cluster.local IP:127.0.0.1 IP:"$node_address" IP:"$api_service_address") name
  for name in "${tls_sans[@]}"; do
    if [[ $name =~ ^[0-9.]+$|: ]]; then names+=("IP:$name"); else names+=("DNS:$name"); fi
  done
  (IFS=,; printf '%s' "${names[*]}")
}

write_kubeconfig() { # USER
  cat >"$pki/$1.kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: default
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority-data: $(base64 -w0 "$pki/ca.crt")
users:
- name: default
  user:
    client-certificate-data: $(base64 -w0 "$pki/$1.crt")
    client-key-data: $(base64 -w0 "$pki/$1.key")
contexts:
- name: default
  context: {cluster: default, user: default}
current-context: default
YAML
}

issue_certificates() {
  local user
  umask 077
  {
    issue_authority
    issue api-server /CN=kube-apiserver "$(api_server_names)"
    issue kubelet "/O=system:nodes/CN=system:node:$node_name" "DNS:$node_name,IP:$node_address"
    issue admin /O=system:masters/CN=admin
    issue controller-manager /CN=system:kube-controller-manager
    issue scheduler /CN=system:kube-scheduler
    issue service-proxy /CN=system:kube-proxy
    issue front-proxy /CN=front-proxy-client
  } >>"$logs/entrypoint.log" 2>&1
  for user in kubelet admin controller-manager scheduler service-proxy; do write_kubeconfig "$user"; done
  umask 022
}
