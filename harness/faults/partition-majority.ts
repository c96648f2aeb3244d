/** A minority of nodes loses the others, both ways. */
import { defineFault } from '../contract/fault.ts';
import { separate, shuffled } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'partition-majority',
  doc: 'a minority, drawn anew each time, is cut off from the majority',
  needs: ['peers'],
  nodesMin: 3,
  async inject(context) {
    const order = shuffled(context);
    const minority = order.slice(0, Math.max(1, (context.nodes - 1) >> 1));
    await separate(context, minority, order.slice(minority.length));
  },
});
