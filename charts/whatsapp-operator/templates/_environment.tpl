{{/* The operator's settings (operator/src/settings.ts). */}}
{{- define "whatsapp-operator.environment" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: LEASE_NAME
  value: {{ include "whatsapp-operator.name" . }}
- name: WATCH_NAMESPACES
  value: {{ join "," .Values.watchNamespaces | quote }}
- name: OPERATOR_VERSION
  value: {{ .Values.images.operator.tag | default .Chart.AppVersion | quote }}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: HEALTH_PORT
  value: "8080"
- name: SESSION_IMAGE
  value: {{ include "whatsapp-operator.image" (dict "root" . "image" .Values.images.session) }}
- name: SESSION_IMAGE_CHROMIUM
  value: {{ include "whatsapp-operator.image" (dict "root" . "image" .Values.images.sessionChromium "suffix" "-chromium") }}
- name: MAX_UPDATING
  value: {{ .Values.sessions.maxUpdating | quote }}
- name: UPDATE_TIMEOUT
  value: {{ .Values.sessions.updateTimeout | quote }}
- name: NETWORK_API_FROM
  value: {{ include "whatsapp-operator.apiFrom" . | fromYamlArray | toJson | quote }}
- name: NETWORK_HEALTH_FROM
  value: {{ .Values.sessions.networkPolicy.metricsFrom | toJson | quote }}
- name: NETWORK_EXTRA_EGRESS
  value: {{ include "whatsapp-operator.extraEgress" . | fromYamlArray | toJson | quote }}
- name: SESSION_ENV
  value: {{ include "whatsapp-operator.sessionEnvironment" . | fromYamlArray | toJson | quote }}
{{- end -}}

{{/* Variables of every session. With the sandbox its address: sessions ask it for the arguments of their browser. */}}
{{- define "whatsapp-operator.sessionEnvironment" -}}
{{- if .Values.sandbox.enabled -}}
- name: SANDBOX_URL
  value: http://{{ include "whatsapp-operator.sandboxName" . }}.{{ .Release.Namespace }}.svc:8080
{{- end }}
{{- if .Values.sessions.env }}
{{ toYaml .Values.sessions.env }}
{{- else if not .Values.sandbox.enabled }}
[]
{{- end }}
{{- end -}}

{{/* Peers that may call the API of sessions. */}}
{{- define "whatsapp-operator.apiFrom" -}}
{{- if .Values.sessions.networkPolicy.apiFrom -}}
{{ toYaml .Values.sessions.networkPolicy.apiFrom }}
{{- else -}}
- podSelector: {}
{{- end -}}
{{- end -}}

{{/* Egress rules of sessions in addition: with the sandbox, to its pods. A policy sees a pod's port, not the Service's. */}}
{{- define "whatsapp-operator.extraEgress" -}}
{{- if .Values.sandbox.enabled -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Release.Namespace }}
      podSelector:
        matchLabels:
          {{- include "whatsapp-operator.sandboxSelectorLabels" . | nindent 10 }}
  ports:
    - port: 8443
      protocol: TCP
    - port: 8080
      protocol: TCP
{{- end }}
{{- if .Values.sessions.networkPolicy.extraEgress }}
{{ toYaml .Values.sessions.networkPolicy.extraEgress }}
{{- else if not .Values.sandbox.enabled }}
[]
{{- end }}
{{- end -}}
