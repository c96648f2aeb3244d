import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ABILITIES } from '../abilities.ts';
import { freePort } from '../ports.ts';
import { startToxiproxy } from '../toxiproxy/server.ts';
import { Watchdog } from '../watchdog.ts';
import { hostsFile, linkAddress } from './hosts.ts';
import { patientFetch } from './patient-fetch.ts';
import { ProcessSite } from './process-site.ts';
import { type ProxyChoice, ProxyServer, proxyChoice } from './proxy-server.ts';

const CHATTER = fileURLToPath(new URL('./fixtures/chatter.ts', import.meta.url));
/** A private hosts file for each server needs root, on Linux. */
const canLink = ABILITIES.get('hosts')!.available();

let cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  cleanUps = [];
});

async function siteOf(nodes: number, choice: ProxyChoice = 'embedded'): Promise<ProcessSite> {
  const directory = mkdtempSync(join(tmpdir(), 'assay-site-'));
  const watchdog = new Watchdog();
  const proxies = await ProxyServer.start(choice, 1);
  const logs = join(directory, 'logs');
  const options = { nodes, directory, logs, proxies, watchdog, fakeClock: false };
  const site = await ProcessSite.make(options, ['peer', 'status']);
  cleanUps.push(async () => {
    await site.close();
    await proxies.close();
    await watchdog.end();
    rmSync(directory, { recursive: true, force: true });
  });
  return site;
}

interface Status {
  readonly heard: Readonly<Record<string, number>>;
  readonly gaps: number;
}

const statusOf = async (site: ProcessSite, node: number) =>
  (await (await patientFetch(`http://${site.control(node, 'status')}`)).json()) as Status;

async function startChatter(site: ProcessSite): Promise<void> {
  const all = Array.from({ length: site.nodes }, (_, node) => node);
  for (const from of all) {
    for (const to of all) if (from !== to) await site.link(from, to, 'peer');
  }
  for (const node of all) {
    const peers = all
      .filter((peer) => peer !== node)
      .map((peer) => ({ node: peer, host: site.host(peer), port: site.port(peer, 'peer') }));
    const ports = { listen: site.port(node, 'peer'), status: site.port(node, 'status') };
    await site.start(node, {
      name: 'chatter',
      program: process.execPath,
      args: [CHATTER, JSON.stringify({ node, ...ports, peers })],
      ready: () => statusOf(site, node),
    });
  }
}

/** What `node` has heard of each other since now, over each kind of connection. */
async function hearsNow(site: ProcessSite, node: number, rounds = 8): Promise<Set<string>> {
  const before = await statusOf(site, node);
  const now = new Set<string>();
  // Long enough, by the clock of the others: they send to each other all the time.
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    const { heard } = await statusOf(site, node);
    for (const [who, count] of Object.entries(heard)) {
      if (count > (before.heard[who] ?? 0)) now.add(who);
    }
  }
  return now;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const EVERYTHING = (nodes: number, node: number) =>
  Array.from({ length: nodes }, (_, other) => other)
    .filter((other) => other !== node)
    .flatMap((other) => [`${other} accepted`, `${other} dialled`])
    .sort();

describe.skipIf(!canLink)('the links of a site', () => {
  it.each<[string, () => Promise<ProxyChoice>]>([
    ['the embedded server', async () => 'embedded'],
    [
      'a server at a URL',
      async () => {
        const server = await startToxiproxy({ host: '127.0.0.1', port: 0, seed: 1 });
        cleanUps.push(() => server.close());
        return { url: server.url };
      },
    ],
  ])('carry no byte across a cut, one way at a time, with %s', async (_, choice) => {
    const site = await siteOf(3, await choice());
    await startChatter(site);
    const hears = async (node: number, whom: readonly string[]) =>
      String([...(await hearsNow(site, node))].sort()) === String(whom);
    const hearsAll = (node: number) => hears(node, EVERYTHING(3, node));
    for (const node of [0, 1, 2]) await until(() => hearsAll(node));

    await site.cut(0, 1); // node 1 no longer hears node 0; node 0 still hears node 1
    const without0 = EVERYTHING(3, 1).filter((who) => !who.startsWith('0'));
    await until(() => hears(1, without0));
    const later = await hearsNow(site, 1, 20);
    expect([...later].filter((who) => who.startsWith('0'))).toEqual([]);
    await until(() => hearsAll(0));
    await until(() => hearsAll(2));

    await site.heal();
    for (const node of [0, 1, 2]) await until(() => hearsAll(node));
    // A connection that lost bytes was closed: none continues with a gap in its numbers.
    for (const node of [0, 1, 2]) expect((await statusOf(site, node)).gaps).toBe(0);
  });

  it('stop, kill and revive nodes in place', async () => {
    const site = await siteOf(2);
    await startChatter(site);
    await until(async () => (await hearsNow(site, 0)).size === 2);
    await site.pause(1);
    await until(async () => (await hearsNow(site, 0, 2)).size === 0);
    await site.revive(1);
    await until(async () => (await hearsNow(site, 0)).size === 2);
    await site.kill(1);
    await expect(statusOf(site, 1)).rejects.toThrow();
    await until(async () => (await hearsNow(site, 0, 2)).size === 0);
    await site.revive(1);
    await until(async () => (await hearsNow(site, 0)).size === 2);
  });
});

