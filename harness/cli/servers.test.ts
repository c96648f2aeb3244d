import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../engine/server/index.ts';

const ENTRY = new URL('./assay.mjs', import.meta.url).pathname;
const children: ChildProcess[] = [];
const directory = mkdtempSync(join(tmpdir(), 'assay-servers-'));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a command that serves; answers its first line once it is there. */
async function start(...args: string[]): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, line: chunk.toString() };
}

async function endsWith(child: ChildProcess, signal: NodeJS.Signals): Promise<number> {
  const ended = once(child, 'exit');
  child.kill(signal);
  const [code] = (await ended) as [number];
  return code;
}

describe('assay engine serve', () => {
  it('serves a store, ends with 0 on SIGTERM, and keeps what was written', async () => {
    const args = ['engine', 'serve', directory, '--port', '0', '--health-port', '0'];
    for (const expected of [undefined, 'v']) {
      const { child, line } = await start(...args);
      const client = connect(/gRPC on (\S+),/.exec(line)![1]!);
      const value = await client.get(Buffer.from('k'));
      expect(value === undefined ? undefined : Buffer.from(value).toString()).toBe(expected);
      await client.put(Buffer.from('k'), Buffer.from('v'));
      const health = /on (http:\S+)/.exec(line)![1]!;
      expect((await fetch(`${health}/health/ready`)).status).toBe(200);
      await client.close();
      expect(await endsWith(child, 'SIGTERM')).toBe(0);
    }
  });

  it('says what is wrong with its options', async () => {
    for (const args of [
      ['--limit', 'sesions=1'],
      ['--port', '70000'],
      ['--tls-key', '/nowhere'],
    ]) {
      const child = spawn(process.execPath, [ENTRY, 'engine', 'serve', directory, ...args]);
      const [code] = (await once(child, 'exit')) as [number];
      expect(code).toBe(254);
    }
  });
});

describe('a server at a URL', () => {
  it('is tried behind our proxies, on keys of the run alone, and left clean', async () => {
    const args = ['engine', 'serve', directory, '--port', '0', '--health-port', '0'];
    const { line } = await start(...args);
    const address = /gRPC on (\S+),/.exec(line)![1]!;
    const client = connect(address);
    await client.put(Buffer.from('register/0'), Buffer.from('somebody else’s'));
    const plan = { quietMs: 300, faultMs: 900, lastsMs: 200, restMs: 50, healMs: 500 };
    const run = (scenario: string) => {
      const words = Object.entries(plan).flatMap(([name, ms]) => ['--plan', `${name}=${ms}`]);
      const where = [
        '--set',
        'via=url',
        '--set',
        `at=${address}`,
        '--out',
        join(directory, scenario),
      ];
      const child = spawn(process.execPath, [
        ...[ENTRY, 'run', scenario, '--target', 'engine-server', ...words, ...where],
      ]);
      children.push(child);
      return once(child.stdout, 'data').then(async ([first]) => {
        await once(child, 'exit');
        return String(first);
      });
    };
    expect(await run('client-links-register')).toMatch(/^valid: 1 passed/);
    expect(await run('network-register')).toMatch(
      /1 not run · 0 passed; not run: .*needs servers of its own/,
    );
    const keys: string[] = [];
    for await (const { key } of client.range()) keys.push(Buffer.from(key).toString());
    expect(keys).toEqual(['register/0']);
    await client.close();
  });
});

describe('a cluster of one’s own', () => {
  const plugin = new URL('./fixtures/own-cluster.ts', import.meta.url).pathname;
  const run = async (setting: string) => {
    const settings = ['--set', setting, '--plan', 'quietMs=700'];
    const child = spawn(process.execPath, [
      ...[ENTRY, 'run', 'healthy-set', '--plugin', plugin, '--target', 'mine', ...settings],
      ...['--out', join(directory, setting)],
    ]);
    children.push(child);
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    const [code] = (await once(child, 'exit')) as [number];
    return { code, output };
  };

  it('is one file, and is found out when it forgets', async () => {
    expect((await run('forgets=false')).code).toBe(0);
    expect((await run('forgets=true')).code).toBe(1);
  });

  it('is not accused when its adapter is wrong', async () => {
    const { code, output } = await run('reverse=ignored');
    expect(code).toBe(2);
    expect(output).toMatch(/adapter error: mine fails the conformance check "ranges by prefix/);
  });
});

describe('assay toxiproxy', () => {
  it('starts with the proxies of a file, and ends with 0 on SIGINT', async () => {
    const config = join(mkdtempSync(join(tmpdir(), 'assay-config-')), 'proxies.json');
    const one = { name: 'way', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };
    writeFileSync(config, JSON.stringify([one]));
    const { child, line } = await start('toxiproxy', '--port', '0', '--config', config);
    const proxies = await (await fetch(`${line.split(' ')[0]}/proxies`)).json();
    expect(Object.keys(proxies as object)).toEqual(['way']);
    expect(await endsWith(child, 'SIGINT')).toBe(0);
    rmSync(join(config, '..'), { recursive: true });
  });
});
