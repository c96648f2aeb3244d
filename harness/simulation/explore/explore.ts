/**
 * Explore: crashes every small workload at every step that changes the disk, in every way a power cut allows. Each
 * state is recovered, verified and judged; equal states once. Stops at the first violation.
 *
 * A valid state holds the content after some prefix of the commits: one that includes every commit acknowledged
 * as durable before the cut, and none invoked after it. Some states are crashed again during recovery, up to
 * three deep, and must still be valid.
 */
import { Prng } from '../../random/prng.ts';
import { describePiece } from '../sim/describe-piece.ts';
import type { Content } from '../sim/direct-store.ts';
import type { CrashPiece, SimDisk } from '../sim/sim-disk.ts';
import { describeContent } from './commit-log.ts';
import { crashChoices } from './crash-choices.ts';
import { examine } from './examine.ts';
import { nameOf, type Workload } from './operation.ts';
import { type CrashPoint, type RecordedParts, recordRun } from './record-run.ts';
import { StateHash } from './state-hash.ts';

export interface ExploreParts extends RecordedParts {
  readonly workloads: Iterable<Workload>;
  readonly seed: number;
  /** Distinct states after which the exploration stops. */
  readonly statesMax: number;
  /** With at most this number of unsynced pieces, every subset of them is tried. */
  readonly exhaustiveMax: number;
  /** Subsets drawn at random where not all are tried. */
  readonly sampled: number;
  /** Every n-th state is examined in full and crashed again during its recovery. */
  readonly nestedEvery: number;
  /** Called between workloads; answers whether to go on. */
  readonly progress?: (tally: ExploreTally) => boolean | Promise<boolean>;
}

export interface ExploreTally {
  workloads: number;
  crashPoints: number;
  /** Crash points of which every subset was tried. */
  exhaustedPoints: number;
  /** States judged; many are equal. */
  judged: number;
  /** States recovered: no two alike. */
  distinct: number;
  /** Of them, crashes while another recovered. */
  nested: number;
  deepest: number;
}

export interface ExploreFailure {
  readonly workload: string;
  readonly step: string;
  readonly problem: string;
  /** Describes which pending changes the cut dropped, and how many it kept. */
  readonly lost: readonly string[];
  readonly kept: number;
}

interface Candidate {
  readonly disk: SimDisk;
  readonly hash: number;
  readonly promised: number;
  readonly issued: number;
  readonly failure: () => Omit<ExploreFailure, 'problem'>;
}

const DEEPEST = 3;
/** Crash states tried of a recovery, by its nesting depth. */
const NESTED_STATES = [4, 1, 1] as const;

export async function explore(
  parts: ExploreParts,
): Promise<{ readonly tally: ExploreTally; readonly failure?: ExploreFailure }> {
  const explorer = new Explorer(parts);
  for (const workload of parts.workloads) {
    const failure = await explorer.exploreWorkload(workload);
    if (failure !== undefined) return { tally: explorer.tally, failure };
    if (explorer.tally.distinct >= parts.statesMax) break;
    if ((await parts.progress?.(explorer.tally)) === false) break;
  }
  return { tally: explorer.tally };
}

class Explorer {
  readonly #parts: ExploreParts;
  readonly #hash = new StateHash();
  /** By hash: what a state was found to hold. */
  readonly #known = new Map<number, Content>();
  readonly #contents = new Map<string, Content>();
  readonly tally: ExploreTally = {
    workloads: 0,
    crashPoints: 0,
    exhaustedPoints: 0,
    judged: 0,
    distinct: 0,
    nested: 0,
    deepest: 0,
  };

  constructor(parts: ExploreParts) {
    this.#parts = parts;
  }

  async exploreWorkload(workload: Workload): Promise<ExploreFailure | undefined> {
    const candidates = new Map<string, Candidate>();
    const name = nameOf(workload);
    const at = { workload: name, step: 'no crash', lost: [], kept: 0 };
    let log: CrashPoint['log'] | undefined;
    this.tally.workloads++;
    try {
      const problem = await recordRun(this.#parts, workload, (point) => {
        log = point.log;
        this.#gather(point, name, candidates);
      });
      if (problem !== undefined) return { ...at, problem };
    } catch (error) {
      return { ...at, problem: (error as Error)?.message ?? String(error) };
    }
    for (const candidate of candidates.values()) {
      if (this.tally.distinct >= this.#parts.statesMax) break;
      const problem = await this.#judge(candidate, log!, 0);
      if (problem !== undefined) return { ...candidate.failure(), problem };
    }
    return undefined;
  }

