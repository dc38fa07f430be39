# shellcheck shell=bash disable=SC2034
# Names, places and addresses that the other pieces agree on.

readonly state=/var/lib/cluster
readonly pki=$state/pki
readonly configuration=/run/cluster
readonly logs=/var/log/cluster
mkdir -p "$pki" "$configuration" "$logs"

node_name=$(hostname)
node_address=$(hostname -i | cut -d' ' -f1)
readonly node_name node_address

readonly pod_range=10.244.0.0/24
readonly service_range=10.96.0.0/16
readonly api_service_address=10.96.0.1
readonly dns_address=10.96.0.10

tls_sans=()
started_at=$(date +%s)
readonly started_at

say() { printf '%s\n' "$*"; }

api() { # PATH CURL-ARGUMENTS...
  local path=$1
  shift
  curl --silent --show-error --fail --max-time 10 --output - \
    --cacert "$pki/ca.crt" --cert "$pki/admin.crt" --key "$pki/admin.key" "$@" "https://127.0.0.1:6443$path" 2>>"$logs/entrypoint.log"
}
