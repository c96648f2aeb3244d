/**
 * A run on a cluster as a picture: latency over time on a logarithmic scale, operations a second
 * below it, and the stretches in which faults were on as bands behind both.
 */
import type { Timeline } from '../harness/contract/run-record.ts';
import { escapeText as text } from './escape.ts';

const WIDTH = 860;
const LEFT = 56;
const RIGHT = 12;
const LATENCY_TOP = 60;
const LATENCY_HEIGHT = 150;
const RATE_TOP = LATENCY_TOP + LATENCY_HEIGHT + 26;
const RATE_HEIGHT = 70;
const HEIGHT = RATE_TOP + RATE_HEIGHT + 30;
const LOW_MS = 0.1;
const LINES = [
  { name: 'p50', dash: '' },
  { name: 'p95', dash: '5 3' },
  { name: 'p99', dash: '1 3' },
] as const;

export function runTimelineSvg(timeline: Timeline, title: string): string {
  const steps = timeline.ok.length;
  const lengthMs = Math.max(1, steps * timeline.stepMs);
  const x = (ms: number) => LEFT + ((WIDTH - LEFT - RIGHT) * ms) / lengthMs;
  const highest = Math.max(10, ...timeline.p99.map((ms) => ms ?? 0));
  const decades = Math.ceil(Math.log10(highest / LOW_MS));
  const y = (ms: number) => {
    const share = Math.log10(Math.max(ms, LOW_MS) / LOW_MS) / decades;
    return LATENCY_TOP + LATENCY_HEIGHT * (1 - share);
  };
  return `<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(title)}">
<title>${text(title)}</title>
${bands(timeline, x)}
${latencyAxis(decades, y)}
${LINES.map(({ name, dash }) => line(timeline, name, dash, x, y)).join('\n')}
${rates(timeline, x)}
${timeAxis(lengthMs, x)}
<g class="key">${LINES.map(({ name, dash }, i) => keyEntry(name, dash, i)).join('')}</g>
</svg>`;
}

function bands({ faults }: Timeline, x: (ms: number) => number): string {
  return faults
    .map(({ name, fromMs, toMs }) => {
      const [left, right] = [x(fromMs), x(toMs)];
      const seconds = `${(fromMs / 1000).toFixed(1)} to ${(toMs / 1000).toFixed(1)} s`;
      const label = `<text x="${at(left + 3)}" y="${LATENCY_TOP - 4}" class="band-name" transform="rotate(-12 ${at(left + 3)} ${LATENCY_TOP - 4})">${text(name)}</text>`;
      return `<g><title>${text(name)}, ${seconds}</title><rect class="band" x="${at(left)}" y="${LATENCY_TOP}" width="${at(Math.max(1, right - left))}" height="${RATE_TOP + RATE_HEIGHT - LATENCY_TOP}"/>${label}</g>`;
    })
    .join('\n');
}

function latencyAxis(decades: number, y: (ms: number) => number): string {
  return Array.from({ length: decades + 1 }, (_, decade) => {
    const ms = LOW_MS * 10 ** decade;
    const name = ms >= 1000 ? `${ms / 1000} s` : `${Number(ms.toPrecision(1))} ms`;
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(ms))}" y2="${at(y(ms))}"/><text class="axis" x="${LEFT - 6}" y="${at(y(ms) + 4)}" text-anchor="end">${name}</text>`;
  }).join('');
}

/** A line that breaks where nothing was answered. */
function line(
  timeline: Timeline,
  name: 'p50' | 'p95' | 'p99',
  dash: string,
  x: (ms: number) => number,
  y: (ms: number) => number,
): string {
  let path = '';
  let isDown = false;
  for (const [step, ms] of timeline[name].entries()) {
    if (ms !== null) {
      const point = `${at(x((step + 0.5) * timeline.stepMs))} ${at(y(ms))}`;
      path += `${isDown ? 'L' : 'M'}${point}`;
    }
    isDown = ms !== null;
  }
  return `<path class="line ${name}" d="${path}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`;
}

/** Bars of answered operations a second; those without an answer or refused in other shades on top. */
function rates(timeline: Timeline, x: (ms: number) => number): string {
  const { ok, failed, indefinite, stepMs } = timeline;
  const perSecond = 1000 / stepMs;
  const sums = ok.map((count, i) => count + (failed[i] ?? 0) + (indefinite[i] ?? 0));
  const most = Math.max(1, ...sums);
  const bottom = RATE_TOP + RATE_HEIGHT;
  const width = Math.max(0.6, x(stepMs) - x(0) - 0.4);
  const bars = sums.map((_, step) => {
    let base = bottom;
    const bar = (count: number, kind: string) => {
      const height = (RATE_HEIGHT * count) / most;
      base -= height;
      if (count === 0) return '';
      return `<rect class="${kind}" x="${at(x(step * stepMs))}" y="${at(base)}" width="${at(width)}" height="${at(height)}"/>`;
    };
    return (
      bar(ok[step] ?? 0, 'ok') + bar(indefinite[step] ?? 0, 'info') + bar(failed[step] ?? 0, 'fail')
    );
  });
  const top = `${Math.round(most * perSecond).toLocaleString('en-US')}/s`;
  return `${bars.join('')}<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/><text class="axis" x="${LEFT - 6}" y="${RATE_TOP + 8}" text-anchor="end">${top}</text>`;
}

function timeAxis(lengthMs: number, x: (ms: number) => number): string {
  const seconds = lengthMs / 1000;
  const step = [1, 2, 5, 10, 30, 60, 120].find((one) => seconds / one <= 16) ?? 300;
  const marks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
  const names = marks.map(
    (second) =>
      `<text class="axis" x="${at(x(second * 1000))}" y="${RATE_TOP + RATE_HEIGHT + 14}" text-anchor="middle">${second}</text>`,
  );
  return `${names.join('')}<text class="axis" x="${WIDTH - RIGHT}" y="${HEIGHT - 2}" text-anchor="end">seconds</text>`;
}

function keyEntry(name: string, dash: string, i: number): string {
  const left = LEFT + 6 + i * 74;
  return `<line class="line ${name}" x1="${left}" x2="${left + 26}" y1="${HEIGHT - 6}" y2="${HEIGHT - 6}" stroke-dasharray="${dash}"/><text class="axis" x="${left + 31}" y="${HEIGHT - 2}">${name}</text>`;
}

const at = (value: number) => value.toFixed(1);
