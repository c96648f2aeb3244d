/**
 * Addresses as Go writes them: "host:port", "[v6]:port" or ":port". One that is to be listened at is
 * checked when it is given; one that is to be dialled only when a client comes, as in the original.
 */
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { ApiError } from './api-error.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An address to listen at; `""` is any port on all of them. Throws ApiError 500. */
export function listenAddress(text: string): Address {
  return text === ''
    ? { host: '', port: 0 }
    : parse(text, (why) => new ApiError(500, `listen tcp: ${why}`));
}

/** An address to dial. Throws an Error that says what is wrong with it. */
export function dialAddress(text: string): Address {
  return parse(text, (why) => new Error(`dial tcp: ${why}`));
}

function parse(text: string, failure: (why: string) => Error): Address {
  const found = /^(?:\[([^\]]*)\]|([^:]*)):(\d*)$/.exec(text);
  if (found === null) {
    const many = text.split(':').length > 2;
    const why = many ? 'too many colons in address' : 'missing port in address';
    throw failure(`address ${text}: ${why}`);
  }
  const port = Number(found[3]);
  if (port > 65_535) throw failure(`address ${found[3]}: invalid port`);
  return { host: found[1] ?? found[2]!, port };
}

/** Whether two ways to write an address to listen at mean the same place. */
export async function isSamePlace(a: string, b: string): Promise<boolean> {
  if (a === b) return true;
  const [one, other] = [listenAddress(a), listenAddress(b)];
  if (one.port !== other.port || one.port === 0) return false;
  const places = [one, other].map(({ host }) => resolveHost(host).catch(() => host));
  const [first, second] = await Promise.all(places);
  return (first || '::') === (second || '::');
}

/** An address to listen at by number; IPv4 where a name has both, as Go does. Throws ApiError 500. */
export async function resolveListen(text: string): Promise<Address> {
  const { host, port } = listenAddress(text);
  return { host: await resolveHost(host), port };
}

/** As Go writes it. */
export function addressText({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

async function resolveHost(host: string): Promise<string> {
  if (host === '' || isIP(host) !== 0) return host;
  try {
    return (await lookup(host, { order: 'ipv4first' })).address;
  } catch {
    throw new ApiError(500, `listen tcp: lookup ${host}: no such host`);
  }
}
