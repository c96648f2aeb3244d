/** What is asked of the process that serves a mount, and what it answers. */
export type FuseRequest = { readonly id: number } & (
  | { readonly kind: 'cut'; readonly mode: 'none' | 'some' | 'all'; readonly seed: number }
  | { readonly kind: 'lie'; readonly lies: boolean }
  | { readonly kind: 'audit' }
  | { readonly kind: 'durable'; readonly token: string }
  | { readonly kind: 'syncs' }
);

/** Request 0 is the mount itself. */
export interface FuseAnswer {
  readonly id: number;
  readonly error?: string;
  readonly durable?: boolean;
  readonly syncs?: number;
}
