/**
 * StatusLine: progress of long work on stderr: on a terminal one line that is updated, elsewhere a line
 * from time to time.
 */
const TERMINAL_MS = 500;
const OTHERWISE_MS = 30_000;

export class StatusLine {
  readonly #isTerminal = process.stderr.isTTY === true;
  #lastMs = Date.now();

  show(text: () => string): void {
    const now = Date.now();
    if (now - this.#lastMs < (this.#isTerminal ? TERMINAL_MS : OTHERWISE_MS)) return;
    this.#lastMs = now;
    const line = text().slice(0, (process.stderr.columns ?? 200) - 1);
    process.stderr.write(this.#isTerminal ? `\r\x1b[K${line}` : `${line}\n`);
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
  }
}
