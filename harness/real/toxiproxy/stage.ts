/**
 * Stage: what one toxic does to one direction of one connection. Chunks come in by `push`, the
 * close by `end`; what goes on is handed to `next`. A stage that is stopped gives up what it holds
 * at once, in order.
 */
import type { Prng } from '../../random/prng.ts';
import type { Attributes, ToxicType } from './toxic.ts';

export interface Next {
  push(chunk: Buffer): void;
  end(): void;
}

/** What a stage can do to its connection. */
export interface LinkControl {
  /** Closes both sides with FIN. */
  close(): void;
  /** Closes both sides with RST; with FIN when the toxic came after the connection. */
  reset(): void;
  /** Bytes of this direction that a limit has let through. */
  passed: number;
  readonly random: Prng;
}

export interface Stage {
  push(chunk: Buffer): void;
  end(): void;
  /** Gives up what it holds; takes nothing any more. */
  stop(): void;
}

type Maker = (attributes: Attributes, next: Next, control: LinkControl) => Stage;

export function makeStage(
  type: ToxicType,
  attributes: Attributes,
  next: Next,
  control: LinkControl,
): Stage {
  return MAKERS[type](attributes, next, control);
}

/** Holds chunks until an instant each, in order; `end` waits behind them. */
class Delay implements Stage {
  readonly #next: Next;
  readonly #dueFor: (chunk: Buffer | undefined) => number;
  readonly #held: { due: number; chunk: Buffer | undefined }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `dueFor`: milliseconds from now, at the earliest, for a chunk or for the close. */
  constructor(next: Next, dueFor: (chunk: Buffer | undefined) => number) {
    this.#next = next;
    this.#dueFor = dueFor;
  }

  push(chunk: Buffer): void {
    this.#hold(chunk);
  }

  end(): void {
    this.#hold(undefined);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const { chunk } of this.#held.splice(0)) this.#release(chunk);
  }

  #hold(chunk: Buffer | undefined): void {
    const last = this.#held.at(-1)?.due ?? 0;
    this.#held.push({ chunk, due: Math.max(last, performance.now() + this.#dueFor(chunk)) });
    if (this.#held.length === 1) this.#arm();
  }

  #arm(): void {
    const [first] = this.#held;
    if (first === undefined || first.due === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, first.due - performance.now()));
  }

  #fire(): void {
    const now = performance.now() + 0.5;
    while (this.#held.length > 0 && this.#held[0]!.due <= now)
      this.#release(this.#held.shift()!.chunk);
    this.#arm();
  }

  #release(chunk: Buffer | undefined): void {
    if (chunk === undefined) this.#next.end();
    else this.#next.push(chunk);
  }
}

const pass = (next: Next): Stage => ({
  push: (chunk) => next.push(chunk),
  end: () => next.end(),
  stop: () => {},
});

const latency: Maker = ({ latency: base, jitter }, next, { random }) =>
  new Delay(next, (chunk) => {
    if (chunk === undefined) return 0;
    const spread = jitter! > 0 ? jitter! * (2 * random.fraction() - 1) : 0;
    return Math.max(0, base! + spread);
  });

/** kB/s, in pieces of a tenth of a second. Rate 0 stalls for ever. */
const bandwidth: Maker = ({ rate }, next) => {
  let free = 0;
  const delay = new Delay(next, (chunk) => {
    if (chunk === undefined) return 0;
    if (rate === 0) return Number.POSITIVE_INFINITY;
    const now = performance.now();
    free = Math.max(free, now) + chunk.length / rate!;
    return free - now;
  });
  const piece = Math.max(1, rate! * 100);
  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; at += piece) delay.push(chunk.subarray(at, at + piece));
    },
    end: () => delay.end(),
    stop: () => delay.stop(),
  };
};

const slowClose: Maker = ({ delay }, next) => {
  let timer: NodeJS.Timeout | undefined;
  return {
    push: (chunk) => next.push(chunk),
    end() {
      timer = setTimeout(
        () => {
          timer = undefined;
          next.end();
        },
        Math.max(0, delay!),
      );
    },
    stop() {
      if (timer === undefined) return;
      clearTimeout(timer);
      next.end();
    },
  };
};

/** Drops everything; closes after so long a silence. 0 is a black hole. */
const timeout: Maker = ({ timeout: silence }, next, control) => {
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    clearTimeout(timer);
    if (silence! > 0) timer = setTimeout(() => control.close(), silence!);
  };
  arm();
  return { push: arm, end: () => next.end(), stop: () => clearTimeout(timer) };
};

const resetPeer: Maker = ({ timeout: wait }, _next, control) => {
  let timer: NodeJS.Timeout | undefined;
  const fire = () => {
    timer ??= setTimeout(() => control.reset(), Math.max(0, wait!));
  };
  return { push: fire, end: fire, stop: () => clearTimeout(timer) };
};

/** Pieces of about a size, microseconds apart. */
const slicer: Maker = (
  { average_size: size, size_variation: variation, delay },
  next,
  { random },
) => {
  let free = 0;
  const spaced = new Delay(next, (chunk) => {
    if (chunk === undefined) return 0;
    const now = performance.now();
    free = Math.max(free, now) + Math.max(0, delay!) / 1000;
    return free - now;
  });
  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const spread = variation! > 0 ? random.below(2 * variation! + 1) - variation! : 0;
        const length = Math.max(1, size! + spread);
        spaced.push(chunk.subarray(at, at + length));
        at += length;
      }
    },
    end: () => spaced.end(),
    stop: () => spaced.stop(),
  };
};

/** So many bytes of a connection and direction, then FIN. */
const limitData: Maker = ({ bytes }, next, control) => ({
  push(chunk) {
    const left = Math.max(0, bytes! - control.passed);
    const part = chunk.subarray(0, left);
    control.passed += part.length;
    if (part.length > 0) next.push(part);
    if (control.passed >= bytes!) control.close();
  },
  end: () => next.end(),
  stop: () => {},
});

const packetLoss: Maker = ({ loss_rate: rate, correlation }, next, { random }) => {
  let lost = false;
  return {
    push(chunk) {
      const likely = lost ? rate! + (1 - rate!) * Math.min(1, Math.max(0, correlation!)) : rate!;
      lost = random.chance(likely);
      if (!lost) next.push(chunk);
    },
    end: () => next.end(),
    stop: () => {},
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
