// Compares the clean simulated cells of two runs: node .ci/same-histories.mjs A/results.json B/results.json
// A refactoring must leave every hash as it was. Exit code 1 if one differs, or none could be compared.
import { readFileSync } from 'node:fs';

const [before, after] = process.argv.slice(2).map((path) => {
  const { records } = JSON.parse(readFileSync(path, 'utf8'));
  const clean = records.filter(({ cell }) => cell.mutant === undefined);
  return new Map(clean.map(({ cell, historyHash }) => [cell.id, historyHash]));
});
let same = 0;
const different = [];
const without = [];
for (const [id, hash] of before) {
  const other = after.get(id);
  if (hash === undefined || other === undefined) without.push(id);
  else if (hash === other) same++;
  else different.push(`${id}: ${hash}, then ${other}`);
}
for (const line of different) console.log(`differs: ${line}`);
if (without.length > 0) console.log(`without a hash in both: ${without.join(', ')}`);
console.log(
  `${same} cells compared equal, ${different.length} differ, ${without.length} have no hash`,
);
process.exitCode = different.length > 0 || same === 0 ? 1 : 0;
