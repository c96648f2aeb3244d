/** RequestClient: one client of a RequestRun: draws requests and checks their responses. */
import type { Prng } from '../random/prng.ts';
import type { Scheduler } from '../simulation/sim/scheduler.ts';
import type { DoublingTransport } from './doubling-transport.ts';
import type { RequestLedger, Stream } from './request-ledger.ts';
import { type Outcome, SessionClient } from './session-client.ts';

export interface RequestClientParts {
  readonly number: number;
  readonly random: Prng;
  readonly scheduler: Scheduler;
  readonly transport: DoublingTransport;
  readonly ledger: RequestLedger;
}

const KEYS = 3;
const THINK_MS = 1;
/** A pause in which sessions expire. */
const LONG_THINK_MS = 1200;
const PATIENCE_MS = 2500;
/** A batch of which two do not fit what is left of most segments. */
const BIG_BYTES = 2000;
const BATCHES_MAX = 8;
const COUNTER = 'counter';

const utf8 = new TextEncoder();

export class RequestClient {
  readonly #parts: RequestClientParts;
  readonly #random: Prng;
  readonly #client: SessionClient;
  /** Of each of its keys, how many it has retired. */
  readonly #generations = new Map<string, number>();
  #streams = 0;

  constructor(parts: RequestClientParts) {
    this.#parts = parts;
    this.#random = parts.random;
    this.#client = new SessionClient(parts.transport, parts.random.derive('session'));
  }

