/**
 * Images of servers, built here from a plain Debian or Node: no registry is needed. Debian's
 * packages are fetched on the host, which may reach what a build can not.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContainerImage } from '../../contract/container-image.ts';
import { importTestcontainers } from './testcontainers.ts';

const DEBIAN = 'debian:bookworm-slim';
const NODE = 'node:26-bookworm-slim';

/** The repository's root, from its sources or from its built package. */
const REPOSITORY = rootOf(fileURLToPath(new URL('.', import.meta.url)));

/** Builds the image unless it is there; answers its tag. Throws an Error that says what is missing. */
export async function buildImage(image: ContainerImage): Promise<string> {
  if ('packages' in image) return buildFromPackages(image.name, image.packages);
  requireImage(NODE);
  return build(REPOSITORY, image.name, image.dockerfile);
}

async function buildFromPackages(name: string, packages: readonly string[]): Promise<string> {
  const version = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8);
  const tag = `${name}:${version}`;
  if (hasImage(tag)) return tag;
  requireImage(DEBIAN);
  const context = mkdtempSync(join(tmpdir(), 'assay-image-'));
  try {
    execFileSync('apt-get', ['download', '-qq', ...packages], { cwd: context, stdio: 'ignore' });
    for (const file of readdirSync(context)) {
      execFileSync('dpkg', ['-x', file, 'root'], { cwd: context });
    }
    // Only /usr: in Debian /lib is a link into it, which an unpacked directory would replace.
    const dockerfile = `FROM ${DEBIAN}\nCOPY root/usr /usr\n`;
    writeFileSync(join(context, 'Dockerfile'), dockerfile);
    return await build(context, tag, 'Dockerfile');
  } catch (error) {
    throw new Error(
      `the image of ${packages.join(', ')} can't be built: ${(error as Error).message}`,
    );
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** Layers that did not change come from the engine's cache. */
async function build(context: string, tag: string, dockerfile: string): Promise<string> {
  const { GenericContainer } = await importTestcontainers();
  await GenericContainer.fromDockerfile(context, dockerfile).build(tag, { deleteOnExit: false });
  return tag;
}

function hasImage(tag: string): boolean {
  return spawnSync('docker', ['image', 'inspect', tag], { stdio: 'ignore' }).status === 0;
}

function requireImage(tag: string): void {
  if (hasImage(tag) || spawnSync('docker', ['pull', '-q', tag], { stdio: 'ignore' }).status === 0) {
    return;
  }
  throw new Error(
    `there is no image ${tag} (.ci/docker-up.sh makes it where no registry is reached)`,
  );
}

function rootOf(folder: string): string {
  let root = folder;
  while (!existsSync(join(root, 'package.json'))) root = resolve(dirname(root));
  return root;
}
