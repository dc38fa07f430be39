{{- define "functionapp-operator.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/*
At most 50 characters, so that a Service's name, this and a suffix, stays within 63.
*/}}
{{- define "functionapp-operator.fullname" -}}
{{- $name := include "functionapp-operator.name" . -}}
{{- $qualified := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $qualified | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "functionapp-operator.azurite.fullname" -}}
{{- include "functionapp-operator.fullname" . }}-azurite
{{- end -}}

{{/*
Labels of every object.
*/}}
{{- define "functionapp-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "functionapp-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: functionapp-operator
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "functionapp-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "functionapp-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "functionapp-operator.azurite.selectorLabels" -}}
app.kubernetes.io/name: {{ include "functionapp-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: azurite
{{- end -}}

{{- define "functionapp-operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The worker images by Python version, as JSON.
*/}}
{{- define "functionapp-operator.workerImages" -}}
{{- $images := dict -}}
{{- range $version, $image := .Values.workers.images -}}
{{- $_ := set $images $version (tpl $image $) -}}
{{- end -}}
{{- toJson $images -}}
{{- end -}}

{{/*
What every pod of the chart has, whatever it runs.
*/}}
{{- define "functionapp-operator.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "functionapp-operator.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "functionapp-operator.scheduling" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
The Secret with the account keys of Azurite.
*/}}
{{- define "functionapp-operator.azurite.secretName" -}}
{{- .Values.azurite.existingSecret | default (include "functionapp-operator.azurite.fullname" .) -}}
{{- end -}}

{{/*
The account keys as variables, to be named as $(PACKAGES_KEY) and $(APPS_KEY) in the variables after them: so the keys
stand in the Secret alone, and what is derived from them follows the names of Services without being stored.
*/}}
{{- define "functionapp-operator.azurite.keyVariables" -}}
{{- range $variable, $entry := dict "PACKAGES_KEY" "packagesKey" "APPS_KEY" "appsKey" }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ include "functionapp-operator.azurite.secretName" $ | quote }}
      key: {{ $entry }}
{{- end }}
{{- end -}}

{{/*
The connection string of one of Azurite's accounts. The account stands in the path of each endpoint, and every endpoint is
explicit: neither has a default that holds for an emulator behind a Service.
Arguments: root, account, key.
*/}}
{{- define "functionapp-operator.azurite.connectionString" -}}
{{- $host := printf "%s.%s.svc.%s" (include "functionapp-operator.azurite.fullname" .root) .root.Release.Namespace .root.Values.clusterDomain -}}
DefaultEndpointsProtocol=http;AccountName={{ .account }};AccountKey={{ .key }};BlobEndpoint=http://{{ $host }}:10000/{{ .account }};QueueEndpoint=http://{{ $host }}:10001/{{ .account }};TableEndpoint=http://{{ $host }}:10002/{{ .account }};
{{- end -}}

{{/*
The ConfigMap with the certificates that builds trust; empty when there is none.
*/}}
{{- define "functionapp-operator.trustedCA.configMapName" -}}
{{- with .Values.build.trustedCA -}}
{{- if .pem -}}
{{ include "functionapp-operator.fullname" $ }}-trusted-ca
{{- else -}}
{{ .existingConfigMap.name }}
{{- end -}}
{{- end -}}
{{- end -}}
