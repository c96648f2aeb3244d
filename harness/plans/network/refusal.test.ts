import { describe, expect, it } from 'vitest';
import type { Cluster, ClusterTarget } from '../../contract/cluster.ts';
import type { NetworkFault } from '../../contract/fault.ts';
import type { Session } from '../../contract/target.ts';
import { ABILITIES } from '../../real/abilities.ts';
import type { FaultySite, SiteAbilities } from '../../real/site/faulty-site.ts';
import { removeOwnKeys, withOwnKeys } from './own-keys.ts';
import { whatIsMissing, whyRefused } from './refusal.ts';

const fault = (needs: NetworkFault['needs'], nodesMin = 1): NetworkFault => ({
  kind: 'network',
  name: 'f',
  doc: '',
  needs,
  nodesMin,
  inject: async () => undefined,
});

const able: SiteAbilities = {
  embeddedProxy: true,
  processes: true,
  peerCuts: true,
  packets: true,
  peerToxics: true,
  clocks: true,
};
const site = (abilities: Partial<SiteAbilities>, nodes = 3) =>
  ({ nodes, abilities: { ...able, ...abilities } }) as FaultySite;
const cluster: Cluster = {
  connect: () => Promise.reject(new Error('unused')),
  promote: async () => undefined,
  clock: async () => 0,
  close: async () => undefined,
};
const { promote: _, clock: __, ...bare } = cluster;

describe('what can not be done', () => {
  it.each<[NetworkFault['needs'][number], Partial<SiteAbilities>, Cluster]>([
    ['peers', { peerCuts: false }, cluster],
    ['packets', { packets: false }, cluster],
    ['toxics', { peerToxics: false }, cluster],
    ['embedded', { embeddedProxy: false }, cluster],
    ['processes', { processes: false }, cluster],
    ['clock', { clocks: false }, cluster],
    ['clock', {}, bare],
    ['promote', {}, bare],
  ])('is refused: a fault that needs %s', (need, lacking, given) => {
    expect(whyRefused(site({}), cluster, [fault([need])])).toBeUndefined();
    expect(whyRefused(site(lacking), given, [fault([]), fault([need])])).toMatch(/^f needs /);
  });

  it('is refused: more nodes than there are', () => {
    expect(whyRefused(site({}, 2), cluster, [fault([], 3)])).toBe('f needs 3 nodes');
  });

  it('says what to install, and asks of a container or a URL only what those need', () => {
    const target = { name: 't', nodes: 1, needs: ['no-such-thing'] } as unknown as ClusterTarget;
    expect(whatIsMissing(target, [], {})).toMatch(/^needs no-such-thing/);
    expect(whatIsMissing(target, [], { via: 'container' })).toBe('t needs a container image');
    expect(whatIsMissing(target, [], { via: 'url' })).toBe(
      't needs ports that a URL does not tell',
    );
    const anywhere = { ...target, urlPort: 'x' };
    expect(whatIsMissing(anywhere, [], { via: 'url' })).toBeUndefined();
    expect(whatIsMissing({ ...target, needs: [] }, [], {})).toBeUndefined();
    for (const { install } of ABILITIES.values()) expect(install).not.toBe('');
  });
});

describe('keys of a run’s own', () => {
  it('keep a workload to itself, and go at the end', async () => {
    const records = new Map([['theirs', 'x']]);
    const session: Session = {
      begin: async () => ({
        get: async (key) => records.get(key),
        put: async (key, value) => void records.set(key, value),
        delete: async (key) => void records.delete(key),
        range: async ({ prefix, limit = 1000 }) =>
          [...records].filter(([key]) => key.startsWith(prefix)).slice(0, limit),
        commit: async () => undefined,
        rollback: async () => undefined,
      }),
      close: async () => undefined,
    };
    const own = withOwnKeys(session, 'run/');
    const transaction = await own.begin();
    for (let i = 0; i < 120; i++) await transaction.put(`k${i}`, String(i));
    expect(await transaction.get('theirs')).toBeUndefined();
    expect(await transaction.get('k7')).toBe('7');
    expect((await transaction.range({ prefix: 'k11' })).map(([key]) => key).sort()).toEqual(
      ['k11', ...Array.from({ length: 10 }, (_, i) => `k11${i}`)].sort(),
    );
    expect(records.get('run/k7')).toBe('7');
    await removeOwnKeys(own, '');
    expect([...records]).toEqual([['theirs', 'x']]);
    expect(withOwnKeys(session, '')).toBe(session);
  });
});
