# shellcheck shell=bash
# The default StorageClass, with volumes made in advance: a provisioner would be one more program to build and to run,
# and a test cluster lives for few claims. `local` volumes, because for hostPath ones the kubelet leaves fsGroup alone.

readonly volumes=32

apply() { # COLLECTION NAME: the object is read from standard input
  api "$1/$2?fieldManager=cluster&force=true" --request PATCH --header 'Content-Type: application/apply-patch+yaml' --data-binary @- >/dev/null
}

offer_volumes() {
  local number
  # The name that K3s' own class has.
  apply /apis/storage.k8s.io/v1/storageclasses local-path <<YAML
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: local-path
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
YAML
  for number in $(seq -w "$volumes"); do
    if [ -d "$state/volumes/$number" ]; then continue; fi
    apply /api/v1/persistentvolumes "local-$number" <<YAML
apiVersion: v1
kind: PersistentVolume
metadata: {name: local-$number}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce, ReadWriteMany]
  storageClassName: local-path
  persistentVolumeReclaimPolicy: Retain
  local: {path: $state/volumes/$number}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [$node_name]}]
YAML
    mkdir -p "$state/volumes/$number"
  done
}
