/**
 * The embedded Toxiproxy in a process of its own, for a site.
 *
 *     node proxy-process.ts SEED
 */
import { startToxiproxy } from '../toxiproxy/server.ts';

process.on('disconnect', () => process.exit(0));
const { url } = await startToxiproxy({ host: '127.0.0.1', port: 0, seed: Number(process.argv[2]) });
process.send?.({ url });
