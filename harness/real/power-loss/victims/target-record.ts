/**
 * Numbered records in a target that stores text. A value contains its number, and its token twice, so
 * that a truncated, mixed or misplaced value is detected without knowing what was written.
 */

const NUMBER_DIGITS = 8;

export const keyOf = (number: number): string => String(number).padStart(NUMBER_DIGITS, '0');

export const textOf = (number: number, token: string): string => `${number} ${token} ${token}`;

/** Throws if a record was never written. */
export function numberOf(key: string, value: string): number {
  const [number, token, again, ...rest] = value.split(' ');
  const isWhole = token !== undefined && token !== '' && token === again && rest.length === 0;
  if (isWhole && keyOf(Number(number)) === key) return Number(number);
  throw new Error(`record ${key} has a value that was never written: ${JSON.stringify(value)}`);
}
