/**
 * `npm run bench:micro`: microbenchmarks of the engine's hot paths, with tinybench. Each lies beside
 * its file as `*.bench.ts`; words after the command select among them.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bench } from 'tinybench';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const wanted = process.argv.slice(2);

for (const path of globSync('engine/**/*.bench.ts', { cwd: ROOT }).sort()) {
  if (wanted.length > 0 && !wanted.some((word) => path.includes(word))) continue;
  const bench = new Bench({ name: path, time: 500, warmupTime: 200 });
  const module = (await import(join(ROOT, path))) as { default: (bench: Bench) => void };
  module.default(bench);
  await bench.run();
  console.log(path);
  console.table(bench.table());
}
