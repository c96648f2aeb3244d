/**
 * The harness's public interface: what a plug-in file needs, and running a matrix from code.
 *
 *     import { defineTarget } from 'assay';
 *     export default defineTarget({ kind: 'embedded', name: 'mine', … });
 */

export { type CellWatcher, runCells } from './cells/run-cells.ts';
export { type TargetCheck, targetChecks } from './conformance/target.ts';
export { type Checker, defineChecker } from './contract/checker.ts';
export {
  type Cluster,
  type ClusterTarget,
  defineCluster,
  type ServerSpec,
  type Site,
} from './contract/cluster.ts';
export {
  type CrashFault,
  defineFault,
  type Fault,
  type FaultContext,
  type NetworkFault,
  type ProcessFault,
} from './contract/fault.ts';
export type { EventType, HistoryEvent, Operation } from './contract/history.ts';
export { operationsOf } from './contract/pairing.ts';
export { defineConfig, type Project } from './contract/project.ts';
export type { Cell, RunRecord } from './contract/run-record.ts';
export { defineScenario, type Plan, type Scenario } from './contract/scenario.ts';
export {
  type BulkStore,
  type Capabilities,
  defineTarget,
  type EmbeddedTarget,
  inTransaction,
  isOperationError,
  type OperationError,
  type RangeQuery,
  type Session,
  type Settings,
  type Store,
  type Transaction,
} from './contract/target.ts';
export { exitCode, mergeVerdicts, type Validity, type Verdict, worst } from './contract/verdict.ts';
export {
  defineWorkload,
  type GeneratorContext,
  type Invocation,
  type Workload,
  type WorkloadInstance,
} from './contract/workload.ts';
export { loadMatrix, type Matrix } from './matrix/matrix.ts';
export { loadRegistry, type Registry } from './matrix/registry.ts';
export { defineMutant, type Mutant } from './mutants/mutant.ts';
export { Prng } from './random/prng.ts';
