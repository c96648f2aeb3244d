/** Power loss in which the disk wrote nothing that was not synced. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'crash',
  name: 'power-loss-clean',
  doc: 'power is cut; nothing unsynced remains',
  mode: 'none-kept',
  failRecoverySync: false,
  thenCutPower: false,
});
