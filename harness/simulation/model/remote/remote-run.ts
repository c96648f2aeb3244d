/**
 * RemoteRun: a model-based test of a store behind its server and client against an in-memory map, through
 * restarts of the server. The caller reuses its memory and spoils results. Runs in real time, one call
 * after the other, so that each answer is known.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  RemoteChange,
  RemoteRange,
  RemoteReader,
  RemoteServer,
  RemoteStore,
} from '../../../contract/remote.ts';
import { isOperationError, type Settings, type StartRemote } from '../../../contract/target.ts';
import { Prng } from '../../../random/prng.ts';
import type { Change, Content, DirectRange } from '../../sim/direct-store.ts';
import { Answers } from '../answers.ts';
import { BorrowedMemory } from '../hostile/borrowed-memory.ts';
import { ModelDraws } from '../model-draws.ts';
import { ModelMap } from '../model-map.ts';

const WHOLE_EVERY = 50;
const BATCHES_MAX = 6;
/** When the server rolls back what is left. */
const LEFT_MS = 20;
/** It is in this process, so its timers are as late as ours. */
const ASKED_MAX = 50;
/** Refused by the server, in the middle of a stream. */
const NO_KEY: RemoteChange = { key: new Uint8Array(0), value: new Uint8Array(0), remove: false };

interface Step {
  readonly weight: number;
  readonly act: () => Promise<void>;
}

export class RemoteRun {
  readonly #start: StartRemote;
  readonly #directory: string;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #draws: ModelDraws;
  readonly #memory: BorrowedMemory;
  readonly #answers = new Answers();
  readonly #model = new ModelMap();
  readonly #steps: Readonly<Record<string, Step>>;
  #server!: RemoteServer;
  #client!: RemoteStore;
  #newest = 0;
  commits = 0;

