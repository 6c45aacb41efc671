import { openApiDocument } from './control/openapi.ts';

console.log(JSON.stringify(openApiDocument(), null, 2));
