/** Default ports of a server. */
export const DEFAULT_PORT = 7373;
/** Of health and metrics. */
export const DEFAULT_HEALTH_PORT = 7374;
