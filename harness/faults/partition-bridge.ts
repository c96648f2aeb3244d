/** Two halves that see only one node in common. */
import { defineFault } from '../contract/fault.ts';
import { separate, shuffled } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'partition-bridge',
  doc: 'two groups are cut apart, and one node sees both',
  needs: ['peers'],
  nodesMin: 3,
  async inject(context) {
    const [, ...rest] = shuffled(context);
    await separate(context, rest.slice(0, rest.length >> 1), rest.slice(rest.length >> 1));
  },
});
