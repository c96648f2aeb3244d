/**
 * RecoveryCheck: judges what a store holds and reports after recovery.
 *
 * - Its content is that after some prefix of the commits, with every commit that had to survive, and each
 *   unacknowledged commit whole or absent.
 * - It reports a new store, and a clean shutdown, exactly when that is so.
 * - It reports the right number of replayed and discarded commits, as far as that is visible from outside, and
 *   their bytes, if the target states the size of a commit in its log.
 */
import type { CrashMode } from '../../../contract/fault.ts';
import type { Change, Content, Recovery } from '../../sim/direct-store.ts';
import type { Answers } from '../answers.ts';
import type { Timeline } from './timeline.ts';

/** How the last life ended; nothing for the first. */
export interface Ending {
  /** `hole`: the power went, and of what was not durable one piece of the log is missing. */
  readonly how: CrashMode | 'closed' | 'hole';
  readonly atMs: number;
  /** Commits without an answer: puts of keys and values that nobody else has written since. */
  readonly unanswered: readonly (readonly Change[])[];
  /** How many of the first commits had to survive. */
  readonly floor: number;
  /** Why, for people. */
  readonly floorReason: string;
  /** How many commits a recovery must replay, at least and at most. */
  readonly replayed: readonly [low: number, high: number];
}

/** Marks that may stand in a log behind its last commit. */
const MARKS_MAX = 2;
/** Commits that a missing piece of the log may touch. */
const TOUCHED_MAX = 3;

/** What the frame of one commit takes in the log; of no changes: a mark. */
export type LogBytes = (changes: readonly Change[]) => number;

/** Throws an Error for what is wrong; else the timeline ends where the store does. */
export function checkRecovery(
  timeline: Timeline,
  ending: Ending | undefined,
  recovery: Recovery,
  content: Content,
  nowMs: number,
  answers: Answers,
  logBytes?: LogBytes,
): void {
  const { createdStore, cleanShutdown, lastTimestamp } = recovery;
  const closed = ending?.how === 'closed';
  expect('createdStore', createdStore, ending === undefined);
  expect('cleanShutdown', cleanShutdown, closed);
  if (ending === undefined) {
    answers.sameContent('a new store', content, []);
    return;
  }
  const elapsedMs = nowMs - ending.atMs;
  if (!(recovery.durationMs >= 0 && recovery.durationMs <= elapsedMs)) {
    throw new Error(`recovery says it took ${recovery.durationMs} ms, of ${elapsedMs}`);
  }
  const shown = new Map(content);
  const present = ending.unanswered.filter((changes) => isPresent(shown, changes));
  const issued = timeline.count;
  const kept = timeline.countAt(lastTimestamp);
  if (kept < ending.floor) {
    const lost = `commits ${kept + 1} to ${issued} are lost`;
    throw new Error(`${lost}, and the first ${ending.floor} had to survive: ${ending.floorReason}`);
  }
  const expected = timeline.contentAt(kept).copy();
  if (present.length === 0) {
    expect('its last timestamp', lastTimestamp, timeline.commit(kept - 1).timestamp);
  } else if (lastTimestamp <= timeline.last.timestamp) {
    throw new Error('a commit without an answer is there, and the last timestamp is an older one');
  }
  timeline.cutTo(kept);
  if (present.length > 0) {
    timeline.acknowledged(lastTimestamp, present.flat(), nowMs, present.length);
  }
  expected.apply(present.flat());
  answers.sameContent(`after ${ending.how}`, content, expected.read());
  timeline.durable = timeline.count;
  checkCounts(ending, recovery, issued - kept, present.length);
  if (logBytes !== undefined && present.length === 0) checkBytes(timeline, recovery, logBytes);
}

/** Of the newest commits, which are those that were replayed, and of marks between them. */
function checkBytes(timeline: Timeline, recovery: Recovery, logBytes: LogBytes): void {
  const { replayedCommits, replayedBytes } = recovery;
  let bytes = 0;
  for (let i = timeline.count - replayedCommits; i < timeline.count; i++) {
    const { changes, commits } = timeline.commit(i);
    const isTwice = new Set(changes.map(([key]) => key)).size < changes.length;
    if (commits > 1 || isTwice) return; // a transaction keeps the last write of a key, a batch all
    bytes += logBytes(changes);
  }
  const marks = (replayedBytes - bytes) / logBytes([]);
  if (Number.isInteger(marks) && marks >= 0 && marks <= replayedCommits + MARKS_MAX) return;
  const said = `recovery says that it replayed ${replayedBytes} bytes`;
  throw new Error(`${said}; ${replayedCommits} commits took ${bytes}, a mark ${logBytes([])}`);
}

function checkCounts(ending: Ending, recovery: Recovery, lost: number, present: number): void {
  const { how, unanswered } = ending;
  const { replayedCommits, replayedBytes, discardedFrames } = recovery;
  const [low, high] = how === 'closed' ? [0, 0] : ending.replayed;
  const most = high + present;
  const least = Math.max(0, low + present - lost);
  if (replayedCommits < least || replayedCommits > most) {
    throw new Error(`recovery says it replayed ${replayedCommits} commits, not ${least}–${most}`);
  }
  if (replayedBytes < replayedCommits || (how === 'closed' && replayedBytes > 0)) {
    throw new Error(`recovery says that ${replayedCommits} commits took ${replayedBytes} bytes`);
  }
  const gone = lost + unanswered.length - present;
  const keepsNothing = how === 'closed' || how === 'none-kept';
  const discardedMost = keepsNothing || gone === 0 ? 0 : gone + MARKS_MAX;
  const discardedLeast = how === 'hole' ? lost - TOUCHED_MAX : 0;
  if (discardedFrames > discardedMost || discardedFrames < discardedLeast) {
    const range = `${Math.max(0, discardedLeast)}–${discardedMost}`;
    throw new Error(`recovery says it discarded ${discardedFrames} frames, not ${range}`);
  }
}

/** Throws when it is there in part. */
function isPresent(shown: ReadonlyMap<string, string>, changes: readonly Change[]): boolean {
  const found = changes.filter(([key, value]) => shown.get(key) === value).length;
  if (found === 0 || found === changes.length) return found > 0;
  throw new Error(
    `of a commit of ${changes.length} keys that nobody had an answer to ${found} are there`,
  );
}

function expect<T>(what: string, found: T, expected: T): void {
  if (found !== expected)
    throw new Error(`recovery says ${what} is ${found}, and it is ${expected}`);
}
