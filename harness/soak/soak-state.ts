/** The files of a soak: its state, written whole after each life, and its samples, added one by one. */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SoakSample, SoakState } from '../contract/soak-record.ts';

export class SoakFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  get store(): string {
    return join(this.directory, 'store');
  }

  get model(): string {
    return join(this.directory, 'model.bin');
  }

  load(): SoakState | undefined {
    const path = join(this.directory, 'soak.json');
    if (!existsSync(path)) return undefined;
    return JSON.parse(readFileSync(path, 'utf8')) as SoakState;
  }

  save(state: SoakState): void {
    const path = join(this.directory, 'soak.json');
    writeFileSync(`${path}.next`, `${JSON.stringify(state, null, 2)}\n`);
    renameSync(`${path}.next`, path);
  }

  add(sample: SoakSample): void {
    appendFileSync(join(this.directory, 'samples.jsonl'), `${JSON.stringify(sample)}\n`);
  }

  /** A line that was cut off when its process was killed is ignored. */
  samples(): SoakSample[] {
    const path = join(this.directory, 'samples.jsonl');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as SoakSample];
      } catch {
        return [];
      }
    });
  }
}
