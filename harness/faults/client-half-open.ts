/** Connections that are accepted and never answered, after the live ones are reset. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'client-half-open',
  doc: 'clients of one node can connect, and hear nothing',
  needs: ['embedded'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    await context.halfOpen(node);
    await context.reset('clients', node);
  },
});
