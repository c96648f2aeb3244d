/** Strong snapshot isolation: consistent snapshots that include everything acknowledged before. */
import { levelChecker } from '../consistency/graph/judge-level.ts';

export default levelChecker(
  'strong-snapshot-isolation',
  'list-append transactions read snapshots that agree with real time; write skew is allowed',
);
