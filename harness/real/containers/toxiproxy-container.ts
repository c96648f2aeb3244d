/**
 * The published Toxiproxy in a container, for machines that can fetch its image. On the host's
 * network, because links listen on loopback addresses.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_WAIT } from './no-wait.ts';
import { importTestcontainers, LABEL, labelOf } from './testcontainers.ts';

/** Another one by `ASSAY_TOXIPROXY_IMAGE`. */
const IMAGE = 'ghcr.io/shopify/toxiproxy:2.12.0';
const PORT = 8474;
const READY_PATIENCE_MS = 15_000;

/** Throws an Error when Docker or the image is not to be had. */
export async function startToxiproxyContainer(): Promise<{
  readonly url: string;
  stop(): Promise<void>;
}> {
  const { GenericContainer } = await importTestcontainers();
  const container = await new GenericContainer(process.env.ASSAY_TOXIPROXY_IMAGE ?? IMAGE)
    .withNetworkMode('host')
    .withLabels({ [LABEL]: labelOf(process.pid) })
    .withWaitStrategy(NO_WAIT)
    .start();
  const stop = async () => void (await container.stop({ timeout: 0 }));
  const url = `http://127.0.0.1:${PORT}`;
  const deadline = Date.now() + READY_PATIENCE_MS;
  while (!(await answers(`${url}/version`))) {
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`the Toxiproxy in a container does not answer at ${url}`);
    }
    await sleep(50);
  }
  return { url, stop };
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
