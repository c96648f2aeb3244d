/** Background work on worker threads, one a lane: see lane-worker.ts. */
import type { Background } from '../background.ts';
import { laneWorker } from './lane-worker.ts';

export function nodeBackground(): Background {
  const lanes = { flush: laneWorker('flush'), merge: laneWorker('merge') };
  return {
    run: (task, lane) => lanes[lane].run(task),
    another: nodeBackground,
    async close() {
      await Promise.all([lanes.flush.close(), lanes.merge.close()]);
    },
  };
}
