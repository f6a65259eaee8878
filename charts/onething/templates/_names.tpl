{{/* The release's name for one service: <release>-<service>. */}}
{{- define "onething.name" -}}
{{- printf "%s-%s" .root.Release.Name .service | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/* What selects the pods of one service. Never the chart's or the image's version: a selector is for ever. */}}
{{- define "onething.selector" -}}
app.kubernetes.io/name: onething
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end }}

{{/* Labels of everything that belongs to one service. */}}
{{- define "onething.labels" -}}
{{ include "onething.selector" . }}
app.kubernetes.io/part-of: onething
app.kubernetes.io/version: {{ ((index .root.Values.services .service | default dict).image | default dict).tag | default .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* The image of one service, by digest where there is one; a service may have a release of its own. */}}
{{- define "onething.image" -}}
{{- $own := (index .root.Values.services .service | default dict).image | default dict -}}
{{- $image := .root.Values.image -}}
{{- if not (or $own.tag $own.digest) }}{{ $own = $image }}{{ end -}}
{{- if $own.digest }}{{ $image.repository }}@{{ $own.digest }}{{ else }}{{ $image.repository }}:{{ $own.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end }}

{{/* One service's values over the defaults, as YAML. */}}
{{- define "onething.service" -}}
{{- toYaml (mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.services .service | default dict))) -}}
{{- end }}

{{/* Whether one service reads or writes the contents; "true", or nothing. */}}
{{- define "onething.keeps" -}}
{{- if has . (list "casefile" "certificate" "intake" "gateway" "operator") }}true{{ end -}}
{{- end }}

{{/* Between how many replicas one service scales: its own bounds over those of all, as YAML. */}}
{{- define "onething.bounds" -}}
{{- $auto := .root.Values.autoscaling -}}
{{- $own := (index .root.Values.services .service | default dict).autoscaling | default dict -}}
min: {{ $own.minReplicas | default $auto.minReplicas }}
max: {{ $own.maxReplicas | default $auto.maxReplicas }}
{{- end }}

{{/* What is in the ConfigMap of settings. */}}
{{- define "onething.config" -}}
{{- range $name, $value := .Values.config }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- if .Values.catalogue.existingConfigMap }}
ONETHING_CATALOGUE_DIRS: /etc/onething/catalogue
{{- end }}
{{- if .Values.calendar.existingConfigMap }}
ONETHING_CALENDAR_FILE: /etc/onething/calendar/calendar.json
{{- end }}
{{- end }}
