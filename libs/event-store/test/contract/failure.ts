/** Contract: to come. */
import type { ContractCase } from '../contract.ts';

export const failureCases: readonly ContractCase[] = [];
