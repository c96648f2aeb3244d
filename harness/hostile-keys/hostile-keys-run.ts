/**
 * HostileKeysRun: model-based test with adversarial keys of one kind: in memory, in a run, overwritten, merged, and
 * reopened after a kill. In each state every key, and as many absent keys, is read. Answers must match the model,
 * and a lookup must cost at most a stated factor of one with random keys.
 */
import type { Settings } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY } from '../simulation/explore/record-run.ts';
import type { EnemyChange, EnemyStore, KeyEnemy, KeySource } from '../simulation/sim/key-enemy.ts';
import { SimDisk } from '../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { instantWorld } from '../simulation/sim/world.ts';

/** What the costs of one run came to. */
export interface RunCosts {
  readonly longestProbe: number;
  /** Other keys a lookup compared its own with, on average, in the state where that is most. */
  readonly failedProbesARead: number;
  /** Of what finds keys, when all of them lie in runs. */
  readonly indexBytesAKey: number;
  readonly memoryBytes: number;
  readonly reads: number;
}

const BATCH_MAX = 300;
const MANY = 50;

export class HostileKeysRun {
  readonly #target: SimulatedTarget;
  readonly #enemy: KeyEnemy;
  readonly #settings: Settings;
  readonly #random: Prng;
  #disk: SimDisk;
  #store!: EnemyStore;
  /** Keys as text of one letter a byte, which sorts as bytes do, and their values' only bytes. */
  readonly #model = new Map<string, number>();
  #present: readonly Uint8Array[] = [];
  #absent: readonly Uint8Array[] = [];
  #longestProbe = 0;
  #failedProbesARead = 0;
  #memoryBytes = 0;
  #reads = 0;

  constructor(target: SimulatedTarget, enemy: KeyEnemy, settings: Settings, seed: number) {
    this.#target = target;
    this.#enemy = enemy;
    this.#settings = settings;
    this.#random = new Prng(seed);
    this.#disk = new SimDisk({ random: this.#random.derive('disk'), error: target.diskError });
  }

  /** Opens the store, and answers the kinds of keys that were chosen against it. */
  async open(): Promise<Readonly<Record<string, KeySource>>> {
    const { env } = instantWorld(this.#target, this.#disk, this.#random.derive('world'));
    this.#store = await this.#enemy.openBytes(env, DIRECTORY, this.#settings);
    return this.#enemy.enemyKeys(this.#disk, DIRECTORY);
  }

  /** Throws the first thing that is wrong with an answer. Requires: it is open. */
  async run(source: KeySource, count: number): Promise<RunCosts> {
    const keys = source(2 * count);
    this.#present = keys.slice(0, count);
    this.#absent = keys.slice(count);
    await this.#write(this.#present.map((key) => [key, this.#value()]));
    this.#check('in memory');
    await this.#store.checkpoint();
    this.#check('in a run');
    await this.#write(
      this.#present.filter((_, i) => i % 3 === 0).map((key) => [key, this.#value()]),
    );
    await this.#write(this.#present.filter((_, i) => i % 7 === 0).map((key) => [key, null]));
    this.#check('overwritten');
    await this.#reopen();
    await this.#store.compact();
    this.#check('merged');
    await this.#store.close();
    await this.#reopen();
    this.#check('reopened');
    const { indexBytes } = this.#store.costs();
    await this.#store.close();
    return {
      longestProbe: this.#longestProbe,
      failedProbesARead: this.#failedProbesARead,
      indexBytesAKey: indexBytes / count,
      memoryBytes: this.#memoryBytes,
      reads: this.#reads,
    };
  }

  /** As after a kill, whether it was closed or not. */
  async #reopen(): Promise<void> {
    const options = { random: this.#random.derive('crash'), error: this.#target.diskError };
    this.#disk = this.#disk.crashClone('kill', options);
    await this.open();
    const [problem] = this.#target.verify(this.#disk, DIRECTORY);
    if (problem !== undefined) throw new Error(`verify: ${problem}`);
  }

  #value(): Uint8Array {
    return Uint8Array.of(this.#random.below(256));
  }

  async #write(changes: readonly EnemyChange[]): Promise<void> {
    let bytes = 0;
    let batch: EnemyChange[] = [];
    const commit = async () => {
      await this.#store.write(batch);
      bytes = 0;
      batch = [];
    };
    let most = this.#random.between(1, BATCH_MAX);
    for (const change of changes) {
      const [key, value] = change;
      if (batch.length === most || bytes + key.length > Number(this.#settings.segmentBytes) / 4) {
        await commit();
        most = this.#random.between(1, BATCH_MAX);
      }
      batch.push(change);
      bytes += key.length;
      if (value === null) this.#model.delete(textOf(key));
      else this.#model.set(textOf(key), value[0]!);
    }
    await commit();
  }

  #check(state: string): void {
    const before = this.#store.costs().failedProbes;
    let reads = 0;
    for (const keys of [this.#present, this.#absent]) {
      for (const key of keys) this.#same(state, key, this.#store.get(key));
      for (let at = 0; at < keys.length; at += MANY) {
        const some = keys.slice(at, at + MANY);
        const found = this.#store.getMany(some);
        for (const [i, key] of some.entries()) this.#same(state, key, found[i]);
      }
      reads += 2 * keys.length;
    }
    this.#inOrder(state);
    const { longestProbe, failedProbes, memoryBytes } = this.#store.costs();
    this.#reads += reads;
    this.#longestProbe = Math.max(this.#longestProbe, longestProbe);
    this.#memoryBytes = Math.max(this.#memoryBytes, memoryBytes);
    const failed = (failedProbes - before) / reads;
    this.#failedProbesARead = Math.max(this.#failedProbesARead, failed);
  }

  #same(state: string, key: Uint8Array, found: Uint8Array | undefined): void {
    const expected = this.#model.get(textOf(key));
    if (found?.[0] === expected && (found === undefined || found.length === 1)) return;
    const name = Buffer.from(key.subarray(0, 24)).toString('hex');
    throw new Error(
      `${state}: key ${name} is ${found?.[0] ?? 'missing'}, not ${expected ?? 'missing'}`,
    );
  }

  #inOrder(state: string): void {
    const expected = [...this.#model.keys()].sort();
    let at = 0;
    for (const key of this.#store.keys()) {
      if (textOf(key) !== expected[at]) throw new Error(`${state}: key ${at} in order is another`);
      at++;
    }
    if (at !== expected.length) {
      throw new Error(`${state}: there are ${at} keys in order, not ${expected.length}`);
    }
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
