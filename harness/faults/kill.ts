/** SIGKILL: the process ends at once; the page cache stays with the kernel. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'process',
  name: 'kill',
  doc: 'SIGKILL at a random instant under load',
  inject: (victim) => victim.kill(),
});
