/** SIGSTOP of one node: it keeps its connections and says nothing. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'pause-one',
  doc: 'one node, drawn anew each time, stops and goes on',
  needs: ['processes'],
  inject: (context) => context.pause(context.random.below(context.nodes)),
});
