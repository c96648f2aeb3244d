/** Traffic of ended links, as Prometheus counters with the original's names and labels. */
import type { Direction } from './toxic.ts';

export interface LinkTraffic {
  readonly proxy: string;
  readonly listener: string;
  readonly upstream: string;
  readonly direction: Direction;
  readonly received: number;
  readonly sent: number;
}

const COUNTERS = [
  ['received', 'Bytes received on a link of a proxy, in one direction.'],
  ['sent', 'Bytes sent on a link of a proxy, in one direction.'],
] as const;

export class Traffic {
  readonly #totals = new Map<string, { received: number; sent: number }>();

  add({ proxy, listener, upstream, direction, received, sent }: LinkTraffic): void {
    const labels = Object.entries({ direction, listener, proxy, upstream })
      .map(([name, value]) => `${name}="${escaped(value)}"`)
      .join(',');
    const totals = this.#totals.get(labels) ?? { received: 0, sent: 0 };
    totals.received += received;
    totals.sent += sent;
    this.#totals.set(labels, totals);
  }

  /** Prometheus text format 0.0.4. */
  get text(): string {
    return COUNTERS.map(([counter, help]) => {
      const name = `toxiproxy_proxy_${counter}_bytes_total`;
      const rows = [...this.#totals].map(
        ([labels, totals]) => `${name}{${labels}} ${totals[counter]}\n`,
      );
      return `# HELP ${name} ${help}\n# TYPE ${name} counter\n${rows.join('')}`;
    }).join('');
  }
}

const escaped = (value: string) =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
