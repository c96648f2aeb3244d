/**
 * Default address of the API, as in the original. In its own file, because the command line needs it
 * without loading the server.
 */
export const DEFAULT_HOST = 'localhost';
export const DEFAULT_PORT = 8474;
