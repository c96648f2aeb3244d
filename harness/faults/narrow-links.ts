/** Little bandwidth. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'narrow-links',
  doc: '30 to 100 kB/s on the links of one node',
  needs: ['toxics'],
  async inject(field) {
    const node = field.random.below(field.nodes);
    const attributes = { rate: field.random.between(30, 100) };
    for (const stream of ['upstream', 'downstream'] as const) {
      await field.toxic('peers', node, { type: 'bandwidth', stream, attributes });
      await field.toxic('clients', node, { type: 'bandwidth', stream, attributes });
    }
  },
});
