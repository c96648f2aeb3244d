/**
 * The process that serves one mount. It must not access its own mount: it would deadlock.
 *
 *     node fuse-process.ts <mount point> <model> [uid gid]
 */
import { FuseDevice } from './fuse/device.ts';
import { NodeTable } from './fuse/node-table.ts';
import { HANDLERS } from './fuse/operations.ts';
import { errnoOf, OPCODES, type Operation, type Request } from './fuse/wire.ts';
import { type FuseAnswer, type FuseRequest, POWER_LOST } from './fuse-protocol.ts';
import { PoweredFs } from './powered-fs.ts';
import { fingerprintOf } from './volatile/fingerprint.ts';
import { FsError } from './volatile/inode.ts';
import { modelNamed } from './volatile/models.ts';
import { VolatileFs } from './volatile/volatile-fs.ts';

const mount = process.argv[2]!;
const model = modelNamed(process.argv[3]!)!;
const owner = { uid: Number(process.argv[4] ?? 0), gid: Number(process.argv[5] ?? 0) };
const answer = (message: FuseAnswer) => process.send?.(message);
const fs = new VolatileFs({ owner, model });
fs.root.now.attributes = { ...fs.root.now.attributes, mode: 0o777 };
fs.root.medium.attributes = fs.root.now.attributes;
const nodes = new NodeTable(fs.root);
const power = new PoweredFs(fs, {
  lost: () => answer({ id: POWER_LOST }),
  restored: (root) => nodes.restart(root),
});
const served = { power, nodes };

const NAMES = new Map<number, Operation>(
  (Object.keys(OPCODES) as Operation[]).map((name) => [OPCODES[name], name]),
);
const SILENT: ReadonlySet<string> = new Set(['forget', 'batchForget']);

function handle(device: FuseDevice, request: Request): void {
  const name = NAMES.get(request.opcode);
  if (name === undefined || name === 'interrupt') {
    device.answer(request, errnoOf('ENOSYS'));
    return;
  }
  if (name === 'forget') nodes.forget(request.node);
  if (SILENT.has(name)) return;
  const fail = (error: unknown) => {
    if (!(error instanceof FsError)) console.error(error);
    device.answer(request, errnoOf(error instanceof FsError ? error.code : 'EIO'));
  };
  try {
    const body = HANDLERS[name](request, served, (error) =>
      error === undefined ? device.answer(request, 0) : fail(error),
    );
    if (body !== undefined) device.answer(request, 0, body);
  } catch (error) {
    fail(error);
  }
}

function obey(request: FuseRequest): FuseAnswer {
  const { id } = request;
  switch (request.kind) {
    case 'cut':
      power.cut();
      return { id };
    case 'restore':
      return { id, fingerprint: fingerprintOf(power.restore(request.state).root) };
    case 'arm':
      power.arm(request.cut);
      return { id };
    case 'fault':
      power.plant(request.fault, request.at);
      return { id };
    case 'delay':
      power.syncDelayMs = request.ms;
      return { id };
    case 'lie':
      power.lies = request.lies;
      return { id };
    case 'write-back':
      power.onlyWritesBack = request.only;
      return { id };
    case 'audit':
      power.beginAudit();
      return { id };
    case 'durable':
      return { id, durable: power.isDurable(Buffer.from(request.token)) };
    case 'state': {
      const { isOn, steps, syncs, struck, pending } = power;
      return { id, state: { isOn, steps, syncs, struck, pending } };
    }
  }
}

process.on('message', (request: FuseRequest) => {
  try {
    answer(obey(request));
  } catch (error) {
    answer({ id: request.id, error: String((error as Error)?.message ?? error) });
  }
});
process.on('disconnect', () => process.exit(0));

try {
  const device = FuseDevice.mount(mount);
  device.serve(
    (request) => handle(device, request),
    () => process.exit(0),
  );
  answer({ id: 0 });
} catch (error) {
  answer({ id: 0, error: String((error as Error)?.message ?? error) });
}
