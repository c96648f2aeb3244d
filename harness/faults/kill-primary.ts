/** SIGKILL of the primary, which is started again afterwards. */
import { defineFault } from '../contract/fault.ts';
import { primaryOf } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'kill-primary',
  doc: 'the primary is killed and restarted',
  needs: ['processes'],
  inject: async (context) => context.kill(await primaryOf(context)),
});
