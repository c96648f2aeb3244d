/** Creates a site of processes, containers or URLs for a cluster, and always removes it. */
import { randomUUID } from 'node:crypto';
import type { ClusterTarget } from '../../contract/cluster.ts';
import type { Settings } from '../../contract/target.ts';
import { Watchdog } from '../watchdog.ts';
import type { FaultySite } from './faulty-site.ts';
import { ProcessSite } from './process-site.ts';
import { ProxyServer, proxyChoice } from './proxy-server.ts';
import { UrlSite } from './url-site.ts';
import { isVia, serverUrls } from './via.ts';

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
  if (isVia(settings, 'url')) {
    const servers = serverUrls(String(settings.at));
    return new UrlSite(servers, target.urlPort!, proxies, `assay-${randomUUID()}/`);
  }
  const common = { nodes: target.nodes, directory, logs, proxies, watchdog };
  if (!isVia(settings, 'container')) {
    return ProcessSite.make({ ...common, fakeClock }, target.ports);
  }
  const { ContainerSite } = await import('../containers/container-site.ts');
  return ContainerSite.make({ ...common, image: target.image! }, target.ports);
}
