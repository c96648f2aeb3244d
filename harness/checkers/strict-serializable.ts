/** Strict serializable: one order of all transactions, in real time, explains every read. */
import { levelChecker } from '../consistency/graph/judge-level.ts';

export default levelChecker(
  'strict-serializable',
  'list-append transactions have a serial order that agrees with real time',
);
