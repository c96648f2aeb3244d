/** Odd requests: for every call, values of the right types that no good client sends. */
import type { Prng } from '../random/prng.ts';

export const UNARY_CALLS = [
  'OpenSession',
  'CloseSession',
  'Get',
  'Put',
  'Delete',
  'Batch',
  'Begin',
  'Commit',
  'Rollback',
  'Checkpoint',
  'Stats',
] as const;

const OWN_PREFIX = new TextEncoder().encode('\0assay/session/');
/** 64-bit and floating-point numbers as they come off the wire. */
const NUMBERS = [0, 1, -1, 0.5, 2 ** 31, 2 ** 53, 2 ** 64, 1e308, NaN, Infinity, -Infinity];
/** The second is half of a character, as some decoders make of invalid UTF-8. */
const TEXTS = ['', '\ud800', '0-1', 'x'.repeat(20_000), '\0', 'ффф', '%s%n'];

/** Fields of every request; each call takes its own from them. */
export function oddRequest(random: Prng, name: string, session: Uint8Array | undefined): object {
  const bytes = () => oddBytes(random);
  const number = () => random.pick(NUMBERS);
  const once = () =>
    random.chance(0.5)
      ? null
      : {
          session: session !== undefined && random.chance(0.5) ? session : bytes(),
          sequence: number(),
          answeredBelow: number(),
        };
  const changes = Array.from({ length: random.below(4) }, () => ({
    key: bytes(),
    value: bytes(),
    remove: random.chance(0.3),
  }));
  return {
    id: name === 'CloseSession' ? bytes() : random.pick(TEXTS),
    key: bytes(),
    value: bytes(),
    from: bytes(),
    to: bytes(),
    prefix: bytes(),
    reverse: random.chance(0.5),
    limit: Math.abs(number()) || 0,
    deadlineMs: number(),
    transaction: random.chance(0.5) ? '' : random.pick(TEXTS),
    once: once(),
    changes,
  };
}

function oddBytes(random: Prng): Uint8Array {
  const length = random.pick([0, 1, 16, 17, 300, 5000]);
  const bytes = Uint8Array.from({ length }, () => random.below(256));
  return random.chance(0.2) ? Uint8Array.from([...OWN_PREFIX, ...bytes]) : bytes;
}
