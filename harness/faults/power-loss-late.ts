/** Power loss in which the disk had just written everything, synced or not. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'crash',
  name: 'power-loss-late',
  doc: 'power is cut; everything unsynced remains',
  mode: 'all-kept',
  failRecoverySync: false,
  thenCutPower: false,
});
