/** Where the API listens, as the original does. Apart, because the command line needs no server for it. */
export const DEFAULT_HOST = 'localhost';
export const DEFAULT_PORT = 8474;
