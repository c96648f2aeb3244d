/** Every node sees a majority, and each another one. With three nodes: one link is cut. */
import { defineFault } from '../contract/fault.ts';
import { separate, shuffled } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'partition-ring',
  doc: 'each node reaches only its neighbours in a ring',
  needs: ['peers'],
  nodesMin: 3,
  async inject(context) {
    const ring = shuffled(context);
    const reach = Math.max(1, context.nodes >> 2);
    const cuts = ring.flatMap((node, i) =>
      ring.slice(i + 1).flatMap((other, j) => {
        const apart = Math.min(j + 1, context.nodes - (j + 1));
        const isCut = context.nodes === 3 ? i === 0 && j === 0 : apart > reach;
        return isCut ? [separate(context, [node], [other])] : [];
      }),
    );
    await Promise.all(cuts);
  },
});
