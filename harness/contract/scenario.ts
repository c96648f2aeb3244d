/**
 * Scenario: what to try, as data. A matrix chooses targets, settings and seeds for it.
 */
/**
 * `holds`: the checkers accept every history. `mustFind`: a fault of one of these kinds is found,
 * and nothing else counts. `may-find`: no claim; what is seen is reported.
 */
export type Expectation = 'holds' | 'may-find' | { readonly mustFind: readonly string[] };

/** Kill the target's process at a random instant under load, restart it, read; again and again. */
export interface KillLoops {
  readonly kind: 'kill-loops';
  readonly loops: number;
  readonly clients: number;
  /** The kill comes this long after the clients began. */
  readonly killAfterMs: readonly [low: number, high: number];
}

/**
 * Cuts the power under the target's process, after and inside writes, on a file system that keeps what
 * was synced and any part of the rest. Compares the recovered records with the acknowledged writes.
 */
export interface PowerCuts {
  readonly kind: 'power-cuts';
  readonly cycles: number;
  /** Writes before each cut, at most. */
  readonly records: number;
  /** A disk fault before the cut, by name, that strikes from its tenth call on. */
  readonly fault?: string;
}

/** Simulated power loss at every I/O step (or every n-th) of runs drawn from the seed. */
export interface CrashStates {
  readonly kind: 'crash-states';
  /** Crash states to judge. */
  readonly states: number;
  /** Operations a run. */
  readonly operations: number;
  readonly clients: number;
  /** Take states at every n-th step. */
  readonly everyStep: number;
}

/** Simulated concurrency without crashes, one run a seed, to its end. */
export interface Seeds {
  readonly kind: 'seeds';
  readonly seeds: number;
  readonly operations: number;
  readonly clients: number;
}

/** One flipped bit or one cut file at a time, in stores made by simulated runs. */
export interface Damage {
  readonly kind: 'damage';
  readonly faults: number;
  readonly operations: number;
  readonly clients: number;
}

/**
 * Keys that an enemy chose, who knows all of a store but its secrets, and keys that are hard on any
 * store, beside a map: answers, and what lookups cost compared to keys by chance.
 */
export interface HostileKeys {
  readonly kind: 'hostile-keys';
  readonly seeds: number;
  /** Keys of a kind in the store, and as many that are only asked for. */
  readonly keys: number;
  /** The same of those of 60,000 bytes. */
  readonly longKeys: number;
  /** Kinds of the enemy's that the target must know. */
  readonly kinds: readonly string[];
}

/**
 * Every small workload there is, crashed at every step in every way that is legal there. The
 * scenario's workload and checkers have no part in it: the plan makes its own operations, and
 * judges what is left by what was acknowledged.
 */
export interface Explore {
  readonly kind: 'explore';
  /** Every workload of at most this number of operations. */
  readonly length: number;
  /** Then workloads of this number of operations, drawn from the seed; 0 for none. */
  readonly longer: number;
  /** Distinct states after which the plan stops. */
  readonly states: number;
  /** What is written whole or not at all: 512 or 4,096 bytes. */
  readonly sectorBytes: number;
}

/**
 * Long load in virtual time with an eye on what it costs: files, memory, handles, reads of recovery;
 * with a snapshot held open, on a full disk and after it, with everything deleted, and at rest.
 */
export interface Upkeep {
  readonly kind: 'upkeep';
  readonly seeds: number;
  /** Commits of each phase. */
  readonly commits: number;
}

/**
 * Model-based test: random operations on the store and on an in-memory map, in virtual time and
 * through closes, kills and power cuts; every answer must match. One run a seed.
 */
export interface Model {
  readonly kind: 'model';
  readonly seeds: number;
  /** Operations a run. */
  readonly operations: number;
}

/**
 * A store's life in virtual time, once for each call into its environment that is chosen: that call
 * fails, or all from it on.
 */
export interface FailNth {
  readonly kind: 'fail-nth';
  readonly seeds: number;
  /** Every n-th call fails in one run; so do two calls from each call site. */
  readonly everyCall: number;
  /** In how many ways each chosen call fails, at most. */
  readonly ways: number;
  /** Number of further runs, each on a disk that is full after a different number of bytes. */
  readonly fullDisks: number;
  /** Number of closes tried; close n comes n microtask turns after a write. */
  readonly closes: number;
}

/** As `model`, for a graph: vertices, edges, their properties and neighbours. */
export interface GraphModel {
  readonly kind: 'graph-model';
  readonly seeds: number;
  readonly operations: number;
}

/**
 * A store through many lives, at any pace of its disk and background work, beside a record of all that
 * it acknowledged: what recovery hands out and reports, what a power cut may take, timestamps, the
 * past, and transactions and ranges that stay open while what they look at is flushed and merged.
 */
export interface TimelinePlan {
  readonly kind: 'timeline';
  readonly seeds: number;
  /** Operations a run. */
  readonly operations: number;
}

/** As `model`, through the store's own server and client, in real time. */
export interface RemoteModel {
  readonly kind: 'remote-model';
  readonly seeds: number;
  readonly operations: number;
}

/**
 * Model-based test of two stores whose caller reuses its memory, overwrites results, leaves ranges
 * open and calls after the close. One run a seed.
 */
export interface HostilePlan {
  readonly kind: 'hostile';
  readonly seeds: number;
  readonly operations: number;
}

/**
 * Damaged stores, repaired: they open again, are whole again, and show nothing that was never written.
 */
export interface Repair {
  readonly kind: 'repair';
  readonly faults: number;
  /** Commits of each store, before it is damaged. */
  readonly commits: number;
}

/** Files of a store with edited bytes, as they are and sealed again with checksums that fit. */
export interface Fuzz {
  readonly kind: 'fuzz';
  readonly files: number;
}

