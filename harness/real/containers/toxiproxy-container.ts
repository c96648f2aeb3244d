/**
 * The published Toxiproxy in a container, for machines that can fetch its image. On the host's
 * network, because links listen on loopback addresses.
 */
import { importTestcontainers, LABEL, labelOf } from './testcontainers.ts';

const IMAGE = 'ghcr.io/shopify/toxiproxy:2.12.0';
const PORT = 8474;

/** Throws an Error when Docker or the image is not to be had. */
export async function startToxiproxyContainer(): Promise<{
  readonly url: string;
  stop(): Promise<void>;
}> {
  const { GenericContainer, Wait } = await importTestcontainers();
  const container = await new GenericContainer(IMAGE)
    .withNetworkMode('host')
    .withLabels({ [LABEL]: labelOf(process.pid) })
    .withWaitStrategy(Wait.forLogMessage(/Starting Toxiproxy HTTP server|API HTTP server starting/))
    .start();
  return {
    url: `http://127.0.0.1:${PORT}`,
    stop: async () => void (await container.stop({ timeout: 0 })),
  };
}
