/**
 * A store slowed by a percentage: after each call it waits that share of the call's duration. `assay
 * bench ab --self-check` must detect it. Waits are busy loops, because timers are too coarse for calls
 * of a microsecond; only waits of at least 1 ms in asynchronous calls use timers. At 0 % only the
 * wrapper's own cost remains, so both sides of a self-check pay it. Throughput falls by less than the
 * percentage, because the benchmark's own work (making keys, checking values) is not slowed.
 */
import { performance } from 'node:perf_hooks';
import type { BenchStore, BenchTarget } from '../bench-store.ts';

const TIMER_MIN_MS = 1;
const SLOWED = ['write', 'put', 'putDurable', 'get', 'view', 'getMany', 'scan'] as const;

export function slowed(target: BenchTarget, percent: number): BenchTarget {
  return {
    ...target,
    name: `${target.name}+slow-${percent}`,
    open: async (options) => slowStore(await target.open(options), percent / 100),
  };
}

export function slowStore(store: BenchStore, share: number): BenchStore {
  const calls = SLOWED.flatMap((name) => {
    const call = store[name] as ((...words: unknown[]) => unknown) | undefined;
    return call === undefined ? [] : [[name, slowCall(call, share)] as const];
  });
  return { ...store, ...Object.fromEntries(calls) };
}

function slowCall(call: (...words: unknown[]) => unknown, share: number) {
  return (...words: unknown[]): unknown => {
    const began = performance.now();
    const answer = call(...words);
    if (answer instanceof Promise) return answer.then((value) => later(value, began, share));
    spin((performance.now() - began) * share);
    return answer;
  };
}

function later(value: unknown, began: number, share: number): unknown {
  const waitMs = (performance.now() - began) * share;
  if (waitMs >= TIMER_MIN_MS) {
    return new Promise((resolve) => setTimeout(() => resolve(value), waitMs));
  }
  spin(waitMs);
  return value;
}

function spin(forMs: number): void {
  const until = performance.now() + forMs;
  while (performance.now() < until);
}
