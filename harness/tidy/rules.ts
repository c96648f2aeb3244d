/**
 * The rules of the house as predicates over source files: what may import what, where ambient
 * effects may appear, how long a file may be. Each answers the complaints it has.
 */
import type { SourceFile } from './source-tree.ts';

export const LINES_MAX = 400;
export const LINES_USUAL_MAX = 300;
export const LINES_MEDIAN_MAX = 120;

/** `node:` imports of the engine's core that are pure functions. */
const PURE_NODE_IMPORTS = new Map([
  ['engine/format/checksum.ts', 'node:zlib'],
  ['engine/run/packed-block.ts', 'node:zlib'],
]);

const PLUGIN_FOLDERS = ['workloads', 'faults', 'checkers', 'targets'];

/** Folders whose code must be deterministic: every effect arrives as an argument. */
const WITHOUT_EFFECTS = [
  'engine/',
  ...[
    'contract',
    'random',
    'simulation/sim',
    'generator',
    'workloads',
    'checkers',
    'consistency',
  ].map((folder) => `harness/${folder}/`),
  'scenarios/',
];
const WITH_EFFECTS = ['engine/env/node/', 'engine/server/'];

const EFFECTS =
  /(?<![.\w])(Date\b|performance\b|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|process\.|nextTick|Atomics\.wait|WeakRef|FinalizationRegistry|randomUUID|randomBytes)/;

export function importComplaints(file: SourceFile): string[] {
  if (file.isTest) return [];
  return file.imports.flatMap(({ target, typeOnly }) => {
    const reason = refusal(file.path, target, typeOnly);
    return reason === undefined ? [] : [`${file.path} imports ${target}: ${reason}`];
  });
}

function refusal(path: string, target: string, typeOnly: boolean): string | undefined {
  const within = (folder: string) => path.startsWith(folder);
  if (within('engine/')) {
    if (/^(harness|reports|scenarios)\//.test(target)) return 'the engine knows nothing of tests';
    const effectful = target.startsWith('node:') && !WITH_EFFECTS.some(within);
    if (effectful && PURE_NODE_IMPORTS.get(path) !== target) {
      return 'effects arrive through env; only env/node and server import node:';
    }
    return undefined;
  }
  if (within('scenarios/')) {
    return target.startsWith('harness/contract/') ? undefined : 'scenarios are data';
  }
  if (within('reports/')) {
    const known = /^(reports|harness\/contract|harness\/random)\//.test(target);
    const repository = known || !/^(engine|harness|scenarios)\//.test(target);
    return repository
      ? undefined
      : 'reports know contract types, saved records and seeded random numbers only';
  }
  if (target.startsWith('engine/') && !within('harness/targets/reference-engine')) {
    const world = within('harness/simulation/sim/') || within('harness/real/');
    const allowed = world && typeOnly && target.startsWith('engine/env/');
    if (!allowed) return 'only targets/reference-engine* know the engine';
  }
  return pluginRefusal(path, target);
}

/** A plug-in is a file right in its folder. What lies in a folder below belongs to plug-ins. */
function isPlugin(name: string): boolean {
  const [harness, folder, ...rest] = name.split('/');
  return harness === 'harness' && PLUGIN_FOLDERS.includes(folder ?? '') && rest.length === 1;
}

function pluginRefusal(path: string, target: string): string | undefined {
  const within = PLUGIN_FOLDERS.some((folder) => path.startsWith(`harness/${folder}/`));
  if (!within || !isPlugin(target)) return undefined;
  if (path.endsWith('/index.ts')) return undefined; // re-exports only
  const sameEngine = [path, target].every((name) => name.includes('/reference-engine'));
  return sameEngine ? undefined : 'plugins never import each other';
}

export function effectComplaints(file: SourceFile): string[] {
  const deterministic = WITHOUT_EFFECTS.some((folder) => file.path.startsWith(folder));
  const exempt =
    file.isTest ||
    WITH_EFFECTS.some((folder) => file.path.startsWith(folder)) ||
    file.path === 'harness/simulation/sim/scheduler.ts';
  if (!deterministic || exempt) return [];
  return file.code.split('\n').flatMap((line) => {
    const found = EFFECTS.exec(line)?.[1];
    if (found === undefined || isDateType(line, found)) return [];
    return [`${file.path} uses ${found}: take it from env or from the world`];
  });
}

/** `Date` as the type of an argument is data, not an effect. */
function isDateType(line: string, found: string): boolean {
  return found === 'Date' && line.includes('number | Date');
}

export function sizeComplaints(files: readonly SourceFile[]): string[] {
  const complaints = files
    .filter((file) => file.lines > LINES_MAX)
    .map((file) => `${file.path} has ${file.lines} lines; the limit is ${LINES_MAX}`);
  const sizes = files.map((file) => file.lines).sort((a, b) => a - b);
  const median = sizes[sizes.length >> 1] ?? 0;
  const p90 = sizes[Math.floor(0.9 * sizes.length)] ?? 0;
  if (median > LINES_MEDIAN_MAX) complaints.push(`the median file has ${median} lines`);
  if (p90 > LINES_USUAL_MAX) complaints.push(`one file in ten has over ${p90} lines`);
  return complaints;
}

export function headerComplaints(file: SourceFile): string[] {
  const data = file.isTest || file.path.startsWith('scenarios/');
  if (data || file.text.startsWith('/**')) return [];
  return [`${file.path} does not begin with a comment that says what it is`];
}
