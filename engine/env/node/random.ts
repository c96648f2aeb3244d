/** The real source of store identities: the system's. */
import { randomBytes } from 'node:crypto';
import type { Random } from '../random.ts';

export const nodeRandom: Random = { nextUint32: () => randomBytes(4).readUInt32LE(0) };
