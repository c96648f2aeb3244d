/** One node hears the others and is not heard, or the other way round. */
import { defineFault } from '../contract/fault.ts';
import { others } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'partition-one-way',
  doc: 'messages of one node are lost, or messages to it, not both',
  needs: ['peers'],
  async inject(field) {
    const node = field.random.below(field.nodes);
    const isMute = field.random.chance(0.5);
    const rest = others(field, [node]);
    await Promise.all(
      rest.map((other) => (isMute ? field.cut(node, other) : field.cut(other, node))),
    );
  },
});
