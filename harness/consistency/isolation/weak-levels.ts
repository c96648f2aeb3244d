/**
 * Decides the weak levels: for each, whether an order of commits exists that satisfies its axiom.
 * Complete: `violated` comes with a cycle, `holds` with an acyclic graph.
 */
import { components } from '../graph/components.ts';
import {
  type DependencyGraph,
  GraphBuilder,
  PROCESS,
  VISIBLE,
  WR,
  WW,
} from '../graph/dependency-graph.ts';
import { PathFinder, type Step } from '../graph/paths.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import type { Axiom, Facts } from './axioms.ts';
import * as axioms from './axioms.ts';
import { INITIAL } from './view.ts';

const STEPS_MAX = 20_000_000;

interface WeakLevelRule {
  readonly axioms: readonly Axiom[];
  /** Whether the order of commits agrees with session order. */
  readonly sessions: boolean;
  /** Whether nothing can be asked where happens-before has a cycle: the level is violated then. */
  readonly needsAcyclicCausality?: boolean;
}

const {
  readCommitted,
  readAtomic,
  readYourWrites,
  monotonicReads,
  monotonicWrites,
  writesFollowReads,
  causal,
} = axioms;

export const WEAK_LEVELS = {
  'read-committed-axiomatic': { axioms: [readCommitted], sessions: true },
  'monotonic-atomic-view': { axioms: [readCommitted], sessions: false },
  'read-atomic': { axioms: [readAtomic], sessions: false },
  'strong-session-read-atomic': { axioms: [readAtomic, readYourWrites], sessions: true },
  causal: { axioms: [causal], sessions: true, needsAcyclicCausality: true },
  'read-your-writes': { axioms: [readYourWrites], sessions: true },
  'monotonic-reads': { axioms: [monotonicReads], sessions: false },
  'monotonic-writes': { axioms: [monotonicWrites], sessions: true },
  'writes-follow-reads': { axioms: [writesFollowReads], sessions: true },
  pram: { axioms: [readYourWrites, monotonicReads, monotonicWrites], sessions: true },
} as const satisfies Record<string, WeakLevelRule>;

export type WeakLevel = keyof typeof WEAK_LEVELS;

/** A read that shows one version although another, later one was visible. */
export interface Offence {
  readonly reader: number;
  readonly key: number;
  /** The writer of the version it read, or INITIAL. */
  readonly read: number;
  /** Whose version it should have seen at least. */
  readonly visible: number;
  /** Whether what it should have seen comes later causally, or only by the order inferred. */
  readonly byCausality: boolean;
}

export interface WeakResult {
  readonly holds: boolean;
  /** An order of commits that satisfies the axioms, when they hold. */
  readonly order: () => ArrayLike<number>;
  readonly offences: readonly Offence[];
  /** Whether reads-from (and session order, where it counts) has a cycle of its own. */
  readonly cyclicBase: boolean;
  /** The cycle behind a violation; empty if a read of the initial version is one by itself. */
  cycleOf(offence: Offence): readonly Step[];
}

export function decideWeakLevel(facts: Facts, level: WeakLevel): WeakResult {
  const { view, happensBefore } = facts;
  const rule: WeakLevelRule = WEAK_LEVELS[level];
  if (rule.needsAcyclicCausality === true && !happensBefore.isAcyclic) {
    return { holds: false, order: none, offences: [], cyclicBase: true, cycleOf: none };
  }
  const { builder, inferred, offences } = infer(facts, rule);
  const isPlain = inferred.length === 0 && offences.length === 0 && view.order.size === 0;
  if (isPlain && happensBefore.isAcyclic) {
    const order = () => happensBefore.order;
    return { holds: true, order, offences, cyclicBase: false, cycleOf: none };
  }
  builder.addAll(facts.base.edges(rule.sessions));
  const graph = builder.build();
  const found = components(graph, -1);
  const { byCausality } = causalTest(facts);
  for (let i = 0; i < inferred.length; i += 4) {
    const [visible, read] = [inferred[i]!, inferred[i + 1]!];
    if (found.of[visible]! < 0 || found.of[visible] !== found.of[read]) continue;
    const [reader, key] = [inferred[i + 2]!, inferred[i + 3]!];
    offences.push({ reader, key, read, visible, byCausality: byCausality(read, visible) });
  }
  return {
    holds: found.count === 0 && offences.length === 0,
    order: orderFor(facts, rule),
    offences,
    cyclicBase: found.count > 0 && hasBaseCycle(graph),
    cycleOf: (offence) => cycleOf(graph, offence),
  };
}

const none = () => [];

/** What the axioms ask for: edges as (before, after, reader, key), flat, and in a builder. */
function infer(facts: Facts, rule: WeakLevelRule) {
  const builder = new GraphBuilder(facts.view.transactions);
  const offences: Offence[] = [];
  const inferred: number[] = [];
  for (const axiom of rule.axioms) {
    axiom(facts, (before, after, reader, key) => {
      if (after === INITIAL) {
        offences.push({ reader, key, read: after, visible: before, byCausality: true });
        return;
      }
      builder.add(before, after, VISIBLE);
      inferred.push(before, after, reader, key);
    });
  }
  return { builder, inferred, offences };
}

/** The graph is built again when it is asked for: to keep one for each level takes much memory. */
function orderFor(facts: Facts, rule: WeakLevelRule) {
  return () => {
    const { builder } = infer(facts, rule);
    builder.addAll(facts.base.edges(rule.sessions));
    return topologicalOrder(builder.build(), -1).filter((t) => facts.view.committed[t] === 1);
  };
}

function hasBaseCycle(graph: DependencyGraph): boolean {
  return components(graph, WR | WW | PROCESS).count > 0;
}

function causalTest({ happensBefore }: Facts) {
  if (!happensBefore.isAcyclic) return { byCausality: () => false };
  return {
    byCausality: (read: number, visible: number) => happensBefore.clocks.reaches(read, visible),
  };
}

function cycleOf(graph: DependencyGraph, { read, visible }: Offence): Step[] {
  if (read === INITIAL) return [];
  const back = new PathFinder(graph, STEPS_MAX).path(read, visible, -1) ?? [];
  const edge = { node: read, kind: VISIBLE };
  return [{ node: visible, kind: 0 }, edge, ...back.slice(1)];
}