/**
 * Tests the harness: known faults must be detected, correct stores must pass, equal seeds must give
 * equal runs and different seeds different ones, and every operation must complete.
 */
export interface SelfCheck {
  readonly kind: 'self-check';
  readonly operations: number;
  readonly states: number;
}

/**
 * Tests the checkers on small histories whose faults are known, and on near misses of them that are
 * valid. Fails when a verdict or a named anomaly is another. Workload and target have no part in it.
 */
export interface KnownHistories {
  readonly kind: 'known-histories';
}

/**
 * Tests the benchmark's comparisons and checks on runs and stores whose faults are known. Workload and
 * target have no part in it.
 */
export interface BenchVerdicts {
  readonly kind: 'bench-verdicts';
}

/**
 * Storms in virtual time: crashes of every kind, disks that fail, clocks that are off, a network that
 * loses things; then calm, in which the store has to take operations again. One a seed, each with
 * faults of its own choice.
 */
export interface Storms {
  readonly kind: 'storms';
  readonly seeds: number;
  readonly operations: number;
  readonly clients: number;
  /** Virtual milliseconds from one crash to the next, on average; 600 if left out. */
  readonly crashEveryMs?: number;
  /** The most virtual milliseconds that a client waits between operations; 8 if left out. */
  readonly thinkMs?: number;
}

/**
 * A server in virtual time, each request of its clients doubled, early and late, through crashes, full
 * disks, expired sessions and overload. One run a seed.
 */
export interface DoubledRequests {
  readonly kind: 'doubled-requests';
  readonly seeds: number;
  /** Of each client. */
  readonly requests: number;
}

/**
 * A server in virtual time, a well-behaved client, and others that stall, abandon and send what no
 * client should. One run a seed.
 */
export interface HostileClients {
  readonly kind: 'hostile-clients';
  readonly seeds: number;
  /** That behave badly. */
  readonly clients: number;
  /** Of the well-behaved client, alone and then beside the others. */
  readonly operations: number;
}

/**
 * A server as a process of its own; somebody without credentials opens odd, endless and unread
 * connections to its ports, while a client that behaves well uses it.
 */
export interface HostileSocketsPlan {
  readonly kind: 'hostile-sockets';
  /** How often each kind of connection is made. */
  readonly rounds: number;
}

/** Loads records and measures, side by side with peers. */
export interface Load {
  readonly kind: 'load';
  readonly records: number;
  /** Records of each peer: fewer are in its favour, and take less time where it is slow. */
  readonly peerRecords: number;
  readonly batch: number;
}

/** Lets a store grow, restarts it after a clean close, then after a kill. Each life is a process. */
export interface Growth {
  readonly kind: 'growth';
  /** Written a thousand in a commit, before the clean close. */
  readonly records: number;
  /** Of one record each, before the kill. */
  readonly commits: number;
}

/** Grows one vertex to `edges` edges and counts the reads and writes of operations on one edge. */
export interface Supernode {
  readonly kind: 'supernode';
  readonly edges: number;
}

/** Writes the same records with and without compression. `records` must not be a multiple of 7919, or keys repeat. */
export interface CompressionPlan {
  readonly kind: 'compression';
  readonly records: number;
}

/** Measures the disk that temporary files are on. */
export interface DiskCharacter {
  readonly kind: 'disk';
  readonly mebibytes: number;
  readonly randomReads: number;
  readonly syncs: number;
}

/** Mixed load on one store for a long time; each life of its process ends in a kill or a restart. */
export interface Soak {
  readonly kind: 'soak';
  /** Of load. */
  readonly seconds: number;
  readonly lifeSeconds: number;
  readonly keys: number;
  readonly clients: number;
}

/**
 * Clients on a real cluster, in phases: quiet, faults, heal, final reads. Which faults, when and on
 * whom is drawn from the seed.
 */
export interface Network {
  readonly kind: 'network';
  readonly clients: number;
  /** Operations a second of each client, at most. */
  readonly rate: number;
  readonly quietMs: number;
  /** How long faults come and go. */
  readonly faultMs: number;
  /** How long one lasts, and how long the rest between two of them. */
  readonly lastsMs: number;
  readonly restMs: number;
  /** Faults at a time. */
  readonly atATime: number;
  /** How long clients go on after all is healed. */
  readonly healMs: number;
  /** An operation without an answer after this is indefinite. */
  readonly timeoutMs: number;
}

export type Plan =
  | KillLoops
  | PowerCuts
  | CrashStates
  | Seeds
  | Damage
  | Explore
  | Model
  | GraphModel
  | RemoteModel
  | HostileKeys
  | TimelinePlan
  | FailNth
  | HostilePlan
  | Repair
  | Fuzz
  | Storms
  | Upkeep
  | SelfCheck
  | KnownHistories
  | BenchVerdicts
  | DoubledRequests
  | HostileClients
  | HostileSocketsPlan
  | Load
  | Growth
  | Supernode
  | CompressionPlan
  | Soak
  | DiskCharacter
  | Network;

export interface Scenario {
  readonly name: string;
  /** Why anyone should care, one or two sentences. */
  readonly why: string;
  readonly workload: string;
  readonly workloadOptions?: Readonly<Record<string, number>>;
  readonly plan: Plan;
  /** Names of faults; crash faults for crash states, a process fault for kill loops. */
  readonly faults: readonly string[];
  readonly checkers: readonly string[];
  readonly expect: Expectation;
  /** Upper bound for one cell; beyond it the cell is stopped and `unknown`. */
  readonly limitSeconds: number;
  /** Resident memory of a cell and its processes, where it needs more than 6 GiB. */
  readonly memoryBytes?: number;
}

export function defineScenario(scenario: Scenario): Scenario {
  return scenario;
}
