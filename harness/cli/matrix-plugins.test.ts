import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const ASSAY = fileURLToPath(new URL('./assay.mjs', import.meta.url));
const MEMORY = fileURLToPath(new URL('../targets/memory.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'assay-matrix-plugins-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function planned(plugins: string) {
  const matrix = join(folder, 'own.yaml');
  const head = 'name: own\ndoc: d\nbudgetSeconds: 9\nseed: 1\n';
  const cells = 'cells: [{ scenario: kill-loops-register, target: mine, seconds: 1 }]\n';
  writeFileSync(matrix, `${head}plugins: ${plugins}\n${cells}`);
  const args = [ASSAY, 'plan', '--matrix', matrix];
  return spawnSync(process.execPath, args, { cwd: '/', encoding: 'utf8' });
}

it('loads the plug-ins that a matrix names, beside the file', () => {
  const text = `import memory from '${MEMORY}';\nexport default { ...memory, name: 'mine' };\n`;
  writeFileSync(join(folder, 'mine.ts'), text);
  expect(planned('[./mine.ts]').stdout).toContain('kill-loops-register/mine');
  expect(planned('[]').stderr).toMatch(/own\.yaml:6:\d+: cells\[0\]\.target/);
  expect(planned('[./other.ts]').stderr).toContain(`${folder}/other.ts can not be loaded`);
});
