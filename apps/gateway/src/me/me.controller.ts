/** Who the caller is. */
import { PERMISSIONS, ROLES, type Permission, type Role } from '@mcpstack/contracts';
import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.ts';
import { CurrentCaller, type Caller } from '../auth/caller.ts';

export class MeAnswer {
  @ApiProperty({ enum: ['user', 'key'] })
  type!: 'user' | 'key';

  @ApiProperty()
  id!: string;

  @ApiPropertyOptional({ description: 'Of a key: its one organization.' })
  organizationId?: string;

  @ApiPropertyOptional({ enum: ROLES, description: 'Of a key. A person has a role in each organization.' })
  role?: Role;

  @ApiPropertyOptional({ enum: PERMISSIONS, isArray: true, description: 'Of a key: all that it may do.' })
  permissions?: readonly Permission[];
}

@ApiTags('auth')
@Controller('api/v1/me')
export class MeController {
  @Get()
  @Access({ to: 'anyone' })
  @ApiResponse({ status: 200, description: 'The caller.', type: MeAnswer })
  me(@CurrentCaller() caller: Caller): MeAnswer {
    if (caller.type === 'user') return { type: 'user', id: caller.userId };
    const { keyId, organizationId, role, permissions } = caller;
    return { type: 'key', id: keyId, organizationId, role, permissions };
  }
}
