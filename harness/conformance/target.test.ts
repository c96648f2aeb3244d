import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EmbeddedTarget } from '../contract/target.ts';
import memory from '../targets/memory.ts';
import engine from '../targets/reference-engine.ts';
import sqlite from '../targets/sqlite.ts';
import { type TargetCheck, targetChecks } from './target.ts';

async function inDirectory(check: TargetCheck): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'assay-target-'));
  try {
    await check.run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe('the target memory', () => {
  it.each(targetChecks(memory))('$name', inDirectory);
});

describe('the target engine', () => {
  it.each(targetChecks(engine, { segmentBytes: 65_536 }))('$name', inDirectory);
});

describe('the target sqlite', () => {
  it.each(targetChecks(sqlite))('$name', inDirectory);
});

describe('a target that loses updates', () => {
  /** Commits without looking: the check for lost updates must notice. */
  const careless: EmbeddedTarget = {
    ...memory,
    async open(directory, settings) {
      const store = await memory.open(directory, settings);
      const blind = async () => {
        const session = await store.connect();
        return {
          ...session,
          async begin() {
            const reading = await session.begin();
            const writes: [string, string][] = [];
            return {
              ...reading,
              put: async (key: string, value: string) => {
                writes.push([key, value]);
              },
              async commit() {
                const fresh = await session.begin();
                for (const [key, value] of writes) await fresh.put(key, value);
                await fresh.commit();
              },
            };
          },
        };
      };
      return { ...store, connect: blind };
    },
  };

  it('is found out', async () => {
    const check = targetChecks(careless).find(({ name }) => name.includes('update'))!;
    await expect(inDirectory(check)).rejects.toThrow('how many');
  });
});
