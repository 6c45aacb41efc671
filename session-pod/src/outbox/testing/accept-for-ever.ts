import { pino } from 'pino';
import { MediaStore } from '../../media/media.ts';
import { Store } from '../../store/store.ts';
import { createOutbox } from '../outbox.ts';
import { defaultOutboxSettings } from '../settings.ts';
import { ALICE, aText, BOB } from './outbox-rig.ts';
import { ScriptedEngine } from './scripted-engine.ts';

/** A process that accepts messages as fast as it can, says each id once it is accepted, and waits to be killed. */
const [folder = ''] = process.argv.slice(2);
const store = Store.open({ folder });
const outbox = createOutbox({
  store,
  media: new MediaStore({
    folder: store.mediaFolder,
    maxSize: 1,
    reserve: store.reserve,
    isNeeded: () => true,
  }),
  engine: new ScriptedEngine(Date.now),
  settings: { ...defaultOutboxSettings, maxOpen: 1_000_000 },
  log: pino({ level: 'silent' }),
  onFatal: (error) => {
    throw error;
  },
});

let count = 0;
function next(): void {
  const { message } = outbox.accept(aText(count++ % 2 === 0 ? ALICE : BOB), {
    key: `key-${process.pid}-${count}`,
    digest: 'd',
  });
  process.stdout.write(`${message.id}\n`);
  setImmediate(next);
}
next();
