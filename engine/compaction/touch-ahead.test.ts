import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../env/node/disk.ts';
import { segmentMemory } from '../wal/segment.ts';
import { taskSteps } from './task.ts';

describe('touching memory ahead', () => {
  it('leaves what it holds as it is', () => {
    const { bytes, memtable } = segmentMemory(1 << 16, 7);
    memtable.reserve(1000);
    bytes.forEach((_, i) => {
      bytes[i] = i;
    });
    const before = bytes.slice();
    const steps = [...taskSteps(nodeDisk(), { kind: 'touch', memory: memtable.memory })];
    expect(steps.length).toBe(memtable.memory.length);
    expect(memtable.memory.length).toBe(5);
    expect(bytes).toEqual(before);
    expect(memtable.capacity).toBe(1024);
  });
});
