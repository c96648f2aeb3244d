/** What is malformed in a history's text; the message begins with the place. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
