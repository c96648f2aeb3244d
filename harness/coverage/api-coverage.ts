/**
 * ApiCoverage: of each method and option of the interfaces that a matrix names, the calls whose result
 * a checker judged: those of cells that ended valid where the scenario expects that. A planted bug's
 * cell, and one that must find a hole, do not count.
 */
import { type ApiCoverage, type ApiRow, type ApiSurface, apiEntries } from '../contract/api.ts';
import type { RunRecord } from '../contract/run-record.ts';
import type { ApiDemand } from '../matrix/matrix.ts';
import { lookUp, type Registry } from '../matrix/registry.ts';

/** Of a run of the matrix that demands it. */
export async function coverageOf(
  registry: Registry,
  { targets, unjudged }: ApiDemand,
  records: readonly RunRecord[],
): Promise<ApiCoverage> {
  const surfaces = await surfacesOf(registry, targets);
  return apiCoverage(surfaces, records, unjudged);
}

export async function surfacesOf(
  registry: Registry,
  targets: readonly string[],
): Promise<ApiSurface[]> {
  const found = targets.map((name) => lookUp(registry.targets, 'target', name).target);
  const surfaces = await Promise.all(found.map((target) => target.api?.()));
  return surfaces.filter((surface) => surface !== undefined);
}

export function apiCoverage(
  surfaces: readonly ApiSurface[],
  records: readonly RunRecord[],
  reasons: Readonly<Record<string, string>>,
): ApiCoverage {
  const judged = records.filter(isJudged);
  const rows = [...new Set(surfaces.flatMap(apiEntries))].map((name): ApiRow => {
    const callers = judged.filter(({ calls }) => (calls?.[name] ?? 0) > 0);
    const reason = Object.hasOwn(reasons, name) ? reasons[name] : undefined;
    return {
      name,
      calls: callers.reduce((sum, { calls }) => sum + calls![name]!, 0),
      scenarios: [...new Set(callers.map(({ cell }) => cell.scenario))].sort(),
      ...(reason !== undefined && { reason }),
    };
  });
  const unjudged = rows.filter(({ calls, reason }) => calls === 0 && reason === undefined);
  return { rows, unjudged: unjudged.map(({ name }) => name) };
}

function isJudged({ cell, expect, verdict }: RunRecord): boolean {
  return cell.mutant === undefined && expect === 'holds' && verdict.validity === 'valid';
}

/** Names with a reason that no interface has: left over from something that is gone. */
export function staleReasons(
  surfaces: readonly ApiSurface[],
  reasons: Readonly<Record<string, string>>,
): string[] {
  const names = new Set(surfaces.flatMap(apiEntries));
  return Object.keys(reasons).filter((name) => !names.has(name));
}
