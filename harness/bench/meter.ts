/**
 * Meter: resources used by one workload. Throughput goes into a curve of 100 points; processor time,
 * memory and device I/O are read from the system.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { type PerformanceEntry, PerformanceObserver, performance } from 'node:perf_hooks';
import type { Usage } from '../contract/bench-record.ts';
import { machineLoad, machineTicks } from './machine-load.ts';

const CURVE_PIECES = 100;

/** Operations per second over the run, one point per 1 % of its operations. */
export class Curve {
  readonly #every: number;
  readonly #rates: number[] = [];
  #done = 0;
  #piece = 0;
  #pieceBegan = performance.now();

  constructor(total: number) {
    this.#every = Math.max(1, Math.floor(total / CURVE_PIECES));
  }

  add(count: number): void {
    this.#done += count;
    this.#piece += count;
    if (this.#piece < this.#every) return;
    const now = performance.now();
    this.#rates.push(Math.round((1000 * this.#piece) / (now - this.#pieceBegan)));
    this.#piece = 0;
    this.#pieceBegan = now;
  }

  get done(): number {
    return this.#done;
  }

  get rates(): readonly number[] {
    return this.#rates;
  }
}

/** Starts at construction; `usage` returns what was used since. */
export class Meter {
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #io = deviceBytes();
  readonly #ticks = machineTicks();
  readonly #collections = new Collections();

  get usage(): Usage {
    const { user, system } = process.cpuUsage(this.#cpu);
    const io = deviceBytes();
    const wallSeconds = (performance.now() - this.#began) / 1000;
    const cpuSeconds = (user + system) / 1e6;
    return {
      wallSeconds,
      cpuSeconds,
      ...machineLoad(this.#ticks, machineTicks(), cpuSeconds, wallSeconds),
      ...this.#collections.end(),
      load: loadavg()[0] ?? 0,
      rssMaxMiB: Math.round(process.resourceUsage().maxRSS / 1024),
      deviceReadMiB: (io.read - this.#io.read) / 2 ** 20,
      deviceWriteMiB: (io.written - this.#io.written) / 2 ** 20,
    };
  }
}

/** Observes garbage collections of this process from now on. */
class Collections {
  #gcMs = 0;
  #longestGcMs = 0;
  readonly #observer = new PerformanceObserver((list) => this.#note(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  end(): { readonly gcMs: number; readonly longestGcMs: number } {
    this.#note(this.#observer.takeRecords());
    this.#observer.disconnect();
    return { gcMs: this.#gcMs, longestGcMs: this.#longestGcMs };
  }

  #note(entries: readonly PerformanceEntry[]): void {
    for (const { duration } of entries) {
      this.#gcMs += duration;
      this.#longestGcMs = Math.max(this.#longestGcMs, duration);
    }
  }
}

/** Bytes of device I/O that this process caused; zeros where the system does not report it. */
function deviceBytes(): { read: number; written: number } {
  try {
    const text = readFileSync('/proc/self/io', 'utf8');
    const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
    return { read: field('read_bytes'), written: field('write_bytes') };
  } catch {
    return { read: 0, written: 0 };
  }
}

/** Bytes on disk of a directory's files; holes of sparse files do not count. */
export function diskBytes(directory: string): number {
  let blocks = 0;
  for (const name of readdirSync(directory)) blocks += statSync(`${directory}/${name}`).blocks;
  return 512 * blocks;
}
