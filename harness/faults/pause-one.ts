/** SIGSTOP of one node: it keeps its connections and says nothing. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'pause-one',
  doc: 'one node, drawn anew each time, is paused and resumed',
  needs: ['processes'],
  inject: (context) => context.pause(context.random.below(context.nodes)),
});
