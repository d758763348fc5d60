/** What every handler of commands on organizations has: decisions, confirmations, and who acts. */
import type { Actor } from '@mcpstack/contracts';
import type { Authority } from '@mcpstack/domain';
import { Injectable } from '@nestjs/common';
import { Confirmation } from '../confirmation.ts';
import { Decisions } from '../decisions.ts';

export interface Acting {
  at: string;
  actor: Actor;
  organizationId: string;
  keyAuthority?: Authority;
}

@Injectable()
export class OrganizationActing {
  constructor(
    protected readonly decisions: Decisions,
    protected readonly confirmation: Confirmation,
  ) {}

  /** People are judged by the organization's own state; what a key may do stands in its own stream. */
  protected async acting(command: { actor: Actor; input: { organizationId: string } }): Promise<Acting> {
    const { actor } = command;
    const { organizationId } = command.input;
    const keyAuthority =
      actor.type === 'key' ? await this.decisions.authority(actor, organizationId) : undefined;
    return { at: this.decisions.now(), actor, organizationId, ...(keyAuthority && { keyAuthority }) };
  }
}
