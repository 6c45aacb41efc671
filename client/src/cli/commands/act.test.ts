import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sessionPath } from '../testing/fake-cluster.ts';
import { connected, World } from '../testing/world.ts';

/** Commands that change a session. */

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.dispose());

describe('what changes a session', () => {
  it('restart sets the annotation that the operator acts upon', async () => {
    world.add('sales', { status: connected });
    expect((await world.was(['restart', 'sales'])).out).toBe('session sales: a restart is asked for\n');
    expect(world.cluster.objects.get(sessionPath('sales'))).toMatchObject({
      metadata: { annotations: { 'whatsapp-operator.io/restart-at': '2026-11-24T12:00:00.000Z' } },
    });
  });

  it('restart --wait ends when the operator has acted and the session is ready again', async () => {
    world.add('sales', { status: connected });
    setTimeout(() => {
      const restarts = { count: 0, restartAt: '2026-11-24T12:00:00.000Z' };
      world.add('sales', { status: { ...connected, restarts } });
    }, 500);
    const { out, exitCode } = await world.was(['restart', 'sales', '--wait']);
    expect([out, exitCode]).toEqual([
      'session sales: a restart is asked for\nsession sales: ready again\n',
      0,
    ]);
  });

  it('suspend and resume set the operating mode, and wait where asked', async () => {
    world.add('sales', { status: connected });
    expect((await world.was(['suspend', 'sales'])).out).toBe('session sales: is being suspended\n');
    expect(world.cluster.objects.get(sessionPath('sales'))).toMatchObject({
      spec: { operatingMode: 'Suspended' },
    });
    expect((await world.was(['resume', 'sales', '--wait'])).out).toContain('session sales: ready\n');
    const { err, exitCode } = await world.was(['suspend', 'sales', '--wait', '--timeout', '1s'], {
      now: Date.now,
    });
    expect(err).toContain('is not suspended within 1s');
    expect(exitCode).toBe(8);
  });

  it('reconnect begins the browser anew', async () => {
    const { engine } = await world.withPod();
    expect((await world.was(['reconnect', 'sales'])).out).toBe('session sales: its browser begins anew\n');
    expect(engine.asked).toContain('restart');
  });

  it('logout asks first, and does nothing when nobody can answer', async () => {
    const { engine } = await world.withPod();
    expect((await world.was(['logout', 'sales'])).exitCode).toBe(2);
    expect((await world.was(['logout', 'sales'], { answer: 'n' })).err).toContain('nothing was done');
    expect(engine.asked).not.toContain('logout');
    expect((await world.was(['logout', 'sales'], { answer: 'y' })).out).toBe('session sales: unlinked\n');
    expect((await world.was(['logout', 'sales', '--yes'])).exitCode).toBe(0);
  });

  it('screenshot writes a file that only its owner reads, or to standard output', async () => {
    (await world.withPod()).engine.connect();
    const file = join(world.folder, 'page.png');
    expect((await world.was(['screenshot', 'sales', file])).out).toBe(`${file}\n`);
    expect((await readFile(file))[0]).toBe(0x89);
    expect((await world.was(['screenshot', 'sales', '-'])).out).toBe('<4 bytes>');
    expect((await world.was(['screenshot', 'sales', '/nowhere/page.png'])).exitCode).toBe(1);
  });

  it('logs are those of the container', async () => {
    world.add('sales', { status: connected });
    world.cluster.objects.set('/api/v1/namespaces/shop/pods/sales/log', '{"msg":"started"}\n');
    expect((await world.was(['logs', 'sales', '--tail', '1'])).out).toBe('{"msg":"started"}\n');
    expect(world.cluster.asked.at(-1)).toContain('container=session&tailLines=1');
    world.add('new');
    expect((await world.was(['logs', 'new'])).exitCode).toBe(3);
  });
});
