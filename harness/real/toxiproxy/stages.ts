/** What each type of toxic does to the bytes and the close of one direction. */
import { Delay } from './delay.ts';
import { cancelLater, type Later, later } from './later.ts';
import { Pacer } from './pacer.ts';
import type { Held, LinkControl, Next, Stage } from './stage.ts';
import type { Attributes, ToxicType } from './toxic.ts';

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

/** kB/s, in pieces of a tenth of a second. Rate 0 stalls forever. */
const bandwidth: Maker = ({ rate }, next) =>
  new Pacer(next, {
    pieceBytes: () => Math.max(1, rate! * 100),
    delayMs: (bytes) => (rate === 0 ? Number.POSITIVE_INFINITY : bytes / rate!),
  });

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
) =>
  new Pacer(next, {
    pieceBytes() {
      const spread = variation! > 0 ? random.below(2 * variation! + 1) - variation! : 0;
      return Math.max(1, size! + spread);
    },
    delayMs: () => Math.max(0, delay!) / 1000,
  });

/** Passes `bytes` of a connection and direction, then sends FIN. */
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
