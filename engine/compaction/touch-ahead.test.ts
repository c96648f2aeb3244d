import { describe, expect, it } from 'vitest';
import type { Background } from '../env/background.ts';
import { nodeDisk } from '../env/node/disk.ts';
import { LogSegment, segmentMemory } from '../wal/segment.ts';
import { type TouchTask, taskSteps } from './task.ts';
import { TouchAhead } from './touch-ahead.ts';

const SEEDS = { hashSeed: 7, hashSecret: [8, 9] } as const;

const MIB = 1024 * 1024;

function segmentOf(size: number, path: string): LogSegment {
  const id = { number: 1, generation: 1 };
  return new LogSegment('store', id, { path }, segmentMemory(size, SEEDS));
}

describe('touching memory ahead', () => {
  it('leaves what it holds as it is', () => {
    const { bytes, memtable } = segmentMemory(1 << 16, SEEDS);
    memtable.reserve(1000);
    bytes.forEach((_, i) => {
      bytes[i] = i;
    });
    const before = bytes.slice();
    const buffers = [bytes.buffer as SharedArrayBuffer, ...memtable.memory];
    const memory = buffers.map((buffer) => ({ buffer, from: 0, to: buffer.byteLength }));
    const steps = [...taskSteps(nodeDisk(), { kind: 'touch', memory })];
    expect(steps.length).toBe(5);
    expect(bytes).toEqual(before);
    expect(memtable.capacity).toBe(1024);
  });

  it('goes on a little ahead of the writer, and to the next segment when this one is nearly full', () => {
    const tasks: TouchTask[] = [];
    const background = {
      run: async (task: unknown) => {
        tasks.push(task as TouchTask);
      },
      close: async () => undefined,
    };
    const ahead = new TouchAhead(background as unknown as Background);
    const size = 32 * MIB;
    const [active, next] = [segmentOf(size, 'a.log'), segmentOf(size, 'b.log')];
    const isOf = ({ bytes }: LogSegment, { memory }: TouchTask) =>
      memory[0]?.buffer === bytes.buffer;
    const parts = () => tasks.filter((task) => isOf(active, task) || isOf(next, task));
    ahead.committed(active, next);
    expect(tasks).toEqual([]);
    for (let used = MIB; used <= size; used += 100_000) {
      active.usedBytes = used;
      ahead.committed(active, next);
      const touched = active.memtable.touchedBytes;
      expect(touched).toBeGreaterThan(Math.min(used, size - 1));
      expect(touched - used).toBeLessThanOrEqual(12 * MIB);
    }
    expect(parts().map((task) => isOf(next, task))).toEqual([...Array(4).fill(false), true]);
    const bytes = parts().flatMap(({ memory }) => memory.map(({ from, to }) => to - from));
    expect(bytes.reduce((sum, part) => sum + part, 0)).toBe(39 * MIB);
  });
});
