/**
 * Reasons why two saved benchmarks can't be compared, and regressions that are not differences of a
 * figure: other settings; workloads that crashed, are missing, read wrong values or were cut short.
 *
 * A saved run is a file that anyone can edit or put together: what an outcome says of itself (job,
 * machine, commit, repetition) has to agree with what its run says.
 */
import type { BenchOutcome, BenchRun } from '../harness/contract/bench-record.ts';
import { metricsOf } from './bench-metrics.ts';

/** Findings that are not a difference of a figure. */
export interface Obstacle {
  readonly what: string;
  /** Whether only the second run has it, which makes it a regression. */
  readonly isRegression: boolean;
}

/** How often, on what and which workloads may differ: rows that only one run has are told apart. */
const MAY_DIFFER = new Set(['repetitions', 'stores', 'workloads']);

export function settingsThatDiffer(before: BenchRun, after: BenchRun): string[] {
  const found: string[] = [];
  const compare = (name: string, one: unknown, other: unknown) => {
    if (JSON.stringify(one) !== JSON.stringify(other)) {
      found.push(`${name} ${one ?? 'not set'} and ${other ?? 'not set'}`);
    }
  };
  compare('machine', before.machine, after.machine);
  compare('Node', before.node, after.node);
  const [old, now] = [before.plan, after.plan] as unknown as Record<string, unknown>[];
  for (const name of new Set([...Object.keys(old!), ...Object.keys(now!)])) {
    if (!MAY_DIFFER.has(name)) compare(name, old![name], now![name]);
  }
  return found;
}

/** `force`: other set-ups of a store are let through, as other settings are. */
export function obstaclesOf(before: BenchRun, after: BenchRun, force = false): Obstacle[] {
  const found: Obstacle[] = [before, after].flatMap((run) =>
    contradictionsOf(run, force).map((what) => ({ what, isRegression: false })),
  );
  for (const key of keysOf([before, after])) {
    const [old, now] = [before, after].map((run) => stateOf(run, key));
    for (const fault of FAULTS) {
      const [a, b] = [old![fault], now![fault]];
      if (a === undefined && b === undefined) continue;
      const where = a === undefined ? 'after' : b === undefined ? 'before' : 'both';
      const isFault = fault === 'missing' ? now!.isPlanned : fault === 'wrong';
      found.push({
        what: `${key}: ${b ?? a} (${where})`,
        isRegression: isFault && a === undefined,
      });
    }
    found.push(...unpairedOf(key, before, after, force));
  }
  return found;
}

const keyOf = ({ job }: BenchOutcome) => `${job.workload} on ${job.store}`;
/** Of `scans on level: no room`, what was missing. */
const nameOf = (missing: string) => missing.split(': ')[0]!;

/** Every workload on every store that a run measured, planned or says is missing. */
function keysOf(runs: readonly BenchRun[]): Set<string> {
  const keys = new Set(runs.flatMap(({ outcomes }) => outcomes.map(keyOf)));
  for (const { missing, plan } of runs) {
    for (const what of missing) keys.add(nameOf(what));
    for (const workload of plan.workloads) {
      const isKnown = [...keys].some((key) => key.startsWith(`${workload} on `));
      if (!isKnown) keys.add(`${workload} on ${plan.stores[0]}`);
    }
  }
  return keys;
}

/** Where the outcomes of a run do not agree with each other, or with what the run says of itself. */
function contradictionsOf(run: BenchRun, force: boolean): string[] {
  const { commit, outcomes } = run;
  const found: string[] = [];
  const commits = [...new Set(outcomes.map(({ provenance }) => provenance?.commit))];
  if (commits.length > 1) {
    found.push(`${commit} mixes outcomes of ${commits.map((one) => one ?? 'unknown').join(', ')}`);
  }
  if (!force) found.push(...foreignOf(run));
  const places = outcomes.map((one) => `${keyOf(one)}, repetition ${one.repetition}`);
  const twice = places.find((place, i) => places.indexOf(place) !== i);
  if (twice !== undefined) found.push(`${commit} holds ${twice} twice`);
  return found;
}

