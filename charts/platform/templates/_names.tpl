{{/* Labels of what belongs to one engine. Takes root and part. */}}
{{- define "platform.labels" -}}
app.kubernetes.io/name: platform
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
app.kubernetes.io/part-of: onething
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "platform.broker" -}}{{ .Release.Name }}-broker{{- end }}
{{- define "platform.database" -}}{{ .Release.Name }}-database{{- end }}

{{/* What Helm never deletes: state outlives a release. */}}
{{- define "platform.kept" -}}
helm.sh/resource-policy: keep
{{- end }}

{{/* Requests that are limits: engines that are never throttled by neighbours, nor killed for their memory. */}}
{{- define "platform.resources" -}}
requests: {cpu: {{ .cpu | quote }}, memory: {{ .memory | quote }}}
limits: {cpu: {{ .cpu | quote }}, memory: {{ .memory | quote }}}
{{- end }}
