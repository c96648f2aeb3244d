import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swapRegister } from '../../checkers/linearizable-registers.ts';
import type { Operation } from '../../contract/history.ts';
import { checkLinearizable } from './linearizable.ts';
import {
  keyValueModel,
  type Model,
  mapModel,
  multiRegisterModel,
  mutexModel,
  queueModel,
  registerModel,
  setModel,
} from './model.ts';
import { searchOrder } from './search.ts';
import { checkUniqueWrites } from './unique-writes.ts';

type Kind = Operation['type'];

/** An operation with its invocation and completion. */
const op = (
  from: number,
  to: number,
  f: string,
  input: unknown,
  output: unknown = null,
  type: Kind = 'ok',
): Operation => ({
  process: from,
  f,
  input,
  output,
  type,
  invokedIndex: from,
  completedIndex: type === 'info' ? Number.POSITIVE_INFINITY : to,
});

const validity = <S>(model: Model<S>, ...operations: Operation[]) =>
  searchOrder(model, operations).validity;

describe('models', () => {
  it.each<[string, Model<never>, Operation[], string]>([
    [
      'a read after a write',
      registerModel,
      [op(0, 1, 'write', 1), op(2, 3, 'read', null, 1)],
      'valid',
    ],
    [
      'a stale read',
      registerModel,
      [op(0, 1, 'write', 1), op(2, 3, 'write', 2), op(4, 5, 'read', null, 1)],
      'invalid',
    ],
    [
      'a read that overlaps a write',
      registerModel,
      [op(0, 3, 'write', 1), op(1, 2, 'read', null, null)],
      'valid',
    ],
    [
      'reads that go back',
      registerModel,
      [op(0, 9, 'write', 1), op(1, 2, 'read', null, 1), op(3, 4, 'read', null, null)],
      'invalid',
    ],
    [
      'a cas that fits',
      registerModel,
      [op(0, 1, 'write', 1), op(2, 3, 'cas', [1, 2]), op(4, 5, 'read', null, 2)],
      'valid',
    ],
    [
      'a cas that does not',
      registerModel,
      [op(0, 1, 'write', 1), op(2, 3, 'cas', [3, 2])],
      'invalid',
    ],
    [
      'an unknown write that shows',
      registerModel,
      [op(0, 1, 'write', 1, null, 'info'), op(2, 3, 'read', null, 1)],
      'valid',
    ],
    [
      'an unknown write that shows late',
      registerModel,
      [op(0, 1, 'write', 1, null, 'info'), op(2, 3, 'read', null, null), op(4, 5, 'read', null, 1)],
      'valid',
    ],
    [
      'an unknown write that never shows',
      registerModel,
      [op(0, 1, 'write', 1, null, 'info'), op(2, 3, 'read', null, null)],
      'valid',
    ],
    [
      'an unknown write that is taken back',
      registerModel,
      [op(0, 1, 'write', 1, null, 'info'), op(2, 3, 'read', null, 1), op(4, 5, 'read', null, null)],
      'invalid',
    ],
    [
      'a failed write that shows',
      registerModel,
      [op(0, 1, 'write', 1, null, 'fail'), op(2, 3, 'read', null, 1)],
      'invalid',
    ],
    ['two holders', mutexModel, [op(0, 1, 'acquire', null), op(2, 3, 'acquire', null)], 'invalid'],
    [
      'holders in turn',
      mutexModel,
      [op(0, 1, 'acquire', null), op(2, 5, 'acquire', null), op(3, 4, 'release', null)],
      'valid',
    ],
    [
      'appends in either order',
      keyValueModel,
      [op(0, 3, 'append', 'a'), op(1, 2, 'append', 'b'), op(4, 5, 'get', null, 'ba')],
      'valid',
    ],
    [
      'a lost append',
      keyValueModel,
      [op(0, 1, 'append', 'a'), op(2, 3, 'append', 'b'), op(4, 5, 'get', null, 'b')],
      'invalid',
    ],
    [
      'a set read whole',
      setModel,
      [op(0, 1, 'add', 1), op(2, 3, 'add', 2), op(4, 5, 'read', null, [2, 1])],
      'valid',
    ],
    [
      'a set that lost an element',
      setModel,
      [op(0, 1, 'add', 1), op(2, 3, 'read', null, [])],
      'invalid',
    ],
    [
      'a queue in order',
      queueModel,
      [op(0, 1, 'enqueue', 1), op(2, 3, 'enqueue', 2), op(4, 5, 'dequeue', null, 1)],
      'valid',
    ],
    [
      'a queue out of order',
      queueModel,
      [op(0, 1, 'enqueue', 1), op(2, 3, 'enqueue', 2), op(4, 5, 'dequeue', null, 2)],
      'invalid',
    ],
  ] as unknown as [string, Model<never>, Operation[], string][])(
    '%s',
    (_, model, operations, expected) => {
      expect(validity(model, ...operations)).toBe(expected);
    },
  );
});

