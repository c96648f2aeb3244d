/** Provenance of a benchmark's outcomes: commit, Node version, machine. */
import type { Provenance } from '../contract/bench-record.ts';
import { UsageError } from '../matrix/registry.ts';
import { changesDigest, commitOf, describeMachine } from './machine.ts';

export function provenanceHere(): Provenance {
  const changes = changesDigest();
  return {
    commit: commitOf(),
    ...(changes === undefined ? {} : { changes }),
    node: process.version,
    machine: describeMachine(),
  };
}

/**
 * Throws UsageError if a run to resume was started with another commit, Node or machine: its report
 * would mix their figures. Runs saved without provenance are accepted.
 */
export function refuseOtherOrigin(
  saved: Provenance | undefined,
  here: Provenance,
  out: string,
  force: boolean,
): void {
  if (saved === undefined || force) return;
  const differences = (['commit', 'changes', 'node', 'machine'] as const).filter(
    (name) => saved[name] !== here[name],
  );
  if (differences.length === 0) return;
  const said = differences.map(
    (name) => `${name} ${saved[name] ?? 'none'} and is now ${here[name] ?? 'none'}`,
  );
  throw new UsageError(
    `${out} was begun with ${said.join(', ')}: begin again, or mix them by --force (each outcome says where it comes from).`,
  );
}
