/**
 * The reference engine behind the harness's contract: text keys and values, sessions, graph.
 */
import {
  checkOptions,
  type Database,
  dumpGraph,
  type EdgeId,
  GraphStore,
  type OpenOptions,
  type Properties,
  utf8,
} from '../../engine/index.ts';
import type {
  GraphProperties,
  GraphSession,
  Session,
  Settings,
  Store,
  Transaction,
} from '../contract/target.ts';
import { type Pause, SessionStore } from './reference-engine-ordered.ts';

const atOnce: Pause = () => Promise.resolve();

export function engineStore(database: Database, pause: Pause = atOnce): Store {
  const session = Promise.resolve(engineSession(database, pause));
  return { connect: () => session, close: () => database.close() };
}

/** Settings of a cell as options of the engine. Throws for a setting it does not know. */
export function engineOptions(directory: string, settings: Settings): OpenOptions {
  const options: Record<string, unknown> = { directory };
  const { retainVersions, retainAgeMs } = settings;
  if (retainVersions !== undefined) options.retain = { versions: retainVersions };
  if (retainAgeMs !== undefined) {
    options.retain = { ...(options.retain as object), ageMs: retainAgeMs };
  }
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'intervalMs') options.durability = { intervalMs: value };
    else if (ENGINE_SETTINGS.has(name)) options[name] = value;
    else if (!RETENTION.has(name)) throw new Error(`the engine has no setting ${name}`);
  }
  return options as unknown as OpenOptions;
}

/** Throws an Error for a setting that the engine does not know, or a value it refuses. */
export function checkEngineSettings(settings: Settings): void {
  checkOptions(engineOptions('store', settings));
}

const RETENTION = new Set(['retainVersions', 'retainAgeMs']);

const ENGINE_SETTINGS = new Set([
  'durability',
  'isolation',
  'compression',
  'mustExist',
  'segmentBytes',
  'maxUnflushedBytes',
  'blockBytes',
  'cacheBytes',
  'memoryBytes',
  'fanIn',
  'checkpointEveryBytes',
]);

function engineSession(database: Database, pause: Pause): Session {
  return {
    begin: async () => engineTransaction(database, pause),
    graph: engineGraph(database, pause),
    close: () => DONE,
  };
}

const DONE = Promise.resolve();
const nothing = () => undefined;

function engineTransaction(database: Database, pause: Pause): Transaction {
  const transaction = database.begin();
  return {
    async get(key) {
      await pause();
      const value = transaction.get(utf8.encode(key));
      return value === undefined ? undefined : utf8.decode(value);
    },
    put(key, value) {
      transaction.put(utf8.encode(key), utf8.encode(value));
      return DONE;
    },
    delete(key) {
      transaction.delete(utf8.encode(key));
      return DONE;
    },
    async range({ prefix, limit, reverse = false }) {
      await pause();
      const records = transaction.range({
        prefix: utf8.encode(prefix),
        reverse,
        ...(limit === undefined ? {} : { limit }),
      });
      return Array.from(
        records,
        ({ key, value }) => [utf8.decode(key), utf8.decode(value)] as const,
      );
    },
    commit: () => transaction.commit().then(nothing),
    rollback() {
      transaction.rollback();
      return DONE;
    },
  };
}

/** The harness writes no other properties than texts. */
function textsOf(properties: Properties | undefined): GraphProperties | undefined {
  return properties as GraphProperties | undefined;
}

function engineGraph(database: Database, pause: Pause): GraphSession {
  const base = new SessionStore(database, pause);
  const store = new GraphStore(base);
  return {
    addVertex: (vertex, properties) => store.addVertex(vertex, properties),
    setVertex: (vertex, properties) => store.setVertex(vertex, properties),
    removeVertex: (vertex, cascade) => store.removeVertex(vertex, { cascade }),
    addEdge: (edge, properties) => store.addEdge(edge satisfies EdgeId, properties),
    setEdge: (edge, properties) => store.setEdge(edge, properties),
    removeEdge: (edge) => store.removeEdge(edge),
    vertex: async (vertex) => textsOf(await store.vertex(vertex)),
    edge: async (edge) => textsOf(await store.edge(edge)),
    degrees: (vertex) => store.degrees(vertex),
    neighbours: (vertex, { direction, ...query }) => store.neighbours(vertex, direction, query),
    dump: () => base.read(dumpGraph),
  };
}
