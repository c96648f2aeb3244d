import { describe, expect, it } from 'vitest';
import { exitCode, mergeVerdicts, worst } from '../contract/verdict.ts';
import { cellValidity } from './expectation.ts';

describe('what a cell proves', () => {
  it.each([
    ['holds', 'valid', undefined, 'valid'],
    ['holds', 'invalid', undefined, 'invalid'],
    ['holds', 'unknown', undefined, 'unknown'],
    ['must-find', 'invalid', undefined, 'valid'],
    ['must-find', 'valid', undefined, 'unknown'],
    ['must-find', 'unsupported', undefined, 'unsupported'],
    ['may-find', 'invalid', undefined, 'valid'],
    ['holds', 'invalid', 'caught', 'valid'],
    ['holds', 'valid', 'survived', 'unknown'],
    ['holds', 'invalid', 'not-exercised', 'unknown'],
  ] as const)('expecting %s, told %s, planted bug %s: %s', (wanted, said, mutant, proven) => {
    expect(cellValidity(wanted, said, mutant)).toBe(proven);
  });
});

describe('verdicts', () => {
  it('merge worst first, and nothing at all is unknown', () => {
    expect(worst(['valid', 'unsupported', 'unknown', 'invalid'])).toBe('invalid');
    expect(worst(['valid', 'unsupported', 'unknown'])).toBe('unknown');
    expect(worst(['valid', 'unsupported'])).toBe('unsupported');
    expect(worst([])).toBe('unknown');
  });

  it('keep the worst reasons first and the earliest bad operation', () => {
    const valid = { validity: 'valid', reasons: [], counts: { reads: 2 } } as const;
    const unknown = { validity: 'unknown', reasons: ['hm'], counts: { reads: 1 } } as const;
    const invalid = {
      validity: 'invalid',
      reasons: ['bad'],
      counts: {},
      firstBadIndex: 4,
    } as const;
    const merged = mergeVerdicts([valid, unknown, invalid, { ...invalid, firstBadIndex: 9 }]);
    expect(merged).toMatchObject({ validity: 'invalid', counts: { reads: 3 }, firstBadIndex: 4 });
    expect(merged.reasons).toEqual(['bad', 'bad', 'hm']);
  });

  it('end with the exit codes of Jepsen', () => {
    const codes = (['valid', 'unsupported', 'invalid', 'unknown'] as const).map(exitCode);
    expect(codes).toEqual([0, 0, 1, 2]);
  });
});
