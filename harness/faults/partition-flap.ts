/** One node comes and goes, several times while the fault lasts. */
import { defineFault } from '../contract/fault.ts';
import { cutOff } from './network/cuts.ts';

const TURNS = 4;

export default defineFault({
  kind: 'network',
  name: 'partition-flap',
  doc: 'one node is cut off and healed repeatedly',
  needs: ['peers'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const turnMs = context.lastsMs / TURNS / 2;
    for (let turn = 0; turn < TURNS; turn++) {
      await cutOff(context, node);
      await context.until(() => false, turnMs);
      await context.healLinks();
      await context.until(() => false, turnMs);
    }
  },
});
