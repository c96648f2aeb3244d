/** Progress of reading a file, shown only on a terminal and for large files. */

const SHOWN_AFTER_MS = 1_000;
const EVERY_MS = 200;

export class ByteProgress {
  readonly #name: string;
  readonly #began = Date.now();
  #shownAt = 0;

  constructor(name: string) {
    this.#name = name;
  }

  readonly update = (done: number, total: number): void => {
    const now = Date.now();
    const isDue = now - this.#began > SHOWN_AFTER_MS && now - this.#shownAt > EVERY_MS;
    if (!process.stderr.isTTY || !isDue) return;
    this.#shownAt = now;
    const share = ((100 * done) / Math.max(1, total)).toFixed(0);
    const size = (total / 1e6).toFixed(0);
    process.stderr.write(`\r\u001b[K${this.#name}: ${share} % of ${size} MB read`);
  };

  end(): void {
    if (this.#shownAt > 0) process.stderr.write('\r\u001b[K');
  }
}
