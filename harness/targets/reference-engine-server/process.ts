/**
 * The engine's server as a process of a site.
 *
 *     node process.ts '{"directory": …, "host": …, "port": …, "healthPort": …, "settings": {…}, "limits": {…}, "tls": {…}}'
 */
import type { Settings } from '../../contract/target.ts';
import { serveEngine } from '../reference-engine-serve.ts';

export interface ServerRequest {
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  readonly healthPort: number;
  readonly settings: Settings;
  readonly limits?: Readonly<Record<string, number>>;
  readonly tls?: { readonly key: string; readonly certificate: string };
}

const request = JSON.parse(process.argv[2]!) as ServerRequest;
const { directory, settings, tls, ...server } = request;
await serveEngine(directory, settings, { server, ...(tls && { tls }) });
