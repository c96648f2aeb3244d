/** Cuts between groups of nodes, out of which partitions are made. */
import type { Field } from '../../contract/fault.ts';

/** No message either way between a node of one group and a node of the other. */
export async function separate(
  field: Field,
  one: readonly number[],
  other: readonly number[],
): Promise<void> {
  await Promise.all(one.flatMap((a) => other.flatMap((b) => [field.cut(a, b), field.cut(b, a)])));
}

export async function cutOff(field: Field, node: number): Promise<void> {
  await separate(field, [node], others(field, [node]));
}

export function others(field: Field, than: readonly number[]): number[] {
  return Array.from({ length: field.nodes }, (_, node) => node).filter(
    (node) => !than.includes(node),
  );
}

/** All nodes in an order drawn from the seed. */
export function shuffled(field: Field): number[] {
  return field.random.shuffle(others(field, []));
}

/** The primary, or any node while none is known. */
export async function primaryOf(field: Field): Promise<number> {
  return (await field.primary()) ?? field.random.below(field.nodes);
}

/** Any node but the primary. */
export async function followerOf(field: Field): Promise<number> {
  const followers = others(field, [await primaryOf(field)]);
  return followers.length === 0 ? 0 : field.random.pick(followers);
}