  constructor(start: StartRemote, directory: string, settings: Settings, seed: number) {
    this.#start = start;
    this.#directory = directory;
    this.#settings = settings;
    this.#random = new Prng(seed);
    this.#draws = new ModelDraws(this.#random.derive('draws'), settings);
    this.#memory = new BorrowedMemory(this.#random.derive('memory'));
    this.#steps = {
      put: { weight: 10, act: () => this.#putOrDelete() },
      batch: { weight: 10, act: () => this.#batch() },
      ingest: { weight: 6, act: () => this.#ingest() },
      get: { weight: 12, act: () => this.#get(this.#client, this.#model, this.#draws.wanted()) },
      range: { weight: 12, act: () => this.#range(this.#client, this.#model) },
      'a transaction': { weight: 10, act: () => this.#transaction() },
      'a transaction that is left': { weight: 1, act: () => this.#leaveTransaction() },
      'run again after conflicts': { weight: 6, act: () => this.#transact() },
      checkpoint: { weight: 1, act: () => this.#checkpoint() },
      'look after it': { weight: 1, act: () => this.#lookAfter() },
      reconnect: { weight: 1.5, act: () => this.#reconnect() },
      restart: { weight: 0.5, act: () => this.#restart() },
    };
  }

  get comparisons(): number {
    return this.#answers.comparisons;
  }

  /** Runs `operations` operations; answers the first problem. Never throws. */
  async problem(operations: number): Promise<string | undefined> {
    let step = 'the start';
    try {
      await this.#open();
      for (let i = 1; i <= operations; i++) {
        const [name, { act }] = this.#drawStep();
        step = `operation ${i}, ${name}`;
        await act();
        if (i % WHOLE_EVERY === 0) await this.#compareAll();
      }
      step = 'the end';
      await this.#lookAfter();
      await this.#restart();
      return undefined;
    } catch (error) {
      return `${step}: ${(error as Error)?.message ?? String(error)}`;
    } finally {
      await this.#client?.close({ deadlineMs: 100 }).catch(() => undefined);
      await this.#server?.stop();
    }
  }

  #drawStep(): readonly [string, Step] {
    const steps = Object.entries(this.#steps);
    const total = steps.reduce((sum, [, { weight }]) => sum + weight, 0);
    let drawn = this.#random.fraction() * total;
    const chosen = steps.find(([, { weight }]) => {
      drawn -= weight;
      return drawn < 0;
    });
    return chosen ?? steps[0]!;
  }

  async #open(): Promise<void> {
    this.#server = await this.#start(this.#directory, this.#settings);
    this.#connect();
    await this.#compareAll();
  }

  #connect(): void {
    const options = { retry: this.#random.chance(0.5), deadlineMs: 30_000, backoffMaxMs: 100 };
    this.#client = this.#server.connect(this.#random.chance(0.5) ? options : {});
  }

  /** All calls are refused afterwards, at once. */
  async #reconnect(): Promise<void> {
    const closed = this.#client;
    await closed.close(...(this.#random.chance(0.5) ? [] : [{ deadlineMs: 10_000 }]));
    this.#answers.same(
      'a call after the close',
      await refusal(closed.get(bytes('a'))),
      'client-closed',
    );
    this.#connect();
  }

  async #restart(): Promise<void> {
    await this.#client.close();
    await this.#server.stop();
    await this.#open();
  }

  async #putOrDelete(): Promise<void> {
    const [change] = this.#draws.changes();
    const [key, value] = change!;
    const memory = this.#memory;
    const { timestamp } = await memory.during(() =>
      value === null
        ? this.#client.delete(memory.lend(key))
        : this.#client.put(memory.lend(key), memory.lend(value)),
    );
    this.#applied([change!], timestamp);
  }

  async #batch(): Promise<void> {
    const changes = this.#draws.changes();
    const { timestamp } = await this.#memory.during(() => this.#client.batch(this.#lend(changes)));
    this.#applied(changes, timestamp);
  }

  /** A stream that may hold a batch that is refused: what comes before it is applied. */
  async #ingest(): Promise<void> {
    const random = this.#random;
    const batches = Array.from({ length: random.between(1, BATCHES_MAX) }, () =>
      this.#draws.changes(),
    );
    const bad = random.chance(0.3) ? random.below(batches.length) : batches.length;
    const heard: number[] = [];
    const progress = random.chance(0.5) ? [(count: number) => void heard.push(count)] : [];
    const outcome = await this.#client.ingest(this.#stream(batches, bad), ...progress).then(
      (answer) => answer.batches,
      (error: { acknowledged?: number; definite?: boolean }) => {
        if (error.definite === true && bad > 0) throw new Error('a part of it is called definite');
        return error.acknowledged;
      },
    );
    this.#answers.same('the batches of a stream', String(outcome), String(bad));
    if (progress.length > 0) {
      const all = Array.from({ length: bad }, (_, i) => i + 1);
      this.#answers.same('the progress of a stream', heard.join(), all.join());
    }
    this.#model.apply(batches.slice(0, bad).flat());
    this.commits += bad;
  }

  /** Each batch is written over once the next is asked for. */
  *#stream(batches: readonly (readonly Change[])[], bad: number) {
    for (const [i, changes] of batches.entries()) {
      if (i === bad) yield [NO_KEY];
      const lent = this.#lend(changes);
      yield lent;
      this.#memory.during(() => undefined);
    }
  }

  /** Reads its own writes, and its snapshot; conflicts with what another commit wrote. */
  async #transaction(): Promise<void> {
    const transaction = await this.#client.begin(...(this.#random.chance(0.5) ? [] : [60_000]));
    const shows = this.#model.copy();
    const memory = this.#memory;
    const written = this.#draws.changes();
    for (const [key, value] of written) {
      await memory.during(() =>
        value === null
          ? transaction.delete(memory.lend(key))
          : transaction.put(memory.lend(key), memory.lend(value)),
      );
    }
    shows.apply(written);
    await this.#get(transaction, shows, this.#draws.wanted());
    const beside = this.#random.chance(0.3) ? this.#draws.changes() : [];
    if (beside.length > 0) {
      this.#applied(beside, (await this.#client.batch(this.#lend(beside))).timestamp);
    }
    await this.#range(transaction, shows);
    if (this.#random.chance(0.3)) {
      await transaction.rollback();
      const late = await refusal(transaction.get(bytes('a')));
      this.#answers.same('a read after the rollback', late, 'transaction-unknown');
      return;
    }
    const isBlocked = beside.some(([key]) => written.some(([own]) => own === key));
    let timestamp = 0;
    const outcome = await refusal(
      transaction.commit().then((committed) => {
        timestamp = committed.timestamp;
      }),
    );
    this.#answers.same('a commit', outcome, isBlocked ? 'conflict' : 'answered');
    if (!isBlocked) this.#applied(written, timestamp);
  }

  async #leaveTransaction(): Promise<void> {
    const transaction = await this.#client.begin(LEFT_MS);
    const key = this.#draws.key();
    await refusal(transaction.put(bytes(key), bytes('left'))); // it may be gone already
    let outcome = 'answered';
    for (let asked = 0; outcome === 'answered' && asked < ASKED_MAX; asked++) {
      await sleep(LEFT_MS);
      outcome = await refusal(transaction.get(bytes(key)));
    }
    this.#answers.same('a transaction after its deadline', outcome, 'transaction-unknown');
    await this.#get(this.#client, this.#model, key);
  }

  async #transact(): Promise<void> {
    const changes = this.#draws.changes();
    const beside = this.#random.chance(0.5) ? this.#draws.changes() : [];
    const isBlocked = beside.some(([key]) => changes.some(([own]) => own === key));
    let tries = 0;
    const answer = await this.#client.transact(async (transaction) => {
      for (const [key, value] of changes) {
        if (value === null) await transaction.delete(bytes(key));
        else await transaction.put(bytes(key), bytes(value));
      }
      if (tries++ === 0 && beside.length > 0) {
        this.#applied(beside, (await this.#client.batch(this.#lend(beside))).timestamp);
      }
      return `try ${tries}`;
    });
    this.#answers.same('what a transaction answers', answer, isBlocked ? 'try 2' : 'try 1');
    this.#model.apply(changes);
    this.commits++;
  }

  async #checkpoint(): Promise<void> {
    const { timestamp } = await this.#client.checkpoint();
    if (timestamp < this.#newest) {
      throw new Error(`a checkpoint up to ${timestamp}, after a commit at ${this.#newest}`);
    }
  }

  /** Right after a checkpoint all records are in runs, the server's own besides. */
  async #lookAfter(): Promise<void> {
    await this.#client.checkpoint();
    const { problems, records } = await this.#client.verify();
    this.#answers.same('problems', JSON.stringify(problems), '[]');
    const least = this.#model.read().length;
    if (records < least) throw new Error(`${records} records were verified, of ${least}`);
    const { logFailure, maintenanceFailure } = await this.#client.stats();
    this.#answers.same('failures', logFailure + maintenanceFailure, '');
  }

  async #get(reader: RemoteReader, shows: ModelMap, key: string): Promise<void> {
    const found = await this.#memory.during(() => reader.get(this.#memory.lend(key)));
    this.#answers.same(`get ${key}`, found && taken(found), shows.get(key));
  }

  async #range(reader: RemoteReader, shows: ModelMap): Promise<void> {
    const query = this.#draws.range();
    const found = await this.#records(reader, query);
    this.#answers.sameContent(`range ${JSON.stringify(query)}`, found, shows.range(query));
  }

  async #records(reader: RemoteReader, query: DirectRange): Promise<Content> {
    const memory = this.#memory;
    const { from, to, prefix, ...rest } = query;
    const records = memory.during(() => {
      const range: RemoteRange = {
        ...rest,
        ...(from !== undefined && { from: memory.lend(from) }),
        ...(to !== undefined && { to: memory.lend(to) }),
        ...(prefix !== undefined && { prefix: memory.lend(prefix) }),
      };
      return reader.range(range);
    });
    const content: (readonly [string, string])[] = [];
    for await (const { key, value } of records) content.push([taken(key), taken(value)]);
    return content;
  }

  #lend(changes: readonly Change[]): readonly RemoteChange[] {
    return changes.map(([key, value]) => ({
      key: this.#memory.lend(key),
      value: this.#memory.lend(value ?? ''),
      remove: value === null,
    }));
  }

  #applied(changes: readonly Change[], timestamp: number): void {
    if (timestamp <= this.#newest) {
      throw new Error(`a commit at ${timestamp}, after one at ${this.#newest}`);
    }
    this.#newest = timestamp;
    this.#model.apply(changes);
    this.commits++;
  }

  async #compareAll(): Promise<void> {
    for (const query of [{}, { reverse: true }]) {
      const found = await this.#records(this.#client, query);
      this.#answers.sameContent('all', found, this.#model.range(query));
    }
  }
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

/** What a result says; then it is spoilt. */
function taken(result: Uint8Array): string {
  const text = Buffer.from(result).toString('utf8');
  result.fill(0x58);
  return text;
}

/** The code of what a call rejects with, or `answered`. */
async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'answered',
    (error: unknown) => (isOperationError(error) ? error.code : String(error)),
  );
}
