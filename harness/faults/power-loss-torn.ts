/** Power loss in which any subset of unsynced sectors and directory entries was written. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'crash',
  name: 'power-loss-torn',
  doc: 'power is cut; any subset of unsynced sectors and directory entries remains',
  mode: 'torn',
  failRecoverySync: false,
  thenCutPower: false,
});
