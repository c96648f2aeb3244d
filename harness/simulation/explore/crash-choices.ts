/**
 * CrashChoices: which of the unsynced pieces a power cut keeps. With few pieces, every subset; with more, the
 * choices that find bugs most often (Pillai et al., OSDI 2014): each prefix in write order, each piece alone,
 * each piece missing, and a random sample.
 */
import type { Prng } from '../../random/prng.ts';

/** `true` when every subset was named. */
export function crashChoices(
  pieces: number,
  limits: { readonly exhaustiveMax: number; readonly sampled: number },
  random: Prng,
): { readonly choices: readonly (readonly boolean[])[]; readonly exhaustive: boolean } {
  if (pieces <= limits.exhaustiveMax) {
    const choices = Array.from({ length: 2 ** pieces }, (_, mask) => {
      return Array.from({ length: pieces }, (_, bit) => ((mask >> bit) & 1) === 1);
    });
    return { choices, exhaustive: true };
  }
  const by = (keeps: (piece: number) => boolean) =>
    Array.from({ length: pieces }, (_, piece) => keeps(piece));
  const choices: boolean[][] = [];
  for (let i = 0; i <= pieces; i++) choices.push(by((piece) => piece < i));
  for (let i = 0; i < pieces; i++) {
    choices.push(
      by((piece) => piece === i),
      by((piece) => piece !== i),
    );
  }
  for (let i = 0; i < limits.sampled; i++) choices.push(by(() => random.chance(0.5)));
  return { choices, exhaustive: false };
}
