/**
 * Links of documents: every relative link leads to a file, and every path that a document names in
 * code type exists. Paths with placeholders or wildcards are left alone.
 */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from './source-tree.ts';
import type { Document } from './wording.ts';

const LINK = /\]\(([^)\s]+)\)/g;
const NAMED = /`((?:engine|harness|scenarios|matrices|reports|docs)\/[\w./-]+)`/g;
/** Made by a run, and ignored by git. */
const GENERATED = 'reports/out';

export function linkComplaints({ path, text }: Document): string[] {
  if (!path.endsWith('.md')) return [];
  const links = [...text.matchAll(LINK)]
    .map(([, link]) => link!.split('#')[0]!)
    .filter((link) => link !== '' && !/^\w+:/.test(link))
    .map((link) => normalize(join(dirname(path), link)));
  const named = [...text.matchAll(NAMED)].map(([, name]) => name!);
  return [...new Set([...links, ...named])]
    .filter((target) => !target.startsWith(GENERATED) && !existsSync(join(ROOT, target)))
    .map((target) => `${path} leads to ${target}, which does not exist`);
}
