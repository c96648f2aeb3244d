/** Little bandwidth. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'narrow-links',
  doc: '30 to 100 kB/s on the links of one node',
  needs: ['toxics'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const attributes = { rate: context.random.between(30, 100) };
    for (const stream of ['upstream', 'downstream'] as const) {
      await context.toxic('peers', node, { type: 'bandwidth', stream, attributes });
      await context.toxic('clients', node, { type: 'bandwidth', stream, attributes });
    }
  },
});
