/** The queue of `collections/`, for scenarios. */
export { totalQueue as default } from './collections/total-queue.ts';
