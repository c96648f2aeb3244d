/**
 * SoakLoad: clients that write, read and scan the keys of a soak and check every answer. Each client
 * writes its own keys and reads all. Ends when stopped, or when the store is gone.
 */
import { isOperationError, type Session, type Store } from '../contract/target.ts';
import type { Prng } from '../random/prng.ts';
import type { SoakModel } from './soak-model.ts';

const WRITE_SHARE = 0.45;
const SCAN_SHARE = 0.05;
const WRITES_MAX = 4;
const SCAN_RECORDS = 50;

export class SoakLoad {
  operations = 0;
  errors = 0;
  /** The first wrong answer. */
  wrong: string | undefined;
  /** Instants of the first and the latest answer. */
  lastAnswer = 0;
  firstAnswer: number | undefined;
  #latencies: number[] = [];
  #stopped = false;
  readonly #model: SoakModel;
  readonly #clients: number;
  readonly #now: () => number;

  constructor(model: SoakModel, clients: number, now: () => number) {
    this.#model = model;
    this.#clients = clients;
    this.#now = now;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Latencies of the operations since the last call, in milliseconds. */
  takeLatencies(): number[] {
    const taken = this.#latencies;
    this.#latencies = [];
    return taken;
  }

  /** Resolves when all clients have ended. */
  async run(store: Store, random: Prng): Promise<void> {
    await Promise.all(
      Array.from({ length: this.#clients }, async (_, client) => {
        try {
          await this.#client(await store.connect(), client, random.derive(`client ${client}`));
        } catch (error) {
          if (!isOperationError(error)) throw error;
          if (error.code !== 'connection-lost') this.errors++;
        }
      }),
    );
  }

  async #client(session: Session, client: number, random: Prng): Promise<void> {
    while (!this.#stopped && this.wrong === undefined) {
      const share = random.fraction();
      const began = this.#now();
      try {
        if (share < WRITE_SHARE) await this.#write(session, client, random);
        else if (share < WRITE_SHARE + SCAN_SHARE) await this.#scan(session, random);
        else await this.#read(session, random);
      } catch (error) {
        if (!isOperationError(error)) throw error;
        if (error.code === 'connection-lost') return;
        this.errors++;
        continue;
      }
      this.lastAnswer = this.#now();
      this.firstAnswer ??= this.lastAnswer;
      this.operations++;
      this.#latencies.push(this.lastAnswer - began);
    }
  }

  async #write(session: Session, client: number, random: Prng): Promise<void> {
    const model = this.#model;
    const own = Math.floor(model.keys / this.#clients);
    const keys = new Set(
      Array.from(
        { length: random.between(1, WRITES_MAX) },
        () => random.below(own) * this.#clients + client,
      ),
    );
    const written = [...keys].map((key) => ({ key, ...model.attempt(key) }));
    try {
      const transaction = await session.begin();
      for (const { key, value } of written) {
        const name = model.keyOf(key);
        await (value === undefined ? transaction.delete(name) : transaction.put(name, value));
      }
      await transaction.commit();
    } catch (error) {
      if (isOperationError(error) && error.definite) for (const key of keys) model.withdraw(key);
      throw error;
    }
    for (const { key, version } of written) model.acknowledge(key, version);
  }

  async #read(session: Session, random: Prng): Promise<void> {
    const key = random.below(this.#model.keys);
    const since = this.#model.acknowledgedOf(key);
    const transaction = await session.begin();
    const value = await transaction.get(this.#model.keyOf(key));
    this.wrong ??= this.#model.wrong(key, value, since);
    await transaction.rollback();
  }

  /** All keys with a common prefix of digits. */
  async #scan(session: Session, random: Prng): Promise<void> {
    const model = this.#model;
    const name = model.keyOf(random.below(model.keys));
    const prefix = name.slice(0, -2);
    const first = model.numberOf(`${prefix}00`);
    const since = Array.from({ length: 100 }, (_, i) =>
      first + i < model.keys ? model.acknowledgedOf(first + i) : 0,
    );
    const transaction = await session.begin();
    const records = await transaction.range({ prefix, limit: SCAN_RECORDS });
    const seen = new Map(records);
    const end = records.length < SCAN_RECORDS ? first + 99 : model.numberOf(records.at(-1)![0]);
    for (let key = first; key <= Math.min(end, model.keys - 1); key++) {
      this.wrong ??= model.wrong(key, seen.get(model.keyOf(key)), since[key - first]!);
    }
    await transaction.rollback();
  }
}
