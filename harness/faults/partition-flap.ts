/** One node comes and goes, several times while the fault lasts. */
import { defineFault } from '../contract/fault.ts';
import { cutOff } from './network/cuts.ts';

const TURNS = 4;

export default defineFault({
  kind: 'network',
  name: 'partition-flap',
  doc: 'one node is cut off and back, again and again',
  needs: ['peers'],
  async inject(field) {
    const node = field.random.below(field.nodes);
    const turnMs = field.lastsMs / TURNS / 2;
    for (let turn = 0; turn < TURNS; turn++) {
      await cutOff(field, node);
      await field.until(() => false, turnMs);
      await field.healLinks();
      await field.until(() => false, turnMs);
    }
  },
});
