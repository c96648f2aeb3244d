/** Values that operations carry, taken apart with a clear complaint when they are of another shape. */
import type { Operation } from '../../contract/history.ts';

export function listOf({ f, output, invokedIndex }: Operation): readonly unknown[] {
  if (Array.isArray(output)) return output;
  throw new Error(`operation ${invokedIndex}: ${f} returned ${JSON.stringify(output)}, no list`);
}

export function numberOf({ f, invokedIndex }: Operation, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Error(`operation ${invokedIndex}: ${f} with ${JSON.stringify(value)}, no number`);
}

/** A map of anything to numbers: an object, or a list of pairs. */
export function numbersByName(operation: Operation): ReadonlyMap<string, number> {
  const { output, f, invokedIndex } = operation;
  if (typeof output !== 'object' || output === null) {
    throw new Error(`operation ${invokedIndex}: ${f} returned ${JSON.stringify(output)}, no map`);
  }
  const isPairs = Array.isArray(output) && output.every((one) => Array.isArray(one));
  const entries = isPairs ? (output as [unknown, unknown][]) : Object.entries(output);
  return new Map(entries.map(([name, value]) => [String(name), numberOf(operation, value)]));
}
