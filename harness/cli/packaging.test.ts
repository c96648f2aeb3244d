import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ABILITIES } from '../real/abilities.ts';
import { ROOT } from './places.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** The package as a user gets it: packed, unpacked into node_modules, no source. */
let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'assay-package-'));
  execFileSync('npm', ['pack', '--pack-destination', project], { cwd: ROOT, stdio: 'ignore' });
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
  const installed = join(project, 'node_modules', 'assay');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['xzf', join(project, tarball), '-C', installed, '--strip-components=1']);
  mkdirSync(join(project, 'node_modules', '.bin'));
  chmodSync(BIN(), 0o755);
  symlinkSync(
    join(installed, 'harness', 'cli', 'assay.mjs'),
    join(project, 'node_modules', '.bin', 'assay'),
  );
  for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
    mkdirSync(dirname(join(project, 'node_modules', name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const BIN = () => join(project, 'node_modules', 'assay', 'harness', 'cli', 'assay.mjs');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

const TUTORIAL = readFileSync(join(ROOT, 'docs', 'your-own-database.md'), 'utf8');
const canMount = ABILITIES.get('fuse')!.available();

/** With the exit code that a comment names. */
function tutorialCommands(): { readonly command: string; readonly exit: number }[] {
  const blocks = [...TUTORIAL.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);
  const lines = blocks.flatMap((block) => block.trim().split('\n'));
  return lines.map((line) => {
    const [command, exit = '0'] = line.split(' # exit ');
    return { command: command!, exit: Number(exit) };
  });
}

/** Smaller runs, and of the runs of everything only the cells: these take minutes. */
function shortened(command: string): string {
  const fewer = command.replace(/assay run( --matrix mine)?$/, 'assay plan$1');
  if (/assay run power-cuts/.test(fewer)) return `${fewer} --plan cycles=1 --plan records=20`;
  return /assay power-loss/.test(fewer) ? `${fewer} --records 20` : fewer;
}

const isLong = process.env.ASSAY_TEST_LONG !== undefined;
const tutorialMutant = () =>
  /```ts\n(\/\/ assay\/forgets-a-commit\.mts\n[\s\S]*?)```/.exec(TUTORIAL)![1]!;

/** What the README's sample opens. */
const MY_STORE = `import type { RangeQuery } from 'assay';
interface MyTransaction {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  scan(query: RangeQuery): Promise<[string, string][]>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}
export declare class MyStore {
  static open(directory: string, settings: object): Promise<MyStore>;
  begin(): Promise<MyTransaction>;
  close(): Promise<void>;
}
`;

function node(...args: string[]) {
  return spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
}

const assay = (...args: string[]) =>
  node(join('node_modules', 'assay', 'harness', 'cli', 'assay.mjs'), ...args);

describe('the packed package', () => {
  it('runs scenarios, simulated and real, and writes below the working directory', () => {
    const plan = ['--plan', 'states=50', '--set', 'segmentBytes=4096'];
    const simulated = assay('run', 'power-loss-set', ...plan);
    expect(simulated.stdout).toContain('valid: 1 passed');
    const real = assay('run', 'kill-loops-set', '--target', 'engine', '--plan', 'loops=2');
    expect(real.stdout).toContain('valid: 1 passed');
    const short = ['quietMs=300', 'healMs=200'].flatMap((one) => ['--plan', one]);
    const served = assay('run', 'healthy', '--target', 'engine-server', ...short);
    expect(served.stdout).toContain('valid: 1 passed');
    expect(readdirSync(project)).toContain('assay-reports');
  });

  it('offers the engine, which flushes on its worker', () => {
    writeFileSync(
      join(project, 'use.mjs'),
      `import { nodeEnv, open, utf8 } from 'assay/engine';
const store = await open(nodeEnv(), { directory: './data', segmentBytes: 8192 });
for (let i = 0; i < 300; i++) await store.put(utf8.encode('k' + i), new Uint8Array(100));
await store.checkpoint();
console.log(store.stats().runs > 0, [...store.range()].length);
await store.close();
`,
    );
    const run = node('use.mjs');
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('true 300\n');
  });

  it('offers the engine across a network', () => {
    const script = `import { nodeEnv, open, utf8 } from 'assay/engine';
import { connect, startServer } from 'assay/engine/server';
const store = await open(nodeEnv(), { directory: './served' });
const server = await startServer(store, { port: 0, healthPort: 0 });
const client = connect('127.0.0.1:' + server.port);
await client.put(utf8.encode('k'), utf8.encode('v'));
console.log(utf8.decode(await client.get(utf8.encode('k'))));
await client.close();
await server.stop();`;
    writeFileSync(join(project, 'serve.mjs'), script);
    const run = node('serve.mjs');
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('v\n');
  });

  it('offers the harness and the checkers', () => {
    const script = `import { defineTarget, targetChecks } from 'assay';
import { durability } from 'assay/checkers';
console.log(typeof defineTarget, typeof targetChecks, durability.name);`;
    writeFileSync(join(project, 'import.mjs'), script);
    expect(node('import.mjs').stdout).toBe('function function durability\n');
  });

  it('begins a project whose target, test, matrix and types work as they are', () => {
    const mine = join(project, 'mine');
    mkdirSync(mine);
    const inMine = (...args: string[]) =>
      spawnSync(process.execPath, args, { cwd: mine, encoding: 'utf8' });
    const begun = inMine(BIN(), 'init');
    expect(begun.stderr).toBe('');
    expect(begun.stdout).toContain('wrote .github/workflows/assay.yml');
    const again = inMine(BIN(), 'init');
    expect(again.stderr).toContain('assay.config.mts, assay/target.mts');
    expect(again.status).toBe(254);
    expect(inMine('--test', 'assay/target.test.mts').stdout).toMatch(/# fail 0|fail 0/);
    expect(inMine(TSC, '-p', 'assay')).toMatchObject({ stdout: '', status: 0 });
    const deep = join(mine, 'assay', 'matrices');
    const plan = spawnSync(process.execPath, [BIN(), 'plan', '--matrix', 'mine'], {
      ...{ cwd: deep, encoding: 'utf8' },
    });
    expect(plan.stdout).toContain('power-cuts/mine');
    const run = inMine(BIN(), 'run', 'kill-loops-set', '--plan', 'loops=2');
    expect(run.stdout).toContain('valid: 1 passed');
    expect(readdirSync(join(mine, 'assay-reports'))).toContain('latest');
  });

  it('does what the tutorial says, command by command', () => {
    const folder = join(project, 'tutorial');
    mkdirSync(folder);
    const path = `${dirname(process.execPath)}:${process.env.PATH}`;
    const env = { ...process.env, PATH: path };
    const bash = (command: string) =>
      spawnSync('bash', ['-c', command], { cwd: folder, env, encoding: 'utf8' });
    for (const { command, exit } of tutorialCommands()) {
      if (command.startsWith('npm install')) {
        symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
        continue;
      }
      if (command.includes('--plugin')) {
        writeFileSync(join(folder, 'assay', 'forgets-a-commit.mts'), tutorialMutant());
      }
      const ran = bash(isLong ? command : shortened(command));
      const needsFuse = /power-(cuts|loss)/.test(command) && !canMount;
      const wanted = needsFuse ? [0, 2] : [exit];
      expect(wanted, `${command}\n${ran.stdout}\n${ran.stderr}`).toContain(ran.status);
      if (needsFuse) expect(ran.stdout).toContain('power loss: not tested');
    }
  }, 900_000);

  it('has types under which the README’s sample is strict TypeScript', () => {
    const sample = /```ts\n(\/\/ mine\.ts\n[\s\S]*?)```/.exec(README)![1]!;
    const folder = join(project, 'sample');
    mkdirSync(folder);
    writeFileSync(join(folder, 'mine.mts'), sample.replace("'my-store'", "'./my-store.mts'"));
    writeFileSync(join(folder, 'my-store.mts'), MY_STORE);
    const flags = '--strict --noEmit --target es2024 --module nodenext --types node';
    const files = ['--allowImportingTsExtensions', join(folder, 'mine.mts')];
    const checked = node(TSC, ...flags.split(' '), ...files);
    expect(checked).toMatchObject({ stdout: '', status: 0 });
  });

  it('says that it can’t plant bugs without the source', () => {
    const run = assay('run', 'power-loss-set', '--mutant', 'skip-wal-sync');
    expect(run.stderr).toContain('which a published package lacks');
    expect(run.status).toBe(254);
  });
});
