{{/* An image of ours by its digest, as kustomize wants it. There is one place for digests: images/digests.lock. */}}
{{- define "calf.image" -}}
{{- $name := .name -}}
{{- $digest := "" -}}
{{- range splitList "\n" (.files.Get "digests.lock") -}}
{{- $words := regexSplit "\\s+" (trim (regexReplaceAll "#.*" . "")) -1 -}}
{{- if eq (first $words) $name -}}{{- $digest = last $words -}}{{- end -}}
{{- end -}}
{{- if not (regexMatch "^sha256:[0-9a-f]{64}$" $digest) -}}
{{- fail (printf "images/digests.lock has no digest of %s: make images" $name) -}}
{{- end -}}
{{ $name }}={{ .registry }}/{{ $name }}@{{ $digest }}
{{- end -}}