  /** Throws what is wrong with an answer. */
  async run(requests: number): Promise<void> {
    const { ledger, scheduler } = this.#parts;
    const steps = [
      ...Array(6).fill(() => this.#put()),
      ...Array(4).fill(() => this.#putPair()),
      ...Array(5).fill(() => this.#readAny()),
      ...Array(4).fill(() => this.#count()),
      ...Array(6).fill(() => this.#ingest()),
      () => this.#abandonTransaction(),
      () => this.#client.closeSession(),
      () => scheduler.sleep(LONG_THINK_MS * this.#random.fraction()),
    ] as (() => Promise<void>)[];
    for (let i = 0; i < requests; i++) {
      ledger.requests++;
      await this.#random.pick(steps)();
      if (ledger.failure !== undefined) throw ledger.failure;
      await scheduler.sleep(THINK_MS * this.#random.fraction());
    }
    await this.#client.closeSession();
  }

  /** Reads everything that was written, once, when all is quiet. */
  async readAll(): Promise<void> {
    const { ledger } = this.#parts;
    for (const key of ledger.keys.all) await this.#read(key);
    for (const stream of ledger.streams) await this.#readStream(stream);
    const count = (await this.#get(COUNTER)) ?? 0;
    const { commits, commitsUnsure } = ledger;
    if (count < commits || count > commits + commitsUnsure) {
      const said = `${commits} commits were acknowledged and ${commitsUnsure} are open`;
      throw new Error(`${said}, and the counter is ${count}`);
    }
  }

  async #put(): Promise<void> {
    const key = this.#ownKey('k');
    const number = this.#parts.ledger.keys.attempt(key);
    const request = { key: utf8.encode(key), value: utf8.encode(String(number)) };
    this.#note([key], number, await this.#client.write('Put', request));
  }

  /** Both or none, in one batch. */
  async #putPair(): Promise<void> {
    const keys = ['a', 'b'].map((half) => this.#ownKey(`pair/${half}`));
    const [number] = keys.map((key) => this.#parts.ledger.keys.attempt(key));
    const changes = keys.map((key) => change(key, String(number)));
    this.#note(keys, number!, await this.#client.write('Batch', { changes }));
    await this.#readPair(keys);
  }

  async #readPair(keys: readonly string[]): Promise<void> {
    const { ledger, transport } = this.#parts;
    const floors = keys.map((key) => ledger.keys.floor(key));
    const prefix = `${this.#parts.number}/pair/`;
    const records = await transport.range(utf8.encode(prefix), PATIENCE_MS);
    if (records === undefined) return;
    ledger.reads++;
    const found = keys.map((key) => Number(records.get(key) ?? 0));
    if (found[0] !== found[1]) {
      throw new Error(
        `a batch is partially applied: ${keys[0]} is ${found[0]}, ${keys[1]} ${found[1]}`,
      );
    }
    for (const [i, key] of keys.entries()) ledger.keys.read(key, found[i]!, floors[i]!);
  }

  async #readAny(): Promise<void> {
    const { all } = this.#parts.ledger.keys;
    if (all.length > 0) await this.#read(this.#random.pick(all));
  }

  async #read(key: string): Promise<void> {
    const { keys } = this.#parts.ledger;
    const floor = keys.floor(key);
    const found = await this.#get(key);
    if (found !== undefined) keys.read(key, found, floor);
  }

  /** 0 when the key is missing; `undefined` without an answer. */
  async #get(key: string, transaction = ''): Promise<number | undefined> {
    const answer = await this.#client.read('Get', { key: utf8.encode(key), transaction });
    if (answer === undefined) return undefined;
    this.#parts.ledger.reads++;
    const { found, value } = answer as { found: boolean; value: Uint8Array };
    return found ? Number(new TextDecoder().decode(value)) : 0;
  }

  /** Raises the counter in a transaction. */
  async #count(): Promise<void> {
    const { ledger } = this.#parts;
    const begun = await this.#client.read('Begin', { deadlineMs: 0 });
    if (begun === undefined) return;
    const transaction = (begun as { id: string }).id;
    const count = await this.#get(COUNTER, transaction);
    if (count === undefined) return;
    const { key, value } = change(COUNTER, String(count + 1));
    const put = await this.#client.read('Put', { key, value, transaction, once: null });
    if (put === undefined) return;
    const outcome = await this.#client.write('Commit', { transaction });
    this.#tally(outcome);
    if (outcome === 'ok') ledger.commits++;
    if (outcome === 'unsure') ledger.commitsUnsure++;
  }

  /** Left to its deadline. */
  async #abandonTransaction(): Promise<void> {
    const begun = await this.#client.read('Begin', { deadlineMs: 0 });
    if (begun === undefined) return;
    const { key, value } = change('abandoned', 'x'.repeat(BIG_BYTES));
    const transaction = (begun as { id: string }).id;
    await this.#client.read('Put', { key, value, transaction, once: null });
  }

  async #ingest(): Promise<void> {
    const { ledger, number, transport } = this.#parts;
    const prefix = `ingest/${number}/${this.#streams++}/`;
    const batches: object[] = [];
    for (let i = this.#random.between(1, BATCHES_MAX); i > 0; i--) {
      const once = await this.#client.nextOnce();
      if (once === undefined) return;
      const place = batches.length + 1;
      const filler = 'x'.repeat(this.#random.chance(0.4) ? BIG_BYTES : 1);
      const changes = [
        change(`${prefix}batch/${place}`, filler),
        change(`${prefix}last`, String(place)),
      ];
      batches.push({ changes, transaction: '', once: { ...once, answeredBelow: 1 } });
    }
    let good = batches.length;
    if (this.#random.chance(0.3)) {
      good = this.#random.below(batches.length);
      const { once } = batches[good] as { once: object };
      batches[good] = { changes: [change('', 'no key')], transaction: '', once };
    }
    const stream: Stream = { prefix, atLeast: 0, atMost: good };
    ledger.streams.push(stream);
    const { acknowledged, copies, error } = await transport.ingest(batches, PATIENCE_MS);
    stream.atLeast = Math.max(acknowledged, error?.applied ?? good);
    // Another copy may still apply what this one did not.
    if (copies === 1 && error?.isRestUntouched === true) stream.atMost = error.applied;
    if (copies === 1 && error?.definite === true) stream.atMost = 0;
    if (error?.code === 'session-unknown') this.#client.forgetSession();
    await this.#readStream(stream);
  }

  async #readStream({ prefix, atLeast, atMost }: Stream): Promise<void> {
    const records = await this.#parts.transport.range(utf8.encode(prefix), PATIENCE_MS);
    if (records === undefined) return;
    this.#parts.ledger.reads++;
    let applied = 0;
    while (records.has(`${prefix}batch/${applied + 1}`)) applied++;
    const last = Number(records.get(`${prefix}last`) ?? 0);
    const others = records.size - applied - (last > 0 ? 1 : 0);
    if (others > 0) throw new Error(`${prefix} has ${others} batches behind a gap`);
    if (last !== applied) {
      throw new Error(`${prefix} ends with batch ${applied}, and batch ${last} was applied last`);
    }
    if (applied < atLeast) throw new Error(`${prefix} has ${applied} batches, not ${atLeast}`);
    if (applied > atMost) {
      throw new Error(
        `${prefix} has ${applied} batches; those behind ${atMost} surely were not applied`,
      );
    }
  }

  #note(keys: readonly string[], number: number, outcome: Outcome): void {
    const { ledger } = this.#parts;
    this.#tally(outcome);
    for (const key of keys) {
      if (outcome === 'ok') ledger.keys.acknowledged(key, number);
      if (outcome === 'refused') ledger.keys.refused(key, number);
      if (outcome === 'unsure') this.#retire(key);
    }
  }

  #tally(outcome: Outcome): void {
    const { ledger } = this.#parts;
    if (outcome === 'refused') ledger.refused++;
    if (outcome === 'unsure') ledger.unsure++;
  }

  /** A key that only this client writes, and of which no write is open. */
  #ownKey(kind: string): string {
    const place = kind === 'k' ? this.#random.below(KEYS) : 0;
    const name = `${this.#parts.number}/${kind}/${place}`;
    return `${name}/${this.#generations.get(name) ?? 0}`;
  }

  #retire(key: string): void {
    const name = key.slice(0, key.lastIndexOf('/'));
    this.#generations.set(name, (this.#generations.get(name) ?? 0) + 1);
  }
}

function change(key: string, value: string) {
  return { key: utf8.encode(key), value: utf8.encode(value), remove: false };
}
