/**
 * Readiness checklists: rows of five systems, each open, waived, or bound to the scenarios that
 * prove it. `readiness.ts` judges them against the records of runs.
 */
import { z } from 'zod';

/** The figure that a row's bar requires, as measured by a cell of one of the row's scenarios. */
const figure = z
  .strictObject({
    scenario: z.string(),
    name: z.string(),
    atMost: z.number().optional(),
    atLeast: z.number().optional(),
  })
  .refine(({ atMost, atLeast }) => (atMost === undefined) !== (atLeast === undefined), {
    message: 'a figure has either atMost or atLeast',
  });

const proof = z.strictObject({
  scenarios: z.array(z.string()).min(1),
  /** Planted bugs that make the scenarios fail. Each has to be caught. */
  bugs: z.array(z.string()).min(1),
  /** One sentence: why the scenarios fail where the claim is false. */
  why: z.string().min(40),
  figure: figure.optional(),
  /** Why the row's bar is only a reference, where no figure is held against it. */
  reference: z.string().optional(),
});

const waiver = z.strictObject({
  reason: z.string().min(20),
  owner: z.string(),
  /** The last day on which it counts, as 2027-01-31. */
  until: z.string().regex(/^\d{4}-\d\d-\d\d$/),
});

const row = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    kind: z.enum(['engine', 'harness', 'ops']),
    claim: z.string(),
    bar: z.string().optional(),
    proof: proof.optional(),
    waiver: waiver.optional(),
  })
  .refine(
    ({ bar, proof: given }) =>
      bar === undefined ||
      given === undefined ||
      given.figure !== undefined ||
      given.reference !== undefined,
    { message: 'a row with a bar is proven by a figure, or says why the bar is a reference' },
  );

export const checklistSchema = z.strictObject({ system: z.string(), rows: z.array(row) });

export type Checklist = z.infer<typeof checklistSchema>;
export type ChecklistRow = Checklist['rows'][number];
export type BarFigure = z.infer<typeof figure>;
