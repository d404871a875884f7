import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contracts, events } from '@eoffice/contracts';
import { asyncApiOf } from './asyncapi.js';
import { openApiOf } from './openapi.js';

// `npm run generate`: writes the two descriptions that are checked in beside the gateway.
const folder = join(process.cwd(), 'services', 'gateway');
const print = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
await writeFile(join(folder, 'openapi.json'), print(openApiOf(contracts)));
await writeFile(join(folder, 'events.json'), print(asyncApiOf(events)));
