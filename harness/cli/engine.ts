/** `assay engine serve`: runs the reference engine as a server until SIGTERM or SIGINT. */
import { existsSync } from 'node:fs';
import { UsageError } from '../matrix/registry.ts';
import { serveEngine } from '../targets/reference-engine-serve.ts';
import { pairs, parseSetting, wholeNumber } from './words.ts';

export interface EngineServeOptions {
  readonly host: string;
  readonly port: string;
  readonly healthPort: string;
  readonly set: readonly string[];
  readonly limit: readonly string[];
  readonly tlsKey?: string;
  readonly tlsCertificate?: string;
  readonly tlsClientAuthority?: string;
}

const PORT_MAX = 65_535;

export async function engineServe(directory: string, options: EngineServeOptions): Promise<number> {
  const { host } = options;
  const port = wholeNumber('--port', options.port, 0, PORT_MAX);
  const healthPort = wholeNumber('--health-port', options.healthPort, 0, PORT_MAX);
  const limits = pairs('--limit', options.limit, Number);
  const settings = pairs('--set', options.set, parseSetting);
  const tls = tlsFiles(options);
  const started = (ports: { port: number; healthPort: number }) =>
    console.log(
      `${directory}: gRPC on ${host}:${ports.port}${tls === undefined ? '' : ' (TLS)'}, ` +
        `health and metrics on http://${host}:${ports.healthPort}`,
    );
  try {
    await serveEngine(directory, settings, {
      server: { host, port, healthPort, limits },
      started,
      ...(tls && { tls }),
    });
    return 0;
  } catch (error) {
    throw new UsageError(`It can't serve ${directory}: ${(error as Error).message}.`);
  }
}

function tlsFiles(options: EngineServeOptions) {
  const { tlsKey: key, tlsCertificate: certificate, tlsClientAuthority: clientAuthority } = options;
  if (key === undefined && certificate === undefined && clientAuthority === undefined) return;
  if (key === undefined || certificate === undefined) {
    throw new UsageError('TLS needs both --tls-key and --tls-certificate.');
  }
  for (const path of [key, certificate, clientAuthority]) {
    if (path !== undefined && !existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  }
  return { key, certificate, ...(clientAuthority !== undefined && { clientAuthority }) };
}
