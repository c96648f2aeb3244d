/** A close that takes its time: the other side goes on believing. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'client-slow-close',
  doc: 'closing a client connection to one node takes a second',
  needs: [],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const attributes = { delay: 1000 };
    for (const stream of ['upstream', 'downstream'] as const) {
      await context.toxic('clients', node, { type: 'slow_close', stream, attributes });
    }
  },
});
