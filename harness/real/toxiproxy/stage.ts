/**
 * Stage: what one toxic does to one direction of one connection. Chunks come in by `push`, the
 * close by `end`; what goes on is handed to `next`.
 *
 * A stage holds what it delays, and says how many bytes that is: the link stops reading beyond a
 * bound. When a toxic changes, `take` hands what the old stage holds to the new one, so that a
 * change lets nothing through early.
 */
import type { Prng } from '../../random/prng.ts';
import { cancelLater, type Later, later } from './later.ts';
import type { Attributes, ToxicType } from './toxic.ts';

export interface Next {
  push(chunk: Buffer, arrived: number): void;
  end(): void;
}

/** What a stage can do to its connection. */
export interface LinkControl {
  /** Closes both sides with FIN. */
  close(): void;
  /** Closes both sides with RST; with FIN when the toxic came after the connection. */
  reset(): void;
  /** Bytes, or the close, of this direction were discarded: nothing may follow them. */
  lost(): void;
  /** Bytes of this direction that a limit has let through. */
  passed: number;
  readonly random: Prng;
}

/** A chunk that waits, or the close that waits behind all chunks. */
export interface Held {
  readonly chunk: Buffer | undefined;
  /** When the link read it, in milliseconds of `performance.now()`. */
  readonly arrived: number;
}

export interface Stage {
  push(chunk: Buffer, arrived: number): void;
  end(): void;
  /** Memory of what it holds. */
  readonly heldBytes: number;
  /** Hands over what it holds, in order; the stage does nothing after that. */
  take(): Held[];
}

type Maker = (
  attributes: Readonly<Record<string, number>>,
  next: Next,
  control: LinkControl,
) => Stage;

export function makeStage(
  type: ToxicType,
  attributes: Attributes,
  next: Next,
  control: LinkControl,
): Stage {
  const numbers = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, Number(value)]),
  );
  return MAKERS[type](numbers, next, control);
}

/** What a held chunk costs besides its bytes: slices of a byte would take all memory otherwise. */
const HELD_COST_BYTES = 128;

const costOf = ({ chunk }: Held): number => (chunk?.length ?? 0) + HELD_COST_BYTES;

/** Holds chunks until an instant each, in order; `end` waits behind them. */
class Delay implements Stage {
  readonly #next: Next;
  readonly #dueFor: (held: Held) => number;
  #held: (Held & { readonly due: number })[] = [];
  #timer: Later | undefined;
  heldBytes = 0;

  /** `dueFor`: the instant at which a chunk, or the close, may go on at the earliest. */
  constructor(next: Next, dueFor: (held: Held) => number) {
    this.#next = next;
    this.#dueFor = dueFor;
  }

  push(chunk: Buffer, arrived: number): void {
    this.#hold({ chunk, arrived });
  }

  end(): void {
    this.#hold({ chunk: undefined, arrived: performance.now() });
  }

  take(): Held[] {
    cancelLater(this.#timer);
    this.heldBytes = 0;
    return this.#held.splice(0);
  }

  #hold(held: Held): void {
    const last = this.#held.at(-1)?.due ?? 0;
    this.#held.push({ ...held, due: Math.max(last, this.#dueFor(held)) });
    this.heldBytes += costOf(held);
    if (this.#held.length === 1) this.#arm();
  }

  #arm(): void {
    const [first] = this.#held;
    if (first === undefined || first.due === Number.POSITIVE_INFINITY) return;
    this.#timer = later(first.due - performance.now(), () => this.#fire());
  }

  #fire(): void {
    const now = performance.now() + 0.5;
    const due = this.#held.findIndex((held) => held.due > now);
    for (const held of this.#held.splice(0, due < 0 ? this.#held.length : due)) {
      const { chunk, arrived } = held;
      this.heldBytes -= costOf(held);
      if (chunk === undefined) this.#next.end();
      else this.#next.push(chunk, arrived);
    }
    this.#arm();
  }
}

const NOTHING_HELD = { heldBytes: 0, take: (): Held[] => [] };

const pass = (next: Next): Stage => ({
  ...NOTHING_HELD,
  push: (chunk, arrived) => next.push(chunk, arrived),
  end: () => next.end(),
});

const latency: Maker = ({ latency: base, jitter }, next, { random }) =>
  new Delay(next, ({ chunk, arrived }) => {
    if (chunk === undefined) return 0;
    const spread = jitter! > 0 ? jitter! * (2 * random.fraction() - 1) : 0;
    return arrived + Math.max(0, base! + spread);
  });

