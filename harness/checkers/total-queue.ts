/** The queue of `collections/`, for scenarios. */
export { totalQueue as default } from '../consistency/collections/total-queue.ts';
