/**
 * The form of a matrix file: checked when one is loaded, and written as a JSON Schema for editors
 * (`matrices/matrix.schema.json`, `assay schema`). Says in a sentence what does not fit, with its key.
 */
import { z } from 'zod';
import { nearest } from './registry.ts';

const settings = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .describe('Settings of the target, by name');

const cell = z.strictObject({
  scenario: z.string().describe('See assay list scenarios'),
  target: z.string().describe('See assay list targets'),
  settings: settings.optional(),
  plan: z
    .record(z.string(), z.number())
    .describe("Overrides of the numbers of the scenario's plan")
    .optional(),
  repeat: z.int().positive().describe('Number of runs, each with its own seed').optional(),
  seconds: z.number().positive().describe('Seconds that the cell takes here, for the budget'),
});

const mutants = z.strictObject({
  target: z.string().describe('Where bugs are planted that name no target'),
  settings: settings.optional(),
  seconds: z.number().positive().describe('Seconds of each bug, for the budget'),
  names: z.array(z.string()).describe('Bugs to plant whatever else is planted').optional(),
  every: z
    .int()
    .positive()
    .describe('Plants one of n parts of the catalogue, split by the names of bugs. Default: all')
    .optional(),
  first: z.int().nonnegative().describe('Which of the parts, from 0').optional(),
});

const api = z.strictObject({
  targets: z
    .array(z.string())
    .describe('Each method and option of their interfaces must be judged by a cell'),
  unjudged: z
    .record(z.string(), z.string())
    .describe('Those that need not be, each with the reason')
    .optional(),
});

export const matrixSchema = z.strictObject({
  name: z.string(),
  doc: z.string().describe('What the matrix runs, in a line'),
  budgetSeconds: z
    .number()
    .positive()
    .describe('Seconds that the whole matrix may take on two lanes'),
  seed: z.int().nonnegative().describe('The seed that all cells derive theirs from'),
  plugins: z
    .array(z.string())
    .describe('Modules of plug-ins, relative to the matrix file, as if each was given to --plugin')
    .optional(),
  cells: z.array(cell),
  api: api.optional(),
  mutants: mutants
    .describe('One cell for each planted bug, on the scenario that must catch it')
    .optional(),
});

export function matrixJsonSchema(): object {
  return z.toJSONSchema(matrixSchema, { target: 'draft-7' });
}

export interface MatrixProblem {
  /** The keys from the document down to what does not fit. */
  readonly path: readonly PropertyKey[];
  /** Whether it is the key at the end of `path` that is wrong, not its value. */
  readonly isKey: boolean;
  readonly text: string;
}

/** The first thing that does not fit. */
export function problemOf(error: z.ZodError): MatrixProblem {
  const issue = error.issues[0]!;
  if (issue.code !== 'unrecognized_keys') {
    const { path, message } = issue;
    return { path, isKey: false, text: `${keyText(path)}: ${message}` };
  }
  const key = issue.keys[0]!;
  const path = [...issue.path, key];
  const known = knownKeys(issue.path);
  const near = nearest(key, known);
  const hint = near === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${near}?`;
  return { path, isKey: true, text: `${keyText(path)}: Unrecognized key. ${hint}` };
}

/** `cells[3].seconds`. */
export function keyText(path: readonly PropertyKey[]): string {
  const words = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return words.join('').replace(/^\./, '') || 'the document';
}

function knownKeys([first]: readonly PropertyKey[]): string[] {
  const shapes: Readonly<Record<string, object>> = {
    cells: cell.shape,
    mutants: mutants.shape,
    api: api.shape,
  };
  return Object.keys(shapes[String(first)] ?? matrixSchema.shape);
}
