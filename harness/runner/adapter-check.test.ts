import { expect, it } from 'vitest';
import type { EmbeddedTarget } from '../contract/target.ts';
import { adapterError } from './adapter-check.ts';

/** A plug-in whose own module, /mine/store.ts, throws where it is called from /mine/index.ts or not. */
const failing = (...frames: readonly string[]): EmbeddedTarget => ({
  kind: 'embedded',
  name: 'mine',
  doc: 'throws',
  capabilities: { isolation: 'serializable', durable: true, graph: false },
  open: () => {
    const error = new Error('no such file');
    error.stack = ['Error: no such file', ...frames.map((at) => `    at ${at}`)].join('\n');
    return Promise.reject(error);
  },
});

it.each([
  [['read (file:///mine/store.ts:3:4)', 'open (file:///mine/index.ts:7:8)'], '/mine/index.ts:7:8'],
  [['read (node:fs:1:2)', 'read (file:///mine/store.ts:3:4)'], '/mine/store.ts:3:4'],
])('names the call in the plug-in, or in what it imports', async (frames, place) => {
  const found = await adapterError(failing(...frames), 'file:///mine/index.ts', {});
  expect(found).toMatch(/^adapter error: mine fails the conformance check ".+": no such file, at /);
  expect(found).toContain(`(${place})`);
});
