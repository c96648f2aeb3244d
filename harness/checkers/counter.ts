/** The counter of `collections/`, for scenarios. */
export { counter as default } from '../consistency/collections/counter.ts';
