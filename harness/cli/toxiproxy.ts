/** `assay toxiproxy`: runs the embedded Toxiproxy standalone until SIGTERM or SIGINT. */
import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from '../matrix/registry.ts';
import { type Body, objectOf, parseBody } from '../real/toxiproxy/body.ts';
import { startToxiproxy } from '../real/toxiproxy/server.ts';
import { wholeNumber } from './words.ts';

export interface ToxiproxyOptions {
  readonly host: string;
  readonly port: string;
  readonly seed: string;
  readonly proxyMetrics: boolean;
  readonly runtimeMetrics: boolean;
  /** JSON as for /populate. */
  readonly config?: string;
}

export async function toxiproxy(options: ToxiproxyOptions): Promise<number> {
  const { host, port, seed, config } = options;
  const server = await startToxiproxy({
    host,
    port: wholeNumber('--port', port, 0, 65_535),
    seed: wholeNumber('--seed', seed, 0),
    metrics: options.proxyMetrics || options.runtimeMetrics,
  }).catch((error: Error) => {
    throw new UsageError(`It can't listen: ${error.message}.`);
  });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    process.once('disconnect', () => resolve());
  });
  try {
    if (config !== undefined) {
      const { error } = await server.proxies.populate(configIn(config));
      if (error !== undefined) throw new UsageError(`${config}: ${error.message}.`);
    }
    console.log(`${server.url}  seed ${seed}`);
    process.send?.({ url: server.url });
    await stopped;
    return 0;
  } finally {
    await server.close();
  }
}

function configIn(path: string): Body[] {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  try {
    const all = parseBody(readFileSync(path, 'utf8'));
    if (Array.isArray(all)) return all.map(objectOf);
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
  throw new UsageError(`${path}: no list of proxies.`);
}
