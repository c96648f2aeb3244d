/**
 * FuseDevice: a mount served by this process through /dev/fuse directly. The kernel identifies inodes
 * by number, not by path. Needs root, to mount.
 *
 * A mount of type fuseblk also receives `sync` and `syncfs`. It requires a block device, so a loop
 * device over an empty file serves as one.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, read, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerOf, type Request, requestOf, WRITE_BYTES_MAX } from './wire.ts';

const BUFFER_BYTES = WRITE_BYTES_MAX + 64 * 1024;
const BASE_OPTIONS = 'rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions';

export class FuseDevice {
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Mounts on an empty directory. Throws an Error that says why it can't. */
  static mount(directory: string): FuseDevice {
    const descriptor = openSync('/dev/fuse', 'r+');
    const problem = mountBlock(descriptor, directory) ?? undefined;
    if (problem === undefined) return new FuseDevice(descriptor);
    const second = mountPlain(descriptor, directory);
    if (second === undefined) return new FuseDevice(descriptor);
    closeSync(descriptor);
    throw new Error(second);
  }

  /** Passes each request to `handle`, one at a time, until the mount is removed. */
  serve(handle: (request: Request) => void, ended: () => void): void {
    read(this.#descriptor, this.#buffer, 0, BUFFER_BYTES, null, (error, length) => {
      if (error !== null && !['EINTR', 'ENOENT', 'EAGAIN'].includes(error.code ?? ''))
        return ended();
      if (error === null) handle(requestOf(Buffer.from(this.#buffer.subarray(0, length))));
      this.serve(handle, ended);
    });
  }

  answer({ unique }: Request, errno: number, body: Buffer = Buffer.alloc(0)): void {
    try {
      writeSync(this.#descriptor, answerOf(unique, errno, errno === 0 ? body : Buffer.alloc(0)));
    } catch {
      // The requesting process was killed meanwhile, or the mount was removed.
    }
  }
}

function mountPlain(descriptor: number, directory: string): string | undefined {
  return mount(descriptor, ['fuse', 'assay', BASE_OPTIONS], directory);
}

function mountBlock(descriptor: number, directory: string): string | undefined {
  const file = join(tmpdir(), `assay-loop-${process.pid}`);
  writeFileSync(file, Buffer.alloc(1024 * 1024));
  try {
    const loop = spawnSync('losetup', ['-f', '--show', file]);
    const device = loop.stdout?.toString().trim() ?? '';
    if (loop.status !== 0 || device === '') return 'no loop device';
    const problem = mount(
      descriptor,
      ['fuseblk', device, `${BASE_OPTIONS},blksize=4096`],
      directory,
    );
    // The mount holds a reference; it is freed with the mount.
    spawnSync('losetup', ['-d', device]);
    return problem;
  } finally {
    unlinkSync(file);
  }
}

function mount(
  descriptor: number,
  [type, source, options]: readonly [type: string, source: string, options: string],
  directory: string,
): string | undefined {
  const args = ['-i', '-t', type, '-o', `fd=3,${options}`, source, directory];
  const { status, stderr, error } = spawnSync('mount', args, {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
  });
  if (status === 0) return undefined;
  return error?.message ?? stderr.toString().trim();
}
