/** Cuts between groups of nodes, out of which partitions are made. */
import type { FaultContext } from '../../contract/fault.ts';

/** No message either way between a node of one group and a node of the other. */
export async function separate(
  context: FaultContext,
  one: readonly number[],
  other: readonly number[],
): Promise<void> {
  await Promise.all(
    one.flatMap((a) => other.flatMap((b) => [context.cut(a, b), context.cut(b, a)])),
  );
}

export async function cutOff(context: FaultContext, node: number): Promise<void> {
  await separate(context, [node], others(context, [node]));
}

export function others(context: FaultContext, than: readonly number[]): number[] {
  return Array.from({ length: context.nodes }, (_, node) => node).filter(
    (node) => !than.includes(node),
  );
}

/** All nodes in an order drawn from the seed. */
export function shuffled(context: FaultContext): number[] {
  return context.random.shuffle(others(context, []));
}

/** The primary, or any node while none is known. */
export async function primaryOf(context: FaultContext): Promise<number> {
  return (await context.primary()) ?? context.random.below(context.nodes);
}

/** Any node but the primary. */
export async function followerOf(context: FaultContext): Promise<number> {
  const followers = others(context, [await primaryOf(context)]);
  return followers.length === 0 ? 0 : context.random.pick(followers);
}
