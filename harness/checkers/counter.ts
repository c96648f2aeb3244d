/** The counter of `collections/`, for scenarios. */
export { counter as default } from './collections/counter.ts';
