/** The ports of the engine's server. Apart, because the command line needs no server for them. */
export { DEFAULT_HEALTH_PORT, DEFAULT_PORT } from '../../../engine/server/ports.ts';
