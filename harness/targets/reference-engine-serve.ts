/** `assay engine serve` reaches the engine's server through here; nothing is loaded before it runs. */
import type { ServeOptions } from '../../engine/server/serve.ts';
import type { Settings } from '../contract/target.ts';
import { checkEngineSettings, engineOptions } from './reference-engine-store.ts';

export type ServerChoices = Omit<ServeOptions, 'store'>;

/** Throws an Error for a setting that the engine does not know, or a value it refuses. */
export async function serveEngine(
  directory: string,
  settings: Settings,
  choices: ServerChoices,
): Promise<void> {
  checkEngineSettings(settings);
  const { serve } = await import('../../engine/server/serve.ts');
  await serve({ ...choices, store: engineOptions(directory, settings) });
}
