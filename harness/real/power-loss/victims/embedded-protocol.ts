/** Messages between the harness and the process of an embedded database. */
export interface EmbeddedSpec {
  readonly kind: 'sqlite' | 'lmdb' | 'level' | 'rocksdb' | 'target';
  readonly directory: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Module URL of a target, of the harness or a plug-in. */
  readonly module?: string;
}

export type EmbeddedRequest =
  | { readonly id: number; readonly kind: 'write'; readonly number: number; readonly token: string }
  | { readonly id: number; readonly kind: 'read' };

/** Request 0 is the opening. */
export interface EmbeddedAnswer {
  readonly id: number;
  readonly error?: string;
  readonly numbers?: readonly number[];
}
