/**
 * Characterises the disk below a directory: throughput, what a sync takes, and what the file system
 * can do. Every block that is written carries its number and every block that is read back is
 * checked, so a figure for reads of the wrong place does not exist. Leaves nothing behind.
 *
 * What it can't see: whether a device keeps what it says is synced. That takes a power cut
 * (`assay power-loss`) or a model (docs/file-systems.md).
 */
import { closeSync, fdatasyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { percentilesOf } from '../../cells/outcome.ts';
import type { Percentiles } from '../../contract/run-record.ts';
import { Prng } from '../../random/prng.ts';
import { type Features, featuresOf } from './features.ts';

export interface DiskPlan {
  /** Of the file that is written in sequence and read at random. */
  readonly bytes: number;
  readonly randomReads: number;
  readonly syncs: number;
}

export interface DiskFigures extends Features {
  readonly bytes: number;
  /** Through the page cache, the sync at the end included. MiB a second. */
  readonly writeMiBPerSecond: number;
  readonly readMiBPerSecond: number;
  /** Of 4 KiB from random places; through the page cache, so from memory where the file fits. */
  readonly randomReadsPerSecond: number;
  /** One `fdatasync` behind each 4 KiB appended, milliseconds. */
  readonly appendSync: Percentiles;
  /** One `fdatasync` after each 4 KiB overwrite, milliseconds. */
  readonly overwriteSync: Percentiles;
}

export interface Characterisation {
  readonly figures: DiskFigures;
  /** Blocks that were not what was written, and figures that can't be. */
  readonly problems: readonly string[];
}

const BLOCK = 4096;
const CHUNK = 256 * BLOCK;
const TURN_EVERY = 64;
const MIB = 2 ** 20;

/** Throws the system's error when the directory can't be written. */
export async function characterise(
  directory: string,
  plan: DiskPlan,
  seed: number,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<Characterisation> {
  const path = join(directory, `assay-disk-${process.pid}`);
  const file = openSync(path, 'w+', 0o600);
  try {
    const run = new DiskRun(file, plan, new Prng(seed), progress);
    const measured = await run.run();
    const figures = { ...measured, ...featuresOf(directory) };
    return { figures, problems: [...run.problems, ...impossible(figures, plan)] };
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}

class DiskRun {
  readonly problems: string[] = [];
  readonly #file: number;
  readonly #plan: DiskPlan;
  readonly #random: Prng;
  readonly #blocks: number;
  readonly #chunk = Buffer.alloc(CHUNK);
  readonly #progress: () => Promise<void>;

  constructor(
    file: number,
    plan: DiskPlan,
    random: Prng,
    progress: (done: number, total: number) => void,
  ) {
    this.#file = file;
    this.#plan = plan;
    this.#random = random;
    this.#blocks = Math.ceil(plan.bytes / CHUNK) * (CHUNK / BLOCK);
    for (let i = 0; i < CHUNK; i += 4) this.#chunk.writeUInt32LE(random.nextUint32(), i);
    const total = (2 * this.#blocks * BLOCK) / CHUNK + plan.randomReads + 2 * plan.syncs;
    let done = 0;
    this.#progress = async () => {
      if (++done % TURN_EVERY !== 0) return;
      progress(done, total);
      await turn();
    };
  }

  async run() {
    const bytes = this.#blocks * BLOCK;
    const writeMs = await timed(() => this.#writeAll());
    const readMs = await timed(() => this.#readAll());
    const randomMs = await timed(() => this.#readRandomly());
    return {
      bytes,
      writeMiBPerSecond: (1000 * bytes) / MIB / writeMs,
      readMiBPerSecond: (1000 * bytes) / MIB / readMs,
      randomReadsPerSecond: (1000 * this.#plan.randomReads) / randomMs,
      overwriteSync: await this.#syncs((i) => i % this.#blocks),
      appendSync: await this.#syncs((i) => this.#blocks + i),
    };
  }

  async #writeAll(): Promise<void> {
    for (let first = 0; first < this.#blocks; first += CHUNK / BLOCK) {
      for (let i = 0; i < CHUNK / BLOCK; i++) this.#chunk.writeUInt32LE(first + i, i * BLOCK);
      writeSync(this.#file, this.#chunk, 0, CHUNK, first * BLOCK);
      await this.#progress();
    }
    fdatasyncSync(this.#file);
  }

  async #readAll(): Promise<void> {
    for (let first = 0; first < this.#blocks; first += CHUNK / BLOCK) {
      readSync(this.#file, this.#chunk, 0, CHUNK, first * BLOCK);
      for (let i = 0; i < CHUNK / BLOCK; i++) this.#check(first + i, i * BLOCK);
      await this.#progress();
    }
  }

  async #readRandomly(): Promise<void> {
    for (let i = 0; i < this.#plan.randomReads; i++) {
      const block = this.#random.below(this.#blocks);
      readSync(this.#file, this.#chunk, 0, BLOCK, block * BLOCK);
      this.#check(block, 0);
      await this.#progress();
    }
  }

  async #syncs(blockOf: (i: number) => number): Promise<Percentiles> {
    const samples: number[] = [];
    for (let i = 0; i < this.#plan.syncs; i++) {
      const block = blockOf(i);
      this.#chunk.writeUInt32LE(block, 0);
      writeSync(this.#file, this.#chunk, 0, BLOCK, block * BLOCK);
      const began = performance.now();
      fdatasyncSync(this.#file);
      samples.push(performance.now() - began);
      await this.#progress();
    }
    return percentilesOf(samples)!;
  }

  #check(block: number, at: number): void {
    const read = this.#chunk.readUInt32LE(at);
    if (read === block || this.problems.length > 0) return;
    this.problems.push(`block ${block} read back is block ${read}`);
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Figures that no disk can have: then it is the measurement that is wrong. */
function impossible(figures: DiskFigures, { syncs }: DiskPlan): string[] {
  const problems: string[] = [];
  for (const name of ['appendSync', 'overwriteSync'] as const) {
    const { p50, p95, p99, max, count } = figures[name];
    if (!(p50 > 0 && p50 <= p95 && p95 <= p99 && p99 <= max)) {
      problems.push(
        `${name}: p50 ${p50}, p95 ${p95}, p99 ${p99} and max ${max} ms are in no order`,
      );
    }
    if (count !== syncs) problems.push(`${name}: ${count} samples of ${syncs} syncs`);
  }
  for (const name of ['writeMiBPerSecond', 'readMiBPerSecond', 'randomReadsPerSecond'] as const) {
    if (!(figures[name] > 0 && Number.isFinite(figures[name]))) {
      problems.push(`${name} is ${figures[name]}`);
    }
  }
  return problems;
}
