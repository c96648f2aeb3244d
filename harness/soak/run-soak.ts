/**
 * Runs a soak: consecutive lives of one store, each under load and ended by a kill or a restart, until the
 * requested time has passed. After each life every key is compared with the model. State is saved
 * after each life; a soak that is killed loses only its current life and resumes with the same store.
 */
import { mkdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { percentilesOf } from '../cells/outcome.ts';
import type { SoakConfig, SoakState } from '../contract/soak-record.ts';
import type { EmbeddedTarget, Store } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { StoreHost } from '../real/hosted-store.ts';
import { directorySample, processSample } from './process-sample.ts';
import { SoakLoad } from './soak-load.ts';
import { SoakModel } from './soak-model.ts';
import type { SoakFiles } from './soak-state.ts';

export interface SoakParts {
  readonly config: SoakConfig;
  readonly target: EmbeddedTarget;
  readonly targetUrl: string;
  readonly files: SoakFiles;
  /** Seconds of load, including earlier parts. */
  readonly seconds: number;
  /** Called after each sample; returns whether to continue. */
  progress(ms: number, state: SoakState): boolean;
}

const SAMPLES_A_LIFE = 60;
const SAMPLE_MS_MIN = 250;
const SAMPLE_MS_MAX = 10_000;
const KILL_SHARE = 0.7;
const BLOCK_KEYS = 100;
const FULL_DISK = /ENOSPC|no space left|disk-full/i;

/** Throws Error if the directory belongs to another soak. */
export async function runSoak(parts: SoakParts): Promise<SoakState> {
  const run = new SoakRun(parts);
  try {
    return await run.run();
  } finally {
    await run.end();
  }
}

class SoakRun {
  readonly #parts: SoakParts;
  readonly #model: SoakModel;
  readonly #random: Prng;
  #state: SoakState;
  #host: StoreHost;
  #standby: StoreHost;
  #goOn = true;

  constructor(parts: SoakParts) {
    this.#parts = parts;
    const { config, files, targetUrl } = parts;
    mkdirSync(files.store, { recursive: true });
    const before = files.load();
    if (before !== undefined && !isDeepStrictEqual(before.config, config)) {
      throw new Error(
        `${files.directory} holds a soak of other settings or sources: ${JSON.stringify(before.config)}`,
      );
    }
    const none = { lives: 0, kills: 0, operations: 0, errors: 0, ms: 0, downMs: 0 };
    const startedAt = new Date().toISOString();
    this.#state = before ?? { config, startedAt, ...none, longestDownMs: 0 };
    this.#model = SoakModel.load(files.model, config.keys);
    this.#random = new Prng(config.seed).derive(`part from life ${this.#state.lives}`);
    this.#host = new StoreHost(targetUrl);
    this.#standby = new StoreHost(targetUrl);
  }

  async run(): Promise<SoakState> {
    try {
      await this.#lives();
    } catch (error) {
      const message = (error as Error)?.message ?? String(error);
      if (FULL_DISK.test(message)) throw error; // not the store's fault
      this.#fail(`the store threw: ${message}`);
    }
    this.#parts.files.save(this.#state);
    return this.#state;
  }

  async #lives(): Promise<void> {
    const { files, config, seconds, target } = this.#parts;
    let store = await this.#open();
    await this.#compare(store);
    while (this.#isToGoOn && this.#state.ms < 1000 * seconds) {
      const left = seconds - this.#state.ms / 1000;
      store = await this.#live(store, Math.min(config.lifeSeconds, left));
      this.#model.save(files.model);
      files.save(this.#state);
    }
    await store.close();
    const problems = (await target.verify?.(files.store)) ?? [];
    if (problems.length > 0) this.#fail(`verify: ${problems[0]}`);
  }

  async end(): Promise<void> {
    await Promise.all([this.#host.kill(), this.#standby.kill()]);
  }

  get #isToGoOn(): boolean {
    return this.#goOn && this.#state.wrong === undefined;
  }

  async #open(): Promise<Store> {
    const { files, config } = this.#parts;
    return (await this.#host.open(files.store, config.settings)).store;
  }

  /** One life: load, a fault, a restart. Returns the store of the next life. */
  async #live(store: Store, seconds: number): Promise<Store> {
    const { config } = this.#parts;
    const random = this.#random.derive(`life ${this.#state.lives}`);
    const load = new SoakLoad(this.#model, config.clients, () => performance.now());
    const began = performance.now();
    const ended = load.run(store, random).then(() => true as boolean);
    const isOver = () => performance.now() - began >= 1000 * seconds;
    while (!isOver() && this.#isToGoOn && load.wrong === undefined) {
      const early = await this.#sample(load, ended, began, seconds);
      if (!early) continue;
      if (load.wrong === undefined) this.#fail('the process of the store ended by itself');
      break;
    }
    const isKill = random.derive('fault').fraction() < KILL_SHARE;
    if (isKill) await this.#host.kill();
    load.stop();
    await ended;
    if (load.wrong !== undefined) this.#fail(load.wrong);
    if (!isKill) await store.close();
    const { state, restarted } = await this.#restart(load, began, isKill);
    this.#state = state;
    await this.#compare(restarted);
    return restarted;
  }

  async #restart(load: SoakLoad, began: number, isKill: boolean) {
    const { targetUrl } = this.#parts;
    if (!isKill) await this.#host.kill();
    this.#host = this.#standby;
    this.#standby = new StoreHost(targetUrl);
    const restarted = await this.#open();
    const session = await restarted.connect();
    const transaction = await session.begin();
    await transaction.get(this.#model.keyOf(0));
    await transaction.rollback();
    const now = performance.now();
    const downMs = now - Math.max(load.lastAnswer, began);
    const before = this.#state;
    const state = {
      ...before,
      lives: before.lives + 1,
      kills: before.kills + (isKill ? 1 : 0),
      operations: before.operations + load.operations,
      errors: before.errors + load.errors,
      ms: before.ms + (now - began),
      downMs: before.downMs + downMs,
      longestDownMs: Math.max(before.longestDownMs, downMs),
    };
    return { state, restarted };
  }

  /** Waits for the next sample and takes it; returns whether the load has ended. */
  async #sample(load: SoakLoad, ended: Promise<boolean>, began: number, seconds: number) {
    const { files, progress } = this.#parts;
    const everyMs = Math.min(
      SAMPLE_MS_MAX,
      Math.max(SAMPLE_MS_MIN, (1000 * seconds) / SAMPLES_A_LIFE),
    );
    const operations = load.operations;
    const from = performance.now();
    const timer = new AbortController();
    const early = await Promise.race([ended, sleep(everyMs, false, { signal: timer.signal })]);
    timer.abort();
    const now = performance.now();
    const ms = this.#state.ms + (now - began);
    const latencies = load.takeLatencies();
    const { p50 = 0, p99 = 0, max = 0 } = percentilesOf(latencies) ?? {};
    latencies.sort((a, b) => a - b);
    const p999 = latencies[Math.ceil(0.999 * latencies.length) - 1] ?? 0;
    files.add({
      life: this.#state.lives,
      ms: Math.round(ms),
      operationsPerSecond: Math.round((1000 * (load.operations - operations)) / (now - from)),
      ...{ p50, p99, p999, max },
      ...processSample(this.#host.pid),
      ...directorySample(files.store),
    });
    this.#goOn &&= progress(ms, this.#state);
    return early;
  }

  /** Compares all keys with the model before clients start, and adopts the values found. */
  async #compare(store: Store): Promise<void> {
    const model = this.#model;
    const session = await store.connect();
    for (let first = 0; first < model.keys; first += BLOCK_KEYS) {
      const transaction = await session.begin();
      const prefix = model.keyOf(first).slice(0, -2);
      const values = new Map(await transaction.range({ prefix }));
      await transaction.rollback();
      for (let key = first; key < Math.min(first + BLOCK_KEYS, model.keys); key++) {
        const value = values.get(model.keyOf(key));
        const wrong = model.wrong(key, value, model.acknowledgedOf(key));
        if (wrong !== undefined) return this.#fail(`after a restart: ${wrong}`);
        model.settle(key, value);
      }
    }
    await session.close();
  }

  #fail(wrong: string): void {
    if (this.#state.wrong === undefined) this.#state = { ...this.#state, wrong };
  }
}
