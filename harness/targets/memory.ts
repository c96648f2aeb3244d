/**
 * Reference model: a Map copied at each begin, first committer wins. Slow and simple; nothing survives
 * the process. It defines the correct result of every workload.
 */
import { defineTarget, type OperationError, type Transaction } from '../contract/target.ts';

class ModelError extends Error implements OperationError {
  readonly code = 'conflict';
  readonly definite = true;
}

interface Versioned {
  readonly value: string;
  readonly version: number;
}

export default defineTarget({
  kind: 'embedded',
  name: 'memory',
  doc: 'the model: a map with snapshot isolation; nothing survives a kill',
  capabilities: { isolation: 'snapshot', durable: false, graph: false },
  async open() {
    const records = new Map<string, Versioned>();
    const deleted = new Map<string, number>();
    let version = 0;
    const begin = async (): Promise<Transaction> => {
      const began = version;
      const view = new Map([...records].map(([key, { value }]) => [key, value] as const));
      const writes = new Map<string, string | undefined>();
      const apply = (key: string, value: string | undefined) => {
        writes.set(key, value);
        if (value === undefined) view.delete(key);
        else view.set(key, value);
      };
      return {
        get: async (key) => view.get(key),
        put: async (key, value) => apply(key, value),
        delete: async (key) => apply(key, undefined),
        async range({ prefix, limit = Number.MAX_SAFE_INTEGER, reverse = false }) {
          const found = [...view].filter(([key]) => key.startsWith(prefix)).sort(byBytes);
          return (reverse ? found.reverse() : found).slice(0, limit);
        },
        async commit() {
          for (const key of writes.keys()) {
            const last = records.get(key)?.version ?? deleted.get(key) ?? 0;
            if (last > began) throw new ModelError(`${key} was written after the snapshot`);
          }
          if (writes.size > 0) version++;
          for (const [key, value] of writes) {
            if (value === undefined) {
              records.delete(key);
              deleted.set(key, version);
            } else records.set(key, { value, version });
          }
        },
        rollback: async () => undefined,
      };
    };
    return {
      connect: async () => ({ begin, close: async () => undefined }),
      close: async () => {},
    };
  },
});

function byBytes([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
