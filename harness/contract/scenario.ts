/**
 * Scenario: one guarantee to test, as data. A matrix chooses its targets, settings and seeds.
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
  /** Range of the time from the clients' start to the kill, milliseconds. */
  readonly killAfterMs: readonly [low: number, high: number];
}

/**
 * Cuts the power under the target's process, after and inside writes, on a file system that keeps what
 * was synced and any part of the rest. Compares the recovered records with the acknowledged writes.
 */
export interface PowerCuts {
  readonly kind: 'power-cuts';
  readonly cycles: number;
  /** Most writes before each cut. */
  readonly records: number;
  /** A disk fault before the cut, by name; it hits its tenth call and all later ones. */
  readonly fault?: string;
}

/** Simulated power loss at every I/O step (or every n-th) of runs drawn from the seed. */
export interface CrashStates {
  readonly kind: 'crash-states';
  /** Crash states to judge. */
  readonly states: number;
  /** Operations per run. */
  readonly operations: number;
  readonly clients: number;
  /** Take states at every n-th step. */
  readonly everyStep: number;
}

/** Simulated concurrent clients without crashes, one run per seed. */
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
 * Model-based test with adversarial keys, chosen with knowledge of all of a store but its secrets, and with
 * keys that are hard for any store: answers, and the cost of lookups compared with random keys.
 */
export interface HostileKeys {
  readonly kind: 'hostile-keys';
  readonly seeds: number;
  /** Keys of each kind in the store; as many absent keys are read. */
  readonly keys: number;
  /** The same for keys of 60,000 bytes. */
  readonly longKeys: number;
  /** Kinds of adversarial keys that the target must provide. */
  readonly kinds: readonly string[];
}

/**
 * Every small workload, crashed at every step in every way a disk allows. The plan generates its own
 * operations and judges the recovered content by what was acknowledged; it ignores the scenario's
 * workload and checkers.
 */
export interface Explore {
  readonly kind: 'explore';
  /** Every workload of at most this number of operations. */
  readonly length: number;
  /** Then workloads of this number of operations, drawn from the seed; 0 for none. */
  readonly longer: number;
  /** Distinct states after which the plan stops. */
  readonly states: number;
  /** Unit of atomic writes: 512 or 4,096 bytes. */
  readonly sectorBytes: number;
}

/**
 * Long-running resource test in virtual time: bounds on files, memory, handles and reads of recovery, with
 * a snapshot held open, on a full disk and after it, with everything deleted, and while idle.
 */
export interface Upkeep {
  readonly kind: 'upkeep';
  readonly seeds: number;
  /** Commits per phase. */
  readonly commits: number;
}

/**
 * Model-based test: random operations on the store and on an in-memory map, in virtual time and
 * through closes, kills and power cuts; every answer must match. One run a seed.
 */
export interface Model {
  readonly kind: 'model';
  readonly seeds: number;
  /** Operations per run. */
  readonly operations: number;
}

/**
 * One simulated run of a store for each chosen call into its environment: that call fails, or all from
 * it on.
 */
export interface FailNth {
  readonly kind: 'fail-nth';
  readonly seeds: number;
  /** Every n-th call fails in one run; so do two calls from each call site. */
  readonly everyCall: number;
  /** Most ways in which each chosen call fails. */
  readonly ways: number;
  /** Number of further runs, each on a disk that is full after a different number of bytes. */
  readonly fullDisks: number;
  /** Number of closes; close n is called n microtask turns after a write. */
  readonly closes: number;
}

/** As `model`, for a graph: vertices, edges, their properties and neighbours. */
export interface GraphModel {
  readonly kind: 'graph-model';
  readonly seeds: number;
  readonly operations: number;
}

/**
 * A store across many restarts, with drawn speeds of disk and background work, against a record of all that
 * it acknowledged: what recovery restores and reports, what a power cut may take, timestamps, old
 * snapshots, and transactions and ranges that stay open during flushes and merges.
 */
