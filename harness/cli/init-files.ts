/** The files that `assay init` writes, by path. They are strict TypeScript, and work as they are. */
import { storeText } from './init-store.ts';

/** The config comes first. `end`: of the names of modules. */
export function initFiles(name: string, end: 'ts' | 'mts'): ReadonlyMap<string, string> {
  return new Map([
    [`assay.config.${end}`, configText(name, end)],
    [`assay/target.${end}`, targetText(name, end)],
    [`assay/store.${end}`, storeText()],
    [`assay/target.test.${end}`, testText(name, end)],
    [`assay/matrices/${name}.yaml`, matrixText(name)],
    ['assay/tsconfig.json', tsconfigText(end)],
    ['.github/workflows/assay.yml', workflowText(name, end)],
  ]);
}

const configText = (name: string, end: string) => `import { defineConfig } from 'assay';

// Read by every assay command in this folder and below it. Paths are relative to this file.
export default defineConfig({
  plugins: ['./assay/target.${end}'],
  target: '${name}',
  matrices: './assay/matrices',
  // checklists: './assay/checklists', // readiness rows of your own, in the place of the built-in ones
  out: './assay-reports',
});
`;

const targetText = (
  name: string,
  end: string,
) => `import { defineTarget, type Transaction } from 'assay';
import { Store } from './store.${end}'; // your database

export default defineTarget({
  kind: 'embedded',
  name: '${name}',
  doc: 'a log of JSON lines', // one line, for lists and reports
  // isolation: what concurrent transactions may see of each other
  capabilities: { isolation: 'snapshot', durable: true, graph: false },
  async open(directory) {
    const store = Store.open(directory);
    const begin = async (): Promise<Transaction> => {
      const transaction = store.begin();
      return {
        get: async (key) => transaction.get(key),
        put: async (key, value) => transaction.put(key, value),
        delete: async (key) => transaction.delete(key),
        range: async (query) => transaction.range(query),
        // Throw { code, definite: true, message } when it surely did not happen. Any other error may
        // have: the checkers then allow both.
        commit: async () => transaction.commit(),
        rollback: async () => transaction.rollback(),
      };
    };
    return {
      connect: async () => ({ begin, close: async () => {} }),
      close: async () => store.close(),
    };
  },
});
`;

const testText = (name: string, end: string) => `import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { targetChecks } from 'assay';
import target from './target.${end}';

// What every target must do. Where one fails, nothing else says anything about ${name}.
for (const check of targetChecks(target)) {
  test(check.name, async () => {
    const directory = mkdtempSync(join(tmpdir(), '${name}-'));
    try {
      await check.run(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
`;

const SCENARIOS: readonly (readonly [scenario: string, seconds: number, plan: string])[] = [
  ['power-cuts', 30, 'cycles: 6, records: 150'],
  ['power-cuts-failed-syncs', 20, 'cycles: 3, records: 150'],
  ['kill-loops-set', 40, 'loops: 40'],
  ['kill-loops-bank', 40, 'loops: 40'],
  ['kill-loops-register', 40, 'loops: 40'],
];

const matrixText = (
  name: string,
) => `# Cells: a scenario on a target, with its plan. npx assay list scenarios --target ${name}
name: ${name}
doc: power cuts and kills under ${name}
budgetSeconds: 180 # on two lanes
seed: 1
cells:
${SCENARIOS.map(
  ([scenario, seconds, plan]) =>
    `  - {scenario: ${scenario}, target: ${name}, plan: {${plan}}, seconds: ${seconds}}`,
).join('\n')}
`;

const tsconfigText = (end: string) => `{
  "compilerOptions": {
    "strict": true,
    "noEmit": true,
    "target": "es2024",
    "module": "nodenext",
    "types": ["node"],
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true
  },
  "include": ["*.${end}", "../assay.config.${end}"]
}
`;

const workflowText = (name: string, end: string) => `name: assay
on: [push, pull_request]
jobs:
  assay:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: {node-version: 24}
      - run: npm ci
      - run: node --test assay/target.test.${end}
      # As root: power is cut on a file system of its own (FUSE).
      - run: sudo env "PATH=$PATH" npx assay run --matrix ${name} --require fuse
      - uses: actions/upload-artifact@v4
        if: always()
        with: {name: assay-report, path: assay-reports}
`;
