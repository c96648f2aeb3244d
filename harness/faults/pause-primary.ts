/** SIGSTOP of the primary: it wakes up believing that it still is. */
import { defineFault } from '../contract/fault.ts';
import { primaryOf } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'pause-primary',
  doc: 'the primary is paused and resumed',
  needs: ['processes'],
  inject: async (context) => context.pause(await primaryOf(context)),
});
