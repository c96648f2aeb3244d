/** Connections that are accepted and never answered, after the live ones are reset. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'client-half-open',
  doc: 'client connections to one node are accepted and never answered',
  needs: ['embedded'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    await context.halfOpen(node);
    await context.reset('clients', node);
  },
});
