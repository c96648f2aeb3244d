/** SIGKILL: the process ends at once; the page cache stays with the kernel. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'process',
  name: 'kill',
  doc: 'SIGKILL under load, at a random instant or at an acknowledgement',
  inject: (victim) => victim.kill(),
});
