/**
 * The engine's server as a process of a site.
 *
 *     node process.ts '{"directory": …, "host": …, "port": …, "healthPort": …, "settings": {…}, "limits": {…}}'
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
}

const request = JSON.parse(process.argv[2]!) as ServerRequest;
const { directory, settings, ...server } = request;
await serveEngine(directory, settings, { server });
