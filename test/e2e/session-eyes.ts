import { expect } from 'vitest';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import { events, pods, type Resource } from '../../operator/src/kube/resource.ts';
import { budgets } from './budgets.ts';
import type { SessionWorld } from './session-world.ts';

/** What tests of sessions ask and wait for, beside the world itself. */
export function eyesOn(world: () => SessionWorld) {
  const conditionOf = async (name: string, type: string) =>
    (await world().session(name)).status?.conditions?.find((condition) => condition.type === type);

  const untilGone = async (resource: Resource<KubeObject>, name: string, seconds: number = budgets.gone) =>
    await expect
      .poll(() => world().read(resource, name), { timeout: seconds * 1000, interval: 300 })
      .toBeUndefined();

  /** Waits for a pod of this name with another UID. */
  const untilPod = async (name: string, otherThan: string | undefined) =>
    await expect
      .poll(async () => ((await world().pod(name))?.metadata.uid ?? otherThan) !== otherThan, {
        timeout: budgets.back * 1000,
        interval: 300,
      })
      .toBe(true);

  /** Ends a pod at once, as a node that dies does. */
  const kill = async (name: string) =>
    await world().client.delete(pods, { name, namespace: world().namespace.name }, { gracePeriodSeconds: 0 });

  /** Events about a session, without those about its children. */
  const eventsAbout = async (name: string) => {
    const { items } = await world().client.list(events, { namespace: world().namespace.name });
    return items.filter(({ regarding }) => regarding?.kind === 'WhatsAppSession' && regarding.name === name);
  };
  return { conditionOf, untilGone, untilPod, kill, eventsAbout };
}
