/** The planted bugs. Each must be caught by the scenario it names. */
import { CACHE_MUTANTS } from './catalogue/cache.ts';
import { CALLER_MUTANTS } from './catalogue/caller.ts';
import { CLOSING_MUTANTS } from './catalogue/closing.ts';
import { COMPACTION_MUTANTS } from './catalogue/compaction.ts';
import { DISK_FIGURE_MUTANTS } from './catalogue/disk-figures.ts';
import { ENVIRONMENT_MUTANTS } from './catalogue/environment.ts';
import { GRAPH_MUTANTS } from './catalogue/graph.ts';
import { GROWTH_MUTANTS } from './catalogue/growth.ts';
import { HARNESS_MUTANTS } from './catalogue/harness.ts';
import { HARNESS_BENCH_MUTANTS } from './catalogue/harness-bench.ts';
import { HARNESS_CHECKER_MUTANTS } from './catalogue/harness-checkers.ts';
import { HARNESS_DISK_MUTANTS } from './catalogue/harness-disk.ts';
import { HARNESS_FAULT_MUTANTS } from './catalogue/harness-faults.ts';
import { HARNESS_LINK_MUTANTS } from './catalogue/harness-links.ts';
import { HARNESS_NETWORK_MUTANTS } from './catalogue/harness-network.ts';
import { HARNESS_RUN_MUTANTS } from './catalogue/harness-runs.ts';
import { HARNESS_VERDICT_MUTANTS } from './catalogue/harness-verdicts.ts';
import { HASHING_MUTANTS } from './catalogue/hashing.ts';
import { INTERFACE_MUTANTS } from './catalogue/interface.ts';
import { ISOLATION_MUTANTS } from './catalogue/isolation.ts';
import { LOG_MUTANTS } from './catalogue/log.ts';
import { MANIFEST_MUTANTS } from './catalogue/manifest.ts';
import { MEMORY_MUTANTS } from './catalogue/memory.ts';
import { POWER_LOSS_MUTANTS } from './catalogue/power-loss.ts';
import { RECORD_READ_MUTANTS } from './catalogue/record-reads.ts';
import { RECOVERY_MUTANTS } from './catalogue/recovery.ts';
import { RESOURCE_MUTANTS } from './catalogue/resources.ts';
import { SERVER_MUTANTS } from './catalogue/server.ts';
import { SERVICE_MUTANTS } from './catalogue/service.ts';
import { SIMULATED_DISK_MUTANTS } from './catalogue/simulated-disk.ts';
import { SOCKET_MUTANTS } from './catalogue/sockets.ts';
import { SURROUNDINGS_MUTANTS } from './catalogue/surroundings.ts';
import { TIMELINE_MUTANTS } from './catalogue/timeline.ts';
import type { Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [
  ...LOG_MUTANTS,
  ...MANIFEST_MUTANTS,
  ...ISOLATION_MUTANTS,
  ...CALLER_MUTANTS,
  ...COMPACTION_MUTANTS,
  ...GRAPH_MUTANTS,
  ...CACHE_MUTANTS,
  ...MEMORY_MUTANTS,
  ...RECOVERY_MUTANTS,
  ...RESOURCE_MUTANTS,
  ...ENVIRONMENT_MUTANTS,
  ...SERVER_MUTANTS,
  ...SERVICE_MUTANTS,
  ...TIMELINE_MUTANTS,
  ...INTERFACE_MUTANTS,
  ...HASHING_MUTANTS,
  ...SURROUNDINGS_MUTANTS,
  ...HARNESS_MUTANTS,
  ...POWER_LOSS_MUTANTS,
  ...HARNESS_DISK_MUTANTS,
  ...HARNESS_VERDICT_MUTANTS,
  ...HARNESS_RUN_MUTANTS,
  ...HARNESS_BENCH_MUTANTS,
  ...HARNESS_CHECKER_MUTANTS,
  ...CLOSING_MUTANTS,
  ...SOCKET_MUTANTS,
  ...SIMULATED_DISK_MUTANTS,
  ...HARNESS_LINK_MUTANTS,
  ...HARNESS_FAULT_MUTANTS,
  ...HARNESS_NETWORK_MUTANTS,
  ...RECORD_READ_MUTANTS,
  ...GROWTH_MUTANTS,
  ...DISK_FIGURE_MUTANTS,
];
