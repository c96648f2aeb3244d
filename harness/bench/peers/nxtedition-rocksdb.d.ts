/** Types of the @nxtedition/rocksdb calls that the benchmark makes; the package has no type definitions. */
declare module '@nxtedition/rocksdb' {
  interface Encodings {
    readonly keyEncoding: 'buffer';
    readonly valueEncoding: 'buffer';
  }

  interface ReadRange extends Encodings {
    readonly gte?: Buffer;
    readonly lte?: Buffer;
    readonly reverse?: boolean;
    readonly limit?: number;
  }

  interface ChainedBatch {
    _put(key: Buffer, value: Buffer): void;
    _writeSync(options: { readonly sync: boolean }): void;
    _closeSync(): void;
  }

  export class RocksLevel {
    constructor(location: string, options: Record<string, unknown>);
    open(options: Record<string, unknown>): Promise<void>;
    close(): Promise<void>;
    getProperty(name: string): string;
    querySync(range: ReadRange): { readonly rows: Buffer[] };
    _chainedBatch(): ChainedBatch;
    _getManySync(keys: Buffer[], encodings: Encodings): (Buffer | undefined)[];
  }
}
