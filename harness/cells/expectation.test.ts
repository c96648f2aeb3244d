import { describe, expect, it } from 'vitest';
import { exitCode, mergeVerdicts, worst } from '../contract/verdict.ts';
import { cellValidity, whyNotFound } from './expectation.ts';

describe('what a cell proves', () => {
  it.each([
    ['holds', 'valid', undefined, 'valid'],
    ['holds', 'invalid', undefined, 'invalid'],
    ['holds', 'unknown', undefined, 'unknown'],
    ['may-find', 'invalid', undefined, 'valid'],
    ['holds', 'invalid', 'caught', 'valid'],
    ['holds', 'valid', 'survived', 'unknown'],
    ['holds', 'invalid', 'not-exercised', 'unknown'],
    ['holds', 'invalid', 'control-failed', 'unknown'],
    ['holds', 'unknown', 'ran-out-of-time', 'unknown'],
  ] as const)('expecting %s, told %s, planted bug %s: %s', (wanted, said, mutant, proven) => {
    expect(cellValidity(wanted, { validity: said }, mutant)).toBe(proven);
  });

  it.each([
    ['invalid', ['G2-item', 'G-single-realtime'], 'valid', undefined],
    ['invalid', ['G-single-realtime'], 'unknown', 'found only G-single-realtime'],
    ['invalid', undefined, 'unknown', 'nothing was found'],
    ['valid', undefined, 'unknown', 'nothing was found'],
    ['unsupported', undefined, 'unsupported', undefined],
  ] as const)('must find G2-item, told %s %j: %s', (validity, kinds, proven, why) => {
    const expected = { mustFind: ['G2-item'] };
    const said = { validity, ...(kinds === undefined ? {} : { kinds }) };
    expect(cellValidity(expected, said, undefined)).toBe(proven);
    const reason = whyNotFound(expected, said);
    if (why === undefined) expect(reason).toBeUndefined();
    else expect(reason).toContain(why);
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
    expect(exitCode(['valid', 'unsupported'])).toBe(0);
    expect(exitCode(['valid', 'unknown', 'invalid'])).toBe(1);
    expect(exitCode(['valid', 'unknown'])).toBe(2);
  });

  it('end with 2 when nothing was proven', () => {
    expect(exitCode(['unsupported', 'unsupported'])).toBe(2);
    expect(exitCode([])).toBe(2);
  });
});