/** The definition, tried out: every choice of unknown operations, every order in real time. */
function hasOrder<S>(model: Model<S>, all: readonly Operation[], state: S): boolean {
  if (all.every(({ type }) => type !== 'ok')) return true;
  return all.some((next) => {
    if (next.type === 'fail') return false;
    const rest = all.filter((one) => one !== next);
    if (rest.some((one) => one.type === 'ok' && one.completedIndex < next.invokedIndex))
      return false;
    const { f, input, output, type } = next;
    const after = model.step(state, { f, input, output, known: type === 'ok' });
    return after !== undefined && hasOrder(model, rest, after);
  });
}

const smallHistory = fc
  .array(
    fc.record({
      f: fc.constantFrom('write', 'read', 'cas'),
      a: fc.nat(2),
      b: fc.nat(2),
      type: fc.constantFrom<Kind>('ok', 'ok', 'ok', 'ok', 'info', 'fail'),
      start: fc.integer({ min: 0, max: 12 }),
      length: fc.integer({ min: 1, max: 6 }),
    }),
    { maxLength: 7 },
  )
  .map((all) => {
    const times = all.flatMap(({ start, length }, i) => [
      start + i / 100,
      start + length + 0.5 + i / 100,
    ]);
    const sorted = [...times].sort((x, y) => x - y);
    return all.map(({ f, a, b, type }, i) => {
      const input = f === 'read' ? null : f === 'cas' ? [a, b] : a;
      const output = f === 'read' ? (b === 2 ? null : a) : null;
      return op(
        sorted.indexOf(times[2 * i]!),
        sorted.indexOf(times[2 * i + 1]!),
        f,
        input,
        output,
        type,
      );
    });
  });

describe('registers whose values are written once', () => {
  type Swapping = 'cas' | 'swap';
  /** Runs in the order drawn, each operation perhaps called earlier; some see another value then. */
  const unique = (swapping: Swapping) =>
    fc
      .array(
        fc.record({
          f: fc.constantFrom('read', 'read', 'write', swapping, swapping),
          pick: fc.nat(20),
          info: fc.nat(7),
          wait: fc.nat(3),
        }),
        { minLength: 1, maxLength: 8 },
      )
      .map((drawn) => {
        const written = drawn.flatMap(({ f }, i) => (f === 'read' ? [] : [i + 1]));
        let last: number | null = null;
        return drawn.map(({ f, pick, info, wait }, i): Operation => {
          const seen = pick > 5 ? last : [null, ...written][pick % (written.length + 1)]!;
          if (f !== 'read') last = i + 1;
          const value = f === 'read' ? {} : { value: i + 1 };
          const input = swapping === 'swap' ? value : f === 'cas' ? [seen, i + 1] : i + 1;
          const output = swapping === 'swap' ? { read: f === 'write' ? null : seen } : seen;
          const one = op(10 * i - 13 * wait + 0.1 * i, 10 * i + 5 + 0.1 * i, f, input, output);
          if (info > 0) return one;
          return { ...one, type: 'info', output: null, completedIndex: Number.POSITIVE_INFINITY };
        });
      });

  it.each<[Swapping, Model<never>]>([
    ['cas', registerModel as Model<never>],
    ['swap', swapRegister as Model<never>],
  ])('are judged as the search judges them, with %s', (swapping, model) => {
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(unique(swapping), (operations) => {
        const quick = checkUniqueWrites(model, operations)!.violation;
        const validity = quick === undefined ? 'valid' : 'invalid';
        expect(validity).toBe(searchOrder(model, operations).validity);
        seen[validity]++;
      }),
      { numRuns: 10_000 },
    );
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(1000);
  });
});

