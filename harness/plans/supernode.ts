/**
 * Supernode: one vertex gets more and more edges. What each operation on one of its edges asks of
 * the store below, in reads, records shown and writes, must not grow with the degree; nor may the
 * transactions that remove the vertex with all its edges. Degrees and neighbours are checked on the
 * way. Work is counted, not timed, so a slow machine changes nothing; times are figures.
 */
import { performance } from 'node:perf_hooks';
import { nothingWrong, type Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import type { Supernode } from '../contract/scenario.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY } from '../simulation/explore/record-run.ts';
import type { CountedGraph, HubEdge } from '../simulation/sim/counted-graph.ts';
import { SimDisk } from '../simulation/sim/sim-disk.ts';
import { instantWorld } from '../simulation/sim/world.ts';

const HUB = 'hub';
/** A page of edges has to fit a transaction. */
const SEGMENT_BYTES_MIN = 2 ** 20;
const LOAD_EDGES = 200;
const SAMPLE = 40;
const PAGE = 50;
const FIRST_DEGREE = 100;
const DEGREE_STEP = 10;
/** Writes of the largest transaction that removes a vertex, for a page of 1,000 edges and its ends. */
const REMOVAL_WRITES_MAX = 6000;

/** What one operation asked, at most, in reads, records shown and writes. */
type Costs = ReadonlyMap<string, number>;

export async function runSupernode(parts: SimulatedParts<Supernode>): Promise<Outcome> {
  const { target, settings, plan, seed, progress } = parts;
  const random = new Prng(seed);
  const disk = new SimDisk({ random: random.derive('disk'), error: target.diskError });
  const { env } = instantWorld(target, disk, random.derive('world'));
  const segmentBytes = Math.max(SEGMENT_BYTES_MIN, Number(settings.segmentBytes ?? 0));
  const graph = await target.openCountedGraph!(env, DIRECTORY, { ...settings, segmentBytes });
  const run = new HubRun(graph, random.derive('samples'));
  const problems: string[] = [];
  let goOn = true;
  try {
    for (const degree of degreesTo(plan.edges)) {
      await run.growTo(degree, (edges) => {
        goOn &&= progress(edges, plan.edges, 'edges');
      });
      problems.push(...(await run.sample()));
      if (problems.length > 0 || !goOn) break;
    }
    if (problems.length === 0) problems.push(...(await run.removeAll()));
    await graph.close();
  } catch (error) {
    problems.push(`the store threw: ${(error as Error)?.message ?? error}`);
  }
  const degree = run.degree;
  const counts = { edges: degree };
  return {
    verdict:
      problems.length > 0
        ? { validity: 'invalid', reasons: problems, counts }
        : nothingWrong(degree, plan.edges, 'edges', counts),
    figures: { edges: degree, operations: run.operations, ...run.figures() },
    notVerified: [],
  };
}

/** 100, 1,000, … and the last. */
function degreesTo(last: number): number[] {
  const degrees: number[] = [];
  for (let degree = FIRST_DEGREE; degree < last; degree *= DEGREE_STEP) degrees.push(degree);
  return [...degrees, last];
}

class HubRun {
  operations = 0;
  /** Half of the edges lead out of the hub, half into it. */
  degree = 0;
  readonly #graph: CountedGraph;
  readonly #random: Prng;
  /** At the first degree. */
  #first: Costs | undefined;
  #firstMs = 0;
  #lastMs = 0;
  #work = 0;

  constructor(graph: CountedGraph, random: Prng) {
    this.#graph = graph;
    this.#random = random;
  }

  async growTo(degree: number, grown: (edges: number) => void): Promise<void> {
    if (this.degree === 0) await this.#graph.addVertices([HUB]);
    while (this.degree < degree) {
      const count = Math.min(LOAD_EDGES, degree - this.degree);
      const numbers = Array.from({ length: count }, (_, i) => this.degree + i);
      await this.#graph.addVertices(numbers.map(spoke));
      await this.#graph.addEdges(numbers.map(edgeOf));
      this.degree += count;
      grown(this.degree);
    }
  }

  /** Works on edges by chance; answers what was wrong with answers and costs. */
  async sample(): Promise<string[]> {
    const costs = new Map<string, number>();
    const problems: string[] = [];
    const began = performance.now();
    for (let i = 0; i < SAMPLE; i++) {
      const number = this.#random.below(this.degree);
      problems.push(...(await this.#workOn(edgeOf(number), costs)));
    }
    this.#lastMs = performance.now() - began;
    this.#work = Math.max(...costs.values());
    const expected = { out: Math.ceil(this.degree / 2), in: Math.floor(this.degree / 2) };
    const degrees = await this.#graph.degrees(HUB);
    if (degrees?.out !== expected.out || degrees.in !== expected.in) {
      problems.push(`of ${this.degree} edges the degrees are ${JSON.stringify(degrees)}`);
    }
    if (this.#first === undefined) {
      this.#first = costs;
      this.#firstMs = this.#lastMs;
    }
    for (const [operation, cost] of costs) {
      const before = this.#first.get(operation)!;
      if (cost > before) {
        problems.push(
          `${operation} takes ${cost} reads and writes at degree ${this.degree}, ${before} at degree ${FIRST_DEGREE}`,
        );
      }
    }
    return problems;
  }

  async #workOn(edge: HubEdge, costs: Map<string, number>): Promise<string[]> {
    const graph = this.#graph;
    const problems: string[] = [];
    const cost = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
      const before = this.#total();
      const answer = await run();
      costs.set(operation, Math.max(costs.get(operation) ?? 0, this.#total() - before));
      this.operations++;
      return answer;
    };
    const isThere = async () => (await cost('edge', () => graph.edge(edge))) !== undefined;
    if (!(await isThere())) problems.push(`${nameOf(edge)} is missing`);
    await cost('setEdge', () => graph.setEdge(edge, { seen: 'yes' }));
    await cost('removeEdge', () => graph.removeEdge(edge));
    if (await isThere()) problems.push(`${nameOf(edge)} is there after it was removed`);
    await cost('addEdge', () => graph.addEdge(edge));
    await cost('degrees', () => graph.degrees(HUB));
    for (const direction of ['out', 'in'] as const) {
      const page = await cost(`neighbours ${direction}`, () =>
        graph.neighbours(HUB, direction, { limit: PAGE }),
      );
      const wanted = Math.min(PAGE, this.degree / 2);
      if (page.length !== wanted) problems.push(`a page of ${wanted} has ${page.length} edges`);
    }
    return problems;
  }

  /** Removes the hub with its edges; answers what was left or took too much. */
  async removeAll(): Promise<string[]> {
    const graph = this.#graph;
    const problems: string[] = [];
    const before = this.#total();
    await graph.removeVertex(HUB, { cascade: true });
    const { largestTransaction } = graph.work();
    const perEdge = (this.#total() - before) / this.degree;
    if (largestTransaction > REMOVAL_WRITES_MAX) {
      problems.push(`one transaction of the removal has ${largestTransaction} writes`);
    }
    const addition = this.#first!.get('addEdge')!;
    if (perEdge > 2 * addition) {
      problems.push(`the removal takes ${perEdge.toFixed(1)} reads and writes an edge`);
    }
    if ((await graph.degrees(HUB)) !== undefined) problems.push('the vertex is there after it');
    for (let i = 0; i < SAMPLE; i++) {
      const number = this.#random.below(this.degree);
      const degrees = await graph.degrees(spoke(number));
      if (degrees?.in !== 0 || degrees.out !== 0) {
        problems.push(`${spoke(number)} has edges after it: ${JSON.stringify(degrees)}`);
        break;
      }
    }
    return problems;
  }

  figures(): Record<string, number> {
    return {
      'most reads and writes of an operation': this.#work,
      'time ratio to degree 100': this.#lastMs / this.#firstMs,
    };
  }

  #total(): number {
    const { reads, shown, writes } = this.#graph.work();
    return reads + shown + writes;
  }
}

function spoke(number: number): string {
  return `spoke ${number}`;
}

function edgeOf(number: number): HubEdge {
  return number % 2 === 0
    ? { source: HUB, label: 'to', target: spoke(number) }
    : { source: spoke(number), label: 'to', target: HUB };
}

function nameOf({ source, target }: HubEdge): string {
  return `the edge from ${source} to ${target}`;
}
