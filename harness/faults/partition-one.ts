/** One node loses all others, both ways. */
import { defineFault } from '../contract/fault.ts';
import { cutOff } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'partition-one',
  doc: 'one node, drawn anew each time, is cut off from all others',
  needs: ['peers'],
  inject: (context) => cutOff(context, context.random.below(context.nodes)),
});
