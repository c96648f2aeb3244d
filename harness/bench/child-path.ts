/** Path of the program that runs one job. It ends in `.js` in the compiled package, as this file does. */
import { fileURLToPath } from 'node:url';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

export const CHILD = fileURLToPath(new URL(`./child${EXTENSION}`, import.meta.url));
