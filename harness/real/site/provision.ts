/** Makes a site for a cluster, and removes it whatever happens. */
import type { ClusterTarget } from '../../contract/cluster.ts';
import type { Settings } from '../../contract/target.ts';
import { Watchdog } from '../watchdog.ts';
import type { FaultySite } from './faulty-site.ts';
import { ProcessSite } from './process-site.ts';
import { ProxyServer, proxyChoice } from './proxy-server.ts';

export interface SiteRequest {
  readonly target: ClusterTarget;
  readonly settings: Settings;
  readonly directory: string;
  readonly logs: string;
  readonly seed: number;
  readonly fakeClock: boolean;
}

/** Calls `use` with a fresh site. Throws an Error when there can be none. */
export async function withSite<T>(
  request: SiteRequest,
  use: (site: FaultySite) => Promise<T>,
): Promise<T> {
  const { target, directory, logs, seed, fakeClock } = request;
  const watchdog = new Watchdog();
  watchdog.guard({ directory });
  const proxies = await ProxyServer.start(proxyChoice(), seed);
  const options = { nodes: target.nodes, directory, logs, proxies, watchdog, fakeClock };
  const site = await ProcessSite.make(options, target.ports);
  try {
    return await use(site);
  } finally {
    await site.close();
    await watchdog.end();
  }
}
