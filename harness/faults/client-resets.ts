/** RST on the connections of clients, idle or not, several times. */
import { defineFault } from '../contract/fault.ts';

const TIMES = 5;

export default defineFault({
  kind: 'network',
  name: 'client-resets',
  doc: 'connections of clients to one node are reset, five times',
  needs: ['embedded'],
  async inject(field) {
    const node = field.random.below(field.nodes);
    for (let time = 0; time < TIMES; time++) {
      await field.reset('clients', node);
      await field.until(() => false, field.lastsMs / TIMES);
    }
  },
});
