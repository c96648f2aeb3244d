/** Power loss in which files had grown before their data was written. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'crash',
  name: 'power-loss-garbage',
  doc: 'power is cut; any subset of what was unsynced remains, and garbage where a file had grown',
  mode: 'garbage',
  failRecoverySync: false,
  thenCutPower: false,
});
