{{/* Not empty where the kinds of the Prometheus operator are to be used. */}}
{{- define "whatsapp-operator.prometheusOperator" -}}
{{- $wish := .Values.monitoring.prometheusOperator -}}
{{- if or (eq $wish "always") (and (eq $wish "auto") (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")) -}}
yes
{{- end -}}
{{- end -}}

{{/* Labels of what a Prometheus chooses by label. */}}
{{- define "whatsapp-operator.monitoringLabels" -}}
{{ include "whatsapp-operator.labels" . }}
{{- with .Values.monitoring.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
