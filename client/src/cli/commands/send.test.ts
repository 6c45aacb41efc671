import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { unready, World } from '../testing/world.ts';

/** Sending, and what became of messages, through an API server's proxy. */

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.dispose());

describe('send', () => {
  it('follows a message until it has got as far as was asked', async () => {
    (await world.withPod()).engine.connect();
    const { out, exitCode } = await world.was([
      'send',
      'sales',
      '+49 15100 00002',
      'hello',
      '--wait',
      'sent',
    ]);
    expect(out).toMatch(/^accepted 3EB0[0-9A-F]{18} \(0\.0 s\)\nsent 3EB0[0-9A-F]{18} \(0\.0 s\)\n$/);
    expect(exitCode).toBe(0);
  });

  it('sends a file through the proxy, under its name', async () => {
    const { engine } = await world.withPod();
    engine.connect();
    const { exitCode, err } = await world.was([
      'send',
      'sales',
      '491510000002',
      'the manifest',
      '--file',
      'package.json',
      '--wait',
      'sent',
    ]);
    expect([exitCode, err]).toEqual([0, '']);
    expect(engine.sent[0]?.content).toMatchObject({ type: 'document', caption: 'the manifest' });
  });

  it('gives programs the message', async () => {
    (await world.withPod()).engine.connect();
    const { out } = await world.was([
      'send',
      'sales',
      '491510000002',
      'hello',
      '--wait',
      'sent',
      '-o',
      'json',
    ]);
    expect(JSON.parse(out)).toMatchObject({ status: 'sent' });
  });

  it('says that a message which is late is still on its way', async () => {
    await world.withPod();
    const { err, exitCode } = await world.was(['send', 'sales', '491510000002', 'hello', '--timeout', '1s'], {
      now: Date.now,
    });
    expect(exitCode).toBe(8);
    expect(err).toMatch(
      /is queued, not delivered within 1s\n {2}it is on disk and leaves when the session is connected; do not send it anew/,
    );
  });

  it('says why a message was not sent', async () => {
    const { engine } = await world.withPod();
    engine.sendOutcome = async () => ({ kind: 'refused', code: 'not_on_whatsapp', detail: 'no such number' });
    engine.lookup = (async () => ({ kind: 'absent' })) as never;
    engine.connect();
    const { err, exitCode } = await world.was(['send', 'sales', '491510000002', 'hello']);
    expect(exitCode).toBe(7);
    expect(err).toContain('is failed: no such number (not_on_whatsapp)');
  });

  test.each<[string, string[], string]>([
    ['a missing text', ['send', 'sales', '491510000002'], 'TEXT is missing'],
    [
      'a text without quotes',
      ['send', 'sales', '491510000002', 'two', 'words'],
      'put quotes around a text with blanks',
    ],
    ['a wrong number', ['send', 'sales', 'nobody', 'hello'], 'country code'],
    [
      'a file that is not there',
      ['send', 'sales', '491510000002', '--file', '/nowhere.png'],
      '/nowhere.png cannot be read',
    ],
    ['a caption that cannot be', ['send', 'sales', '491510000002', 'x', '--file', 'a.ogg'], 'has no caption'],
    ['a duration', ['send', 'sales', '491510000002', 'x', '--timeout', 'soon'], 'is no duration'],
  ])('says what is wrong with %s', async (_, words, expected) => {
    await world.withPod();
    const { err, exitCode } = await world.was(words);
    expect(err).toContain(expected);
    expect(exitCode).toBe(2);
  });

  it('says at once that a session was stopped on purpose', async () => {
    world.add('sales', { spec: { operatingMode: 'Suspended' } });
    const suspended = await world.was(['send', 'sales', '491510000002', 'hello']);
    expect(suspended).toMatchObject({
      exitCode: 6,
      err: 'error: session sales is suspended\n  bring it back with resume\n',
    });
    world.add('sales', { status: unready('Failed', 'RestartLimitExceeded', '6 restarts within 10m') });
    const stopped = await world.was(['send', 'sales', '491510000002', 'hello']);
    expect(stopped).toMatchObject({
      exitCode: 6,
      err: expect.stringContaining('RestartLimitExceeded, 6 restarts'),
    });
  });

  it('says what right is missing', async () => {
    await world.withPod();
    world.cluster.forbidden.push(/\/secrets\//);
    const { err, exitCode } = await world.was(['send', 'sales', '491510000002', 'hello']);
    expect(exitCode).toBe(4);
    expect(err).toContain('the API key of session sales lies in Secret sales-api-key');
  });
});

describe('messages', () => {
  it('are listed, shown with their attempts, and cancelled', async () => {
    const { engine } = await world.withPod();
    const sent = await world.was([
      'send',
      'sales',
      '491510000002',
      'hello',
      '--wait',
      'accepted',
      '-o',
      'name',
    ]);
    const id = sent.out.trim();
    expect((await world.was(['messages', 'sales', '-o', 'name'])).out).toBe(`${id}\n`);
    expect((await world.was(['messages', 'sales'])).out).toMatch(
      /^ID +TO +TYPE +STATUS +ATTEMPTS +AGE +REASON\n3EB0/,
    );
    expect((await world.was(['cancel', 'sales', id])).out).toBe(`cancelled ${id}\n`);
    expect((await world.was(['messages', 'sales', id])).out).toContain('cancelled');
    expect((await world.was(['messages', 'sales', '--status', 'queued'])).err).toBe(
      'There are no such messages.\n',
    );
    expect((await world.was(['messages', 'sales', '3EB0000000000000000000'])).exitCode).toBe(3);
    engine.connect();
    const { out } = await world.was([
      'send',
      'sales',
      '491510000002',
      'again',
      '--wait',
      'sent',
      '-o',
      'name',
    ]);
    expect((await world.was(['messages', 'sales', out.trim()])).out).toMatch(
      /ATTEMPT +WHY +BEGUN +OUTCOME +DETAIL\n1 +first/,
    );
  });
});
