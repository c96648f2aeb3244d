import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { JOURNAL, RunJournal } from './run-journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'assay-journal-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const path = join(directory, JOURNAL);

it('has no cells before the first is added', () => {
  expect(new RunJournal(directory).ids()).toEqual(new Set());
});

it('keeps every whole line, wherever a kill cuts the last, and goes on behind it', () => {
  const ids = ['a/engine', 'a/engine/bug:b c', 'ü/engine/x="1"'];
  const journal = new RunJournal(directory);
  for (const id of ids) journal.add(id);
  expect(journal.ids()).toEqual(new Set(ids));
  const whole = readFileSync(path);
  const before = whole.lastIndexOf('\n');
  for (let length = whole.length - 1; length >= before; length--) {
    truncateSync(path, 0);
    appendFileSync(path, whole.subarray(0, length));
    expect(journal.ids()).toEqual(new Set(ids.slice(0, 2)));
    journal.add('later');
    expect(journal.ids()).toEqual(new Set([...ids.slice(0, 2), 'later']));
  }
});
