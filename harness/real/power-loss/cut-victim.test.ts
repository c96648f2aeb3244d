import { describe, expect, it } from 'vitest';
import { type CutResult, isAsExpected } from './cut-victim.ts';
import { VICTIMS } from './victims.ts';

const clean: CutResult = {
  acknowledged: 100,
  lost: 0,
  early: 0,
  audited: 20,
  syncs: 100,
  broken: [],
};
const safe = VICTIMS.find(({ expect: expected }) => expected === 'keeps')!;
const unsafe = VICTIMS.find(({ expect: expected }) => expected === 'loses')!;

describe('the judgement of a power cut', () => {
  it('lets a safe configuration pass only when nothing is lost, broken or acknowledged early', () => {
    expect(isAsExpected(safe, clean, false)).toBe(true);
    expect(isAsExpected(safe, { ...clean, lost: 1 }, false)).toBe(false);
    expect(isAsExpected(safe, { ...clean, broken: ['malformed'] }, false)).toBe(false);
    expect(isAsExpected(safe, { ...clean, early: 1 }, false)).toBe(false);
    expect(isAsExpected(safe, { ...clean, acknowledged: 0 }, false)).toBe(false);
  });

  it('wants an unsafe configuration caught, and everything on a disk that lies', () => {
    expect(isAsExpected(unsafe, clean, false)).toBe(false);
    expect(isAsExpected(unsafe, { ...clean, lost: 3 }, false)).toBe(true);
    expect(isAsExpected(unsafe, { ...clean, broken: ['malformed'] }, false)).toBe(true);
    expect(isAsExpected(safe, clean, true)).toBe(false);
    expect(isAsExpected(safe, { ...clean, lost: 1 }, true)).toBe(true);
  });

  it('has each system in a configuration that keeps, or loses, what was acknowledged', () => {
    const names = VICTIMS.map(({ system, configuration }) => `${system} ${configuration}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(25);
  });
});
