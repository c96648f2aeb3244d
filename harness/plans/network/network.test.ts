import { describe, expect, it } from 'vitest';
import { ClientPool } from '../../client/client-pool.ts';
import type { Cluster } from '../../contract/cluster.ts';
import type { NetworkFault } from '../../contract/fault.ts';
import type { HistoryEvent } from '../../contract/history.ts';
import type { Network } from '../../contract/scenario.ts';
import type { Session } from '../../contract/target.ts';
import type { WorkloadInstance } from '../../contract/workload.ts';
import { Recorder } from '../../history/recorder.ts';
import { Prng } from '../../random/prng.ts';
import type { ClusterFaultContext } from './fault-context.ts';
import { networkFigures } from './figures.ts';
import { Nemesis } from './nemesis.ts';

const nothing = async () => undefined;

function session(invoke: () => Promise<unknown>): Session & { invoke(): Promise<unknown> } {
  return { begin: () => Promise.reject(new Error('unused')), close: nothing, invoke };
}

const workload: WorkloadInstance = {
  setup: nothing,
  next: ({ sequence }) => ({ f: 'op', value: sequence }),
  invoke: (given) => (given as ReturnType<typeof session>).invoke(),
  finalReads: [],
};

function poolOf(connect: Cluster['connect'], timeoutMs = 50) {
  const recorder = new Recorder(() => performance.now());
  const pool = new ClientPool({
    cluster: { connect, close: nothing },
    nodes: 2,
    workload,
    recorder,
    random: new Prng(1),
    clients: 3,
    ratePerSecond: 1000,
    timeoutMs,
  });
  return { pool, recorder };
}

async function runUntil(pool: ClientPool, enough: () => boolean): Promise<void> {
  pool.start();
  while (!enough()) await new Promise(setImmediate);
  await pool.stop();
}

describe('the pool', () => {
  it('pins each client to a node, and counts what each node acknowledged', async () => {
    const pinned = new Set<string>();
    const { pool, recorder } = poolOf(async (client, node) => {
      pinned.add(`${client} ${node}`);
      return session(async () => 'done');
    });
    await runUntil(pool, () => pool.acknowledged() >= 30);
    expect([...pinned].sort()).toEqual(['0 0', '1 1', '2 0']);
    expect(pool.acknowledged(0) + pool.acknowledged(1)).toBe(pool.acknowledged());
    const events = recorder.events();
    expect(events.filter(({ type }) => type === 'ok')).toHaveLength(pool.acknowledged());
    expect(pool.lastOk.every(Number.isFinite)).toBe(true);
  });

  it('calls what has no answer in time indefinite, and goes on in a new process and session', async () => {
    let sessions = 0;
    const { pool, recorder } = poolOf(async () => {
      sessions++;
      return session(sessions === 1 ? () => new Promise(() => undefined) : async () => 'done');
    }, 20);
    await runUntil(pool, () => sessions >= 4 && pool.acknowledged() >= 10);
    const [late] = recorder.events().filter(({ type }) => type === 'info');
    expect(late).toMatchObject({ value: 'timeout' });
    const after = recorder.events().filter(({ index }) => index > late!.index);
    expect(after.some(({ process }) => process === late!.process)).toBe(false);
  });

  it('believes an error only when it says that it is definite, and reconnects when told', async () => {
    const errors = [
      { code: 'conflict', definite: true },
      { code: 'disconnected', definite: true },
      { code: 'odd', definite: false },
      new Error('unheard of'),
    ];
    let sessions = 0;
    let calls = 0;
    const { pool, recorder } = poolOf(async () => {
      sessions++;
      return session(() => Promise.reject(errors[calls++ % errors.length]));
    });
    await runUntil(pool, () => calls >= 20);
    const types = new Map<unknown, Set<string>>();
    for (const { type, value } of recorder.events()) {
      if (type !== 'invoke') types.set(value, (types.get(value) ?? new Set()).add(type));
    }
    expect(types).toEqual(
      new Map([
        ['conflict', new Set(['fail'])],
        ['disconnected', new Set(['fail'])],
        ['odd', new Set(['info'])],
        ['unheard of', new Set(['info'])],
      ]),
    );
    expect(sessions).toBeGreaterThan(calls / 2);
  });

  it('tries to connect again, and never throws for a node that is away', async () => {
    let tries = 0;
    const { pool } = poolOf(async () => {
      if (++tries < 5) throw new Error('refused');
      return session(async () => 'done');
    });
    await runUntil(pool, () => pool.acknowledged() >= 3);
    expect(await pool.once(9, 0, { f: 'op', value: 0 })).toBe('ok');
  });
});

