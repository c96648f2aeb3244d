/** A hash of a file system's tree: names, types, bytes and permissions; without inode numbers and times. */
import { createHash } from 'node:crypto';
import type { Inode } from './inode.ts';

export function fingerprintOf(root: Inode): string {
  const hash = createHash('sha256');
  const add = (inode: Inode) => {
    const { kind, target, now } = inode;
    const { mode, uid, gid } = now.attributes;
    hash.update(`${kind} ${mode} ${uid} ${gid} ${target} ${now.content.size}\0`);
    for (const [page, bytes] of now.content.pages) hash.update(`${page}\0`).update(bytes);
    for (const name of [...now.children.keys()].sort()) {
      hash.update(`${name}\0`);
      add(now.children.get(name)!);
    }
    hash.update('\0');
  };
  add(root);
  return hash.digest('hex').slice(0, 16);
}
