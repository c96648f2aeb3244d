import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../matrix/registry.ts';
import { applyProject, openProject } from './project.ts';
import { gather } from './words.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-project-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = (text: string) => writeFileSync(join(folder, 'assay.config.mjs'), text);

describe('a project', () => {
  it('is found from any folder below its config, with paths relative to that', async () => {
    writeFileSync(join(folder, 'mine.mjs'), '');
    config("export default { plugins: ['./mine.mjs'], target: 'mine' };");
    const deep = join(folder, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    const found = await openProject(deep);
    expect(found).toEqual({ plugins: [join(folder, 'mine.mjs')], target: 'mine' });
  });

  it.each([
    ["export default { plugin: ['./x'] };", /assay\.config\.mjs: the default export: .*plugin/],
    ['export default { plugins: 3 };', /assay\.config\.mjs: plugins: /],
    ["export default { plugins: ['./nowhere.ts'] };", /plugins: there is no .*nowhere\.ts/],
    ["export default { matrices: './assay.config.mjs' };", /is a file, not a directory/],
    ['export default {', /can not be loaded/],
    ['', /the default export/],
  ])('is refused where its config makes no sense: %s', async (text, complaint) => {
    config(text);
    const opened = openProject(folder);
    await expect(opened).rejects.toThrow(UsageError);
    await expect(openProject(folder)).rejects.toThrow(complaint);
  });

  it('adds its plug-ins to those of a command, and gives way to a target that is named', () => {
    const ran = (...words: string[]) => {
      const command = new Command('run')
        .option('--plugin <path>', '', gather, [])
        .option('--target <name>');
      command.parse(words, { from: 'user' });
      applyProject(command, { plugins: ['/p/mine.ts'], target: 'mine' });
      return command.opts();
    };
    expect(ran()).toEqual({ plugin: ['/p/mine.ts'], target: 'mine' });
    const named = ran('--plugin', '/p/bug.ts', '--plugin', '/p/mine.ts', '--target', 'engine');
    expect(named).toEqual({ plugin: ['/p/mine.ts', '/p/bug.ts'], target: 'engine' });
  });
});
