/** The answer is lost after the commit: each connection is cut after a number of response bytes, repeatedly. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'client-cut-after-bytes',
  doc: 'client connections of one node end after a few hundred bytes of responses',
  needs: [],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const attributes = { bytes: context.random.between(200, 2000) };
    await context.toxic('clients', node, { type: 'limit_data', stream: 'downstream', attributes });
  },
});
