/**
 * Checks a plug-in target before a scenario is run on it. A target that fails the conformance
 * checks has an error in its adapter, and says nothing of the database behind it: the cell is
 * `unknown: adapter error`, with the call that failed and its place in the plug-in. Checks of
 * guarantees (no lost update, durability) are left out: those are what the scenario judges.
 *
 * A cluster is checked after its start, on the node that accepts writes, before any fault. What a session
 * says it cannot express is no error.
 *
 * This process cannot end a call that blocks its thread. It announces each call first; the parent
 * process kills it and names the call.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SESSION_CHECKS, targetChecks } from '../conformance/target.ts';
import type { Cluster } from '../contract/cluster.ts';
import {
  type EmbeddedTarget,
  isOperationError,
  type Session,
  type Settings,
} from '../contract/target.ts';
import { withOwnKeys } from '../plans/network/own-keys.ts';
import { makeScratch, removeScratch } from '../real/scratch.ts';
import { type Announce, announcing, pathOf } from './adapter-calls.ts';

/** `undefined` when the target does what every target must do. */
export async function adapterError(
  target: EmbeddedTarget,
  url: string,
  settings: Settings,
  announce: Announce = () => {},
): Promise<string | undefined> {
  const scratch = makeScratch();
  try {
    let check = '';
    const announced = announcing(target, (call) => {
      announce(call && `${target.name} does not return from ${call} in ${check}`);
    });
    const checks = targetChecks(announced, settings).filter(({ isGuarantee }) => !isGuarantee);
    for (const [i, { name, run }] of checks.entries()) {
      const directory = join(scratch, String(i));
      mkdirSync(directory);
      check = `the conformance check "${name}"`;
      try {
        await run(directory);
      } catch (error) {
        return `adapter error: ${target.name} fails ${check}: ${describe(error, url)}`;
      }
    }
    return undefined;
  } finally {
    removeScratch(scratch);
  }
}

/** A server that has just started may still refuse a request. */
const TRIES = 3;

/** As `adapterError`, of a cluster that was started. All keys of the checks begin with `adapter-check/`. */
export async function clusterAdapterError(
  name: string,
  cluster: Cluster,
  url: string,
  announce: Announce = () => {},
): Promise<string | undefined> {
  let check = '';
  const announced = announcing(cluster, (call) => {
    announce(call && `${name} does not return from ${call} in ${check}`);
  });
  for (const [i, { name: what, isGuarantee, body }] of SESSION_CHECKS.entries()) {
    if (isGuarantee) continue;
    check = `the conformance check "${what}"`;
    for (let tries = 1; ; tries++) {
      try {
        const prefix = `adapter-check/${i}-${tries}/`;
        await withTwoSessions(announced, prefix, body);
        break;
      } catch (error) {
        if (isOperationError(error) && error.code === 'not-expressible') break;
        if (isOperationError(error) && tries < TRIES) continue;
        return `adapter error: ${name} fails ${check}: ${describe(error, url)}`;
      }
    }
  }
  return undefined;
}

async function withTwoSessions(
  cluster: Cluster,
  prefix: string,
  body: (session: Session, other: Session) => Promise<void>,
): Promise<void> {
  const node = (await cluster.primary?.()) ?? 0;
  const session = await cluster.connect(0, node);
  const other = await cluster.connect(1, node);
  try {
    await body(withOwnKeys(session, prefix), withOwnKeys(other, prefix));
  } finally {
    await session.close();
    await other.close();
  }
}

/** The message, and the innermost call in the plug-in, or in what it imports, with its line. */
function describe(error: unknown, url: string): string {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const frame =
    frames.find((line) => line.includes(url) || line.includes(pathOf(url))) ??
    frames.find((line) => line.includes('file:') && !line.includes(HARNESS));
  if (frame === undefined) return message;
  const place = frame.trim().replace(/^at /, '');
  return `${message}, at ${place.replace(/file:[^:)]+/, pathOf)}`;
}

const HARNESS = new URL('..', import.meta.url).href;
