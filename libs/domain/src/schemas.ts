/** Schemas that the events of several aggregates share. */
import { isId, nameProblem, PERMISSIONS, ROLES, type IdKind } from '@mcpstack/contracts';
import { z } from 'zod';

export const id = (kind: IdKind) => z.string().refine((value) => isId(kind, value));
export const name = z.string().refine((value) => nameProblem(value) === undefined);
export const role = z.enum(ROLES);
export const permission = z.enum(PERMISSIONS);
