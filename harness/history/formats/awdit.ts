/**
 * AWDIT's text, read leniently: operations `w(x, 1)`, `r(x, 1)`, `w x 1` or `r x 1`. A transaction
 * is what stands in one pair of brackets, or on one line where there are none; a session is a pair
 * of brackets around transactions, or the lines up to an empty line, a line of dashes or a heading
 * `session …`. A transaction that ends in `abort` was rolled back. `#` and `//` begin a comment.
 */
import { FormatError, type HistoryFormat, headText, TransactionWriter } from '../format.ts';

const TOKEN =
  /\s*(?:([[{<])|([\]}>])|(session\b[^\n[{<]*|-{3,}|={3,})|(abort(?:ed)?|commit(?:ted)?|begin|end)\b|(?:([rwRW])\s*(?:\(\s*([\w."-]+)\s*[,=:]\s*([\w."-]+)\s*\)|\[\s*([\w."-]+)\s*\]\s*[=:]?\s*([\w."-]+)|\s+([\w."-]+)\s*[,=:]?\s*([\w."-]+)))|([,;|]))/iy;

export const awdit: HistoryFormat = {
  name: 'awdit',
  doc: 'AWDIT’s text: transactions of w(x,1) and r(x,1) in brackets or lines, sessions around them',
  traits: { hasRealTime: false, initialValue: 0, axiomatic: true, workload: 'rw-register' },
  detect: (head) =>
    /^(?:(?:#|\/\/)[^\n]*\n\s*)*(?:session\b[^\n]*\n)?[[{<\s]*[rw]\s*(?:\(\s*[\w."-]+\s*[,=:]|\[\s*\w+|\s+[\w."-]+)/i.test(
      headText(head),
    ),
  read(source, visit) {
    const sessions = parse(source.text());
    const writer = new TransactionWriter(visit);
    for (const [process, transactions] of sessions.entries()) {
      for (const { operations, aborted } of transactions) {
        writer.add(process, operations, aborted ? 'fail' : 'ok');
      }
    }
    return {};
  },
};

interface Read {
  readonly operations: unknown[];
  aborted: boolean;
}

class Sessions {
  readonly all: Read[][] = [];
  #session: Read[] | undefined;
  #transaction: Read | undefined;

  operation(one: unknown): void {
    this.#transaction ??= { operations: [], aborted: false };
    this.#transaction.operations.push(one);
  }

  abort(): void {
    if (this.#transaction !== undefined) this.#transaction.aborted = true;
    else if (this.#session?.length) this.#session.at(-1)!.aborted = true;
  }

  endTransaction(): void {
    if (this.#transaction === undefined) return;
    if (this.#session === undefined) {
      this.#session = [];
      this.all.push(this.#session);
    }
    this.#session.push(this.#transaction);
    this.#transaction = undefined;
  }

  endSession(): void {
    this.endTransaction();
    this.#session = undefined;
  }
}

function parse(text: string): Read[][] {
  const sessions = new Sessions();
  const hasBrackets = /[[{<]/.test(text.replace(/[rw]\s*\[[^\]]*\]/gi, ''));
  const depths: number[] = [];
  let depth = 0;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.replace(/#.*$|\/\/.*$/, '').trimEnd();
    if (line.trim() === '') {
      if (depth === 0 && raw.trim() === '') sessions.endSession();
      continue;
    }
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < line.length) {
      const at = TOKEN.lastIndex;
      const found = TOKEN.exec(line);
      if (found === null) {
        const column = at + 1 + (/^\s*/.exec(line.slice(at))?.[0].length ?? 0);
        throw new FormatError(
          `line ${i + 1}, column ${column}: no operation: ${line.slice(at).trim()}`,
        );
      }
      if (found[1] !== undefined) depths.push(++depth);
      else if (found[2] !== undefined) {
        if (--depth < 0) throw new FormatError(`line ${i + 1}: a bracket closes that never opened`);
        if (depths.pop() === 1 && wraps(text)) sessions.endSession();
        else sessions.endTransaction();
      } else if (found[3] !== undefined) sessions.endSession();
      else if (/^abort/i.test(found[4] ?? '')) sessions.abort();
      else if (found[5] !== undefined) sessions.operation(operationOf(found));
    }
    if (!hasBrackets) sessions.endTransaction();
  }
  if (depth > 0) throw new FormatError('the text ends inside a bracket');
  sessions.endSession();
  return sessions.all;
}

/** Whether brackets stand in brackets: sessions around transactions. */
function wraps(text: string): boolean {
  return /[[{<][^\]}>]*[[{<]/.test(text.replace(/[rw]\s*\[[^\]]*\]/gi, ''));
}

function operationOf(found: RegExpExecArray): unknown[] {
  const key = found[6] ?? found[8] ?? found[10];
  const value = found[7] ?? found[9] ?? found[11];
  const known = /^(?:nil|null|none|_|\?)$/i.test(value!) ? null : numberOr(value!);
  return [found[5]!.toLowerCase(), numberOr(key!), known];
}

function numberOr(text: string): unknown {
  const plain = text.replaceAll('"', '');
  return /^-?\d+$/.test(plain) ? Number(plain) : plain;
}