/** kB/s, in pieces of a tenth of a second. Rate 0 stalls for ever. */
const bandwidth: Maker = ({ rate }, next) => {
  let free = 0;
  const delay = new Delay(next, ({ chunk }) => {
    if (chunk === undefined) return 0;
    if (rate === 0) return Number.POSITIVE_INFINITY;
    free = Math.max(free, performance.now()) + chunk.length / rate!;
    return free;
  });
  const piece = Math.max(1, rate! * 100);
  return {
    push(chunk, arrived) {
      for (let at = 0; at < chunk.length; at += piece) {
        delay.push(chunk.subarray(at, at + piece), arrived);
      }
    },
    end: () => delay.end(),
    get heldBytes() {
      return delay.heldBytes;
    },
    take: () => delay.take(),
  };
};

const slowClose: Maker = ({ delay }, next) => {
  let timer: Later | undefined;
  return {
    heldBytes: 0,
    push: (chunk, arrived) => next.push(chunk, arrived),
    end() {
      timer = later(delay!, () => {
        timer = undefined;
        next.end();
      });
    },
    take() {
      if (timer === undefined) return [];
      cancelLater(timer);
      return [{ chunk: undefined, arrived: performance.now() }];
    },
  };
};

/**
 * Drops everything; closes after so long a silence. 0 is a black hole, in which a close is dropped
 * like every other message: the other end sees nothing before the toxic is removed.
 */
const timeout: Maker = ({ timeout: silence }, next, control) => {
  let timer: Later | undefined;
  const arm = () => {
    cancelLater(timer);
    if (silence! > 0) timer = later(silence!, () => control.close());
  };
  arm();
  return {
    ...NOTHING_HELD,
    push() {
      control.lost();
      arm();
    },
    end() {
      if (silence! > 0) next.end();
      else control.lost();
    },
    take() {
      cancelLater(timer);
      return [];
    },
  };
};

const resetPeer: Maker = ({ timeout: wait }, _next, control) => {
  let timer: Later | undefined;
  const fire = () => {
    timer ??= later(wait!, () => control.reset());
  };
  const take = () => {
    cancelLater(timer);
    return [];
  };
  return { heldBytes: 0, push: fire, end: fire, take };
};

/** Pieces of about a size, microseconds apart. */
const slicer: Maker = (
  { average_size: size, size_variation: variation, delay },
  next,
  { random },
) => {
  let free = 0;
  const spaced = new Delay(next, ({ chunk }) => {
    if (chunk === undefined) return 0;
    free = Math.max(free, performance.now()) + Math.max(0, delay!) / 1000;
    return free;
  });
  return {
    push(chunk, arrived) {
      for (let at = 0; at < chunk.length; ) {
        const spread = variation! > 0 ? random.below(2 * variation! + 1) - variation! : 0;
        const length = Math.max(1, size! + spread);
        spaced.push(chunk.subarray(at, at + length), arrived);
        at += length;
      }
    },
    end: () => spaced.end(),
    get heldBytes() {
      return spaced.heldBytes;
    },
    take: () => spaced.take(),
  };
};

/** So many bytes of a connection and direction, then FIN. */
const limitData: Maker = ({ bytes }, next, control) => ({
  ...NOTHING_HELD,
  push(chunk, arrived) {
    const left = Math.max(0, bytes! - control.passed);
    const part = chunk.subarray(0, left);
    control.passed += part.length;
    if (part.length > 0) next.push(part, arrived);
    if (control.passed >= bytes!) control.close();
  },
  end: () => next.end(),
});

const packetLoss: Maker = ({ loss_rate: rate, correlation }, next, { random }) => {
  let lost = false;
  return {
    ...NOTHING_HELD,
    push(chunk, arrived) {
      const likely = lost ? rate! + (1 - rate!) * Math.min(1, Math.max(0, correlation!)) : rate!;
      lost = random.chance(likely);
      if (!lost) next.push(chunk, arrived);
    },
    end: () => next.end(),
  };
};

const MAKERS: Readonly<Record<ToxicType, Maker>> = {
  latency,
  bandwidth,
  slow_close: slowClose,
  timeout,
  reset_peer: resetPeer,
  slicer,
  limit_data: limitData,
  noop: (_attributes, next) => pass(next),
  packet_loss: packetLoss,
};
