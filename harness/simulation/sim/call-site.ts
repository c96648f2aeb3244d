/** Call sites: the place in the program under test from which a call into its environment comes. */
const ENGINE = new URL('../../../engine/', import.meta.url).href;
const ENGINE_PATH = new URL(ENGINE).pathname;
/** Layers around the environment: the call site is that of their caller. */
const LAYERS = 'env/';
const FRAMES_MAX = 40;

/** `engine/wal/log.ts:120 sync`: the innermost frame outside the environment and the harness. */
export function callSite(name: string): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES_MAX;
  const stack = new Error('here').stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  for (const frame of stack.split('\n').slice(1)) {
    const at = frame.indexOf(ENGINE_PATH);
    if (at < 0 || frame.startsWith(LAYERS, at + ENGINE_PATH.length)) continue;
    const place = /^([^?:]+)[^:]*:(\d+)/.exec(frame.slice(at + ENGINE_PATH.length));
    if (place !== null) return `engine/${place[1]}:${place[2]} ${name}`;
  }
  return `an unknown place: ${name}`;
}
