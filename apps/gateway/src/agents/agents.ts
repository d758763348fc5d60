/** Bodies and answers of the agent routes. */
import type { Agent } from '@mcpstack/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { ActorAnswer, actorAnswer } from '../http/actor-answer.ts';
import { IsName } from '../http/is-name.ts';
import { ListOf } from '../http/pages.ts';

/** Create and rename take the same. */
export class AgentBody {
  @ApiProperty({ example: 'Support agent', minLength: 1, maxLength: 100 })
  @IsName()
  name!: string;
}

export class AgentAnswer implements Omit<Agent, 'state'> {
  @ApiProperty({ example: 'agent_3d5F7h9J1l3N5p7R9t1V3x' })
  id!: string;

  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  organizationId!: string;

  @ApiProperty({ example: 'Support agent' })
  name!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: ActorAnswer })
  createdBy!: ActorAnswer;

  @ApiProperty({ example: '7', description: 'What the ETag holds.' })
  revision!: string;
}

export class AgentList extends ListOf(AgentAnswer) {}

/** Field by field. Only agents in force are answered, so their state says nothing. */
export function agentAnswer({
  id,
  organizationId,
  name,
  createdAt,
  createdBy,
  revision,
}: Agent): AgentAnswer {
  return { id, organizationId, name, createdAt, createdBy: actorAnswer(createdBy), revision };
}
