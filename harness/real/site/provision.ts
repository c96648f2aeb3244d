/** Makes a site for a cluster, of processes or of containers, and removes it whatever happens. */
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
  const { directory, seed } = request;
  const watchdog = new Watchdog();
  watchdog.guard({ directory });
  const proxies = await ProxyServer.start(proxyChoice(), seed);
  let site: FaultySite | undefined;
  try {
    site = await makeSite(request, proxies, watchdog);
    return await use(site);
  } finally {
    await site?.close();
    await proxies.close();
    await watchdog.end();
  }
}

async function makeSite(
  { target, settings, directory, logs, fakeClock }: SiteRequest,
  proxies: ProxyServer,
  watchdog: Watchdog,
): Promise<FaultySite> {
  const common = { nodes: target.nodes, directory, logs, proxies, watchdog };
  if (!isVia(settings, 'container')) {
    return ProcessSite.make({ ...common, fakeClock }, target.ports);
  }
  const { ContainerSite } = await import('../containers/container-site.ts');
  return ContainerSite.make({ ...common, image: target.image! }, target.ports);
}

/** How a cluster is run is a setting of every cluster target: `via`, process (default) or container. */
export function isVia(settings: Settings, how: 'container' | 'process'): boolean {
  return (settings.via ?? 'process') === how;
}

/** The settings that are the target's own. Throws an Error for an unknown way to run it. */
export function ownSettings({ via = 'process', ...own }: Settings): Settings {
  if (via === 'process' || via === 'container') return own;
  throw new Error(`via is ${via}, not process or container`);
}
