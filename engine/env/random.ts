/** Random: where a store takes its identity and hash seed from. */
export interface Random {
  /** A uniform 32-bit unsigned integer. */
  nextUint32(): number;
}
