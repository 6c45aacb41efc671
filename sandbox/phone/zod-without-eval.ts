import { z } from 'zod';

// zod compiles its checks with Function otherwise, which the page's policy forbids. It decides when a schema is
// made, so this has to be imported before any of them.
z.config({ jitless: true });
