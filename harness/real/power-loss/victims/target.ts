/** Any embedded target as a victim, so that plug-ins are tested like the built-in databases. */
import type { EmbeddedTarget, Settings } from '../../../contract/target.ts';
import type { Victim } from '../victim.ts';
import { startEmbedded } from './embedded.ts';

/** `url`: of the module whose default export the target is. */
export function victimOf(target: EmbeddedTarget, url: string, settings: Settings): Victim {
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return {
    system: target.name,
    configuration: words.join(', ') || 'default',
    expect: target.capabilities.durable ? 'keeps' : 'loses',
    needs: [],
    mayEncode: true,
    start: ({ directory }) => startEmbedded({ kind: 'target', directory, settings, module: url }),
  };
}
