import { describe, expect, it } from 'vitest';
import type { PowerCutFigures } from '../../contract/power-cut-record.ts';
import { isAsExpected } from './cut-victim.ts';
import { DISK_FAULTS } from './disk-faults.ts';
import { isInSlice, SLICE } from './slice.ts';
import { VICTIMS } from './victims.ts';
import { modelNamed } from './volatile/models.ts';

const clean: PowerCutFigures = {
  acknowledged: 100,
  lost: 0,
  early: 0,
  audited: 20,
  syncs: 100,
  struck: 0,
  refused: 0,
  broken: [],
};
const plain = { lyingDisk: false };
const lying = { lyingDisk: true };
const safe = VICTIMS.find(({ expect: expected }) => expected === 'keeps')!;
const unsafe = VICTIMS.find(({ expect: expected }) => expected === 'loses')!;

describe('the judgement of a power cut', () => {
  it('lets a safe configuration pass only when nothing is lost, broken or acknowledged early', () => {
    expect(isAsExpected(safe, clean, plain)).toBe(true);
    expect(isAsExpected(safe, { ...clean, lost: 1 }, plain)).toBe(false);
    expect(isAsExpected(safe, { ...clean, broken: ['malformed'] }, plain)).toBe(false);
    expect(isAsExpected(safe, { ...clean, early: 1 }, plain)).toBe(false);
    expect(isAsExpected(safe, { ...clean, unopened: ['no file'] }, plain)).toBe(false);
    expect(isAsExpected(safe, { ...clean, acknowledged: 0 }, plain)).toBe(false);
  });

  it('wants an unsafe configuration caught, and everything on a disk that lies', () => {
    expect(isAsExpected(unsafe, clean, plain)).toBe(false);
    expect(isAsExpected(unsafe, { ...clean, lost: 3 }, plain)).toBe(true);
    expect(isAsExpected(unsafe, { ...clean, broken: ['malformed'] }, plain)).toBe(true);
    expect(isAsExpected(safe, clean, lying)).toBe(false);
    expect(isAsExpected(safe, { ...clean, lost: 1 }, lying)).toBe(true);
  });

  it('tells a store that does not open before its first acknowledgement from one that loses', () => {
    const figures = { ...clean, unopened: ['no meta-nextfile entry'] };
    const known = VICTIMS.filter(({ mayNotOpenNew }) => mayNotOpenNew === true);
    expect(new Set(known.map(({ system }) => system))).toEqual(new Set(['leveldb']));
    for (const victim of known) {
      const keeps = victim.expect === 'keeps';
      expect(isAsExpected(victim, figures, plain)).toBe(keeps);
      expect(isAsExpected(victim, { ...figures, broken: ['malformed'] }, plain)).toBe(!keeps);
    }
    expect(isAsExpected(unsafe, figures, plain)).toBe(false);
  });

  it('wants a fault to strike, and only a sync that lies to lose anything', () => {
    const fails = { ...plain, fault: { kind: DISK_FAULTS['sync-eio']!, at: 30 } };
    const lies = { ...plain, fault: { kind: DISK_FAULTS['sync-lies']!, at: 1 } };
    expect(isAsExpected(safe, clean, fails)).toBe(false);
    expect(isAsExpected(safe, { ...clean, struck: 1 }, fails)).toBe(true);
    expect(isAsExpected(safe, { ...clean, struck: 1, lost: 1 }, fails)).toBe(false);
    expect(isAsExpected(safe, { ...clean, struck: 9 }, lies)).toBe(false);
    expect(isAsExpected(safe, { ...clean, struck: 9, lost: 1 }, lies)).toBe(true);
  });

  it('wants entries lost that nobody synced, where only a sync of their directory keeps them', () => {
    const strict = { ...plain, model: modelNamed('ext4-strict')! };
    const leaving = VICTIMS.find(({ leavesEntries }) => leavesEntries === true)!;
    expect(isAsExpected(leaving, clean, strict)).toBe(false);
    expect(isAsExpected(leaving, { ...clean, lost: 1 }, strict)).toBe(true);
    expect(isAsExpected(leaving, { ...clean, lost: 1 }, plain)).toBe(false);
    expect(isAsExpected(safe, clean, strict)).toBe(true);
    expect(VICTIMS.filter(({ leavesEntries }) => leavesEntries === true)).toHaveLength(14);
  });

  it('has each system in a configuration that keeps, or loses, what was acknowledged', () => {
    const names = VICTIMS.map(({ system, configuration }) => `${system} ${configuration}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(35);
  });

  it('cuts with each commit configurations that there are, of every system', () => {
    const slice = VICTIMS.filter(isInSlice);
    expect(slice).toHaveLength(SLICE.size);
    expect(slice.filter(({ rare }) => rare === true)).toEqual([]);
    expect(new Set(slice.map(({ system }) => system))).toEqual(
      new Set(VICTIMS.map(({ system }) => system)),
    );
  });
});
