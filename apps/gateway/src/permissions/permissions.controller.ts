/** The one table of roles and permissions, as people and keys have them. */
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES, type Permission, type Role } from '@mcpstack/contracts';
import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.ts';
import { Operation } from '../http/api-docs.ts';

export class RoleAnswer {
  @ApiProperty({ enum: ROLES })
  role!: Role;

  @ApiProperty({ enum: PERMISSIONS, isArray: true })
  permissions!: readonly Permission[];
}

export class PermissionsAnswer {
  @ApiProperty({ type: [RoleAnswer], description: 'From most to least.' })
  roles!: RoleAnswer[];

  @ApiProperty({ enum: PERMISSIONS, isArray: true, description: 'All that there are.' })
  permissions!: readonly Permission[];
}

@ApiTags('permissions')
@Controller('api/v1/permissions')
export class PermissionsController {
  @Get()
  @Access({ to: 'anyone' })
  @Operation('listPermissions', 'List roles and permissions')
  @ApiResponse({ status: 200, description: 'What each role may do.', type: PermissionsAnswer })
  list(): PermissionsAnswer {
    const roles = ROLES.map((role) => ({ role, permissions: ROLE_PERMISSIONS[role] }));
    return { roles, permissions: PERMISSIONS };
  }
}
