{{/* The reference of an image: (dict "root" $ "image" .Values.images.operator "suffix" "") */}}
{{- define "whatsapp-operator.image" -}}
{{- $image := .image -}}
{{- $name := $image.repository -}}
{{- with .root.Values.images.registry }}{{ $name = printf "%s/%s" (trimSuffix "/" .) $name }}{{ end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default (printf "%s%s" .root.Chart.AppVersion (default "" .suffix)) $image.tag) -}}
{{- end -}}
{{- end -}}
