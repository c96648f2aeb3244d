/** RST on the connections of clients, idle or not, several times. */
import { defineFault } from '../contract/fault.ts';

const TIMES = 5;

export default defineFault({
  kind: 'network',
  name: 'client-resets',
  doc: 'connections of clients to one node are reset, five times',
  needs: ['embedded'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    for (let time = 0; time < TIMES; time++) {
      await context.reset('clients', node);
      await context.until(() => false, context.lastsMs / TIMES);
    }
  },
});
