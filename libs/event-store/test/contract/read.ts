/** Contract: to come. */
import type { ContractCase } from '../contract.ts';

export const readCases: readonly ContractCase[] = [];
