/** `assay doctor`: what this machine can do. */
import { ABILITIES } from '../real/abilities.ts';
import { lookUp } from '../runner/registry.ts';

export function doctor(): number {
  for (const [name, ability] of ABILITIES) {
    const there = ability.available();
    const word = there ? 'yes' : 'no ';
    const hint = there ? '' : `  (${ability.install})`;
    console.log(`${word}  ${name.padEnd(10)} ${ability.doc}${hint}`);
  }
  return 0;
}

/** Of a list like `etcd,docker`, what this machine lacks. Throws UsageError for unknown names. */
export function missingRequirements(names: string): string[] {
  const wanted = names.split(',').filter((name) => name !== '');
  return wanted.filter((name) => !lookUp(ABILITIES, 'requirement', name).available());
}
