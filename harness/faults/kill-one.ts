/** SIGKILL of one node, which is started again afterwards. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'kill-one',
  doc: 'one node, drawn anew each time, is killed and restarted',
  needs: ['processes'],
  inject: (context) => context.kill(context.random.below(context.nodes)),
});
