/** One node hears the others and is not heard, or the other way round. */
import { defineFault } from '../contract/fault.ts';
import { others } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'partition-one-way',
  doc: 'messages from one node, or messages to it, are lost; not both',
  needs: ['peers'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const isMute = context.random.chance(0.5);
    const rest = others(context, [node]);
    await Promise.all(
      rest.map((other) => (isMute ? context.cut(node, other) : context.cut(other, node))),
    );
  },
});
