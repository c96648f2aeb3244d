/** The version that manifests name as their writer. */
export const APP_VERSION = '0.1.0';
