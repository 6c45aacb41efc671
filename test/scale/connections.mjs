// Loaded into the operator before its own code: says on descriptor 3 whom it opens a connection to, one line each.
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';

subscribe('undici:client:connected', ({ connectParams }) => writeSync(3, `${connectParams.host}\n`));
