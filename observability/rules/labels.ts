/**
 * How a session is named in metrics: `namespace` and `pod`, which every way of scraping pods puts on. A session's pod
 * bears the session's name.
 */
export const BY_SESSION = 'by (namespace, pod)';
export const ON_SESSION = 'on (namespace, pod)';

/** For summaries. */
export const SESSION_NAME = '{{ $labels.namespace }}/{{ $labels.pod }}';
