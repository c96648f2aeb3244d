import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SoakModel } from './soak-model.ts';

const directory = mkdtempSync(join(tmpdir(), 'assay-soak-model-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const KEYS = 3;
const outcome = fc.constantFrom('acknowledged', 'refused', 'lost', 'applied');
const step = fc.record({ key: fc.nat({ max: KEYS - 1 }), outcome });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A store that does what each step says; a kill follows what was lost or applied unanswered. */
function play(
  model: SoakModel,
  steps: readonly Step[],
  before: readonly (string | undefined)[] = Array.from({ length: KEYS }),
): (string | undefined)[] {
  const store = [...before];
  for (const { key, outcome: ends } of steps) {
    const { version, value } = model.attempt(key);
    if (ends === 'acknowledged' || ends === 'applied') store[key] = value;
    if (ends === 'acknowledged') model.acknowledge(key, version);
    else if (ends === 'refused') model.withdraw(key);
    else {
      for (let i = 0; i < KEYS; i++) {
        expect(model.wrong(i, store[i], model.acknowledgedOf(i))).toBeUndefined();
        model.settle(i, store[i]);
      }
    }
  }
  return store;
}

describe('the model of a soak', () => {
  it('agrees with a store that keeps what it acknowledged', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const model = new SoakModel(KEYS);
        for (const [key, value] of play(model, steps).entries()) {
          expect(model.wrong(key, value, model.acknowledgedOf(key))).toBeUndefined();
        }
      }),
    );
  });

  it('agrees with it after the soak itself was killed', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(step, { maxLength: 30 }),
        (before, after) => {
          const model = new SoakModel(KEYS);
          const saved = play(model, before);
          const path = join(directory, 'model.bin');
          model.save(path);
          const store = play(model, after, saved);
          const again = SoakModel.load(path, KEYS);
          for (const [key, value] of store.entries()) {
            expect(again.wrong(key, value, again.acknowledgedOf(key))).toBeUndefined();
          }
        },
      ),
    );
  });

  const grown = (versions: number) => {
    const model = new SoakModel(1);
    const values: (string | undefined)[] = [undefined];
    for (let i = 0; i < versions; i++) {
      const { version, value } = model.attempt(0);
      values.push(value);
      model.acknowledge(0, version);
    }
    return { model, values };
  };

  it.each<[string, number, (values: (string | undefined)[]) => string | undefined, RegExp]>([
    ['an older version', 3, (values) => values[2], /holds version 2; version 3 was/],
    ['nothing', 3, () => undefined, /is missing; version 3 was acknowledged/],
    ['what was deleted', 4, (values) => values[3], /holds version 3; version 4 was/],
    [
      'a version that was not written yet',
      2,
      () => grown(3).values[3],
      /the last that was .* is 2/,
    ],
    ['bytes that were never written', 3, () => '0:3:?', /a value that was never written/],
    ['another key’s value', 3, () => '1:3:', /a value that was never written/],
    ['a torn value', 3, (values) => values[3]!.slice(0, -1), /a value that was never written/],
  ])('finds %s', (_, versions, read, words) => {
    const { model, values } = grown(versions);
    expect(model.wrong(0, read(values), model.acknowledgedOf(0))).toMatch(words);
  });

  it('refuses a file for other keys', () => {
    const path = join(directory, 'other.bin');
    new SoakModel(4).save(path);
    expect(() => SoakModel.load(path, 5)).toThrow(/is not of 5 keys/);
  });
});