describe('the nemesis', () => {
  const plan = { faultMs: 400, lastsMs: 5, restMs: 1, atATime: 1 } as Network;

  function nemesisOf(names: readonly string[], seed = 1) {
    const struck: string[] = [];
    let healed = 0;
    const field = { random: new Prng(seed), healAll: async () => void healed++ };
    const faults = names.map(
      (name): NetworkFault => ({
        kind: 'network',
        name,
        doc: '',
        needs: [],
        inject: async () => void struck.push(name),
      }),
    );
    const began = performance.now();
    const now = () => performance.now() - began;
    const nemesis = new Nemesis(field as unknown as ClusterFaultContext, faults, now);
    return { nemesis, struck, heals: () => healed };
  }

  it('uses every fault before any comes again, and heals after each', async () => {
    const { nemesis, struck, heals } = nemesisOf(['a', 'b', 'c']);
    await nemesis.run(plan);
    expect(struck.length).toBeGreaterThanOrEqual(4);
    expect(new Set(struck.slice(0, 3)).size).toBe(3);
    expect(heals()).toBe(struck.length);
    expect(nemesis.windows.map(({ name }) => name)).toEqual(struck);
    for (const { fromMs, toMs } of nemesis.windows) expect(toMs).toBeGreaterThanOrEqual(fromMs);
  });

  it('draws the same faults from the same seed, others from another', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const first = async (seed: number) => {
      const { nemesis, struck } = nemesisOf(names, seed);
      await nemesis.run(plan);
      return struck.slice(0, 3).join('');
    };
    expect(await first(3)).toBe(await first(3));
    const drawn = await Promise.all([1, 2, 3, 4, 5].map(first));
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });

  it('combines different faults, and heals although one fails', async () => {
    const { nemesis, struck } = nemesisOf(['a', 'b']);
    await nemesis.run({ ...plan, atATime: 2 });
    expect(nemesis.windows[0]!.name.split(' + ').sort()).toEqual(['a', 'b']);
    expect(struck.length % 2).toBe(0);
    const failing: NetworkFault = {
      kind: 'network',
      name: 'x',
      doc: '',
      needs: [],
      inject: () => Promise.reject(new Error('no such node')),
    };
    let healed = 0;
    const field = { random: new Prng(1), healAll: async () => void healed++ };
    const broken = new Nemesis(field as unknown as ClusterFaultContext, [failing], () => 0);
    await expect(broken.run(plan)).rejects.toThrow('no such node');
    expect(healed).toBe(1);
  });
});

describe('figures', () => {
  const event = (index: number, type: HistoryEvent['type'], process: number, timeMs: number) =>
    ({ index, type, process, timeMs, f: 'op', value: null }) as HistoryEvent;

  it('tell apart what overlapped a fault and what did not', () => {
    const events = [
      event(0, 'invoke', 0, 0),
      event(1, 'ok', 0, 10),
      event(2, 'invoke', 0, 90),
      event(3, 'ok', 0, 150),
      event(4, 'invoke', 1, 120),
      event(5, 'info', 1, 1120),
      event(6, 'invoke', 0, 1190),
      event(7, 'fail', 0, 1200),
    ];
    const faults = [{ name: 'x', fromMs: 100, toMs: 200 }];
    const { figures, latency, timeline } = networkFigures(events, faults);
    expect(figures).toMatchObject({ acknowledged: 2, failed: 1, indefinite: 1, faults: 1 });
    expect(latency.quiet).toMatchObject({ count: 1, p50: 10 });
    expect(latency.faults).toMatchObject({ count: 1, p50: 60 });
    expect(figures.operationsPerSecondInFaults).toBe(10);
    const { stepMs, ok, p50 } = timeline;
    expect(stepMs).toBe(100);
    expect(ok.slice(0, 3)).toEqual([1, 1, 0]);
    expect(p50.slice(0, 3)).toEqual([10, 60, null]);
    expect(timeline.indefinite[11]).toBe(1);
    expect(timeline.failed[12]).toBe(1);
  });
});
