/**
 * Toxics by type: their attributes, as Toxiproxy 2.12 has them, and which values are refused. Where
 * the original hangs or crashes on a value, this is a 400.
 */
import { ApiError } from './api-error.ts';
import { type Body, fractionIn, objectOf, wholeIn } from './body.ts';

export const TOXIC_TYPES = [
  'latency',
  'bandwidth',
  'slow_close',
  'timeout',
  'reset_peer',
  'slicer',
  'limit_data',
  'noop',
  'packet_loss',
] as const;

export type ToxicType = (typeof TOXIC_TYPES)[number];
/** A bigint holds what a number can't hold exactly. */
export type Attributes = Readonly<Record<string, number | bigint>>;
export type Direction = 'upstream' | 'downstream';

export interface Toxic {
  readonly name: string;
  readonly type: ToxicType;
  /** As it was written; `direction` is what it means. */
  readonly stream: string;
  readonly direction: Direction;
  toxicity: number;
  attributes: Attributes;
}

interface Attribute {
  readonly initial: number;
  readonly isWhole: boolean;
}

const whole: Attribute = { initial: 0, isWhole: true };

const ATTRIBUTES: Readonly<Record<ToxicType, Readonly<Record<string, Attribute>>>> = {
  latency: { latency: whole, jitter: whole },
  bandwidth: { rate: whole },
  slow_close: { delay: whole },
  timeout: { timeout: whole },
  reset_peer: { timeout: whole },
  slicer: { average_size: whole, size_variation: whole, delay: whole },
  limit_data: { bytes: whole },
  noop: {},
  packet_loss: {
    loss_rate: { initial: 0.1, isWhole: false },
    correlation: { initial: 0, isWhole: false },
  },
};

export function isToxicType(type: unknown): type is ToxicType {
  return (TOXIC_TYPES as readonly unknown[]).includes(type);
}

/** `given` merged over `before`, or over the defaults; unknown ones are dropped. Throws ApiError. */
export function mergeAttributes(type: ToxicType, given: unknown, before?: Attributes): Attributes {
  const body = given === undefined ? {} : objectOf(given);
  const merged: Record<string, number | bigint> = {};
  for (const [name, { initial, isWhole }] of Object.entries(ATTRIBUTES[type])) {
    const value = isWhole ? wholeIn(body, name) : fractionIn(body, name);
    merged[name] = value ?? before?.[name] ?? initial;
  }
  refuseHarmful(type, merged);
  return merged;
}

/** What makes the original hang or crash. */
function refuseHarmful(type: ToxicType, attributes: Attributes): void {
  const { rate, average_size: size, size_variation: variation, loss_rate: loss } = attributes;
  if (type === 'bandwidth' && rate! < 0) throw new ApiError(400, 'rate must not be negative');
  if (type === 'slicer') {
    if (size! < 1) throw new ApiError(400, 'average_size must be 1 or more');
    if (variation! < 0 || variation! > size!) {
      throw new ApiError(400, 'size_variation must be between 0 and average_size');
    }
  }
  if (type === 'packet_loss' && !(loss! >= 0 && loss! <= 1)) {
    throw new ApiError(400, 'loss_rate must be between 0 and 1');
  }
}

/** Throws ApiError 400. */
export function toxicityIn(body: Body): number | undefined {
  const value = fractionIn(body, 'toxicity');
  if (value === undefined) return undefined;
  if (!(value >= 0 && value <= 1)) throw new ApiError(400, 'toxicity must be between 0 and 1');
  return value;
}
