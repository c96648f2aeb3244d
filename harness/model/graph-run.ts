/**
 * GraphRun: a graph store beside a graph of plain maps, told the same and asked the same, through
 * closes, kills and power cuts: properties, degrees and pages of neighbours in both directions.
 */
import type { CrashMode } from '../contract/fault.ts';
import {
  type GraphEdge,
  type GraphProperties,
  type GraphSession,
  isOperationError,
  type NeighbourQuery,
  type Settings,
  type Store,
} from '../contract/target.ts';
import { DIRECTORY, syncsCommits } from '../explore/record-run.ts';
import { Prng } from '../random/prng.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import { GraphMap } from './graph-map.ts';
import { Lives, type Surroundings } from './lives.ts';
import { firstProblem, type Step } from './steps.ts';

/** Names that begin like others, and some that have to be escaped. */
const VERTICES = [
  'v',
  'v1',
  'v10',
  'v1\0',
  'v\0',
  'a',
  'ab',
  'abc',
  'é',
  '字',
  'w1',
  'w2',
] as const;
const LABELS = ['knows', 'know', 'owns', 'o\0wns'] as const;
const LIMIT_MAX = 5;
const LONG_VALUE = 600;

export class GraphRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #draws: Prng;
  readonly #lives: Lives;
  readonly #model = new GraphMap();
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
    this.#lives = new Lives(target, this.#random);
    this.#steps = {
      'add a vertex': { weight: 10, act: () => this.#addVertex() },
      'set a vertex': { weight: 6, act: () => this.#setVertex() },
      'remove a vertex': { weight: 2, act: () => this.#removeVertex() },
      'add an edge': { weight: 25, act: () => this.#addEdge() },
      'set an edge': { weight: 8, act: () => this.#setEdge() },
      'remove an edge': { weight: 8, act: () => this.#removeEdge() },
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
    return this.#lives.scheduler.nowMs;
  }

  get crashes(): number {
    return this.#lives.crashes;
  }

  /** Runs so many operations; answers the first problem. Never throws. */
  problem(operations: number): Promise<string | undefined> {
    const run = {
      lives: this.#lives,
      random: this.#random,
      steps: this.#steps,
      open: () => this.#open(this.#lives.first()),
      reopen: () => this.#reopen(),
      close: () => this.#store.close(),
      compareAll: () => this.#compareAll(),
    };
    return firstProblem(run, operations);
  }

  async #open(env: Surroundings): Promise<void> {
    this.#store = await this.#target.open(env, DIRECTORY, this.#settings);
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
    return this.#open(this.#lives.after(mode));
  }

  #vertex(): string {
    return this.#draws.pick(VERTICES);
  }

  #edge(): GraphEdge {
    return { source: this.#vertex(), label: this.#draws.pick(LABELS), target: this.#vertex() };
  }

  #properties(): GraphProperties {
    const draws = this.#draws;
    if (draws.chance(0.3)) return {};
    const length = draws.below(draws.chance(0.1) ? LONG_VALUE : 20);
    return { name: `${draws.nextUint32()}`.padEnd(length, '.') };
  }

  async #addVertex(): Promise<void> {
    const [vertex, properties] = [this.#vertex(), this.#properties()];
    const refusal = this.#model.vertex(vertex) === undefined ? undefined : 'vertex-exists';
    await this.#change(refusal, this.#graph.addVertex(vertex, properties));
    if (refusal === undefined) this.#model.setVertex(vertex, properties);
  }

  async #setVertex(): Promise<void> {
    const [vertex, properties] = [this.#vertex(), this.#properties()];
    const refusal = this.#model.vertex(vertex) === undefined ? 'vertex-missing' : undefined;
    await this.#change(refusal, this.#graph.setVertex(vertex, properties));
    if (refusal === undefined) this.#model.setVertex(vertex, properties);
  }

  async #removeVertex(): Promise<void> {
    const vertex = this.#vertex();
    const cascade = this.#draws.chance(0.5);
    const degrees = this.#model.degrees(vertex);
    const hasEdges = degrees !== undefined && degrees.out + degrees.in > 0;
    const refusal =
      degrees === undefined
        ? 'vertex-missing'
        : hasEdges && !cascade
          ? 'vertex-has-edges'
          : undefined;
    await this.#change(refusal, this.#graph.removeVertex(vertex, cascade));
    if (refusal === undefined) this.#model.removeVertex(vertex);
  }

  async #addEdge(): Promise<void> {
    const [edge, properties] = [this.#edge(), this.#properties()];
    const hasEnds = [edge.source, edge.target].every(
      (end) => this.#model.vertex(end) !== undefined,
    );
    const refusal =
      this.#model.edge(edge) !== undefined ? 'edge-exists' : hasEnds ? undefined : 'vertex-missing';
    await this.#change(refusal, this.#graph.addEdge(edge, properties));
    if (refusal === undefined) this.#model.setEdge(edge, properties);
  }

  async #setEdge(): Promise<void> {
    const [edge, properties] = [this.#edge(), this.#properties()];
    const refusal = this.#model.edge(edge) === undefined ? 'edge-missing' : undefined;
    await this.#change(refusal, this.#graph.setEdge(edge, properties));
    if (refusal === undefined) this.#model.setEdge(edge, properties);
  }

  async #removeEdge(): Promise<void> {
    const edge = this.#edge();
    const refusal = this.#model.edge(edge) === undefined ? 'edge-missing' : undefined;
    await this.#change(refusal, this.#graph.removeEdge(edge));
    if (refusal === undefined) this.#model.removeEdge(edge);
  }

  /** Waits for a change that must be refused with this code, or not at all. */
  async #change(refusal: string | undefined, changed: Promise<void>): Promise<void> {
    this.commits++;
    let code: string | undefined;
    try {
      await changed;
    } catch (error) {
      if (!isOperationError(error) || !error.definite) throw error;
      code = error.code;
    }
    this.#same('what it was refused with', code, refusal);
  }

  async #askForVertex(): Promise<void> {
    const vertex = this.#vertex();
    this.#same(`vertex ${vertex}`, await this.#graph.vertex(vertex), this.#model.vertex(vertex));
    const degrees = await this.#graph.degrees(vertex);
    this.#same(`the degrees of ${vertex}`, degrees, this.#model.degrees(vertex));
  }

  async #askForEdge(): Promise<void> {
    const edge = this.#edge();
    const what = `edge ${JSON.stringify(edge)}`;
    this.#same(what, await this.#graph.edge(edge), this.#model.edge(edge));
  }

  /** A page of them, and then the next. */
  async #askForNeighbours(): Promise<void> {
    const draws = this.#draws;
    const vertex = this.#vertex();
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
    this.#lives.verify();
  }

  #same(what: string, found: unknown, expected: unknown): void {
    this.comparisons++;
    const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
    if (is !== should) throw new Error(`${what}: ${is ?? 'nothing'}, not ${should ?? 'nothing'}`);
  }
}
