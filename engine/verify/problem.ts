/** A damaged place: the file, the offset in it, and what is wrong. */
export interface Problem {
  readonly file: string;
  readonly offset: number;
  readonly what: string;
}