describe('models of several objects', () => {
  const txn = (from: number, ...operations: [string, string, number | null][]) =>
    op(from, from + 1, 'txn', operations, operations);

  it('multi-register: what one transaction reads was there at one instant', () => {
    const write = txn(0, ['w', 'x', 1], ['w', 'y', 1]);
    expect(validity(multiRegisterModel, write, txn(2, ['r', 'x', 1], ['r', 'y', 1]))).toBe('valid');
    expect(validity(multiRegisterModel, write, txn(2, ['r', 'x', 1], ['r', 'y', null]))).toBe(
      'invalid',
    );
  });

  it('map: keys are apart', () => {
    const put = op(0, 1, 'put', ['x', 'a'], ['x', 'a']);
    const get = (key: string, text: string) => op(2, 3, 'get', [key, null], [key, text]);
    expect(validity(mapModel, put, get('x', 'a'))).toBe('valid');
    expect(validity(mapModel, put, get('y', ''))).toBe('valid');
    expect(validity(mapModel, put, get('y', 'a'))).toBe('invalid');
  });
});

describe('looking ahead', () => {
  const texts = fc
    .array(
      fc.record({
        f: fc.constantFrom('put', 'append', 'append', 'get', 'get', 'get'),
        wait: fc.nat(40),
        pick: fc.nat(30),
        info: fc.nat(12),
      }),
      { minLength: 2, maxLength: 9 },
    )
    .map((drawn) => {
      // Runs in the order drawn; some reads then show what was there a little earlier.
      const states = [''];
      return drawn.map(({ f, wait, pick, info }, i): Operation => {
        const before = states.at(-1)!;
        if (f !== 'get') states.push(f === 'put' ? `${i}` : `${before}${i}`);
        const shown = states[Math.max(0, states.length - 1 - (pick % 4 === 0 ? pick % 3 : 0))];
        const one = op(
          10 * i - wait + i / 100,
          10 * i + 5 + i / 100,
          f,
          f === 'get' ? null : `${i}`,
          shown,
        );
        return info === 0
          ? { ...one, type: 'info', completedIndex: Number.POSITIVE_INFINITY }
          : one;
      });
    });

  it('changes no verdict', () => {
    const { mayBecome: _, resets: __, ...plain } = keyValueModel;
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(texts, (operations) => {
        const { validity: expected } = searchOrder(plain, operations);
        expect(searchOrder(keyValueModel, operations).validity).toBe(expected);
        seen[expected as 'valid']++;
      }),
      { numRuns: 5000 },
    );
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(200);
  });
});

describe('the search', () => {
  it('agrees with the definition on small histories', () => {
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(smallHistory, (all) => {
        const expected = hasOrder(registerModel, all, null) ? 'valid' : 'invalid';
        seen[expected]++;
        expect(searchOrder(registerModel, all).validity).toBe(expected);
      }),
      { numRuns: 5000 },
    );
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(500);
  });

  it('gives a witness that the model allows', () => {
    fc.assert(
      fc.property(smallHistory, (all) => {
        const { validity: found, longest } = searchOrder(registerModel, all);
        fc.pre(found === 'valid');
        let state: unknown = null;
        for (const { f, input, output, type } of longest) {
          state = registerModel.step(state, { f, input, output, known: type === 'ok' });
          expect(state).not.toBeUndefined();
        }
      }),
    );
  });

  it('is done with 100,000 operations of one register, in steps that grow with their number', () => {
    const all = Array.from({ length: 100_000 }, (_, i) =>
      i % 2 === 0 ? op(2 * i, 2 * i + 3, 'write', i) : op(2 * i, 2 * i + 1, 'read', null, i - 1),
    );
    const { validity: found, steps } = searchOrder(registerModel, all);
    expect(found).toBe('valid');
    expect(steps).toBeLessThan(400_000);
  });

  it('says unknown when its budget ends, never valid', () => {
    const all = Array.from({ length: 14 }, (_, i) => op(i, 100 + i, 'write', i));
    const impossible = [...all, op(200, 201, 'read', null, 99)];
    const limits = { stepsMax: 100, cacheMax: 1000 };
    expect(searchOrder(registerModel, impossible, limits).validity).toBe('unknown');
  });

  it('names where it got stuck', () => {
    const operations = [
      op(0, 1, 'write', 1),
      op(2, 3, 'write', 2),
      op(4, 5, 'read', null, 1),
      op(6, 7, 'cas', [2, 2], [2, 2]),
    ];
    const verdict = checkLinearizable(
      registerModel,
      operations.map((operation) => ({ object: 'x', operation })),
    );
    expect(verdict).toMatchObject({ validity: 'invalid', firstBadIndex: 5 });
    expect(verdict.reasons[0]).toBe(
      'x is not linearizable. The shortest prefix that is not ends with event 5. After 2 operations, the last write 2 → null (operation 2, process 2), none of these can come next: read null → 1 (operation 4, process 4)',
    );
  });
});