export interface TimelinePlan {
  readonly kind: 'timeline';
  readonly seeds: number;
  /** Operations per run. */
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
 * Repairs damaged stores: each must open, pass verification, and show nothing that was never written.
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
 * valid. Fails if a verdict or a named anomaly differs. Ignores workload and target.
 */
export interface KnownHistories {
  readonly kind: 'known-histories';
}

/**
 * Tests the benchmark's comparisons and checks on runs and stores whose faults are known. Ignores
 * workload and target.
 */
export interface BenchVerdicts {
  readonly kind: 'bench-verdicts';
}

/**
 * Storms in virtual time: crashes, disk errors, wrong clocks and network faults, then a phase without faults in
 * which the store must serve operations again. One storm per seed, each with its own set of faults.
 */
export interface Storms {
  readonly kind: 'storms';
  readonly seeds: number;
  readonly operations: number;
  readonly clients: number;
  /** Mean virtual milliseconds between crashes. Default 600. */
  readonly crashEveryMs?: number;
  /** Longest pause of a client between operations, virtual milliseconds. Default 8. */
  readonly thinkMs?: number;
}

/**
 * A server in virtual time, each request of its clients doubled, early and late, through crashes, full
 * disks, expired sessions and overload. One run a seed.
 */
export interface DoubledRequests {
  readonly kind: 'doubled-requests';
  readonly seeds: number;
  /** Requests of each client. */
  readonly requests: number;
}

/**
 * A server in virtual time with a well-behaved client, and others that stall, abandon requests and send
 * malformed ones. One run per seed.
 */
export interface HostileClients {
  readonly kind: 'hostile-clients';
  readonly seeds: number;
  /** Number of hostile clients. */
  readonly clients: number;
  /** Operations of the well-behaved client, first alone and then beside the others. */
  readonly operations: number;
}

/**
 * A server process under malformed, endless and unread connections from a peer without credentials, while a
 * well-behaved client uses it.
 */
export interface HostileSocketsPlan {
  readonly kind: 'hostile-sockets';
  /** Number of connections of each kind. */
  readonly rounds: number;
  /** The server speaks TLS; besides, connections send no whole handshake. */
  readonly tls?: boolean;
}

/** Loads records and measures, side by side with peers. */
export interface Load {
  readonly kind: 'load';
  readonly records: number;
  /** Records of each peer. Fewer favour the peer, and shorten the run where it is slow. */
  readonly peerRecords: number;
  readonly batch: number;
}

/** Grows a store, restarts it after a clean close, then after a kill. One process per start. */
export interface Growth {
  readonly kind: 'growth';
  /** Records written before the clean close, a thousand per commit. */
  readonly records: number;
  /** Commits of one record each, before the kill. */
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

/** Mixed load on one store for a long time, with kills and restarts. */
export interface Soak {
  readonly kind: 'soak';
  /** Seconds of load. */
  readonly seconds: number;
  readonly lifeSeconds: number;
  readonly keys: number;
  readonly clients: number;
}

/**
 * Clients on a real cluster, in phases: quiet, faults, heal, final reads. The seed determines the faults, their
 * times and their nodes.
 */
export interface Network {
  readonly kind: 'network';
  readonly clients: number;
  /** Most operations per second of each client. */
  readonly rate: number;
  readonly quietMs: number;
  /** Duration of the fault phase, milliseconds. */
  readonly faultMs: number;
  /** Duration of one fault, and of the pause between two, milliseconds. */
  readonly lastsMs: number;
  readonly restMs: number;
  /** Concurrent faults. */
  readonly atATime: number;
  /** Duration of the phase after all faults are healed, milliseconds. */
  readonly healMs: number;
  /** Milliseconds after which an operation without a response is indeterminate. */
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
  /** The guarantee, then the fault, in one or two sentences. */
  readonly why: string;
  readonly workload: string;
  readonly workloadOptions?: Readonly<Record<string, number>>;
  readonly plan: Plan;
  /** Names of faults; crash faults for crash states, a process fault for kill loops. */
  readonly faults: readonly string[];
  readonly checkers: readonly string[];
  readonly expect: Expectation;
  /** Time limit of one cell, seconds; beyond it the cell is stopped and `unknown`. */
  readonly limitSeconds: number;
  /** Resident memory of a cell and its processes, where it needs more than 6 GiB. */
  readonly memoryBytes?: number;
}

export function defineScenario(scenario: Scenario): Scenario {
  return scenario;
}
