import { expect, it } from 'vitest';
import type { EmbeddedTarget } from '../contract/target.ts';
import { announcing } from './adapter-calls.ts';
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

it('announces each call with its place, and when it has returned', async () => {
  const heard: (string | undefined)[] = [];
  const session = {
    begin: () => Promise.reject(new Error('not today')),
    close: () => Promise.resolve(),
  };
  const target = announcing(
    { ...failing(), open: async () => ({ connect: async () => session, close: session.close }) },
    (call) => heard.push(call),
  );
  const connected = await (await target.open('', {})).connect();
  await expect(connected.begin()).rejects.toThrow('not today');
  const names = heard.map((call) => call?.replace(/ \(at \/.*adapter-check\.test\.ts:\d+\)$/, '!'));
  expect(names).toEqual(['open!', undefined, 'connect!', undefined, 'begin!', undefined]);
});

it('has announced the call that does not return', async () => {
  const hangs: EmbeddedTarget = { ...failing(), open: () => new Promise(() => {}) };
  const heard = await new Promise((resolve) => {
    void adapterError(hangs, 'file:///mine/index.ts', {}, resolve);
  });
  expect(heard).toMatch(
    /^mine does not return from open \(at .+:\d+\) in the conformance check ".+"$/,
  );
});
