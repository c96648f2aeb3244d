/** Where the program of one job lies: compiled, it ends in `.js` as this file does. */
import { fileURLToPath } from 'node:url';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

export const CHILD = fileURLToPath(new URL(`./child${EXTENSION}`, import.meta.url));
