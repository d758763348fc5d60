/** Bodies and answers of the server routes. */
import type { Server } from '@mcpstack/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { ActorAnswer, actorAnswer } from '../http/actor-answer.ts';
import { IsGiven } from '../http/fields.ts';
import { IsName } from '../http/is-name.ts';
import { ListOf } from '../http/pages.ts';

const MAX_URL_LENGTH = 2_048;
const NAME = { example: 'Search', minLength: 1, maxLength: 100 } as const;
const URL_DOCS = { format: 'uri', example: 'https://mcp.example.com', maxLength: MAX_URL_LENGTH } as const;

/** Absolute, http or https, without a user or a password: it is shown to everybody who may read servers. */
function isServerUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_URL_LENGTH || !/^https?:\/\/[^\s]+$/i.test(value))
    return false;
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

const IsServerUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isServerUrl',
    validator: {
      validate: isServerUrl,
      defaultMessage: () => 'must be an absolute http or https URL without user and password',
    },
  });

export class CreateServerBody {
  @ApiProperty(NAME)
  @IsName()
  name!: string;

  @ApiPropertyOptional(URL_DOCS)
  @IsServerUrl()
  @IsGiven()
  url?: string;
}

export class UpdateServerBody {
  @ApiPropertyOptional(NAME)
  @IsName()
  @IsGiven()
  name?: string;

  @ApiPropertyOptional(URL_DOCS)
  @IsServerUrl()
  @IsGiven()
  url?: string;
}

export class ServerAnswer implements Omit<Server, 'state'> {
  @ApiProperty({ example: 'srv_5f7H9j1L3n5P7r9T1v3X5z' })
  id!: string;

  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  organizationId!: string;

  @ApiProperty({ example: 'Search' })
  name!: string;

  @ApiPropertyOptional({ example: 'https://mcp.example.com' })
  url?: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: ActorAnswer })
  createdBy!: ActorAnswer;

  @ApiProperty({ example: '7', description: 'What the ETag holds.' })
  revision!: string;
}

export class ServerList extends ListOf(ServerAnswer) {}

/** Field by field. Only servers in force are answered, so their state says nothing. */
export function serverAnswer(server: Server): ServerAnswer {
  const { id, organizationId, name, url, createdAt, createdBy, revision } = server;
  return {
    id,
    organizationId,
    name,
    ...(url !== undefined && { url }),
    createdAt,
    createdBy: actorAnswer(createdBy),
    revision,
  };
}
