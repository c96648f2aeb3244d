/** A close that takes its time: the other side goes on believing. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'client-slow-close',
  doc: 'closing of the connections of clients to one node is held for a second',
  needs: [],
  async inject(field) {
    const node = field.random.below(field.nodes);
    const attributes = { delay: 1000 };
    for (const stream of ['upstream', 'downstream'] as const) {
      await field.toxic('clients', node, { type: 'slow_close', stream, attributes });
    }
  },
});
