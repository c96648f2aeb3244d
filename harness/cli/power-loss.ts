/**
 * `assay power-loss`: cuts the power under databases of this machine and compares what they
 * acknowledged with what they have. Unsafe configurations must be caught, safe ones come back whole.
 * Exit code 1 when one did not do as its documentation says, 2 when one could not be started.
 */
import { writeFileSync } from 'node:fs';
import {
  type CutResult,
  cutVictim,
  isAsExpected,
  missingFor,
} from '../real/power-loss/cut-victim.ts';
import type { Victim } from '../real/power-loss/victim.ts';
import { VICTIMS } from '../real/power-loss/victims.ts';
import { UsageError } from '../runner/registry.ts';
import { StatusLine } from './status-line.ts';
import { alignedTable, wholeNumber } from './words.ts';

export interface PowerLossOptions {
  readonly target?: string;
  readonly cycles: string;
  readonly records: string;
  readonly seed: string;
  readonly lyingDisk: boolean;
  readonly out?: string;
  readonly list: boolean;
  readonly json: boolean;
}

interface Row {
  readonly victim: Victim;
  readonly seconds: number;
  readonly outcome: 'as expected' | 'not as expected' | 'unsupported' | 'failed';
  readonly result?: CutResult;
  readonly reason?: string;
}

const AUDITED = 20;

export async function powerLoss(options: PowerLossOptions): Promise<number> {
  const chosen = choose(options.target);
  if (options.list) {
    const lines = chosen.map(({ system, configuration, expect }) => [
      system,
      configuration,
      expect,
    ]);
    console.log(alignedTable(['system', 'configuration', 'acknowledged writes'], lines));
    return 0;
  }
  const cut = {
    cycles: wholeNumber('--cycles', options.cycles, 1),
    records: wholeNumber('--records', options.records, 10),
    audited: AUDITED,
    seed: wholeNumber('--seed', options.seed, 0),
    lyingDisk: options.lyingDisk,
  };
  const status = new StatusLine();
  const rows: Row[] = [];
  for (const victim of chosen) {
    const name = `${victim.system}, ${victim.configuration}`;
    const began = Date.now();
    const missing = missingFor(victim);
    let row: Omit<Row, 'victim' | 'seconds'>;
    if (missing.length > 0) row = { outcome: 'unsupported', reason: `needs ${missing.join(', ')}` };
    else {
      try {
        const result = await cutVictim(victim, cut, (cycle) =>
          status.show(() => `${rows.length} of ${chosen.length}: ${name}, cut ${cycle + 1}`),
        );
        const good = isAsExpected(victim, result, cut.lyingDisk);
        row = { outcome: good ? 'as expected' : 'not as expected', result };
      } catch (error) {
        const reason = String((error as Error)?.message ?? error);
        // The device is there and this machine lets nobody mount: that is no fault of the database.
        const outcome = reason.startsWith('cannot mount') ? 'unsupported' : 'failed';
        row = { outcome, reason };
      }
    }
    rows.push({ victim, seconds: (Date.now() - began) / 1000, ...row });
    status.end();
    if (!options.json) console.error(`${row.outcome.padEnd(15)} ${name}`);
  }
  const document = JSON.stringify({ ...cut, rows: rows.map(plain) }, null, 2);
  if (options.out !== undefined) writeFileSync(options.out, `${document}\n`);
  console.log(options.json ? document : `\n${table(rows, options.lyingDisk)}`);
  if (rows.some(({ outcome }) => outcome === 'not as expected')) return 1;
  // What can't be tried here proves nothing, and is no failure.
  const failed = rows.some(({ outcome }) => outcome === 'failed');
  return failed ? 2 : 0;
}

function choose(target: string | undefined): readonly Victim[] {
  if (target === undefined || target === 'all') return VICTIMS;
  const systems = new Set(VICTIMS.map(({ system }) => system));
  const names = target.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!systems.has(name)) {
      throw new UsageError(`There is no ${name}; there are ${[...systems].join(', ')}.`);
    }
  }
  return VICTIMS.filter(({ system }) => names.includes(system));
}

function plain({ victim, seconds, outcome, result, reason }: Row) {
  const { system, configuration, expect } = victim;
  return { system, configuration, expect, outcome, seconds, reason, ...result };
}

function table(rows: readonly Row[], lyingDisk: boolean): string {
  const lines = rows.map(({ victim, seconds, outcome, result, reason }) => {
    const expected = lyingDisk ? 'loses' : victim.expect;
    const found = result === undefined ? (reason ?? '') : describe(result);
    return [
      victim.system,
      victim.configuration,
      expected,
      outcome,
      `${seconds.toFixed(1)} s`,
      found,
    ];
  });
  return alignedTable(['system', 'configuration', 'expected', 'outcome', 'time', 'found'], lines);
}

function describe({ acknowledged, lost, broken, early, audited, syncs }: CutResult): string {
  const parts = [`${lost} of ${acknowledged} acknowledged lost`];
  if (broken.length > 0) parts.push(`${broken.length} × broken: ${broken[0]}`);
  parts.push(`${early} of ${audited} acknowledged before they were on the disk`, `${syncs} syncs`);
  return parts.join('; ');
}
