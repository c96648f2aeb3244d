/** Kinds of sites: processes, containers, or servers at URLs. */
import type { Login } from '../../contract/cluster.ts';
import type { Settings } from '../../contract/target.ts';

export interface ServerUrl {
  /** `host:port` */
  readonly address: string;
  readonly login: Login;
}

export type Via = 'process' | 'container' | 'url';

/** Every cluster target has the setting `via`: how the cluster is run; default: processes. */
export function isVia(settings: Settings, how: Via): boolean {
  return (settings.via ?? 'process') === how;
}

/**
 * The target's own settings, without `via` and `at`. Throws an Error for an unknown `via`, and for
 * invalid URLs.
 */
export function ownSettings({ via = 'process', at, ...own }: Settings): Settings {
  if (via === 'url') {
    if (at === undefined) throw new Error('via=url wants at=host:port,host:port or URLs');
    serverUrls(String(at));
    return own;
  }
  if (via !== 'process' && via !== 'container') {
    throw new Error(`via is ${via}, not process, container or url`);
  }
  if (at !== undefined) throw new Error('at is for via=url');
  return own;
}

/**
 * Comma-separated URLs or `host:port`; or `env:NAME` for the value of that environment variable. Throws
 * an Error that names an invalid one, and for a password, which would appear in every report.
 */
export function serverUrls(text: string, environment = process.env): ServerUrl[] {
  if (!text.startsWith('env:')) {
    const servers = parseUrls(text);
    if (servers.every(({ login }) => login.password === undefined)) return servers;
    throw new Error(
      'a password would stand in every report: put the URL into the environment and say at=env:NAME',
    );
  }
  const name = text.slice('env:'.length);
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`at: ${name} is not in the environment`);
  return parseUrls(value);
}

function parseUrls(text: string): ServerUrl[] {
  return text.split(',').map((word) => {
    const url = URL.parse(word.includes('://') ? word.trim() : `tcp://${word.trim()}`);
    if (url === null || url.hostname === '' || url.port === '') {
      throw new Error('at: one of them is no host:port and no URL with a port');
    }
    const part = (name: string, value: string) =>
      value === '' ? {} : { [name]: decodeURIComponent(value) };
    const login: Login = {
      ...part('user', url.username),
      ...part('password', url.password),
      ...part('database', url.pathname.replace(/^\/+/, '')),
    };
    return { address: `${url.hostname}:${url.port}`, login };
  });
}
