/** The primary loses all others, both ways; its clients keep it. */
import { defineFault } from '../contract/fault.ts';
import { cutOff, primaryOf } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'partition-primary',
  doc: 'the primary is cut off from all other nodes, not from its clients',
  needs: ['peers'],
  inject: async (context) => cutOff(context, await primaryOf(context)),
});
