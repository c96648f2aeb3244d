import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeEnv, open, utf8 } from '../../engine/index.ts';
import { ROOT } from './places.ts';

const ASSAY = join(ROOT, 'harness', 'cli', 'assay.mjs');

/** Runs the command line as a user does, from another folder. */
function assay(...args: string[]) {
  const run = spawnSync(process.execPath, [ASSAY, ...args], { cwd: tmpdir(), encoding: 'utf8' });
  return { code: run.status, out: run.stdout, complaint: run.stderr };
}

const made: string[] = [];
function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'assay-cli-'));
  made.push(directory);
  return directory;
}
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

async function closedStore(): Promise<string> {
  const directory = join(emptyDirectory(), 'store');
  const store = await open(nodeEnv(), { directory, segmentBytes: 65_536 });
  for (let i = 0; i < 50; i++) await store.put(utf8.encode(`k${i}`), new Uint8Array(100));
  await store.close();
  return directory;
}

describe('bad arguments', () => {
  it.each([
    [['run', 'power-los-set'], 'Did you mean power-loss-set?'],
    [['run'], 'What to run?'],
    [['run', 'power-loss-set', '--target', 'engin-sim'], 'Did you mean engine-sim?'],
    [['run', 'power-loss-set', '--seed', 'seven'], '--seed wants a whole number'],
    [['run', 'power-loss-set', '--seed', ''], '--seed wants a whole number'],
    [['run', 'power-loss-set', '--mutant', 'skip-wal-snyc'], 'Did you mean skip-wal-sync?'],
    [['run', 'power-loss-set', '--plan', 'stats=3'], 'has no stats'],
    [
      ['run', 'power-loss-set', '--config', 'deadbeef'],
      'is not the one this command was printed for',
    ],
    [['run', '--matrix', 'cii'], 'Did you mean ci?'],
    [['run', 'power-loss-set', '--require', 'dokcer'], 'Did you mean docker?'],
    [['list', 'scenaros'], 'Did you mean scenarios?'],
    [['replay', '/nowhere/record.json'], 'There is no run record'],
    [['report', '/nowhere'], 'There is no saved run'],
    [['verify', '/nowhere'], 'There is no directory'],
    [['run', 'power-loss-set', '--set', 'segmentByts=1'], 'no setting segmentByts'],
    [['run', 'power-loss-set', '--set', 'segmentBytes=1e12'], 'segmentBytes is'],
    [['run', 'kill-loops-set', '--target', 'sqlite', '--set', 'synchronous=MAYBE'], 'not one of'],
    [['run', 'power-loss-set', '--plugin', '/nowhere.ts'], 'can not be loaded'],
    [['run', 'power-loss-set', '--out', '/'], 'is not empty'],
    [['check'], 'Which history?'],
    [['check', '/nowhere'], 'There is no file'],
    [['check', '/nowhere', '--model', 'serialisable'], 'Did you mean serializable?'],
    [['run', '--sede', '1'], '--seed'],
    [['explore', '--sector', '600'], '--sector wants 512 or 4096, not "600"'],
    [
      ['run', 'kill-loops-set', '--target', 'sqlite', '--mutant', 'skip-wal-sync'],
      'a bug of the reference engine, which sqlite does not run',
    ],
    [['replay', join(ROOT, 'package.json')], 'is not a run record'],
    [['run', 'power-loss-set', '-o', join(ROOT, 'package.json')], 'is a file, not a directory'],
    [['soak', '-o', join(ROOT, 'package.json')], 'is a file, not a directory'],
    [['mutants', 'skip-wal-sync', '-o', join(ROOT, 'package.json')], 'is a file, not a directory'],
    [['verify', join(ROOT, 'package.json')], 'not the directory of a store'],
    [['list', 'requirments'], 'Did you mean requirements?'],
    [['run', '--resume', '/nowhere'], 'There is no run in /nowhere'],
    [['run', '--resume', '/nowhere', '--seed', '1'], '--resume takes the cells'],
    [['merge', '/nowhere'], 'There is no run in /nowhere'],
    [['plan', '--matrix', 'ci', '--format', 'gitlab'], '--format wants text, json, github'],
  ])('%j end with 254 and say what was meant', (args, complaint) => {
    const run = assay(...args);
    expect(run.complaint).toContain(complaint);
    expect(run.complaint).not.toMatch(/\n +at /); // no stack
    expect(run.code).toBe(254);
  });
});

