/** Run header: how a run recorded by Assay was judged. */
import { fieldOf } from '../contract/value.ts';
import type { RunHeader } from './format.ts';
import { headerForm, headerLine, headerValueIn } from './header.ts';

const RUN = 'run';

export function runHeaderLine({ workload, checkers }: RunHeader): string {
  return headerLine(RUN, { workload, checkers });
}

/** As EDN, for converted histories. */
export function runHeaderForm({ workload, checkers }: RunHeader): string {
  const names = checkers.map((name) => JSON.stringify(name)).join(' ');
  return headerForm(RUN, `{:workload ${JSON.stringify(workload)}, :checkers [${names}]}`);
}

/** Reads the header at the start of a history; `undefined` if another tool wrote it. */
export function runHeaderIn(head: Buffer): RunHeader | undefined {
  const value = headerValueIn(head, RUN);
  const [workload, checkers] = [fieldOf(value, 'workload'), fieldOf(value, 'checkers')];
  if (typeof workload !== 'string' || !Array.isArray(checkers)) return undefined;
  return { workload, checkers: checkers.filter((name) => typeof name === 'string') };
}
