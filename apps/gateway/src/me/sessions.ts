/** Answers of the routes about a person's sessions. */
import { ApiProperty } from '@nestjs/swagger';
import { type ListedSession, type SessionKind } from '../auth/sessions.ts';

export class SessionAnswer {
  @ApiProperty({ example: 'ses_7h9J1l3N5p7R9t1V3x5Z7b' })
  id!: string;

  @ApiProperty({ enum: ['browser', 'device'] })
  kind!: SessionKind;

  @ApiProperty({ example: 'mcpstack on build-7', description: 'What the browser or the device is called.' })
  label!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time', description: 'Within five minutes.' })
  lastUsedAt!: string;

  @ApiProperty({ format: 'date-time', description: 'Of a device: unless it is used before.' })
  expiresAt!: string;

  @ApiProperty({ description: 'Whether this request came with it.' })
  current!: boolean;
}

export class SessionList {
  @ApiProperty({ type: [SessionAnswer] })
  data!: SessionAnswer[];
}

/** Field by field, so that nothing passes that the answer does not name. */
export function sessionAnswer(session: ListedSession, currentId: string): SessionAnswer {
  const { id, kind, label, createdAt, lastUsedAt, expiresAt } = session;
  return { id, kind, label, createdAt, lastUsedAt, expiresAt, current: id === currentId };
}
