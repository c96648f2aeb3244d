/** Connections that are accepted and never answered, after the live ones are reset. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'client-half-open',
  doc: 'clients of one node can connect, and hear nothing',
  needs: ['embedded'],
  async inject(field) {
    const node = field.random.below(field.nodes);
    await field.halfOpen(node);
    await field.reset('clients', node);
  },
});
