{{/* The operator's settings (operator/src/settings.ts). */}}
{{- define "whatsapp-operator.environment" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: LEASE_NAME
  value: {{ include "whatsapp-operator.name" . }}
- name: WATCH_NAMESPACES
  value: {{ join "," .Values.watchNamespaces | quote }}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: PORT
  value: "8080"
- name: SESSION_IMAGE
  value: {{ include "whatsapp-operator.image" (dict "root" . "image" .Values.images.session) }}
- name: SESSION_IMAGE_CHROMIUM
  value: {{ include "whatsapp-operator.image" (dict "root" . "image" .Values.images.sessionChromium "suffix" "-chromium") }}
- name: SESSION_MAX_UPDATING
  value: {{ .Values.sessions.maxUpdating | quote }}
- name: SESSION_UPDATE_TIMEOUT
  value: {{ .Values.sessions.updateTimeout | quote }}
- name: SESSION_API_FROM
  value: {{ include "whatsapp-operator.apiFrom" . | fromYamlArray | toJson | quote }}
- name: SESSION_HEALTH_FROM
  value: {{ include "whatsapp-operator.healthFrom" . | fromYamlArray | toJson | quote }}
- name: SESSION_EXTRA_EGRESS
  value: {{ include "whatsapp-operator.extraEgress" . | fromYamlArray | toJson | quote }}
{{- if .Values.sandbox.enabled }}
# Simulation: nothing that sessions of this operator send reaches WhatsApp.
- name: SESSION_SANDBOX_URL
  value: http://{{ include "whatsapp-operator.sandboxName" . }}.{{ .Release.Namespace }}.svc:8080
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

{{/* Peers that may read the health port of sessions: the operator, and who else is named. */}}
{{- define "whatsapp-operator.healthFrom" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .Release.Namespace }}
  podSelector:
    matchLabels:
      {{- include "whatsapp-operator.selectorLabels" . | nindent 6 }}
{{- with .Values.sessions.networkPolicy.metricsFrom }}
{{ toYaml . }}
{{- end }}
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
