/** What is asked of the process of an embedded database, and what it answers. */
export interface EmbeddedSpec {
  readonly kind: 'sqlite' | 'lmdb' | 'level' | 'rocksdb' | 'target';
  readonly directory: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Of a target of the harness or a plug-in: the URL of its module. */
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
