/**
 * The effects of packet loss on TCP, without root: retransmission delays on some connections, resets of others. Bytes
 * are never dropped from a stream that continues: TCP never does that.
 */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'lossy-links',
  doc: 'delays of 200 ms on a third of the connections of one node, and resets',
  needs: ['embedded', 'toxics'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const attributes = { latency: 200, jitter: 150 };
    for (const kind of ['peers', 'clients'] as const) {
      for (const stream of ['upstream', 'downstream'] as const) {
        await context.toxic(kind, node, { type: 'latency', stream, attributes, toxicity: 0.33 });
      }
    }
    await context.reset(context.random.pick(['peers', 'clients']), node);
  },
});
