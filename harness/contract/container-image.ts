/** The image that a cluster target's servers run in, when they are asked for in containers. */
export type ContainerImage =
  /** Debian's packages, unpacked over a plain Debian. */
  | { readonly name: string; readonly packages: readonly string[] }
  /** A Dockerfile of this repository, by its path from the root, which is the context. */
  | { readonly name: string; readonly dockerfile: string };
