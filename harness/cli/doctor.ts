/** `assay doctor`: what this machine can do, and which clusters it can run in which way. */
import type { ClusterTarget } from '../contract/cluster.ts';
import { loadRegistry, lookUp } from '../matrix/registry.ts';
import { whatIsMissing } from '../plans/network/refusal.ts';
import { ABILITIES } from '../real/abilities.ts';
import { proxyChoice } from '../real/site/proxy-server.ts';

export async function doctor(): Promise<number> {
  for (const [name, ability] of ABILITIES) {
    const there = ability.available();
    const hint = there ? '' : `  (${ability.install})`;
    console.log(line(there, name, `${ability.doc}${hint}`));
  }
  console.log('\nClusters:');
  const { targets } = await loadRegistry();
  for (const { target } of targets.values()) {
    if (target.kind === 'cluster') console.log(clusterLine(target));
  }
  const choice = proxyChoice();
  const which = typeof choice === 'string' ? choice : `at ${choice.url}`;
  console.log(
    `\nLinks go through a Toxiproxy: ${which} (TOXIPROXY_URL, ASSAY_TOXIPROXY=container)`,
  );
  return 0;
}

function clusterLine(target: ClusterTarget): string {
  const missing = whatIsMissing(target, [], {});
  const ways = [
    ...(missing === undefined ? ['as processes'] : []),
    ...(whatIsMissing(target, [], { via: 'container' }) === undefined ? ['in containers'] : []),
    ...(target.urlPort === undefined ? [] : ['at URLs']),
  ];
  const hint = missing === undefined ? '' : `; as processes it ${missing}`;
  return line(missing === undefined, target.name, `${ways.join(', ')}${hint}`);
}

function line(there: boolean, name: string, text: string): string {
  return `${there ? 'yes' : 'no '}  ${name.padEnd(13)} ${text}`;
}

/**
 * Of a list like `etcd,docker`, the abilities that this machine lacks. Throws UsageError for unknown
 * names.
 */
export function missingRequirements(names: string): string[] {
  const wanted = names.split(',').filter((name) => name !== '');
  return wanted.filter((name) => !lookUp(ABILITIES, 'requirement', name).available());
}
