/** What every handler of commands on agents has: decisions, confirmations, and what the actor may do there. */
import type { Actor } from '@mcpstack/contracts';
import { Injectable } from '@nestjs/common';
import { Confirmation } from '../confirmation.ts';
import { Decisions } from '../decisions.ts';

@Injectable()
export class AgentActing {
  constructor(
    protected readonly decisions: Decisions,
    protected readonly confirmation: Confirmation,
  ) {}

  protected async acting(command: { actor: Actor; input: { organizationId: string } }) {
    const { actor } = command;
    const { organizationId } = command.input;
    const authority = await this.decisions.authority(actor, organizationId);
    return { at: this.decisions.now(), actor, organizationId, authority };
  }
}
