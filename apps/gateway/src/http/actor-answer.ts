/** Who did something, as answers show it. */
import type { Actor } from '@mcpstack/contracts';
import { ApiProperty } from '@nestjs/swagger';

export class ActorAnswer implements Actor {
  @ApiProperty({ enum: ['user', 'key', 'system'] })
  type!: Actor['type'];

  @ApiProperty({ example: 'user_1b3D5f7H9j1L3n5P7r9T1v' })
  id!: string;
}

/** Field by field, so that nothing passes that the answer does not name. */
export function actorAnswer({ type, id }: Actor): ActorAnswer {
  return { type, id };
}