  /** The states that a power cut right now may leave, but for those of the same demands before. */
  #gather(point: CrashPoint, workload: string, candidates: Map<string, Candidate>): void {
    const { disk, step, log } = point;
    const { promised, issued } = log;
    const number = ++this.tally.crashPoints;
    const pieces = disk.crashPieces();
    const random = new Prng(`${this.#parts.seed}/${number}`);
    const { choices, exhaustive } = crashChoices(pieces.length, this.#parts, random);
    if (exhaustive) this.tally.exhaustedPoints++;
    for (const choice of choices) {
      const kept = pieces.filter((_, piece) => choice[piece]);
      const cut = disk.cutKeeping(kept, this.#diskOptions());
      const hash = this.#hash.of(cut);
      const key = `${hash} ${promised} ${issued}`;
      if (candidates.has(key)) continue;
      const lost = pieces.filter((_, piece) => !choice[piece]);
      const failure = () => ({
        workload,
        step,
        lost: lost.map((piece: CrashPiece) => describePiece(piece, disk)),
        kept: kept.length,
      });
      candidates.set(key, { disk: cut, hash, promised, issued, failure });
    }
  }

  async #judge(
    candidate: Pick<Candidate, 'disk' | 'hash' | 'promised' | 'issued'>,
    log: CrashPoint['log'],
    depth: number,
  ): Promise<string | undefined> {
    const { disk, hash, promised, issued } = candidate;
    this.tally.judged++;
    let content = this.#known.get(hash);
    if (content === undefined) {
      const number = ++this.tally.distinct;
      if (depth > 0) this.tally.nested++;
      this.tally.deepest = Math.max(this.tally.deepest, depth);
      const thoroughly = number % this.#parts.nestedEvery === 0;
      const nests = depth < DEEPEST && (depth > 0 || thoroughly);
      const within: SimDisk[] = [];
      let recovering = nests;
      const opened = () => {
        recovering = false;
      };
      const most = NESTED_STATES[depth] ?? 0;
      const watched = recovering ? this.#watched(disk, within, most, () => recovering) : disk;
      const seed = 2 + depth;
      const examined = await examine({ ...this.#parts, thoroughly, seed, opened }, watched);
      if ('problem' in examined) return depthPrefix(depth) + examined.problem;
      content = this.#intern(examined.content);
      this.#known.set(hash, content);
      for (const nested of within) {
        const state = { disk: nested, hash: this.#hash.of(nested), promised, issued };
        const problem = await this.#judge(state, log, depth + 1);
        if (problem !== undefined) return problem;
      }
    }
    const prefix = log.prefixOf(content, issued);
    const held = `${depthPrefix(depth)}it holds ${describeContent(content)}`;
    if (prefix === undefined) return `${held}: what no prefix of the commits makes`;
    if (prefix < promised) {
      return `${held}: ${prefix} commits, and ${promised} were acknowledged`;
    }
    return undefined;
  }

  /** The same state, on a disk that leaves up to `most` crash states of its recovery in `within`. */
  #watched(disk: SimDisk, within: SimDisk[], most: number, recovering: () => boolean): SimDisk {
    const random = new Prng(`${this.#parts.seed}/nested ${this.tally.distinct}`);
    let steps = 0;
    const watched: SimDisk = disk.cutKeeping([], {
      ...this.#diskOptions(),
      onStep: () => {
        if (!recovering()) return;
        // Each step is as likely as any other to be among those that stay (reservoir sampling).
        const place = steps++ < most ? within.length : random.below(steps);
        if (place >= most) return;
        const pieces = watched.crashPieces();
        const kept = pieces.filter(() => random.chance(0.5));
        within[place] = watched.cutKeeping(kept, this.#diskOptions());
      },
    });
    return watched;
  }

  #intern(content: Content): Content {
    const key = JSON.stringify(content);
    const known = this.#contents.get(key);
    if (known === undefined) this.#contents.set(key, content);
    return known ?? content;
  }

  #diskOptions() {
    const { target, sectorBytes, seed } = this.#parts;
    return { random: new Prng(seed), error: target.diskError, sectorBytes };
  }
}

function depthPrefix(depth: number): string {
  return depth === 0 ? '' : `crashed again while it recovered, ${depth} deep: `;
}
