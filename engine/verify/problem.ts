/** A damaged place: which file, where in it, and what is wrong there. */
export interface Problem {
  readonly file: string;
  readonly offset: number;
  readonly what: string;
}
