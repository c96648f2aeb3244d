/** The repository's TypeScript files and what each imports, for the rules of `tidy.test.ts`. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['engine', 'harness', 'scenarios', 'reports'];
const DOCUMENT = /\.(?:md|ya?ml)$/;

export interface SourceImport {
  /** A path from the root for relative imports, else the specifier. */
  readonly target: string;
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Path from the root. */
  readonly path: string;
  readonly text: string;
  /** Without comments and strings: what the code does. */
  readonly code: string;
  readonly lines: number;
  readonly imports: readonly SourceImport[];
  readonly isTest: boolean;
}

export function sourceTree(): SourceFile[] {
  return FOLDERS.flatMap((folder) => walk(join(ROOT, folder))).map((path) => {
    const text = readFileSync(path, 'utf8');
    const name = relative(ROOT, path);
    return {
      path: name,
      text,
      code: withoutCommentsAndStrings(text),
      lines: text.split('\n').length - 1,
      imports: importsOf(path, text),
      isTest: /\.(test|bench)\.ts$/.test(name),
    };
  });
}

/** The Markdown and YAML documents of the repository; published reports are records, not prose. */
export function documents(): { path: string; text: string }[] {
  const folders = ['docs', ...FOLDERS, 'matrices'].map((folder) =>
    walk(join(ROOT, folder), DOCUMENT),
  );
  const atRoot = readdirSync(ROOT).filter((name) => DOCUMENT.test(name));
  return [...folders.flat(), ...atRoot.map((name) => join(ROOT, name))].map((path) => ({
    path: relative(ROOT, path),
    text: readFileSync(path, 'utf8'),
  }));
}

function walk(folder: string, wanted = /\.ts$/): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'out' && entry.name !== 'published')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return walk(path, wanted);
      return wanted.test(path) ? [path] : [];
    })
    .sort();
}

function importsOf(path: string, text: string): SourceImport[] {
  const pattern = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?from\s+)?'([^']+)'/gm;
  return [...text.matchAll(pattern)].map(([whole, type, specifier]) => {
    const relativeTo = specifier!.startsWith('.') ? resolve(dirname(path), specifier!) : undefined;
    const target = relativeTo === undefined ? specifier! : relative(ROOT, relativeTo);
    const named = /\{([^}]*)\}/.exec(whole)?.[1];
    const names = named?.split(',').filter((name) => name.trim() !== '') ?? [];
    const allTypes = names.length > 0 && names.every((name) => name.trim().startsWith('type '));
    return { target, typeOnly: type !== undefined || allTypes };
  });
}

export function withoutCommentsAndStrings(text: string): string {
  const pattern =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return text.replaceAll(pattern, (part) => (part.startsWith('`') ? templateCode(part) : ' '));
}

/** Of a template only what stands in its holes is code. */
function templateCode(template: string): string {
  return [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, hole]) => hole).join(' ');
}

/** A cycle of imports, as the paths along it, or `undefined`. */
export function findCycle(
  files: readonly Pick<SourceFile, 'path' | 'imports'>[],
): string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file] as const));
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): string[] | undefined => {
    const at = trail.indexOf(path);
    if (at >= 0) return [...trail.slice(at), path];
    if (done.has(path)) return undefined;
    trail.push(path);
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (!byPath.has(target)) continue;
      const cycle = visit(target);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    done.add(path);
    return undefined;
  };
  for (const { path } of files) {
    const cycle = visit(path);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
