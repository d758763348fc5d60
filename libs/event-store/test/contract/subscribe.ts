/** Contract: to come. */
import type { ContractCase } from '../contract.ts';

export const subscribeCases: readonly ContractCase[] = [];
