/** A sync fails during recovery, the process is killed, restarted and read, and then the power is cut. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'crash',
  name: 'failed-sync-then-power-loss',
  doc: 'a sync fails during recovery; restarted and read; then power is cut',
  mode: 'kill',
  failRecoverySync: true,
  thenCutPower: true,
});