/** Outcomes of another machine, Node or setting than the run says it is of. */
function foreignOf({ commit, machine, node, plan, outcomes }: BenchRun): string[] {
  const found: string[] = [];
  for (const [name, said] of [
    ['machine', machine],
    ['node', node],
  ] as const) {
    const others = outcomes.map(({ provenance }) => provenance?.[name] ?? said);
    const other = others.find((one) => one !== said);
    if (other !== undefined) found.push(`${commit} holds an outcome of ${other}, not of ${said}`);
  }
  const settings = ['valueBytes', 'cacheBytes', 'seconds', 'limitSeconds'] as const;
  for (const name of settings) {
    const odd = outcomes.find(({ job }) => job[name] !== plan[name]);
    if (odd === undefined) continue;
    found.push(
      `${keyOf(odd)}: ${name} ${odd.job[name]}, and ${plan[name]} in the plan of ${commit}`,
    );
  }
  return found;
}

const FAULTS = ['missing', 'wrong', 'cutShort', 'overflowed', 'unreadable'] as const;

type State = Readonly<Record<(typeof FAULTS)[number], string | undefined>> & {
  readonly isPlanned: boolean;
};

function stateOf(run: BenchRun, key: string): State {
  const outcomes = run.outcomes.filter((outcome) => keyOf(outcome) === key);
  const failed = run.missing.find((what) => nameOf(what) === key);
  const [workload, store] = key.split(' on ') as [string, string];
  const isPlanned = run.plan.workloads.includes(workload) && run.plan.stores.includes(store);
  const wrong = outcomes.filter((one) => one.wrong !== 0);
  const exceeds = outcomes.flatMap(({ latency }) => Object.values(latency).map((at) => at.exceeds));
  const { repetitions } = run.plan;
  const missing =
    failed ??
    (outcomes.length === 0
      ? 'not measured'
      : outcomes.length < repetitions
        ? `measured ${outcomes.length} times of ${repetitions}`
        : undefined);
  const counted = wrong.reduce((sum, one) => sum + one.wrong, 0);
  return {
    isPlanned: isPlanned || failed !== undefined,
    missing: missing?.replace(`${key}: `, ''),
    wrong: wrong.length > 0 ? `read ${counted} values that were never written` : undefined,
    cutShort: outcomes.some((one) => one.cutShort) ? 'cut short by the time limit' : undefined,
    overflowed: exceeds.some((count) => count !== 0)
      ? 'latencies beyond what the histogram holds'
      : undefined,
    unreadable: outcomes.some(({ perSecond }) => !(Number.isFinite(perSecond) && perSecond > 0))
      ? 'a rate that is no number above 0'
      : undefined,
  };
}

/** Figures that one run alone has, other set-ups of a store, and other amounts of work. */
function unpairedOf(key: string, before: BenchRun, after: BenchRun, force: boolean): Obstacle[] {
  const [old, now] = [before, after].map((run) => {
    const all = run.outcomes.filter((outcome) => keyOf(outcome) === key);
    return all.filter(({ cutShort }) => !cutShort);
  });
  if (old!.length === 0 || now!.length === 0) return [];
  const found: string[] = [];
  const names = (outcomes: readonly BenchOutcome[]) =>
    new Set(outcomes.flatMap((outcome) => metricsOf(outcome).map(({ name }) => name)));
  const overflows = [...old!, ...now!].some(({ latency }) =>
    Object.values(latency).some(({ exceeds }) => exceeds !== 0),
  );
  if (!overflows) {
    const only = [...names(old!).symmetricDifference(names(now!))];
    if (only.length > 0) found.push(`${only.join(', ')} in one run only`);
  }
  const tunings = [old!, now!].map((all) =>
    [...new Set(all.map(({ tuning }) => tuning))].join('; '),
  );
  if (!force && tunings[0] !== tunings[1])
    found.push(`set up as "${tunings[0]}" and as "${tunings[1]}"`);
  const counts = [old!, now!].map((all) => new Set(all.map(({ count }) => count)));
  if (counts.every(({ size }) => size === 1)) {
    const [one, other] = counts.map(([count]) => count);
    const isFixed = old!.length > 1 && now!.length > 1;
    if (one !== other && isFixed) found.push(`${one} operations and ${other}`);
  }
  return found.map((what) => ({ what: `${key}: ${what}`, isRegression: false }));
}
