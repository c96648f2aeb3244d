/**
 * Whether what a manifest's body says can be a store's state: its checksum is right by then, so a
 * state that is not was forged, or written by software that is wrong. Everything that is believed
 * later, without a further check, is checked here.
 */
/** Whether a field may have a value. */
export type Check = (value: unknown) => boolean;

/** Valid file numbers, lsns and sizes. */
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isWord: Check = (value) => isCount(value) && (value as number) < 2 ** 32;
const isText: Check = (value) => typeof value === 'string';
const isPair =
  (first: Check, second: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1]);
const isListOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const isRecordOf =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const record = value as Record<string, unknown>;
    return Object.entries(fields).every(([name, check]) => check(record[name]));
  };
const isHex: Check = (value) => isText(value) && /^([0-9a-f]{2})*$/.test(value as string);
const isSpan: Check = (value) => {
  if (value === undefined) return true;
  return isPair(isHex, isHex)(value) && (value as string[])[0]! <= (value as string[])[1]!;
};

export const FIELD_CHECKS = {
  storeId: (value) => isText(value) && /^[0-9a-f]{32}$/.test(value as string),
  hashSeed: isWord,
  hashSecret: isPair(Number.isInteger, Number.isInteger),
  appVersion: isText,
  generation: isCount,
  nextNumber: isCount,
  flushedLsn: isCount,
  durableLsn: isCount,
  lastLsn: isCount,
  safePoint: isCount,
  segments: isListOf(isRecordOf({ number: isCount, generation: isCount })),
  spares: isListOf(isCount),
  runs: isListOf(
    isRecordOf({
      number: isCount,
      tier: isCount,
      bytes: isCount,
      records: isCount,
      minLsn: isCount,
      maxLsn: isCount,
      span: isSpan,
    }),
  ),
  cleanShutdown: (value) => typeof value === 'boolean',
  lsnGaps: isListOf(isPair(isCount, isCount)),
  clockSamples: isListOf(isPair(Number.isFinite, isCount)),
} satisfies Readonly<Record<string, Check>>;

/** The name of the first field with an impossible value, or `undefined`. */
export function impossibleField(state: unknown): string | undefined {
  if (typeof state !== 'object' || state === null) return 'body';
  const record = state as Record<string, unknown>;
  return Object.entries(FIELD_CHECKS).find(([name, check]) => !check(record[name]))?.[0];
}
