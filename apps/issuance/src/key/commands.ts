/** Commands on service keys, as they arrive. */
import {
  PERMISSIONS,
  ROLES,
  type CreateKeyInput,
  type CreateKeyOutput,
  type Permission,
  type RenameKeyInput,
  type RenameKeyOutput,
  type RevokeKeyInput,
  type RevokeKeyOutput,
  type Role,
} from '@mcpstack/contracts';
import { ArrayUnique, IsArray, IsIn } from 'class-validator';
import { Envelope, IsIdOf, IsName, MayBeAbsent, Nested } from '../envelope.ts';

class CreateKeyBody implements CreateKeyInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsName()
  name!: string;

  @IsIn(ROLES, { message: `must be one of ${ROLES.join(', ')}` })
  role!: Role;

  @MayBeAbsent()
  @IsArray()
  @ArrayUnique()
  @IsIn(PERMISSIONS, { each: true, message: 'must name permissions that exist' })
  permissions?: Permission[];
}

class RevokeKeyBody implements RevokeKeyInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsIdOf('key')
  keyId!: string;
}

class RenameKeyBody extends RevokeKeyBody implements RenameKeyInput {
  @IsName()
  name!: string;
}

export class CreateKeyCommand extends Envelope<CreateKeyOutput> {
  @Nested(() => CreateKeyBody)
  input!: CreateKeyBody;
}

export class RenameKeyCommand extends Envelope<RenameKeyOutput> {
  @Nested(() => RenameKeyBody)
  input!: RenameKeyBody;
}

export class RevokeKeyCommand extends Envelope<RevokeKeyOutput> {
  @Nested(() => RevokeKeyBody)
  input!: RevokeKeyBody;
}
