import { z } from 'zod';
import { faultSchema } from '../../faults/fault.ts';
import { timingSchema } from '../../timing.ts';
import { faultEntrySchema, number } from '../shapes.ts';
import { noParams, noQuery, nothing, route } from './route.ts';

/** What goes wrong, and how long everything takes. */
export const faultRoutes = {
  listFaults: route('GET', '/faults', 'The faults in force', {
    params: noParams,
    query: noQuery,
    body: nothing,
    result: z.array(faultEntrySchema),
  }),
  addFault: route('POST', '/faults', 'Makes something go wrong: at once, or until it is cleared', {
    params: noParams,
    query: noQuery,
    body: z.strictObject({
      account: number.nullable().default(null).describe('null is every account'),
      fault: faultSchema,
      times: z
        .int()
        .min(1)
        .nullable()
        .default(null)
        .describe('For faults that are drawn per send or request'),
    }),
    result: faultEntrySchema.nullable().describe('null for a fault that happened at once'),
  }),
  clearFault: route('DELETE', '/faults/:id', 'Ends a fault', {
    params: z.strictObject({ id: z.string() }),
    query: noQuery,
    body: nothing,
    result: nothing,
  }),
  clearFaults: route('DELETE', '/faults', 'Ends all faults, or those of one account', {
    params: noParams,
    query: z.strictObject({ account: number.optional() }),
    body: nothing,
    result: nothing,
  }),
  getTiming: route('GET', '/timing', 'The delays of the simulation', {
    params: noParams,
    query: noQuery,
    body: nothing,
    result: timingSchema,
  }),
  setTiming: route('PUT', '/timing', 'Changes some delays; pages learn theirs at their next load', {
    params: noParams,
    query: noQuery,
    body: timingSchema.partial(),
    result: timingSchema,
  }),
} as const;
