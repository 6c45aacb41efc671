import type { V1Container, V1PodSpec } from '@kubernetes/client-node';

/**
 * What keeps a pod from the restricted Pod Security Standard, as far as a pod of ours could: each rule that one sets
 * by a field. Whoever enforces it is the API server (test/e2e); this tells it without one.
 */
export function restrictedProblems(spec: V1PodSpec): readonly string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return [
    ...(spec.hostNetwork || spec.hostPID || spec.hostIPC ? ['shares namespaces of the host'] : []),
    ...(spec.volumes ?? [])
      .filter((volume) => volume.hostPath !== undefined)
      .map((volume) => `volume ${volume.name} is a folder of the host`),
    ...containers.flatMap((container) =>
      containerProblems(spec, container).map((problem) => `${container.name} ${problem}`),
    ),
  ];
}

function containerProblems({ securityContext: pod }: V1PodSpec, container: V1Container): readonly string[] {
  const own = container.securityContext;
  const seccomp = own?.seccompProfile?.type ?? pod?.seccompProfile?.type;
  const rules: readonly (readonly [boolean, string])[] = [
    [(own?.runAsNonRoot ?? pod?.runAsNonRoot) === true, 'may run as root'],
    [(own?.runAsUser ?? pod?.runAsUser) !== 0, 'runs as root'],
    [own?.privileged !== true, 'is privileged'],
    [own?.allowPrivilegeEscalation === false, 'may gain privileges'],
    [own?.capabilities?.drop?.includes('ALL') === true, 'keeps capabilities'],
    [(own?.capabilities?.add ?? []).length === 0, 'adds capabilities'],
    [seccomp === 'RuntimeDefault' || seccomp === 'Localhost', 'has no seccomp profile'],
    [(container.ports ?? []).every(({ hostPort }) => hostPort === undefined), 'takes a port of the host'],
    // Not asked for by the standard, and by us.
    [own?.readOnlyRootFilesystem === true, 'can write to its root'],
    [container.resources?.limits?.['memory'] !== undefined, 'has no limit of memory'],
  ];
  return rules.flatMap(([kept, problem]) => (kept ? [] : [problem]));
}
