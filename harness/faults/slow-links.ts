/** Latency with jitter on every link between nodes, and on those of clients. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'slow-links',
  doc: '20 to 180 ms on the links of one node, both ways',
  needs: ['toxics'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const latency = context.random.between(50, 100);
    const attributes = { latency, jitter: latency >> 1 };
    for (const stream of ['upstream', 'downstream'] as const) {
      await context.toxic('peers', node, { type: 'latency', stream, attributes });
      await context.toxic('clients', node, { type: 'latency', stream, attributes });
    }
  },
});
