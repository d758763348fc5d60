/** Commands on keys of both kinds that people and keys ask for, as they arrive. */
import {
  LONGEST_OVERLAP_MS,
  ROLES,
  type AddTemporaryOriginInput,
  type AllowedOrigin,
  type CreateKeyInput,
  type CreateKeyOutput,
  type CreatePublicKeyInput,
  type ImportedKey,
  type ImportKeysInput,
  type ImportKeysOutput,
  type KeyIdInput,
  type KeyKind,
  type KeyOutput,
  type Positioned,
  type PublicKeyOutput,
  type RevokeKeysInput,
  type RevokeKeysOutput,
  type Role,
  type RotateKeyInput,
  type UpdateKeyInput,
  type UpdatePublicKeyInput,
} from '@mcpstack/contracts';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  Length,
  Matches,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { Envelope, IsIdOf, IsName, IsRevision, MayBeAbsent, Nested } from '../envelope.ts';
import { IsTime } from '../fields.ts';
import { IsDigest, IsEnvironment, IsListOf, IsTags, NarrowingBody, TermsBody } from './terms.ts';

/** One import, or one change of many keys, holds at most so many. */
export const MAX_KEYS = 1_000;
const MAX_ORIGINS = 50;
const LONGEST_ORIGIN = 300;

class CreateKeyBody extends TermsBody implements CreateKeyInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsName()
  name!: string;

  @MayBeAbsent()
  @IsTags()
  tags?: string[];

  @MayBeAbsent()
  @IsEnvironment()
  environment?: string;

  @MayBeAbsent()
  @IsDigest()
  digest?: string;
}

/** One line of an import. Validated by itself, so that one that is wrong stops no other. */
export class ImportedKeyBody extends TermsBody implements ImportedKey {
  @IsName()
  name!: string;

  @MayBeAbsent()
  @IsTags()
  tags?: string[];

  @MayBeAbsent()
  @IsEnvironment()
  environment?: string;

  @IsDigest()
  digest!: string;

  @MayBeAbsent()
  @Matches(/^[!-~]{1,16}$/, { message: 'must be 1 to 16 visible ASCII characters' })
  hint?: string;
}

class ImportKeysBody implements ImportKeysInput {
  @IsIdOf('organization')
  organizationId!: string;

  @ArrayMaxSize(MAX_KEYS, { message: `must be a list of 1 to ${MAX_KEYS} keys` })
  @ArrayMinSize(1, { message: `must be a list of 1 to ${MAX_KEYS} keys` })
  @IsArray({ message: `must be a list of 1 to ${MAX_KEYS} keys` })
  keys!: ImportedKey[];
}

class KeyOfOrganization {
  @IsIdOf('organization')
  organizationId!: string;

  @IsIdOf('key')
  keyId!: string;
}

class UpdateKeyBody extends NarrowingBody implements UpdateKeyInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsIdOf('key')
  keyId!: string;

  @MayBeAbsent()
  @IsName()
  name?: string;

  @MayBeAbsent()
  @IsTags()
  tags?: string[];

  @MayBeAbsent()
  @IsIn(ROLES, { message: `must be one of ${ROLES.join(', ')}` })
  role?: Role;

  @MayBeAbsent()
  @IsRevision()
  ifRevision?: string;
}

/** One of the two ways in which an older secret ends. */
function IsOverlap(): PropertyDecorator {
  return ValidateBy({
    name: 'isOverlap',
    validator: {
      validate: isOverlap,
      defaultMessage: () =>
        `must be {"validForMs": 0 to ${LONGEST_OVERLAP_MS}, a whole number} or {"untilNextSeen": true}`,
    },
  });
}

function isOverlap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  const { validForMs, untilNextSeen } = value as { validForMs?: unknown; untilNextSeen?: unknown };
  if (untilNextSeen === true) return true;
  return Number.isInteger(validForMs) && Number(validForMs) >= 0 && Number(validForMs) <= LONGEST_OVERLAP_MS;
}

class RotateKeyBody extends KeyOfOrganization implements RotateKeyInput {
  @IsOverlap()
  previous!: RotateKeyInput['previous'];

  @MayBeAbsent()
  @IsDigest()
  digest?: string;
}

