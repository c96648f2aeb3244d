/** npm drivers of databases: optional peer dependencies that a user installs for what they test. */
import { createRequire } from 'node:module';

/** Those of `names` that can't be resolved from here. */
export function missingDrivers(names: readonly string[]): string[] {
  const { resolve } = createRequire(import.meta.url);
  return names.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch (error) {
      // A package without a CommonJS entry is there all the same.
      return (error as { code?: string }).code === 'MODULE_NOT_FOUND';
    }
  });
}