describe('assay list', () => {
  const narrow = (columns: string, ...args: string[]) =>
    spawnSync(process.execPath, [ASSAY, ...args], {
      env: { ...process.env, COLUMNS: columns },
      encoding: 'utf8',
    }).stdout.split('\n');

  it('names the kinds, and what --require may name', () => {
    expect(assay('list', 'kinds').out).toMatch(/scenarios +\d+\n(?:.*\n)* +requirements +\d+\n/);
    expect(assay('list', 'requirements').out).toMatch(/docker +\S/);
  });

  it('keeps within 100 columns, or fewer when COLUMNS says so', () => {
    for (const [columns, most] of [
      ['60', 60],
      ['500', 100],
    ] as const) {
      const lines = [...narrow(columns, 'list'), ...narrow(columns, 'run', '--help')];
      const long = lines.filter((line) => line.length > most && line.trim().includes(' '));
      expect(long).toEqual([]);
    }
  });

  it('tells its version', () => {
    const run = assay('--version');
    expect(run.out).toMatch(/^assay \d+\.\d+\.\d+ \(Node \d+/);
    expect(run.code).toBe(0);
  });
});

describe('assay verify', () => {
  it('finds a whole store valid', async () => {
    const run = assay('verify', await closedStore());
    expect(run).toMatchObject({ code: 0 });
    expect(run.out).toContain('valid: no damage');
  });

  it('names the damaged file and byte, repairs on demand, and says what was given up', async () => {
    const directory = await closedStore();
    const run = readdirSync(directory).find((name) => name.endsWith('.sst'))!;
    const path = join(directory, run);
    const bytes = readFileSync(path);
    bytes[700]! ^= 4;
    writeFileSync(path, bytes);
    const found = assay('verify', directory);
    expect(found.code).toBe(1);
    expect(found.out).toContain(`${run} at byte 0: the checksum of block 0`);
    expect(assay('verify', directory, '--repair').out).toMatch(/given up: .*\d+ of 50 records/);
    expect(assay('verify', directory).code).toBe(0);
  });

  it('names a truncated file', async () => {
    const directory = await closedStore();
    truncateSync(join(directory, 'MANIFEST'), 40);
    const run = assay('verify', directory);
    expect(run.code).toBe(1);
    expect(run.out).toContain('MANIFEST');
  });
});

describe('assay check', () => {
  const events = [
    '{:type :invoke, :process 0, :value [[:append :x 1] [:r :y nil]]}',
    '{:type :invoke, :process 1, :value [[:append :y 1] [:r :x nil]]}',
    '{:type :ok, :process 0, :value [[:append :x 1] [:r :y []]]}',
    '{:type :ok, :process 1, :value [[:append :y 1] [:r :x []]]}',
    '{:type :invoke, :process 0, :value [[:r :x nil] [:r :y nil]]}',
    '{:type :ok, :process 0, :value [[:r :x [1]] [:r :y [1]]]}',
  ];
  const fileOf = (text: string) => {
    const path = join(emptyDirectory(), 'history.edn');
    writeFileSync(path, text);
    return path;
  };

  it('names the levels, counts the anomalies and explains a cycle', () => {
    const run = assay('check', fileOf(events.join('\n')));
    expect(run.code).toBe(1);
    expect(run.out).toContain('invalid  holds: strong-snapshot-isolation  anomalies: G2-item × 1');
    expect(run.out).toContain("because T0 did not see T1's append of 1 to key :y");
    expect(assay('check', '--model', 'snapshot-isolation', fileOf(events.join('\n'))).code).toBe(0);
  });

  it('never calls malformed or empty input valid', () => {
    expect(assay('check', fileOf(`${events[0]}\n{:type :ok`))).toMatchObject({ code: 2 });
    expect(assay('check', fileOf(''))).toMatchObject({ code: 2 });
    expect(assay('check', fileOf(events.slice(2).join('\n'))).out).toContain(
      'process 0 completes txn, which it never invoked',
    );
  });

  it('judges linearizability of objects, one by one', () => {
    const history = (read: string) =>
      fileOf(`{:type :invoke, :process 0, :f :write, :value [:x 1]}
{:type :ok, :process 0, :f :write, :value [:x 1]}
{:type :invoke, :process 1, :f :read, :value [:x nil]}
{:type :ok, :process 1, :f :read, :value [:x ${read}]}`);
    const judged = (path: string) =>
      assay('check', '--workload', 'register', '--independent', path);
    expect(judged(history('1'))).toMatchObject({ code: 0 });
    const stale = judged(history('nil'));
    expect(stale.code).toBe(1);
    expect(stale.out).toContain('key :x is not linearizable');
    expect(
      assay('check', '--workload', 'key-value', fileOf('{:type :invoke :process 0 :f :get}')).code,
    ).toBe(2);
  });

  it('judges collections', () => {
    const history = (value: string) =>
      fileOf(`{:type :invoke, :process 0, :f :generate}\n{:type :ok, :process 0, :f :generate, :value 1}
{:type :invoke, :process 0, :f :generate}\n{:type :ok, :process 0, :f :generate, :value ${value}}`);
    expect(assay('check', '--workload', 'unique-ids', history('2')).code).toBe(0);
    const twice = assay('check', '--workload', 'unique-ids', history('1'));
    expect(twice.out).toContain('1 was generated twice');
    expect(twice.code).toBe(1);
  });

  it('takes a total, version orders, and prints a witness and a page', () => {
    const bank = fileOf(
      '{:type :invoke, :process 0, :f :read}\n{:type :ok, :process 0, :f :read, :value {0 5, 1 5}}',
    );
    expect(assay('check', '--workload', 'bank', '--total', '10', bank).code).toBe(0);
    expect(assay('check', '--workload', 'bank', '--total', '11', bank).code).toBe(1);
    const writes = fileOf(
      [1, 2]
        .map(
          (v) =>
            `{:type :invoke, :process ${v}, :value [[:w :x ${v}]]}\n{:type :ok, :process ${v}, :value [[:w :x ${v}]]}`,
        )
        .join('\n'),
    );
    expect(assay('check', '--witness', writes).out).toContain(
      'witness of strict-serializable: T0 T2',
    );
    const orders = fileOf('{":x": [2, 1]}');
    const page = `${orders}.html`;
    expect(assay('check', '--version-orders', orders, '--html', page, writes).code).toBe(1);
    expect(readFileSync(page, 'utf8')).toContain('<svg class="cycle"');
    const unknown = assay('check', '--version-orders', fileOf('{"x": [2, 1]}'), writes);
    expect(unknown.code).toBe(2);
    expect(unknown.out).toContain('version orders name the key "x", which was never written');
  });

  it('prints one JSON document on demand', () => {
    const [found] = JSON.parse(assay('check', '--json', fileOf(events.join('\n'))).out);
    expect(found).toMatchObject({
      validity: 'invalid',
      minimalViolated: ['update-serializable', 'repeatable-read'],
    });
  });
});

describe('assay run', () => {
  it('writes a report, and its replay command gives the same history', () => {
    const out = join(emptyDirectory(), 'run');
    const settings = ['--set', 'segmentBytes=4096', '--set', 'blockBytes=1024'];
    const plan = ['--plan', 'states=60', '--plan', 'operations=20'];
    const run = assay('run', 'power-loss-set', ...settings, ...plan, '--seed', '11', '--out', out);
    expect(run.out.split('\n')[0]).toBe('valid: 1 passed');
    expect(run.code).toBe(0);
    const files = readdirSync(out).sort();
    expect(files).toEqual([
      'cells',
      'finished.jsonl',
      'junit.xml',
      'plan.json',
      'report.html',
      'report.md',
      'results.json',
      'run.json',
    ]);
    const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
    const replayed = assay('replay', join(out, 'cells', readdirSync(join(out, 'cells'))[0]!));
    expect(replayed.out).toContain(`history: ${results.records[0].historyHash}, was`);
    expect(replayed.code).toBe(0);
  });

  it('catches a planted bug, and prints a command that catches it again', () => {
    const out = join(emptyDirectory(), 'run');
    const args = ['--plan', 'states=300', '--mutant', 'skip-wal-sync', '--seed', '3'];
    const run = assay('run', 'power-loss-set', ...args, '--out', out);
    expect(run.out).toContain('planted bugs caught: 1 of 1');
    const command = /replay: (.*)/.exec(run.out)![1]!;
    const again = spawnSync('bash', ['-c', command], { cwd: '/', encoding: 'utf8' });
    const historyOf = (text: string) => /history: (\w+)/.exec(text)![1];
    expect(historyOf(again.stdout)).toBe(historyOf(run.out));
    expect(again.stdout).toContain('planted bugs caught: 1 of 1');
  });

  it('refuses a target that lacks what the workload needs, before it starts', () => {
    const run = assay('run', 'kill-loops-graph', '--target', 'sqlite');
    expect(run).toMatchObject({ code: 254, out: '' });
    expect(run.complaint.trim().split('\n')).toHaveLength(1);
    expect(run.complaint).toContain('kill-loops-graph needs graph, which sqlite lacks');
    expect(run.complaint).toContain('assay list scenarios --target sqlite');
    const fitting = assay('list', 'scenarios', '--target', 'sqlite').out;
    expect(fitting).toContain('kill-loops-set');
    expect(fitting).not.toContain('kill-loops-graph');
  });

  it('kills a real process and judges what came back', () => {
    const out = join(emptyDirectory(), 'run');
    const args = ['--target', 'engine', '--set', 'segmentBytes=65536', '--plan', 'loops=3'];
    const run = assay('run', 'kill-loops-set', ...args, '--out', out);
    expect(run.out).toContain('valid: 1 passed');
    const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
    expect(results.records[0].figures.kills).toBe(3);
  });

  it('finds out a target that forgets', () => {
    const plugin = join(emptyDirectory(), 'forgetful.ts');
    const memory = join(ROOT, 'harness', 'targets', 'memory.ts');
    const text = `import memory from '${memory}';
export default { ...memory, name: 'forgetful', capabilities: { ...memory.capabilities, durable: true } };
`;
    writeFileSync(plugin, text);
    const out = join(emptyDirectory(), 'run');
    const args = ['--plugin', plugin, '--target', 'forgetful', '--plan', 'loops=2', '--out', out];
    const run = assay('run', 'kill-loops-set', ...args);
    expect(run.code).toBe(1);
    expect(run.out).toMatch(/durability: group \d+ was acknowledged .* and is lost/);
    expect(run.out).toMatch(/replay: node .*--repeat 3/);
    const [cell] = readdirSync(join(out, 'cells'));
    const again = spawnSync(
      process.execPath,
      [ASSAY, 'replay', join(out, 'cells', cell!), '-n', '1'],
      {
        cwd: '/', // the run knows its plug-ins
        encoding: 'utf8',
      },
    );
    expect(again.stdout).toContain('reproduced 1 of 1: invalid, kill-loops-set/forgetful');
  });

  it('tells an error of an adapter from one of its database, with the call and the line', () => {
    const plugin = join(emptyDirectory(), 'clumsy.ts');
    const memory = join(ROOT, 'harness', 'targets', 'memory.ts');
    writeFileSync(
      plugin,
      `import memory from '${memory}';
export default { ...memory, name: 'clumsy', capabilities: { ...memory.capabilities, durable: true },
  async open(...args) {
    const store = await memory.open(...args);
    return { ...store, connect: async () => {
      const session = await store.connect();
      return { ...session, begin: async () => ({ ...(await session.begin()), range() {
        throw new Error('range is not done yet');
      } }) };
    } };
  } };
`,
    );
    const out = join(emptyDirectory(), 'run');
    const args = ['--plugin', plugin, '--target', 'clumsy', '--plan', 'loops=2', '--out', out];
    const run = assay('run', 'kill-loops-set', ...args);
    expect(run.code).toBe(2);
    expect(run.out).toContain('adapter error: clumsy fails the conformance check');
    expect(run.out).toMatch(/range is not done yet, at .*clumsy\.ts:8:/);
  });

  it('plants a bug of a plug-in in the file that it names', () => {
    const folder = emptyDirectory();
    const memory = join(ROOT, 'harness', 'targets', 'memory.ts');
    const files = {
      'rounding.ts': 'export const kept = (writes) => writes;\n',
      'mine.ts': `import memory from '${memory}';
import { kept } from './rounding.ts';
export default { ...memory, name: 'mine', capabilities: { ...memory.capabilities, durable: true },
  async open(directory, settings) {
    const { appendFileSync, existsSync, readFileSync } = await import('node:fs');
    const path = directory + '/log';
    const store = await memory.open(directory, settings);
    const setup = await (await store.connect()).begin();
    if (existsSync(path)) for (const line of readFileSync(path, 'utf8').trim().split('\\n'))
      for (const [key, value] of JSON.parse(line)) await (value === null ? setup.delete(key) : setup.put(key, value));
    await setup.commit();
    return { ...store, connect: async () => {
      const session = await store.connect();
      return { ...session, begin: async () => {
        const inner = await session.begin();
        const writes = [];
        return { ...inner,
          put: (key, value) => { writes.push([key, value]); return inner.put(key, value); },
          delete: (key) => { writes.push([key, null]); return inner.delete(key); },
          commit: async () => { await inner.commit(); if (writes.length > 0) appendFileSync(path, JSON.stringify(kept(writes)) + '\\n'); } };
      } };
    } };
  } };
`,
      'bug.ts': `export default { name: 'my-bug', area: 'plugin', doc: 'logs empty commits', file: './rounding.ts',
  find: '(writes) => writes', replace: '() => []', scenario: 'kill-loops-set', target: 'mine' };
`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const plugins = ['mine.ts', 'bug.ts'].flatMap((name) => ['--plugin', join(folder, name)]);
    const given = ['--target', 'mine', '--plan', 'loops=2', '--out', join(folder, 'run')];
    const run = assay('run', 'kill-loops-set', '--mutant', 'my-bug', ...plugins, ...given);
    expect(run.out).toContain('planted bugs caught: 1 of 1');
    expect(run.code).toBe(0);
  });
});