class KeyIdBody extends KeyOfOrganization implements KeyIdInput {
  @IsIn(['service', 'publishable'], { message: 'must be service or publishable' })
  kind!: KeyKind;
}

class RevokeKeysBody implements RevokeKeysInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsIdOf('key', { each: true })
  @IsListOf('ids of keys', { min: 1, max: MAX_KEYS })
  keyIds!: string[];
}

class AllowedOriginBody implements AllowedOrigin {
  @IsString()
  @Length(1, LONGEST_ORIGIN)
  origin!: string;

  @MayBeAbsent()
  @IsTime()
  expiresAt?: string;
}

class CreatePublicKeyBody implements CreatePublicKeyInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsName()
  name!: string;

  @IsIdOf('agent')
  agentId!: string;

  @ArrayMaxSize(MAX_ORIGINS, { message: `must be a list of 1 to ${MAX_ORIGINS} origins` })
  @ArrayMinSize(1, { message: `must be a list of 1 to ${MAX_ORIGINS} origins` })
  @ArrayUnique((one: { origin?: unknown } | null) => one?.origin, {
    message: 'must not name an origin twice',
  })
  @IsArray({ message: `must be a list of 1 to ${MAX_ORIGINS} origins` })
  @IsObject({ each: true, message: 'must hold origins' })
  @ValidateNested({ each: true })
  @Type(() => AllowedOriginBody)
  origins!: AllowedOriginBody[];

  @MayBeAbsent()
  @IsBoolean()
  development?: boolean;

  @MayBeAbsent()
  @IsTime()
  expiresAt?: string;
}

class UpdatePublicKeyBody extends KeyOfOrganization implements UpdatePublicKeyInput {
  @MayBeAbsent()
  @IsName()
  name?: string;

  @MayBeAbsent()
  @Length(1, LONGEST_ORIGIN, { each: true, message: 'must hold origins of the key' })
  @IsString({ each: true, message: 'must hold origins of the key' })
  @IsListOf('origins', { max: MAX_ORIGINS })
  origins?: string[];

  @MayBeAbsent()
  @IsRevision()
  ifRevision?: string;
}

class AddTemporaryOriginBody extends KeyOfOrganization implements AddTemporaryOriginInput {
  @IsString()
  @Length(1, LONGEST_ORIGIN)
  origin!: string;

  @IsTime()
  expiresAt!: string;
}

export class CreateKeyCommand extends Envelope<CreateKeyOutput> {
  @Nested(() => CreateKeyBody)
  input!: CreateKeyBody;
}

export class ImportKeysCommand extends Envelope<ImportKeysOutput> {
  @Nested(() => ImportKeysBody)
  input!: ImportKeysBody;
}

export class UpdateKeyCommand extends Envelope<KeyOutput> {
  @Nested(() => UpdateKeyBody)
  input!: UpdateKeyBody;
}

export class RotateKeyCommand extends Envelope<CreateKeyOutput> {
  @Nested(() => RotateKeyBody)
  input!: RotateKeyBody;
}

export class SuspendKeyCommand extends Envelope<Positioned> {
  @Nested(() => KeyIdBody)
  input!: KeyIdBody;
}

export class ResumeKeyCommand extends Envelope<Positioned> {
  @Nested(() => KeyIdBody)
  input!: KeyIdBody;
}

export class RevokeKeyCommand extends Envelope<Positioned> {
  @Nested(() => KeyIdBody)
  input!: KeyIdBody;
}

export class RevokeKeysCommand extends Envelope<RevokeKeysOutput> {
  @Nested(() => RevokeKeysBody)
  input!: RevokeKeysBody;
}

export class CreatePublicKeyCommand extends Envelope<PublicKeyOutput> {
  @Nested(() => CreatePublicKeyBody)
  input!: CreatePublicKeyBody;
}

export class UpdatePublicKeyCommand extends Envelope<PublicKeyOutput> {
  @Nested(() => UpdatePublicKeyBody)
  input!: UpdatePublicKeyBody;
}

export class AddTemporaryOriginCommand extends Envelope<PublicKeyOutput> {
  @Nested(() => AddTemporaryOriginBody)
  input!: AddTemporaryOriginBody;
}
