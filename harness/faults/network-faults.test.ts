import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FaultContext, NetworkFault } from '../contract/fault.ts';
import { loadRegistry } from '../matrix/registry.ts';
import { Prng } from '../random/prng.ts';

let faults: ReadonlyMap<string, NetworkFault>;
beforeAll(async () => {
  const { faults: all } = await loadRegistry();
  faults = new Map(
    [...all].filter((entry): entry is [string, NetworkFault] => entry[1].kind === 'network'),
  );
});

/** A context that notes what is done, and on which time passes at once. */
function fakeField(nodes: number, seed: number) {
  const done: string[] = [];
  const cuts = new Set<string>();
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve();
  };
  let primary = 0;
  let acknowledged = 0;
  const context: FaultContext = {
    nodes,
    random: new Prng(seed),
    leaseMs: 1000,
    lastsMs: 1000,
    primary: async () => primary,
    cut: (from, to) => {
      cuts.add(`${from}>${to}`);
      return note('cut');
    },
    losePackets: (node, share) => note(`lose ${node} ${share}`),
    toxic: (kind, node, toxic) => note(`toxic ${kind} ${node} ${toxic.type} ${toxic.stream}`),
    halfOpen: (node) => note(`half-open ${node}`),
    reset: (kind, node) => note(`reset ${kind} ${node}`),
    healLinks: () => note('heal'),
    kill: (node) => note(`kill ${node}`),
    fence: (node) => note(`fence ${node}`),
    pause: (node) => note(`pause ${node}`),
    revive: (node) => note(`revive ${node}`),
    promote: (node) => {
      primary = node;
      return note(`promote ${node}`);
    },
    bumpClock: (node, byMs) => note(`clock ${node} ${byMs}`),
    acknowledged: () => acknowledged,
    async until(condition) {
      acknowledged += 1000;
      if (cuts.size > 0 && nodes > 2) primary = 1; // the others have chosen another
      return condition();
    },
  };
  return { context, done, cuts };
}

/** Nodes that `node` still exchanges messages with, both ways. */
function reach(cuts: ReadonlySet<string>, nodes: number, node: number): number[] {
  return Array.from({ length: nodes }, (_, other) => other).filter(
    (other) => !cuts.has(`${node}>${other}`) && !cuts.has(`${other}>${node}`),
  );
}

async function strike(name: string, nodes: number, seed: number) {
  const made = fakeField(nodes, seed);
  await faults.get(name)!.inject(made.context);
  return made;
}

const sizes = fc.integer({ min: 3, max: 7 });

describe('network faults', () => {
  it('all do something, on any number of nodes, the same for the same seed', async () => {
    expect(faults.size).toBeGreaterThanOrEqual(20);
    for (const [name, { nodesMin = 2 }] of faults) {
      for (const nodes of [2, 3, 5].filter((count) => count >= nodesMin)) {
        const first = await strike(name, nodes, 7);
        expect(first.done, name).not.toEqual([]);
        expect((await strike(name, nodes, 7)).done).toEqual(first.done);
      }
    }
  });

  it('differ by seed in whom they strike', async () => {
    for (const name of ['kill-one', 'partition-one', 'client-half-open', 'pause-one']) {
      const all = await Promise.all(Array.from({ length: 20 }, (_, seed) => strike(name, 3, seed)));
      const struck = all.map(({ done, cuts }) => JSON.stringify([done, [...cuts].sort()]));
      expect(new Set(struck).size, name).toBe(3);
    }
  });

  it('partition-majority leaves a majority whole, and cut off from the rest both ways', () =>
    fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (nodes, seed) => {
        const { cuts } = await strike('partition-majority', nodes, seed);
        const groups = Array.from({ length: nodes }, (_, node) => reach(cuts, nodes, node));
        const whole = groups.filter((group) => group.length > nodes / 2);
        expect(whole.length).toBeGreaterThan(nodes / 2);
        expect(whole.length).toBeLessThan(nodes);
        for (const group of whole) expect(group).toEqual(whole[0]);
      }),
    ));

  it('partition-ring lets every node see a majority, and no two the same one', () =>
    fc.assert(
      fc.asyncProperty(fc.constant(5), fc.nat(), async (nodes, seed) => {
        const { cuts } = await strike('partition-ring', nodes, seed);
        const groups = Array.from({ length: nodes }, (_, node) => reach(cuts, nodes, node));
        for (const group of groups) expect(group.length).toBeGreaterThan(nodes / 2);
        expect(new Set(groups.map(String)).size).toBe(nodes);
      }),
    ));

  it('partition-bridge leaves exactly one node that sees all', () =>
    fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (nodes, seed) => {
        const { cuts } = await strike('partition-bridge', nodes, seed);
        const all = Array.from({ length: nodes }, (_, node) => reach(cuts, nodes, node).length);
        expect(all.filter((count) => count === nodes)).toHaveLength(1);
      }),
    ));

  it('partition-one-way cuts one direction only', () =>
    fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (nodes, seed) => {
        const { cuts } = await strike('partition-one-way', nodes, seed);
        expect(cuts.size).toBe(nodes - 1);
        for (const cut of cuts) expect(cuts.has([...cut].reverse().join(''))).toBe(false);
      }),
    ));

  it('lose-failover waits for another primary and for writes on the old one', async () => {
    const { cuts } = await strike('lose-failover', 3, 1);
    expect([...cuts].sort()).toEqual(['0>1', '0>2', '1>0', '2>0']);
  });

  it('promote-behind fences the old primary before it promotes the standby', async () => {
    const { done } = await strike('promote-behind', 2, 1);
    expect(done).toEqual(['cut', 'cut', 'fence 0', 'heal', 'promote 1']);
  });

  it('pause-past-lease stops a follower, never the primary', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { done } = await strike('pause-past-lease', 3, seed);
        expect(['pause 1', 'pause 2']).toContain(done[0]);
        expect(done[1]).toBe(done[0]!.replace('pause', 'revive'));
      }),
    ));
});
