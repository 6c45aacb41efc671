{{/* The release's name, with the chart's unless it is in there already; the base of every other name. */}}
{{- define "whatsapp-operator.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "whatsapp-operator.sandboxName" -}}
{{- include "whatsapp-operator.name" . }}-sandbox
{{- end -}}

{{- define "whatsapp-operator.serviceAccountName" -}}
{{- default (ternary (include "whatsapp-operator.name" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{/* What never changes about the operator's pods: selectors use it. */}}
{{- define "whatsapp-operator.selectorLabels" -}}
app.kubernetes.io/name: whatsapp-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "whatsapp-operator.sandboxSelectorLabels" -}}
app.kubernetes.io/name: whatsapp-sandbox
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels of everything that the chart makes. */}}
{{- define "whatsapp-operator.commonLabels" -}}
app.kubernetes.io/part-of: whatsapp-operator
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "whatsapp-operator.labels" -}}
{{ include "whatsapp-operator.selectorLabels" . }}
app.kubernetes.io/component: operator
{{ include "whatsapp-operator.commonLabels" . }}
{{- end -}}

{{- define "whatsapp-operator.sandboxLabels" -}}
{{ include "whatsapp-operator.sandboxSelectorLabels" . }}
app.kubernetes.io/component: sandbox
{{ include "whatsapp-operator.commonLabels" . }}
{{- end -}}
