/** Serves a store until SIGTERM: the body of `assay engine serve` and of the container. */
import { readFileSync } from 'node:fs';
import { nodeEnv } from '../env/node/index.ts';
import { open } from '../open.ts';
import type { OpenOptions } from '../options.ts';
import { type ServerOptions, startServer } from './server.ts';

export interface ServeOptions {
  readonly store: OpenOptions;
  readonly server: Omit<ServerOptions, 'tls'>;
  /** Files in PEM. */
  readonly tls?: {
    readonly key: string;
    readonly certificate: string;
    readonly clientAuthority?: string;
  };
  /** Told once it listens. */
  started?(ports: { readonly port: number; readonly healthPort: number }): void;
}

/**
 * Resolves after SIGINT or SIGTERM, when requests that ran are answered and the store is closed.
 * Throws what opening the store or listening throws.
 */
export async function serve({ store, server, tls, started }: ServeOptions): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const text = (path: string) => readFileSync(path, 'utf8');
  const pem = tls && {
    key: text(tls.key),
    certificate: text(tls.certificate),
    ...(tls.clientAuthority !== undefined && { clientAuthority: text(tls.clientAuthority) }),
  };
  const database = await open(nodeEnv(), store);
  const running = await startServer(database, { ...server, ...(pem && { tls: pem }) }).catch(
    async (error: unknown) => {
      await database.close();
      throw error;
    },
  );
  started?.(running);
  await stopped;
  await running.stop();
}
