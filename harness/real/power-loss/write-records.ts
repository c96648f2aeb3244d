/**
 * Writes numbered records to a database until its power is cut, and audits the first acknowledgements.
 * With faults, writes may be refused or never answered; after a few of these the run gives up.
 */
import type { Prng } from '../../random/prng.ts';
import type { CutOptions } from './cut-options.ts';
import type { FuseMount } from './fuse-mount.ts';
import type { RunningVictim } from './victim.ts';

const PATIENCE_MS = 10_000;
/** Number of refused writes after which the run gives up. */
const REFUSED_MAX = 5;
/** Number of records written to measure the steps per record. */
const SAMPLE_RECORDS = 4;

/**
 * When to cut: after the last acknowledgement, inside a drawn step, or inside step `at` counted from
 * the first record.
 */
export type PlannedCut = 'after' | 'inside' | { readonly at: number };

export interface Written {
  readonly acknowledged: readonly number[];
  readonly early: number;
  readonly audited: number;
  readonly refused: number;
  readonly wasCutInside: boolean;
}

export async function writeRecords(
  running: RunningVictim,
  mount: FuseMount,
  options: CutOptions,
  random: Prng,
  cut: PlannedCut,
): Promise<Written> {
  const writer = new RecordWriter(running, mount, options, random);
  const last = random.between(Math.ceil((2 * options.records) / 3), options.records);
  if (typeof cut === 'object') {
    await writer.arm(cut.at);
    await writer.writeUpTo(last);
    return writer.result();
  }
  await writer.audit(Math.min(options.audited, last));
  if (cut === 'inside') {
    const { steps } = await mount.state();
    const first = writer.number;
    await writer.writeUpTo(Math.min(first + SAMPLE_RECORDS, last));
    const each = ((await mount.state()).steps - steps) / Math.max(1, writer.number - first);
    const left = Math.max(1, Math.round(each * (last - writer.number)));
    await writer.arm(1 + random.below(left));
  }
  await writer.writeUpTo(last);
  return writer.result();
}

class RecordWriter {
  readonly #running: RunningVictim;
  readonly #mount: FuseMount;
  readonly #options: CutOptions;
  readonly #random: Prng;
  readonly #acknowledged: number[] = [];
  #lost: Promise<void> | undefined;
  #isOver = false;
  #wasCutInside = false;
  #early = 0;
  #audited = 0;
  #refused = 0;
  /** Number of the newest record. */
  number = 0;

  constructor(running: RunningVictim, mount: FuseMount, options: CutOptions, random: Prng) {
    this.#running = running;
    this.#mount = mount;
    this.#options = options;
    this.#random = random;
  }

  async arm(at: number): Promise<void> {
    this.#lost = (await this.#mount.arm({ at })).lost;
  }

  async audit(count: number): Promise<void> {
    while (this.number < count && !this.#isOver) {
      await this.#mount.beginAudit();
      const token = await this.#writeNext();
      const isDurable = await this.#mount.isDurable(token ?? '');
      if (token === undefined) continue;
      this.#audited++;
      if (!isDurable) this.#early++;
    }
  }

  /** With several clients, one record per client is in flight. */
  async writeUpTo(last: number): Promise<void> {
    const client = async () => {
      while (this.number < last && !this.#isOver) await this.#writeNext();
    };
    const clients = Array.from({ length: this.#options.clients ?? 1 }, client);
    const all = await Promise.allSettled(clients);
    for (const one of all) if (one.status === 'rejected') throw one.reason;
  }

  result(): Written {
    return {
      acknowledged: this.#acknowledged,
      early: this.#early,
      audited: this.#audited,
      refused: this.#refused,
      wasCutInside: this.#wasCutInside,
    };
  }

  /** Returns the record's token once acknowledged; `undefined` if it was not. */
  async #writeNext(): Promise<string | undefined> {
    const number = ++this.number;
    const random = this.#random;
    const token = `token-${number}-${random.nextUint32().toString(36)}${random.nextUint32().toString(36)}`;
    let failure: unknown;
    try {
      await this.#within(this.#running.write(number, token));
    } catch (error) {
      failure = error ?? new Error('refused without a reason');
    }
    if (this.#lost !== undefined && !(await this.#mount.state()).isOn) {
      this.#isOver = true;
      this.#wasCutInside = true;
      return undefined;
    }
    if (failure === undefined) {
      this.#acknowledged.push(number);
      return token;
    }
    if (this.#options.fault === undefined) throw failure;
    if (++this.#refused === REFUSED_MAX || failure instanceof MuteError) this.#isOver = true;
    return undefined;
  }

  /** Ends early when the power is cut: a database without a disk may never answer. */
  async #within(answer: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new MuteError(`no answer in ${PATIENCE_MS / 1000} s`)),
        PATIENCE_MS,
      );
    });
    const lost = this.#lost === undefined ? [] : [this.#lost];
    answer.catch(() => undefined);
    await Promise.race([answer, late, ...lost]).finally(() => clearTimeout(timer));
  }
}

class MuteError extends Error {}
