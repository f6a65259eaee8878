{{/*
The one pod specification, hardened; the security contexts are no values.
Takes: root, service (whose database and secrets are mounted; the operator's are all services'), command (arguments of
`onething`; of an idle pod there are none), values (merged),
config (the ConfigMap of settings), restart (Always, or Never for jobs), probes (whether it serves health), token
(whether it may speak to Kubernetes, which the rehearsal does that kills pods).
*/}}
{{- define "onething.pod" -}}
{{- $root := .root -}}
{{- $service := .service -}}
serviceAccountName: {{ include "onething.name" (dict "root" $root "service" .account) }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
restartPolicy: {{ .restart }}
terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .probes }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "onething.selector" (dict "root" $root "service" $service) | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "onething.selector" (dict "root" $root "service" $service) | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
{{- end }}
containers:
  - name: onething
    image: {{ include "onething.image" (dict "root" $root "service" $service) }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    {{- if .idle }}
    command: [python3, -c, "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit()); signal.pause()"]
    {{- else }}
    args: {{- toYaml .command | nindent 6 }}
    {{- end }}
    terminationMessagePolicy: FallbackToLogsOnError
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      runAsNonRoot: true
      capabilities: {drop: [ALL]}
    env:
      - {name: ONETHING_PROFILE, value: cluster}
      - name: ONETHING_REPLICA
        valueFrom: {fieldRef: {fieldPath: metadata.name}}
      - {name: AMQP_URI, value: {{ ternary "amqp://none" "file:/run/secrets/onething/broker/uri" (eq $service "prepare") | quote }}}
      - {name: DATABASE_URL, value: "file:/run/secrets/onething/database/{service}"}
      - {name: ONETHING_SECRET_KEY_FILE, value: /run/secrets/onething/keys/secret-key}
      {{- if $root.Values.keys.signingKey }}
      - {name: ONETHING_SIGNING_KEY_FILE, value: /run/secrets/onething/keys/signing-key}
      {{- end }}
      {{- if and (eq $service "casefile") $root.Values.keys.headKey }}
      - {name: ONETHING_HEAD_KEY_FILE, value: /run/secrets/onething/keys/head-key}
      {{- end }}
      - {name: CONTENTS_URL, value: {{ $root.Values.contents.url | quote }}}
      {{- if $root.Values.authorities.existingConfigMap }}
      - {name: SSL_CERT_FILE, value: /etc/onething/trust/ca.pem}
      - {name: AWS_CA_BUNDLE, value: /etc/onething/trust/ca.pem}
      {{- end }}
      {{- if and (include "onething.keeps" $service) $root.Values.contents.existingSecret }}
      - {name: AWS_SHARED_CREDENTIALS_FILE, value: /run/secrets/onething/contents/credentials}
      {{- end }}
      {{- if has $service (list "vault" "operator") }}
      - {name: VAULT_KEK, value: "file:/run/secrets/onething/keys/vault-kek"}
      {{- end }}
      {{- if and (has $service (list "prepare" "operator")) $root.Values.database.owner.role }}
      - {name: ONETHING_DATABASE_ROLE, value: {{ $root.Values.database.owner.role | quote }}}
      {{- end }}
      {{- if .probes }}
      - {name: ONETHING_HEALTH_PORT, value: "9090"}
      {{- end }}
      {{- if eq $service "gateway" }}
      - {name: ONETHING_HTTP_PORT, value: "8080"}
      {{- range $name, $value := include "onething.gatewaySettings" $root | fromYaml }}
      - {name: {{ $name }}, value: {{ $value | quote }}}
      {{- end }}
      {{- with $root.Values.oidc.issuers }}
      - {name: OIDC_ISSUERS, value: {{ . | quote }}}
      {{- end }}
      {{- with $root.Values.oidc.clientId }}
      - {name: OIDC_CLIENT_ID, value: {{ . | quote }}}
      {{- end }}
      {{- with $root.Values.oidc.scope }}
      - {name: OIDC_SCOPE, value: {{ . | quote }}}
      {{- end }}
      {{- with $root.Values.oidc.audience }}
      - {name: OIDC_AUDIENCE, value: {{ . | quote }}}
      {{- end }}
      {{- with $root.Values.oidc.claims }}
      - {name: OIDC_CLAIMS, value: {{ . | quote }}}
      {{- end }}
      {{- with $root.Values.oidc.existingSecret }}
      - {name: OIDC_CLIENT_SECRET, value: "file:/run/secrets/onething/oidc/client-secret"}
      {{- end }}
      {{- end }}
      {{- with $root.Values.telemetry.otlpEndpoint }}
      - {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
      {{- end }}
      {{- range $name, $value := .values.env }}
      - {name: {{ $name }}, value: {{ $value | quote }}}
      {{- end }}
    envFrom:
      - configMapRef: {name: {{ include "onething.name" (dict "root" $root "service" .config) }}}
    resources: {{- toYaml .values.resources | nindent 6 }}
    {{- if .probes }}
    ports:
      - {name: health, containerPort: 9090}
      {{- if eq $service "gateway" }}
      - {name: http, containerPort: 8080}
      {{- end }}
    startupProbe:
      httpGet: {path: /startupz, port: health}
      periodSeconds: 2
      failureThreshold: {{ div (int $root.Values.startupSeconds) 2 }}
      timeoutSeconds: 5
    livenessProbe:
      httpGet: {path: /livez, port: health}
      periodSeconds: 10
      failureThreshold: 6
      timeoutSeconds: 5
    readinessProbe:
      httpGet: {path: /readyz, port: health}
      periodSeconds: 5
      failureThreshold: 2
      timeoutSeconds: 5
    {{- if eq $service "gateway" }}
    lifecycle:
      preStop: {sleep: {seconds: 5}}
    {{- end }}
    {{- end }}
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
      - {name: state, mountPath: /var/lib/onething}
      {{- if ne $service "prepare" }}
      - {name: broker, mountPath: /run/secrets/onething/broker, readOnly: true}
      {{- end }}
      {{- if ne $service "rehearsal" }}
      - {name: database, mountPath: /run/secrets/onething/database, readOnly: true}
      {{- end }}
      - {name: keys, mountPath: /run/secrets/onething/keys, readOnly: true}
      {{- if and (include "onething.keeps" $service) $root.Values.contents.existingSecret }}
      - {name: contents, mountPath: /run/secrets/onething/contents, readOnly: true}
      {{- end }}
      {{- if and (eq $service "gateway") $root.Values.oidc.existingSecret }}
      - {name: oidc, mountPath: /run/secrets/onething/oidc, readOnly: true}
      {{- end }}
      {{- if and (eq $service "gateway") $root.Values.gateway.webhooks.authorities }}
      - {name: authorities, mountPath: /etc/onething/authorities, readOnly: true}
      {{- end }}
      {{- if $root.Values.catalogue.existingConfigMap }}
      - {name: catalogue, mountPath: /etc/onething/catalogue, readOnly: true}
      {{- end }}
      {{- if $root.Values.authorities.existingConfigMap }}
      - {name: trust, mountPath: /etc/onething/trust, readOnly: true}
      {{- end }}
      {{- if $root.Values.calendar.existingConfigMap }}
      - {name: calendar, mountPath: /etc/onething/calendar, readOnly: true}
      {{- end }}
      {{- if eq $service "certificate" }}
      - {name: signing, mountPath: /var/lib/onething/signing, readOnly: true}
      {{- end }}
volumes:
  - name: tmp
    emptyDir: {}
  - name: state
    emptyDir: {}
  {{- if ne $service "prepare" }}
  - name: broker
    secret:
      secretName: {{ $root.Values.broker.existingSecret }}
      defaultMode: 0440
      items: [{key: {{ $root.Values.broker.uriKey | replace "{service}" (ternary "rehearsal" $service (eq $service "operator")) | quote }}, path: uri}]
  {{- end }}
  {{- if has $service (list "prepare" "operator") }}
  - name: database
    secret:
      secretName: {{ $root.Values.database.owner.existingSecret | default $root.Values.database.existingSecret }}
      defaultMode: 0440
  {{- else if ne $service "rehearsal" }}
  - name: database
    secret:
      secretName: {{ $root.Values.database.existingSecret }}
      defaultMode: 0440
      items: [{key: {{ $service }}, path: {{ $service }}}]
  {{- end }}
  - name: keys
    secret:
      secretName: {{ $root.Values.keys.existingSecret }}
      defaultMode: 0440
      items:
        - {key: secret-key, path: secret-key}
        {{- if has $service (list "vault" "operator") }}
        - {key: vault-kek, path: vault-kek}
        {{- end }}
        {{- with $root.Values.keys.signingKey }}
        - {key: {{ . }}, path: signing-key}
        {{- end }}
        {{- if eq $service "casefile" }}
        {{- with $root.Values.keys.headKey }}
        - {key: {{ . }}, path: head-key}
        {{- end }}
        {{- end }}
  {{- if and (include "onething.keeps" $service) $root.Values.contents.existingSecret }}
  - name: contents
    secret:
      secretName: {{ $root.Values.contents.existingSecret }}
      defaultMode: 0440
      items: [{key: credentials, path: credentials}]
  {{- end }}
  {{- if and (eq $service "gateway") $root.Values.oidc.existingSecret }}
  - name: oidc
    secret:
      secretName: {{ $root.Values.oidc.existingSecret }}
      defaultMode: 0440
      items: [{key: {{ $root.Values.oidc.clientSecretKey }}, path: client-secret}]
  {{- end }}
  {{- if eq $service "gateway" }}
  {{- with $root.Values.gateway.webhooks.authorities }}
  - name: authorities
    configMap: {name: {{ . }}, items: [{key: ca.pem, path: ca.pem}]}
  {{- end }}
  {{- end }}
  {{- with $root.Values.catalogue.existingConfigMap }}
  - name: catalogue
    configMap: {name: {{ . }}}
  {{- end }}
  {{- with $root.Values.authorities.existingConfigMap }}
  - name: trust
    configMap: {name: {{ . }}, items: [{key: ca.pem, path: ca.pem}]}
  {{- end }}
  {{- with $root.Values.calendar.existingConfigMap }}
  - name: calendar
    configMap: {name: {{ . }}, items: [{key: calendar.json, path: calendar.json}]}
  {{- end }}
  {{- if eq $service "certificate" }}
  - name: signing
    projected:
      defaultMode: 0440
      {{- include "onething.signing" $root | nindent 6 }}
  {{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The keys of certificate as its directory `signing`: the exit's own, those of organisations, old public ones. */}}
{{- define "onething.signing" -}}
sources:
  - secret: {name: {{ .Values.signing.existingSecret }}}
  {{- range $each := .Values.signing.organisations }}
  - secret:
      name: {{ $each.existingSecret }}
      items:
        {{- range $key := list "seal.key" "pdf.key" "pdf.crt" }}
        - {key: {{ $key }}, path: organisations/{{ $each.organisation }}/{{ $key }}}
        {{- end }}
  - secret:
      name: {{ $each.existingSecret }}
      optional: true
      items: [{key: ca.crt, path: organisations/{{ $each.organisation }}/ca.crt}]
  {{- end }}
  {{- with .Values.signing.retired }}
  {{- if .existingConfigMap }}
  - configMap:
      name: {{ .existingConfigMap }}
      items:
        {{- range $key := .keys }}
        - {key: {{ $key }}, path: retired/{{ $key }}}
        {{- end }}
  {{- end }}
  {{- end }}
{{- end }}

{{- /* Settings of the gateway alone, by their environment variables; what is not set is left to the gateway. */}}
{{- define "onething.gatewaySettings" -}}
{{- $gateway := .Values.gateway }}
{{- $host := "" }}
{{- if $gateway.ingress.enabled }}{{- $host = $gateway.ingress.host }}{{- end }}
{{- if and $gateway.httpRoute.enabled $gateway.httpRoute.hostnames }}{{- $host = first $gateway.httpRoute.hostnames }}{{- end }}
{{- $settings := dict
  "ONETHING_PUBLIC_URL" (default (ternary (printf "https://%s" $host) "" (ne $host "")) $gateway.publicUrl)
  "ONETHING_HTTP_PROXIES" (join "," $gateway.proxies)
  "ONETHING_HTTP_REQUESTS_PER_SECOND" $gateway.limits.requestsPerSecond
  "ONETHING_HTTP_REQUESTS_PER_ADDRESS" $gateway.limits.requestsPerAddress
  "ONETHING_HTTP_CONNECTIONS_PER_ADDRESS" (int64 $gateway.limits.connectionsPerAddress)
  "ONETHING_HTTP_FEEDS_PER_CALLER" (int64 $gateway.limits.feedsPerCaller)
  "ONETHING_HTTP_IN_HAND" (int64 $gateway.limits.inHand)
  "ONETHING_HTTP_UPLOAD_BYTES" (int64 $gateway.limits.uploadBytes)
  "ONETHING_SESSION_IDLE_MINUTES" $gateway.sessions.idleMinutes
  "ONETHING_SESSION_HOURS" $gateway.sessions.hours
  "ONETHING_WEBHOOK_NETWORKS" (join "," $gateway.webhooks.networks)
  "ONETHING_WEBHOOK_HOURS" $gateway.webhooks.hours
  "ONETHING_WEBHOOK_CA_FILE" (ternary "/etc/onething/authorities/ca.pem" "" (ne $gateway.webhooks.authorities "")) }}
{{- range $name, $value := $settings }}
{{- if $value }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}
{{- end }}
