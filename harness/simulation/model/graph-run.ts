/**
 * GraphRun: model-based test of a graph store against `GraphMap`, through
 * closes, kills and power cuts: properties, degrees and pages of neighbours in both directions.
 */
import type { CrashMode } from '../../contract/fault.ts';
import {
  type GraphDump,
  type GraphEdge,
  type GraphSession,
  isOperationError,
  type NeighbourQuery,
  type Settings,
  type Store,
} from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import { DIRECTORY, syncsCommits } from '../explore/record-run.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import {
  addEdge,
  addVertex,
  type GraphChange,
  GraphDraws,
  LABELS,
  removeEdge,
  removeVertex,
  setEdge,
  setVertex,
} from './graph-changes.ts';
import { GraphMap } from './graph-map.ts';
import { type Environment, Incarnations } from './incarnations.ts';
import { firstProblem, type Step } from './steps.ts';

const LIMIT_MAX = 5;
const RIVALS = [2, 3] as const;
/** Edges of a hub: more than fit one transaction where segments are small. */
const HUB_EDGES = [40, 100] as const;
const PAUSE_MS = 2;
/** About what a change of several reads takes: those of one read must also begin in its middle. */
const RIVAL_DELAY_MS = 4 * PAUSE_MS;

export class GraphRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #draws: Prng;
  readonly #delays: Prng;
  readonly #incarnations: Incarnations;
  readonly #changes: GraphDraws;
  #model = new GraphMap();
  /** Whether clients wait between the reads of a transaction, so that they meet. */
  #isRace = false;
  readonly #steps: Readonly<Record<string, Step>>;
  #store!: Store;
  #graph!: GraphSession;
  comparisons = 0;
  commits = 0;

  constructor(target: SimulatedTarget, settings: Settings, seed: number) {
    this.#target = target;
    this.#settings = settings;
    this.#random = new Prng(seed);
    this.#draws = this.#random.derive('draws');
    this.#delays = this.#random.derive('delays');
    this.#changes = new GraphDraws(this.#draws);
    this.#incarnations = new Incarnations(target, this.#random);
    const changes = this.#changes;
    this.#steps = {
      'add a vertex': {
        weight: 10,
        act: () => this.#change(addVertex(changes.vertex(), changes.properties())),
      },
      'set a vertex': {
        weight: 6,
        act: () => this.#change(setVertex(changes.vertex(), changes.properties())),
      },
      'remove a vertex': {
        weight: 2,
        act: () => this.#change(removeVertex(changes.vertex(), this.#draws.chance(0.5))),
      },
      'add an edge': {
        weight: 25,
        act: () => this.#change(addEdge(changes.edge(), changes.properties())),
      },
      'set an edge': {
        weight: 8,
        act: () => this.#change(setEdge(changes.edge(), changes.properties())),
      },
      'remove an edge': { weight: 8, act: () => this.#change(removeEdge(changes.edge())) },
      'name what can not be': { weight: 2, act: () => this.#change(changes.refused()) },
      'remove a hub': { weight: 0.7, act: () => this.#removeHub() },
      'change at once': { weight: 8, act: () => this.#race() },
      'ask for a vertex': { weight: 8, act: () => this.#askForVertex() },
      'ask for an edge': { weight: 8, act: () => this.#askForEdge() },
      'ask for neighbours': { weight: 20, act: () => this.#askForNeighbours() },
      'close and open': { weight: 0.5, act: () => this.#reopen() },
      kill: { weight: 0.5, act: () => this.#crash('kill') },
      'cut the power': {
        weight: syncsCommits(settings) ? 0.5 : 0,
        act: () => this.#crash(this.#random.pick(['none-kept', 'torn', 'garbage', 'all-kept'])),
      },
    };
  }

  get virtualMs(): number {
    return this.#incarnations.scheduler.nowMs;
  }

  get crashes(): number {
    return this.#incarnations.crashes;
  }

  /** Runs `operations` operations; answers the first problem. Never throws. */
  problem(operations: number): Promise<string | undefined> {
    const run = {
      lives: this.#incarnations,
      random: this.#random,
      steps: this.#steps,
      open: () => this.#open(this.#incarnations.first()),
      reopen: () => this.#reopen(),
      close: () => this.#store.close(),
      compareAll: () => this.#compareAll(),
    };
    return firstProblem(run, operations);
  }

  async #open(env: Environment): Promise<void> {
    const pauses = this.#random.derive('pauses');
    const pause = async () => {
      if (this.#isRace) await this.#incarnations.scheduler.sleep(pauses.fraction() * PAUSE_MS);
    };
    this.#store = await this.#target.open(env, DIRECTORY, this.#settings, pause);
    const { graph } = await this.#store.connect();
    if (graph === undefined) throw new Error(`${this.#target.name} offers no graph`);
    this.#graph = graph;
    await this.#compareAll();
  }

  async #reopen(): Promise<void> {
    await this.#store.close();
    await this.#crash('kill');
  }

  #crash(mode: CrashMode): Promise<void> {
    return this.#open(this.#incarnations.after(mode));
  }

  /** Properties are the caller's again as soon as it has called. */
  async #change(change: GraphChange): Promise<void> {
    const code = await this.#outcome(change);
    this.#same(`${change.name} was refused with`, code, change.apply(this.#model));
  }

  /** What it was refused with, if it was. */
  async #outcome(change: GraphChange): Promise<string | undefined> {
    this.commits++;
    try {
      await change.call(this.#graph);
      return undefined;
    } catch (error) {
      if (!isOperationError(error) || !error.definite) throw error;
      return error.code;
    }
  }

  /** A vertex with many edges in both directions, removed with all of them. */
  async #removeHub(): Promise<void> {
    const hub = this.#changes.vertex();
    await this.#change(addVertex(hub, {}));
    for (let i = this.#draws.between(...HUB_EDGES); i > 0; i--) {
      const [near, far] = this.#draws.pick([
        ['source', 'target'],
        ['target', 'source'],
      ] as const);
      const edge = { [near]: hub, label: `spoke ${i}`, [far]: this.#changes.vertex() };
      await this.#change(addEdge(edge as unknown as GraphEdge, {}));
    }
    await this.#change(removeVertex(hub, true));
    await this.#compareAll();
  }

  /** Changes of the same vertex and edge at once: what came of it is what some order of them makes. */
  async #race(): Promise<void> {
    const rivals = this.#changes.rivals(this.#draws.between(...RIVALS), this.#model);
    this.#isRace = true;
    const codes = await Promise.all(
      rivals.map(async (rival, i) => {
        if (i > 0)
          await this.#incarnations.scheduler.sleep(this.#delays.fraction() * RIVAL_DELAY_MS);
        return this.#outcome(rival);
      }),
    );
    this.#isRace = false;
    const found = JSON.stringify(await this.#everything());
    this.comparisons++;
    for (const order of permutations(rivals.map((_, i) => i))) {
      const model = this.#model.copy();
      if (!order.every((i) => rivals[i]!.apply(model) === codes[i])) continue;
      if (JSON.stringify(contentOf(model)) !== found) continue;
      this.#model = model;
      return;
    }
    const outcomes = rivals.map(({ name }, i) => `${name}: ${codes[i] ?? 'done'}`).join(', ');
    throw new Error(`no order of what was done at once explains it: ${outcomes}`);
  }

  /** With properties. */
  async #everything() {
    const dump = await this.#graph.dump();
    const vertices: unknown[] = [];
    const edges: unknown[] = [];
    for (const vertex of dump.vertices) vertices.push(await this.#graph.vertex(vertex));
    for (const edge of dump.outgoing) edges.push(await this.#graph.edge(edge));
    return { ...inOrder(dump), vertexProperties: vertices, edgeProperties: edges };
  }

  async #askForVertex(): Promise<void> {
    const vertex = this.#changes.vertex();
    this.#same(`vertex ${vertex}`, await this.#graph.vertex(vertex), this.#model.vertex(vertex));
    const degrees = await this.#graph.degrees(vertex);
    this.#same(`the degrees of ${vertex}`, degrees, this.#model.degrees(vertex));
  }

  async #askForEdge(): Promise<void> {
    const edge = this.#changes.edge();
    const what = `edge ${JSON.stringify(edge)}`;
    this.#same(what, await this.#graph.edge(edge), this.#model.edge(edge));
  }

  /** A page of them, and then the next. */
  async #askForNeighbours(): Promise<void> {
    const draws = this.#draws;
    const vertex = this.#changes.vertex();
    let query: NeighbourQuery = {
      direction: draws.pick(['out', 'in']),
      ...(draws.chance(0.5) ? { label: draws.pick(LABELS) } : {}),
      ...(draws.chance(0.6) ? { limit: draws.between(1, LIMIT_MAX) } : {}),
    };
    for (let page = 0; page < 2; page++) {
      const expected = this.#model.neighbours(vertex, query);
      const what = `the neighbours of ${vertex}, ${JSON.stringify(query)}`;
      this.#same(what, await this.#graph.neighbours(vertex, query), expected);
      const after = expected.at(-1);
      if (after === undefined) return;
      query = { ...query, after };
    }
  }

  async #compareAll(): Promise<void> {
    const [dump, expected] = [await this.#graph.dump(), this.#model.dump()];
    for (const part of ['vertices', 'degrees', 'outgoing', 'incoming'] as const) {
      this.#same(part, dump[part], expected[part]);
    }
    this.#incarnations.verify();
  }

  #same(what: string, found: unknown, expected: unknown): void {
    this.comparisons++;
    const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
    if (is !== should) throw new Error(`${what}: ${is ?? 'nothing'}, not ${should ?? 'nothing'}`);
  }
}

function contentOf(model: GraphMap) {
  const dump = model.dump();
  return {
    ...inOrder(dump),
    vertexProperties: dump.vertices.map((vertex) => model.vertex(vertex)),
    edgeProperties: dump.outgoing.map((edge) => model.edge(edge)),
  };
}

/** Its parts in a canonical order, so that store and model compare equal. */
function inOrder({ vertices, degrees, outgoing, incoming }: GraphDump) {
  return { vertices, degrees, outgoing, incoming };
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) =>
    permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]),
  );
}
