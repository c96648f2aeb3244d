/** A killed process is restarted and read, and then the power is cut: what was read must stay. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'crash',
  name: 'kill-then-power-loss',
  doc: 'the process is killed, restarted and read; then power is cut',
  mode: 'kill',
  failRecoverySync: false,
  thenCutPower: true,
});