describe('a site', () => {
  it('says why a server did not start, in its own words', async () => {
    const site = await siteOf(1);
    const spec = {
      name: 'broken',
      program: process.execPath,
      args: ['-e', 'console.error("no such luck"); process.exit(3)'],
      ready: () => Promise.reject(new Error('not ready')),
    };
    await expect(site.start(0, spec)).rejects.toThrow(/node-0 broken ended: .*no such luck/s);
    const { ready: _, ...program } = spec;
    await expect(site.run(0, program)).rejects.toThrow(/ended with 3: .*no such luck/s);
    const missing = { ...spec, name: 'missing', program: 'no-such-program' };
    await expect(site.start(0, missing)).rejects.toThrow(/ended/);
  });

  it('tells a server that ended by itself from one that was killed', async () => {
    const site = await siteOf(1);
    const spec = { program: process.execPath, ready: async () => undefined };
    const args = ['-e', 'setInterval(() => {}, 1000)'];
    await site.start(0, { ...spec, name: 'killed', args });
    await site.kill(0);
    expect(site.crashed()).toEqual([]);
    const last = ['-e', 'console.log("assertion failed"); setTimeout(() => process.abort(), 50)'];
    await site.start(0, { ...spec, name: 'crashed', args: last });
    await until(async () => site.crashed().length > 0);
    expect(site.crashed()[0]).toMatch(/node-0 crashed ended by itself: .*assertion failed/s);
  });

  it('refuses what its proxies can not do', async () => {
    const site = await siteOf(2);
    expect(site.abilities).toEqual({
      embeddedProxy: true,
      processes: true,
      peerCuts: false, // no target has asked for links yet
      packets: false,
      peerToxics: false,
      clocks: false,
    });
    await expect(site.bumpClock(0, 1000)).rejects.toThrow('real');
  });

  it('gives each pair of nodes an address of its own', () => {
    expect(linkAddress(0, 2)).toBe('127.1.1.3');
    expect(hostsFile(1, 3)).toBe(
      '127.0.0.1 localhost\n127.1.2.1 node-0\n127.0.0.1 node-1\n127.1.2.3 node-2\n',
    );
  });

  it('hands out ports once', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, freePort));
    expect(new Set(ports).size).toBe(50);
  });
});

describe('the choice of a Toxiproxy', () => {
  it('is the embedded one unless the environment says otherwise', () => {
    expect(proxyChoice({})).toBe('embedded');
    expect(proxyChoice({ TOXIPROXY_URL: 'http://x:1' })).toEqual({ url: 'http://x:1' });
    expect(proxyChoice({ ASSAY_TOXIPROXY: 'container' })).toBe('container');
    expect(() => proxyChoice({ ASSAY_TOXIPROXY: 'maybe' })).toThrow('not embedded or container');
  });

  it('leaves nothing on a server that is somebody else’s, and does not end it', async () => {
    const server = await startToxiproxy({ host: '127.0.0.1', port: 0, seed: 1 });
    cleanUps.push(() => server.close());
    const one = await ProxyServer.start({ url: server.url }, 1);
    const second = await ProxyServer.start({ url: `${server.url}/` }, 1);
    await one.link('same', '127.0.0.1:0', '127.0.0.1:1');
    await second.link('same', '127.0.0.1:0', '127.0.0.1:1');
    await one.close();
    expect(server.proxies.all).toHaveLength(1);
    await second.close();
    expect(server.proxies.all).toEqual([]);
    expect((await fetch(`${server.url}/version`)).ok).toBe(true);
  });

  it('complains of a server that is not there', async () => {
    const nobody = { url: `http://127.0.0.1:${await freePort()}` };
    await expect(ProxyServer.start(nobody, 1)).rejects.toThrow('there is no Toxiproxy');
  });
});

describe('the watchdog', () => {
  it('removes what is guarded, and not what was released', async () => {
    const [kept, gone] = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'assay-watchdog-')));
    const watchdog = new Watchdog();
    watchdog.guard({ directory: kept! });
    watchdog.guard({ directory: gone! });
    watchdog.release({ directory: kept! });
    await watchdog.end();
    await watchdog.end(); // twice is fine
    expect([existsSync(kept!), existsSync(gone!)]).toEqual([true, false]);
    rmSync(kept!, { recursive: true });
  });
});
