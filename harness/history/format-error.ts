/** A malformed history; the message begins with the position. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
